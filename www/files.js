/** The page's own files: they lie beside its modules, inside the page where it is one single file, or in the npm package. */
import { loadError } from "../pkg/checks.js";

/** @type {(name: string) => Promise<Response>} */
let source = (name) => fetch(new URL(name, import.meta.url));
/** @type {(name: string) => string | null} */
let pages = (name) => new URL(name, import.meta.url).href;

/**
 * From now on files come from elsewhere.
 * @param {(name: string) => Promise<Response>} other
 * @param {(name: string) => string | null} addresses of "./", "embed.html", "learn.html" and "quant-playground.js": null for what there is not
 */
export function takeFilesFrom(other, addresses) {
  source = other;
  pages = addresses;
}

/** The address of a page or script of this playground; null where there is none. @param {string} name */
export const pageAddress = (name) => pages(name);

/** Fails as a file fails that is not to be had. @param {string} name @param {string} got @returns {never} */
function lack(name, got) {
  throw loadError(`file ${name}: expected HTTP status 200, got ${got}`);
}

/** A file of the page. @param {string} name relative to the page's modules @throws LoadError */
export async function file(name) {
  const response = await source(name).catch((error) => lack(name, `no answer (${error.message})`));
  return response.ok ? response : lack(name, String(response.status));
}

/** The bytes of a file of the page. @param {string} name @throws LoadError */
export const bytesOf = async (name) => new Uint8Array(await (await file(name)).arrayBuffer().catch((error) => lack(name, `a part (${error.message})`)));

/** The bytes of a file of the package, as its loader asks for them. @param {URL} _ @param {string} name */
export const read = (_, name) => bytesOf(name);

/** A style sheet for a page or a shadow root, also where a policy forbids a host's page to link to it. @param {Document | ShadowRoot} root @param {string} name */
export async function styleOf(root, name) {
  const sheet = new CSSStyleSheet();
  const text = await (await file(name)).text();
  // A rem is the host page's, and some make it 10 px: inside an element it is what browsers begin with.
  sheet.replaceSync(root instanceof ShadowRoot ? text.replace(/([\d.]+)rem\b/g, (_, size) => `${16 * Number(size)}px`) : text);
  return sheet;
}
