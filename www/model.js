/** The panel for a visitor's own model: an ONNX file in, a report, and only then a run with it. */
import { acceptDrops } from "./drops.js";
import { make, makeButton } from "./make.js";
import { Refused } from "./refusal.js";
import { kilobytes } from "./text.js";

/** @typedef {import("../pkg/index.js").ImportedModel} Model */
/** @typedef {{ model: Model, milliseconds: number, accuracy?: number, misfit?: string }} Tried */

/** Layers that the report lists. */
const LISTED = 60;

export class OwnModel {
  /** @param {HTMLElement} place @param {import("./run.js").Run} run @param {import("./settings.js").Settings} settings @param {import("./playground.js").Playground} page */
  constructor(place, run, settings, page) {
    this.place = place;
    this.run = run;
    this.settings = settings;
    /** @type {Model | null} */
    this.model = null;
    /** Files asked for so far: an answer to an older question is not shown. */
    this.asked = 0;
    const title = make("h2", "", "Your model ");
    title.id = "own-model-title";
    title.append(make("small", "", "an ONNX file, as PyTorch and others export it. It is read here: nothing leaves your browser."));
    place.setAttribute("aria-labelledby", title.id);
    this.input = make("input");
    Object.assign(this.input, { type: "file", id: "own-model-file", accept: ".onnx,.gz" });
    const help = make("details");
    help.append(make("summary", "", "What can be read"), make("p", "", "Dense and convolution layers, batch norm, the usual activations, pools, sums and concatenations of channels, as PyTorch and others export them: operator sets 7 to 26, weights inside the file, at most 50 MB and 5 million weights. The model is tried on the data of the run, and taken only when you say so; operators that cannot be trained here are listed by name."));
    const label = make("label", "", "Model ");
    label.append(this.input);
    this.status = make("p", "", "Choose a file, or drop it here.");
    this.status.id = "own-model-status";
    this.status.setAttribute("role", "status");
    this.message = make("p", "message");
    this.message.id = "own-model-message";
    this.message.setAttribute("role", "alert");
    this.shown = make("div");
    this.shown.id = "own-model-report";
    this.use = makeButton("Use this model", () => this.#begin((model) => settings.useModel(model)), { id: "own-model-use", className: "primary" });
    const cancel = makeButton("Cancel", () => this.#clear("Nothing was changed: the run goes on with the model it has."), { id: "own-model-cancel" });
    this.buttons = make("div", "buttons");
    this.refused = new Refused("own-model-refused", page, (changes) => this.#begin(() => settings.retry(changes)));
    this.buttons.append(this.use, cancel);
    place.replaceChildren(title, label, this.status, this.message, this.shown, this.buttons, this.refused.element, help);
    this.#clear("Choose a file, or drop it here.");
    this.#listen();
    settings.askForModel = () => {
      place.scrollIntoView({ block: "start" });
      this.input.focus({ preventScroll: true });
    };
  }

  #listen() {
    this.input.addEventListener("change", () => {
      const [file] = this.input.files ?? [];
      if (file) void this.take(file);
      // The same file can be chosen again, after it was changed.
      this.input.value = "";
    });
    acceptDrops(this.place, ({ files: [file] }) => {
      if (file) void this.take(file);
    });
  }

  /** Reads a file and shows what it holds. @param {File} file */
  async take(file) {
    const question = ++this.asked;
    this.#clear(`Reading ${file.name} …`);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      /** @type {Tried} */
      const tried = await this.run.send("tryModel", { name: file.name, bytes });
      if (question === this.asked) this.#report(tried);
    } catch (error) {
      const { message, unsupported } = /** @type {import("../pkg/index.js").UnsupportedModelError} */ (error instanceof Error ? error : new Error(String(error)));
      if (question === this.asked) this.#refused(message, unsupported ?? []);
    }
  }

  /** @param {string} status */
  #clear(status) {
    this.model = null;
    this.status.textContent = status;
    this.message.hidden = true;
    this.refused.hide();
    this.shown.replaceChildren();
    this.buttons.hidden = true;
  }

  /** @param {string} error @param {{ name: string, operator: string, why: string }[]} unsupported */
  #refused(error, unsupported) {
    this.#clear("Nothing was changed: the run goes on with the model it has.");
    this.message.hidden = false;
    this.message.textContent = unsupported.length ? `${unsupported.length} operators of this model cannot be trained here:` : error;
    if (unsupported.length) this.shown.append(list(unsupported.map(({ name, operator, why }) => `${name} (${operator}): ${why}`)));
  }

  /** @param {Tried} tried */
  #report({ model, milliseconds, accuracy, misfit }) {
    this.model = model;
    const { channels, height, width } = model.inputShape;
    const percent = accuracy === undefined ? "" : `${(100 * accuracy).toFixed(1)} %`;
    this.status.textContent = misfit ? `${model.name} does not fit the data of the run.` : `${model.name}: ${percent} of the test samples right, in float.`;
    const facts = make("dl");
    /** @type {[string, string][]} */
    const rows = [
      ["Fits the data", misfit ? `no: ${misfit}` : "yes"],
      ["Float accuracy on the test data", percent || "–"],
      ["Input and classes", `${channels}×${height}×${width} values a sample, ${model.classes} classes`],
      ["Parameters", `${model.parameters.toLocaleString("en")} in ${model.layers.length} layers with weights`],
      ["Memory of a run", `about ${Math.ceil(model.memoryBytes / 2 ** 20)} MB`],
      ["File", `${kilobytes(model.bytes.length)}, operator set ${model.opset}${model.producer ? `, by ${model.producer}` : ""}, read in ${milliseconds.toFixed(0)} ms`],
      ["Unsupported operators", "none"],
    ];
    for (const [name, value] of rows) facts.append(make("dt", "", name), make("dd", "", value));
    const layers = make("details");
    layers.append(make("summary", "", "Layers"), list(model.layers.slice(0, LISTED).map(({ name, kind, weights }) => `${name}: ${kind}, ${weights.toLocaleString("en")} weights`)));
    if (model.layers.length > LISTED) layers.append(make("p", "", `and ${model.layers.length - LISTED} more`));
    this.shown.replaceChildren(facts, ...(model.notes.length ? [list(model.notes)] : []), layers);
    this.buttons.hidden = false;
    this.use.disabled = misfit !== undefined;
  }

  /** @param {(model: Model) => Promise<boolean>} start false where the engine refuses */
  async #begin(start) {
    const { model } = this;
    if (!model) return;
    this.use.disabled = true;
    this.refused.hide();
    const accepted = await start(model);
    this.use.disabled = false;
    if (accepted) this.#clear(`${model.name} is being quantized. "Undo change" above brings the former model back.`);
    else this.refused.show();
  }
}

/** @param {string[]} lines */
function list(lines) {
  const made = make("ul");
  made.append(...lines.map((line) => make("li", "", line)));
  return made;
}
