/** What the engine refuses: in the page's words, where it is seen wherever the page stands, and with what would help. */
import { make, makeButton } from "./make.js";

/** What would help: a button's title, and the options to change. @typedef {{ title: string, changes: Record<string, number> }} Remedy */

/** Options by the names that their controls bear; all others bear their own. */
const LABELS = /** @type {Record<string, string>} */ ({
  data: "Data", model: "Model", method: "Method", weightBits: "Weight bits", activationBits: "Activation bits", budgetBits: "Budget",
  activationBudgetBits: "Activation budget", epochs: "Epochs", seed: "Seed",
});
/** Budgets that can be raised, by the steps of their sliders. */
const BUDGETS = /** @type {Record<string, { name: string, steps: number }>} */ ({
  budgetBits: { name: "budget", steps: 10 },
  activationBudgetBits: { name: "activation budget", steps: 4 },
});

/** @param {string} text as the engine says it */
export const inWords = (text) => text
  .replace(/^option "(\w+)":/, (_, name) => `${LABELS[name] ?? name}:`)
  .replace(/, got NaN$/, ", got nothing");

/** A budget that is out of reach can be raised to what fits. @param {string} text as the engine says it @returns {Remedy | null} */
export function remedyOf(text) {
  const [, option = "", least = ""] = /^option "(\w+)": expected at least ([\d.]+) for this network/.exec(text) ?? [];
  const budget = BUDGETS[option];
  if (!budget) return null;
  // The number printed is rounded up: it is one that works.
  const value = Math.ceil(Number((Number(least) * budget.steps).toFixed(6))) / budget.steps;
  return { title: `Raise the ${budget.name} to ${value}`, changes: { [option]: value } };
}

/** The page's message at the lower edge of the window, from where nothing on the page is moved by it. */
export class RefusalBar {
  /** @param {import("./playground.js").Playground} page @param {import("./settings.js").Settings} settings */
  constructor(page, settings) {
    this.settings = settings;
    this.message = page.element("message");
    const [edge, bar] = [make("div", "edge"), make("div", "refusal")];
    this.remedy = makeButton("", () => {}, { id: "remedy" });
    bar.append(this.message, this.remedy, makeButton("Close", () => page.message(""), { id: "close-message" }));
    edge.append(bar);
    page.element("settings").parentElement?.append(edge);
    this.show(page.said);
  }

  /** @param {string} text as the engine says it */
  show(text) {
    this.message.textContent = inWords(text);
    const found = remedyOf(text);
    this.remedy.hidden = found === null;
    if (!found) return;
    this.remedy.textContent = found.title;
    this.remedy.onclick = () => void this.settings.retry(found.changes);
  }
}

/** What a panel says below its buttons when the run that they ask for is refused. */
export class Refused {
  element = make("div", "buttons");
  #words = make("p", "message");
  /** @type {Remedy | null} */
  #remedy = null;

  /** @param {string} id @param {import("./playground.js").Playground} page @param {(changes: Remedy["changes"]) => unknown} act what the way out does */
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
    const said = this.page.refusal?.message ?? "";
    if (this.page.said === said) this.page.message("");
    this.element.hidden = false;
    this.#words.textContent = inWords(said);
    this.#remedy = remedyOf(said);
    this.button.hidden = this.#remedy === null;
    this.button.textContent = this.#remedy?.title ?? "";
  }
}
