/** What a playground says: the sentence on the run, the message on what failed, the notice on what was taken otherwise. */
import { errorMessage } from "../../pkg/checks.js";

/** The spoken sentence changes at most this often, in ms. */
const SPOKEN_EVERY = 5000;

export class Messages {
  /** The message, as the engine says it. */
  said = "";
  #spokenAt = -Infinity;

  /** @param {import("./playground.js").Playground} page */
  constructor(page) {
    this.page = page;
  }

  /** Describes the run in a sentence. @param {string} text @param {boolean} now whether it is spoken at once */
  say(text, now) {
    const { page } = this;
    const sentence = page.element("sentence");
    sentence.textContent = text;
    sentence.dataset.step = String(page.run.snapshot?.step ?? "");
    const time = performance.now();
    if (!now && time - this.#spokenAt < SPOKEN_EVERY) return;
    this.#spokenAt = time;
    page.element("spoken").textContent = text;
  }

  /** Says why something failed. @param {string} text as the engine says it; empty where nothing has failed any more */
  show(text) {
    this.said = text;
    this.#write("message", text);
    this.page.emit("message", text);
    if (text) this.page.emit("error", text);
  }

  /** Tells what was taken otherwise than it was given. @param {string} text */
  notice(text) {
    this.#write("notice", text);
  }

  /**
   * Says what went wrong; of a Worker that was lost the page has said so itself.
   * @param {any} error @param {() => unknown} [again] what another try does, where a file was missing
   */
  complain(error, again) {
    if (error.lost) return;
    if (again && error.name === "LoadError") this.page.faults.show("start", errorMessage(error), "Try again", again);
    else this.show(errorMessage(error));
  }

  /** @param {string} id @param {string} text */
  #write(id, text) {
    const place = this.page.element(id);
    place.textContent = text;
    place.hidden = text === "";
  }
}
