/** Controls of the form for own data. */
import { make } from "../../dom/elements.js";

/** A control with its label. @param {string} title @param {HTMLElement} control */
export function labelled(title, control) {
  const label = make("label", "", title);
  label.append(control);
  return label;
}

/** A choice among entries. @param {string} name @param {readonly (readonly [string, string])[]} entries */
export function choice(name, entries) {
  const select = make("select");
  select.name = name;
  select.append(...entries.map(([value, title]) => Object.assign(make("option", "", title), { value })));
  return select;
}

/** A choice of files or of a folder. @param {string} id @param {string} title @param {boolean} folder @param {(list: FileList | null) => void} take */
export function fileInput(id, title, folder, take) {
  const input = make("input");
  Object.assign(input, { type: "file", id, multiple: true, webkitdirectory: folder });
  input.addEventListener("change", () => {
    take(input.files);
    // The same file can be chosen again, after it was changed.
    input.value = "";
  });
  return labelled(title, input);
}
