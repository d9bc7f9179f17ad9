/** What is to be compared: methods, budgets and seeds. A link holds them (state.js). */
import { make, makeButton } from "./make.js";
import { COMPARED, MOST_NUMBERS, rowOf } from "./state.js";

/** Keys of a link that fill the form. */
const KEYS = ["compare", "compare-budgets", "compare-seeds"];

export class CompareForm {
  /** @param {{ page: import("./playground.js").Playground, pool: import("./pool.js").Pool, begin: () => void, clear: () => void }} hands */
  constructor({ page, pool, begin, clear }) {
    this.page = page;
    this.pool = pool;
    this.element = make("form");
    this.element.id = "compare-form";
    this.element.autocomplete = "off";
    const methods = make("fieldset", "choices");
    methods.append(make("legend", "", "Methods"), ...COMPARED.map(({ id, title }) => {
      const [label, box] = [make("label"), make("input")];
      Object.assign(box, { type: "checkbox", name: "method", value: id });
      label.append(box, ` ${title}`);
      return label;
    }));
    const go = make("button", "primary", "Compare");
    go.type = "submit";
    go.id = "compare-go";
    this.stopButton = makeButton("Stop", () => (pool.going ? pool.stop() : pool.start()), { id: "compare-stop" });
    this.stopButton.hidden = true;
    this.element.append(methods, field("budgets", "Budgets (bits per weight)"), field("seeds", "Seeds"), go, this.stopButton, makeButton("Clear", clear));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      begin();
    });
    this.element.addEventListener("change", () => this.#tell());
    this.#fill();
  }

  /** What a link asks for is filled in; what it does not name stays. @param {import("./state.js").View} view */
  take(view) {
    if (KEYS.some((key) => view[key] !== undefined)) this.#fill();
  }

  #fill() {
    const [methods, budgets, seeds] = KEYS.map((key) => (this.page.view[key] ?? rowOf(key).default).split(","));
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (this.element.querySelectorAll("[name=method]"))) box.checked = methods.includes(box.value);
    for (const [name, list] of Object.entries({ budgets, seeds })) /** @type {HTMLInputElement} */ (this.element.elements.namedItem(name)).value = list.join(", ");
  }

  /** Has links hold what is chosen. */
  #tell() {
    try {
      const { methods, budgets, seeds } = this.chosen;
      this.page.looks({ compare: methods.map(({ id }) => id).join(",") || "none", "compare-budgets": budgets.join(","), "compare-seeds": seeds.join(",") });
    } catch {
      // What is wrong is told by the button; the address stays at the last choice that could be run.
    }
  }

  /** What the form asks for. @throws Error that names the field, where it is not understood */
  get chosen() {
    const data = new FormData(this.element);
    return {
      methods: COMPARED.filter(({ id }) => data.getAll("method").includes(id)),
      budgets: numbers("budgets", String(data.get("budgets")), "numbers from 1 to 32"),
      seeds: numbers("seeds", String(data.get("seeds")), "whole numbers from 0"),
    };
  }

  /** @param {number} left runs that are not over */
  showLeft(left) {
    this.stopButton.hidden = left === 0;
    this.stopButton.textContent = this.pool.going ? "Stop" : "Go on";
  }
}

/** @param {string} name @param {string} text @param {string} allowed */
function numbers(name, text, allowed) {
  const { min = -Infinity, max = Infinity, whole } = rowOf(`compare-${name}`);
  const found = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  const fits = found.every((number) => number >= min && number <= max && (!whole || Number.isInteger(number)));
  if (!fits || found.length === 0 || found.length > MOST_NUMBERS) throw new Error(`${name}: expected ${allowed} separated by commas, at most ${MOST_NUMBERS}, got "${text}"`);
  return found;
}

/** @param {string} name @param {string} title */
function field(name, title) {
  const [label, input] = [make("label", "", title), make("input")];
  Object.assign(input, { type: "text", name });
  label.append(input);
  return label;
}
