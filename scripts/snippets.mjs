/** Examples of a document: code blocks that begin with a comment which names their file, so that tests run just what is printed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const BLOCK = /^(```+)(\w*)\n([\s\S]*?)^\1$/gm;
/** A comment of the file's own language with nothing but a name, alone on the first line. */
const NAMED = /^(?:\/\/|#|\.\.|<!--|\{\/\*) ([\w./-]+\.\w+)(?: -->| \*\/\})?\n/;

/**
 * The files that a document shows, by their names; without the line that names them.
 * @param {string} markdown
 * @returns {Map<string, string>}
 */
export function snippets(markdown) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [, , , body] of markdown.matchAll(BLOCK)) {
    const name = NAMED.exec(body);
    if (!name) continue;
    if (found.has(name[1])) throw new Error(`snippets: expected one block named ${name[1]}, got two`);
    found.set(name[1], body.slice(name[0].length));
  }
  return found;
}

/** Writes some of a document's files into a folder. @param {Map<string, string>} from @param {string[]} names @param {string} folder */
export function writeSnippets(from, names, folder) {
  for (const name of names) {
    const text = from.get(name);
    if (text === undefined) throw new Error(`snippets: expected a block named ${name}, got ${[...from.keys()].join(", ")}`);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
