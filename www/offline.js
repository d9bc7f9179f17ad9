/** The page as one single file that asks for nothing: its other files are blocks of gzipped base64 inside it. */
import { takeFilesFrom } from "./base/files.js";
import { embedWorkers } from "./host/embedded.js";

/** @param {string} name */
async function unpacked(name) {
  const block = document.querySelector(`script[data-files~="${CSS.escape(name)}"]`);
  if (!block) throw new Error(`file ${name}: expected to be inside this page, which lacks it`);
  const packed = Uint8Array.from(atob(block.textContent ?? ""), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}

// It stands for the page and, with panels chosen by a link, for the embedded one; what else has an address is not in here.
takeFilesFrom(unpacked, (name) => (["./", "embed.html"].includes(name) ? location.href.replace(/#.*/, "") : null));
await embedWorkers();
await import("./main.js");
