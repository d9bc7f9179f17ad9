/** A refusal beside the buttons that have asked for a run. */
import { inWords, remedyOf } from "../base/refusals.js";
import { make, makeButton } from "./elements.js";

/** @typedef {import("../base/refusals.js").Remedy} Remedy */
/** What is asked of the page. @typedef {{ run: { refusal: Error | null }, messages: { readonly said: string, show(text: string): void } }} Page */

/** What a panel says below its buttons when the run that they ask for is refused. */
export class Refused {
  element = make("div", "buttons");
  #words = make("p", "message");
  /** @type {Remedy | null} */
  #remedy = null;

  /** @param {string} id @param {Page} page @param {(changes: Remedy["changes"]) => unknown} act what the way out does */
  constructor(id, page, act) {
    this.page = page;
    this.element.id = id;
    this.#words.setAttribute("role", "alert");
    this.button = makeButton("", () => this.#remedy && act(this.#remedy.changes));
    this.element.append(this.#words, this.button);
    this.hide();
  }

  hide() {
    this.element.hidden = true;
    this.#words.textContent = "";
  }

  /** Why the last start failed is said here, and nowhere else. */
  show() {
    const said = this.page.run.refusal?.message ?? "";
    if (this.page.messages.said === said) this.page.messages.show("");
    this.element.hidden = false;
    this.#words.textContent = inWords(said);
    this.#remedy = remedyOf(said);
    this.button.hidden = this.#remedy === null;
    this.button.textContent = this.#remedy?.title ?? "";
  }
}
