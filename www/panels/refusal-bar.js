/** What the engine refuses, where it is seen wherever the page stands, and with what would help. */
import { inWords, remedyOf } from "../base/refusals.js";
import { make, makeButton } from "../dom/elements.js";

/** The page's message at the lower edge of the window, from where nothing on the page is moved by it. */
export class RefusalBar {
  id = "message";

  /** @param {import("../state/page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.message = page.element(this.id);
    const [edge, bar] = [make("div", "edge"), make("div", "refusal")];
    this.remedy = makeButton("", () => {}, { id: "remedy" });
    bar.append(this.message, this.remedy, makeButton("Close", () => page.messages.show(""), { id: "close-message" }));
    edge.append(bar);
    page.element("settings").parentElement?.append(edge);
    this.#write(page.messages.said);
    page.addEventListener("message", () => this.#write(page.messages.said));
  }

  /** @param {string} text as the engine says it */
  #write(text) {
    this.message.textContent = inWords(text);
    const found = remedyOf(text);
    this.remedy.hidden = found === null;
    if (!found) return;
    this.remedy.textContent = found.title;
    this.remedy.onclick = () => void this.page.settings?.retry(found.changes);
  }
}
