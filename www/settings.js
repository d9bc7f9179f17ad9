/** The form of a run's settings: what the visitor chose, what follows from it, and the way back. */
import { make } from "./make.js";
import { isImage } from "./own-images.js";
import { METHODS, methodOf } from "./methods.js";
import { PRESETS } from "./presets.js";
import { kilobytes } from "./text.js";

/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../pkg/index.js").OptionRow} OptionRow */
/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/** Options that have a place of their own on the page, or follow from the method. */
const PLACED = new Set(["data", "model", "method", "learnBits", "weightBits", "activationBits", "budgetBits", "activationBudgetBits", "epochs", "seed"]);
/** What does not outlive a change of the named option. */
const FORGOTTEN = {
  method: ["learnBits", "range", "weightBits", "activationBits", "minBits", "minActivationBits"],
  data: ["model", "hidden", "epochs", "pretrained", "pretrainEpochs", "samples", "noise", "locks"],
  model: ["hidden", "pretrained", "pretrainEpochs", "locks"],
};

/** @typedef {import("./own-pack.js").Packed} Packed */

export class Settings {
  /**
   * @param {HTMLFormElement} form
   * @param {Options} first the options of the first run
   * @param {(options: Options) => Promise<boolean>} apply starts a run; false where the engine refused
   * @param {(take: (rows: OptionRow[]) => void) => unknown} allOptions hands over the rows of every option
   */
  constructor(form, first, apply, allOptions) {
    this.form = form;
    this.apply = apply;
    /** What was chosen; everything else has its default. @type {Record<string, any>} */
    this.chosen = { ...first };
    /** @type {Record<string, any>[]} */
    this.past = [];
    /** What the engine refused last. @type {Record<string, any> | null} */
    this.refused = null;
    /** @type {Required<Options> | null} */
    this.inForce = null;
    /** @type {OptionRow[]} */
    this.table = [];
    this.weights = 0;
    /** The visitor's data that were used last. @type {Packed | null} */
    this.own = null;
    /** Asks the visitor for data, where "own" is chosen before there are any. */
    this.askForOwn = () => {};
    /** The visitor's model that was used last. @type {import("../pkg/index.js").ImportedModel | null} */
    this.ownModel = null;
    /** Asks the visitor for a model. */
    this.askForModel = () => {};
    this.preset = /** @type {HTMLSelectElement} */ (form.querySelector("#preset"));
    this.method = /** @type {HTMLSelectElement} */ (form.querySelector("#method"));
    this.undo = /** @type {HTMLButtonElement} */ (form.querySelector("#undo"));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => void this.#changed(/** @type {Control} */ (event.target)));
    form.addEventListener("input", () => this.#showBudgets());
    this.undo.addEventListener("click", () => void this.#undo());
    // Every option is known to the whole engine only, which is loaded when somebody looks.
    form.querySelector("#more")?.addEventListener("toggle", () => allOptions((rows) => {
      this.#buildMore(rows);
      if (this.inForce) this.show(this.inForce);
    }), { once: true });
  }

  /** Builds the controls from the engine's own table. @param {OptionRow[]} table */
  build(table) {
    this.table = table;
    const choices = (/** @type {string} */ name) => table.find((row) => row.name === name)?.choices ?? [];
    fill(this.preset, [...PRESETS.map(({ id, title }) => /** @type {const} */ ([id, title])), ["", "your own"]]);
    fill(this.method, METHODS.map(({ id, title }) => [id, title]));
    fill(this.control("data"), choices("data").map((name) => [name, name === "own" ? "your own …" : name]));
    // The small engine knows no imported models; the one that reads them is loaded when there is one.
    fill(this.control("model"), [...choices("model").filter((name) => name !== "own").map((name) => /** @type {const} */ ([name, name])), ["own", "your own …"]]);
    this.#buildMore(table);
  }

  /** @param {OptionRow[]} table */
  #buildMore(table) {
    this.table = table;
    const more = /** @type {HTMLElement} */ (this.form.querySelector("#more-fields"));
    more.replaceChildren(...table.filter((row) => !PLACED.has(row.name)).map(field));
  }

  /** @param {string} name @returns {Control} */
  control(name) {
    return /** @type {Control} */ (this.form.elements.namedItem(name));
  }

  /** Shows the options in force. @param {Required<Options>} options */
  show(options) {
    this.inForce = options;
    for (const row of this.table) {
      const control = this.control(row.name);
      const value = Reflect.get(options, row.name);
      if (!control) continue;
      if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = value;
      else {
        // A network may need more than the slider offers.
        if (control.type === "range" && value > Number(Reflect.get(control, "max"))) Reflect.set(control, "max", String(value));
        control.value = String(value ?? "");
      }
    }
    this.method.value = methodOf(options);
    const same = PRESETS.find((preset) => equal(preset.options, this.chosen));
    this.preset.value = same?.id ?? "";
    const gates = options.method === "ddq" && options.learnBits && options.activationBits > 0;
    const given = options.budgetBits === 0;
    this.control("activationBudgetBits").disabled = !gates;
    this.control("budgetBits").disabled = given;
    const images = options.data === "digits" || (typeof this.chosen.data === "object" && isImage(this.chosen.data.shape));
    for (const option of /** @type {HTMLSelectElement} */ (this.control("model")).options) option.disabled = !images && option.value !== "mlp" && option.value !== "own";
    this.#showBudgets();
  }

  /** @param {number} weights of the network, for sizes */
  setWeights(weights) {
    this.weights = weights;
    this.#showBudgets();
  }

  #showBudgets() {
    const bits = Number(this.control("budgetBits").value);
    const activation = Number(this.control("activationBudgetBits").value);
    const write = (/** @type {string} */ id, /** @type {string} */ text) => {
      const output = this.form.querySelector(id);
      if (output) output.textContent = text;
    };
    write("#budget-text", this.control("budgetBits").disabled ? "bits are fixed" : `${bits.toFixed(1)} bits/weight = ${kilobytes((bits * this.weights) / 8)}`);
    write("#activation-budget-text", this.inForce?.activationBits === 0 ? "activations are floats" : this.control("activationBudgetBits").disabled ? "bits are fixed" : activation === 0 ? "none: bits stay fixed" : `${activation.toFixed(2)} bits/element`);
  }

