/** The page's own files: they lie beside its modules, or inside the page where it is one single file. */

/** @type {(name: string) => Promise<Response>} */
let source = (name) => fetch(new URL(name, import.meta.url));

/** From now on files come from elsewhere. @param {(name: string) => Promise<Response>} other */
export const takeFilesFrom = (other) => void (source = other);

/** A file of the page. @param {string} name relative to the page's modules @throws Error where it is not to be had */
export async function file(name) {
  const response = await source(name);
  if (!response.ok) throw new Error(`file ${name}: expected HTTP status 200, got ${response.status}`);
  return response;
}

/** The bytes of a file of the package, as its loader asks for them. @param {URL} url */
export async function read(url) {
  const { href } = new URL(".", import.meta.url);
  return new Uint8Array(await (await file(url.href.slice(href.length))).arrayBuffer());
}

/** Adds a style sheet to a page or to a shadow root, also where a policy forbids a host's page to link to it. @param {Document | ShadowRoot} root @param {string} name */
export async function addStyle(root, name) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await (await file(name)).text());
  root.adoptedStyleSheets.push(sheet);
}
