/** Failures that still hold: each in a line of its own, with what can be done about it, until that has helped. */
import { make, makeButton } from "./make.js";
import { rootOf } from "./roots.js";

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error));

export class Faults {
  /** Lines by what failed. @type {Map<string, HTMLElement>} */
  #lines = new Map();
  #place = make("div");

  /** @param {HTMLElement} next the lines come before it @param {(text: string) => void} said called with every failure */
  constructor(next, said) {
    this.said = said;
    this.#place.setAttribute("role", "alert");
    next.before(this.#place);
  }

  /**
   * @param {string} name of what failed; its line replaces the one before
   * @param {string} text @param {string} title of the button @param {() => unknown} act what it does
   */
  show(name, text, title, act) {
    const before = this.#lines.get(name);
    const line = make("p", "message", `${text} `);
    const button = makeButton(title, act);
    line.append(button);
    this.#lines.set(name, line);
    const focused = before?.contains(rootOf(this.#place).activeElement);
    if (before) before.replaceWith(line);
    else this.#place.append(line);
    if (focused) button.focus();
    this.said(text);
  }

  /** @param {string} name */
  clear(name) {
    this.#lines.get(name)?.remove();
    this.#lines.delete(name);
  }

  /**
   * Does what may fail for want of a file; a failure is shown until another try succeeds.
   * @param {string} name @param {string} what failed, in words @param {() => Promise<unknown>} act
   */
  async attempt(name, what, act) {
    try {
      await act();
      this.clear(name);
    } catch (error) {
      // A browser keeps a module that it could not read, and does not ask for it again.
      const kept = error instanceof SyntaxError;
      this.show(name, `${what}: ${words(error)}`, kept ? "Reload the page" : "Try again", kept ? () => location.reload() : () => this.attempt(name, what, act));
    }
  }
}
