/** The controls of the form of settings. */
import { make } from "../../dom/elements.js";

/** @typedef {import("../../../pkg/index.js").OptionRow} OptionRow */
/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/** @param {Control} control */
export function valueOf(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  if (control instanceof HTMLInputElement && (control.type === "number" || control.type === "range")) return control.valueAsNumber;
  return control.value;
}

/** @param {Control} select @param {readonly (readonly [string, string])[]} entries */
export function fill(select, entries) {
  select.replaceChildren(...entries.map(([value, title]) => {
    const option = make("option", "", title);
    option.value = value;
    return option;
  }));
}

/** A labelled control for a row of the option table. @param {OptionRow} row */
export function field(row) {
  const label = make("label", "", row.name);
  /** @type {Control} */
  let control;
  if (row.type === "choice") {
    control = make("select");
    fill(control, (row.choices ?? []).map((name) => [name, name]));
  } else {
    const input = make("input");
    input.type = row.type === "boolean" ? "checkbox" : row.type === "text" ? "text" : "number";
    if (row.type === "number") input.step = "any";
    if (row.min !== undefined) input.min = String(row.min);
    if (row.max !== undefined) input.max = String(row.max);
    control = input;
  }
  control.name = row.name;
  const help = make("small", "", row.unit ? `${row.help} (${row.unit})` : row.help);
  label.append(control, help);
  return label;
}

/** @param {object} a @param {object} b */
export function equal(a, b) {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => Reflect.get(a, name) === Reflect.get(b, name));
}
