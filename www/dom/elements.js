/** Elements made in one line. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * A button.
 * @param {string} text @param {(event: MouseEvent) => unknown} act what a press does
 * @param {{ id?: string, className?: string, title?: string, label?: string }} [more] label: what is spoken instead of the text
 */
export function makeButton(text, act, { label, ...more } = {}) {
  const button = make("button", "", text);
  Object.assign(button, { type: "button", ...more });
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("click", (event) => void act(event));
  return button;
}