  /** @param {Control} control */
  async #changed(control) {
    const before = { ...this.chosen };
    const next = { ...this.chosen };
    const forget = (/** @type {string[]} */ names) => names.forEach((name) => delete next[name]);
    if (control === this.preset) {
      const preset = PRESETS.find(({ id }) => id === this.preset.value);
      if (!preset) return;
      forget(Object.keys(next));
      Object.assign(next, preset.options);
    } else if (control === this.method) {
      const method = METHODS.find(({ id }) => id === this.method.value);
      forget(FORGOTTEN.method);
      if (!method?.budget) forget(["budgetBits", "activationBudgetBits"]);
      Object.assign(next, method?.options);
    } else if (control.name === "data" && control.value === "own" && !this.own) {
      if (this.inForce) this.show(this.inForce);
      this.askForOwn();
      return;
    } else if (control.name === "model" && control.value === "own") {
      if (this.inForce) this.show(this.inForce);
      if (this.ownModel) await this.useModel(this.ownModel);
      else this.askForModel();
      return;
    } else {
      if (control.name === "data" || control.name === "model") forget(FORGOTTEN[control.name]);
      // Floats have no bits to learn.
      if (control.name === "activationBits" && control.value === "0") forget(["activationBudgetBits"]);
      next[control.name] = control.name === "data" && this.own && control.value === "own" ? this.own : valueOf(control);
    }
    // A field that is left as it was begins nothing.
    if (!equal(next, before)) await this.#try(next, before);
  }

  /** Starts a run with `next`; where the engine refuses, everything stays as it was. @param {Record<string, any>} next @param {Record<string, any>} before */
  async #try(next, before) {
    this.chosen = next;
    const accepted = await this.apply(next);
    if (accepted) {
      this.past.push(before);
      this.refused = null;
      if (typeof next.data === "object") this.own = next.data;
      if (typeof next.model === "object") this.ownModel = next.model;
    } else {
      this.chosen = before;
      this.refused = next;
      if (this.inForce) this.show(this.inForce);
    }
    this.undo.disabled = this.past.length === 0;
    return accepted;
  }

  async #undo() {
    const former = this.past.pop();
    if (!former) return;
    this.chosen = former;
    await this.apply(former);
    this.undo.disabled = this.past.length === 0;
  }

  /** Begins a run on the visitor's data; false where the engine refuses them. @param {Packed} data */
  async useOwn(data) {
    /** @type {Record<string, any>} */
    const next = { ...this.chosen, data };
    FORGOTTEN.data.forEach((name) => delete next[name]);
    return this.#try(next, { ...this.chosen });
  }

  /** Begins a run with the visitor's model; false where the engine refuses it. @param {import("../pkg/index.js").ImportedModel} model */
  async useModel(model) {
    /** @type {Record<string, any>} */
    const next = { ...this.chosen, model };
    FORGOTTEN.model.forEach((name) => delete next[name]);
    return this.#try(next, { ...this.chosen });
  }

  /** Begins a run with some options changed; false where the engine refuses. @param {Record<string, any>} changes */
  choose(changes) {
    return this.#try({ ...this.chosen, ...changes }, { ...this.chosen });
  }

  /** Begins the run that was refused, with some options changed; false where it is refused again. @param {Record<string, any>} changes */
  async retry(changes) {
    return this.refused !== null && this.#try({ ...this.refused, ...changes }, { ...this.chosen });
  }

  /** Begins a run with these options and no others; false where the engine refuses. @param {Record<string, any>} options */
  async load(options) {
    return this.#try({ ...options }, { ...this.chosen });
  }

  /** Takes what is chosen from now on; what was before is forgotten. @param {Options} options */
  reset(options) {
    this.chosen = { ...options };
    this.past = [];
  }

  /** Takes what a run that is opened was begun with. @param {Record<string, any>} options */
  adopt(options) {
    this.past.push(this.chosen);
    this.chosen = options;
    this.undo.disabled = false;
  }

  /** A run like this one from another seed. */
  async newSeed() {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] % 100000;
    await this.#try({ ...this.chosen, seed }, { ...this.chosen });
  }
}

/** @param {Control} control */
function valueOf(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  if (control instanceof HTMLInputElement && (control.type === "number" || control.type === "range")) return control.valueAsNumber;
  return control.value;
}

/** @param {Control} select @param {readonly (readonly [string, string])[]} entries */
function fill(select, entries) {
  select.replaceChildren(...entries.map(([value, title]) => {
    const option = make("option", "", title);
    option.value = value;
    return option;
  }));
}

/** A labelled control for a row of the option table. @param {OptionRow} row */
function field(row) {
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
function equal(a, b) {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => Reflect.get(a, name) === Reflect.get(b, name));
}
