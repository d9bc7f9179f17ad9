/** A cell of a table that heads a row or a column. */
import { make } from "./elements.js";

/** @param {string} text @param {"row" | "col"} scope */
export function headCell(text, scope) {
  const cell = make("th", "", text);
  cell.scope = scope;
  return cell;
}
