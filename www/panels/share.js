/** The panel for sharing: a link to this very run, and the code that embeds it, with a preview. */
import { pageAddress } from "../base/files.js";
import { make, makeButton } from "../dom/elements.js";
import { checkpointText } from "../state/checkpoint-text.js";
import { PANELS } from "../state/state.js";
import { hashOf } from "../state/view.js";

/** @typedef {import("../state/page.js").Page} Page */

/** What an embedded playground shows unless more is chosen: the run, not the whole workshop. */
const USUAL_PANELS = ["controls", "bits", "hist", "task"];
const KINDS = /** @type {const} */ ([["iframe", "a frame (works everywhere)"], ["element", "an element (fits into the page's layout)"]]);
const TITLES = /** @type {Record<string, string>} */ ({
  controls: "controls", bits: "bits over time", ranges: "ranges and steps", loss: "loss and accuracy", hist: "layers and histograms", inspector: "quantizer", search: "bit search", precision: "low-precision gradients",
  task: "task", front: "accuracy against size", table: "table of runs", kernels: "speed test", export: "export", data: "your data and model", share: "sharing", about: "explanation",
});

export class Share {
  id = "share";

  /** @param {Page} page */
  constructor(page) {
    const place = page.element(this.id);
    this.page = page;
    // What is a part of a host's own bundle has no address to share.
    if (pageAddress("./") === null) place.hidden = true;
    const title = make("h2", "", "Share ");
    title.id = "share-title";
    title.append(make("small", "", "a link to this exact run, and the code to embed it in your own page"));
    place.setAttribute("aria-labelledby", title.id);
    this.status = make("p", "quiet");
    this.status.setAttribute("role", "status");
    this.link = readonly("input", "Link", "share-link");
    this.code = readonly("textarea", "Embed code", "share-code");
    this.kind = select("share-kind", KINDS.filter(([kind]) => kind === "iframe" || pageAddress("quant-playground.js")));
    this.theme = select("share-theme", [["auto", "like the host page"], ["light", "light"], ["dark", "dark"]]);
    this.autoplay = select("share-autoplay", [["visible", "when it comes into view"], ["click", "on click"], ["off", "manually"]]);
    this.panels = PANELS.map((name) => {
      const input = make("input");
      Object.assign(input, { type: "checkbox", value: name, checked: USUAL_PANELS.includes(name) });
      return input;
    });
    this.preview = make("div", "preview");
    this.traceDigits = make("code", "", "–");
    this.traceDigits.id = "share-trace";
    this.traceMoment = make("span");
    const trace = make("p");
    trace.append("Trace ", this.traceDigits, this.traceMoment, ". ", make("small", "", "A hash of the loss and of every layer's bits, ranges and step sizes after every epoch. "
      + "Anyone who opens the link sees the same digits at the same epoch, in any browser and at any speed. Different digits mean a different run."));
    const links = make("div", "buttons");
    links.append(makeButton("Copy link", () => this.#copy(this.link, "The link"), { id: "share-copy-link" }), makeButton("Copy embed code", () => this.#copy(this.code, "The embed code"), { id: "share-copy-code" }),
      makeButton("Preview", () => this.#preview(), { id: "share-preview" }));
    const settings = make("div", "buttons");
    settings.append(labelled("Embed as", this.kind), labelled("Theme", this.theme), labelled("Starts", this.autoplay));
    const panels = make("fieldset", "choices");
    panels.append(make("legend", "", "Panels shown"), ...this.panels.map((input) => {
      const label = make("label");
      label.append(input, TITLES[input.value]);
      return label;
    }));
    place.replaceChildren(title, links, this.status, labelled("Link", this.link), trace, settings, panels, labelled("Embed code", this.code), this.preview);
    place.addEventListener("change", () => this.#renew());
    for (const type of ["statechange", "viewchange"]) page.addEventListener(type, () => this.#renew());
    this.#renew();
  }

  /** What the run has gone through so far, to be compared. @param {import("../state/page.js").Frame} frame */
  show({ snapshot }) {
    this.traceDigits.textContent = snapshot.trace;
    this.traceMoment.textContent = ` at ${checkpointText(snapshot)}`;
  }

  /** Renews link and code. */
  #renew() {
    const own = ["data", "model"].filter((name) => typeof Reflect.get(this.page.run.chosen, name) === "object" || Reflect.get(this.page.run.chosen, name) === "own");
    this.link.value = `${pageAddress("./")}#${hashOf(this.page)}`;
    this.code.value = this.#code();
    this.preview.replaceChildren();
    this.status.textContent = own.length > 0 ? `Your own ${own.join(" and ")} stay here: the link contains only the other settings. “Save run” keeps everything.` : "";
  }

  /** The settings of the embedded playground. */
  #pairs() {
    const pairs = new URLSearchParams(hashOf(this.page));
    for (const [key, value] of [["ui", this.#ui()], ["theme", this.theme.value], ["autoplay", this.autoplay.value]]) pairs.set(key, value);
    return pairs;
  }

  #ui() {
    const chosen = this.panels.filter(({ checked }) => checked).map(({ value }) => value);
    return chosen.length === 0 ? "none" : chosen.length === PANELS.length ? "all" : chosen.join(",");
  }

  #frameAddress() {
    return `${pageAddress("embed.html")}#${this.#pairs().toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
  }

  #code() {
    if (this.kind.value === "iframe") {
      return `<iframe src="${attribute(this.#frameAddress())}"\n  title="Quantization playground" loading="lazy" style="width:100%;height:640px;border:0"></iframe>`;
    }
    const attributes = [...this.#pairs()].map(([key, value]) => `${key}="${attribute(value)}"`).join(" ");
    return `<script type="module" src="${attribute(`${pageAddress("quant-playground.js")}`)}"></script>\n<quant-playground ${attributes}></quant-playground>`;
  }

  /** Shows what the code makes, in a frame of this page. */
  #preview() {
    const frame = make("iframe");
    frame.src = this.#frameAddress();
    frame.title = "Preview of the embedded playground";
    const fit = (/** @type {MessageEvent} */ { source, data }) => {
      if (!frame.isConnected) removeEventListener("message", fit);
      else if (source === frame.contentWindow && data?.type === "qp:height") frame.style.height = `${data.px}px`;
    };
    addEventListener("message", fit);
    this.preview.replaceChildren(frame);
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} from @param {string} what */
  async #copy(from, what) {
    this.#renew();
    const words = this.status.textContent;
    try {
      await navigator.clipboard.writeText(from.value);
      this.status.textContent = `${what} was copied. ${words}`;
    } catch {
      // A page without that permission: selected, so that the visitor's own copy works.
      from.select();
      this.status.textContent = `${what} is selected: press Ctrl+C to copy it. ${words}`;
    }
  }
}

/** A value inside the quotes of an attribute. @param {string} text */
const attribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** @template {"input" | "textarea"} T @param {T} tag @param {string} label @param {string} id */
function readonly(tag, label, id) {
  const field = make(tag);
  Object.assign(field, { readOnly: true, id, spellcheck: false });
  field.setAttribute("aria-label", label);
  return field;
}

/** @param {string} id @param {readonly (readonly [string, string])[]} entries */
function select(id, entries) {
  const made = make("select");
  made.id = id;
  made.append(...entries.map(([value, text]) => Object.assign(make("option", "", text), { value })));
  return made;
}

/** @param {string} text @param {HTMLElement} control */
function labelled(text, control) {
  const label = make("label", "field", `${text} `);
  label.append(control);
  return label;
}
