/** Numbers of the lesson: how they are written, and the places in prose and formulas where they stand. */

/** @param {string} text */
const withMinus = (text) => text.replace("-", "−");

/** @param {number} value @param {number} [digits] after the point */
export const fixed = (value, digits = 2) => (Number.isFinite(value) ? withMinus(value.toFixed(digits)) : "–");

/** A part in percent, without the sign. @param {number} part @param {number} [digits] */
export const parts = (part, digits = 1) => fixed(100 * part, digits);

/** @param {number} value */
export const whole = (value) => (Number.isFinite(value) ? withMinus(Math.round(value).toLocaleString("en")) : "–");

/** Puts numbers where data-n names them. @param {Element} place @param {Record<string, string>} numbers */
export function fill(place, numbers) {
  for (const [name, text] of Object.entries(numbers)) {
    for (const spot of place.querySelectorAll(`[data-n="${name}"]`)) if (spot.textContent !== text) spot.textContent = text;
  }
}

/** An element of MathML. @param {string} tag @param {string} [text] @param {Element[]} [children] */
export function math(tag, text = "", children = []) {
  const element = document.createElementNS("http://www.w3.org/1998/Math/MathML", tag);
  element.textContent = text;
  element.append(...children);
  return element;
}

/** A control of a figure. @template {HTMLElement} T @param {Element} figure @param {string} name @returns {T} */
export function control(figure, name) {
  const found = figure.querySelector(`[name="${name}"]`);
  if (!found) throw new Error(`lesson: expected a control ${name} in the figure ${figure.id}`);
  return /** @type {T} */ (found);
}
