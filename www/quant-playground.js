/**
 * <quant-playground>: a playground inside any page. Until it is seen or clicked it is a poster of a few KB; what it
 * then needs is loaded from where this script came from. Attributes: docs/EMBED.md and state.js.
 */

/** @typedef {import("./element-app.js").App} App */
/** Attributes that belong to the element and not to the run. */
const OWN = new Set(["id", "class", "style", "slot", "part", "title", "lang", "dir", "hidden", "tabindex", "role", "autoplay", "aria-label", "aria-labelledby"]);

/** Whether an attribute is a setting of the playground. @param {string} name */
const isSetting = (name) => !OWN.has(name) && !name.startsWith("on") && (!name.startsWith("data-") || name === "data-src");

const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
:host { display: block; contain: content; }
:host([hidden]) { display: none; }
.poster { all: unset; box-sizing: border-box; position: relative; display: grid; place-items: center; width: 100%; min-height: 220px; cursor: pointer; border-radius: 10px; overflow: hidden;
  background: light-dark(#f7f5ef, #131618); color: light-dark(#1c1a16, #eceae4); border: 1px solid light-dark(#dcd6c8, #343b3f); font: 15px/1.45 system-ui, sans-serif; }
.poster:focus-visible { outline: 3px solid light-dark(#a8480b, #f0a066); outline-offset: -4px; }
.poster svg { width: 100%; height: 220px; }
.poster path { fill: none; stroke-width: 3; }
.poster span { position: absolute; padding: 8px 18px; border-radius: 8px; background: light-dark(#0b5f62, #58c4bf); color: light-dark(#fff, #0b1516); font-weight: 600; }
.trouble { margin: 8px; color: light-dark(#a51d2d, #ff929c); font: 600 15px/1.45 system-ui, sans-serif; }
`);

/** Bits that fall over a run: a picture for who gives none. Colour and path of each line in a box of 600 by 220. */
const LINES = [["#3569a5", "M0 40H120V70H200V100H600"], ["#7a63c0", "M0 40H90V70H170V130H330V100H600"], ["#b0508b", "M0 40H150V100H260V130H600"], ["#c0603a", "M0 40H60V70H110V100H190V130H300V160H600"]];

/** What stands there before the playground: a button with a picture. */
function makePoster() {
  const space = "http://www.w3.org/2000/svg";
  const [button, slot, words] = [document.createElement("button"), document.createElement("slot"), document.createElement("span")];
  const picture = document.createElementNS(space, "svg");
  for (const [name, value] of [["viewBox", "0 0 600 220"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) picture.setAttribute(name, value);
  for (const [stroke, d] of LINES) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("stroke", stroke);
    path.setAttribute("d", d);
    picture.append(path);
  }
  button.className = "poster";
  button.type = "button";
  button.setAttribute("part", "poster");
  slot.name = "poster";
  slot.append(picture);
  words.textContent = "Run the playground";
  button.append(slot, words);
  return button;
}

/** Words for what a host's policy forbids: the directive and what to add to it. @param {string} directive @param {string} blocked */
function missing(directive, blocked) {
  const home = new URL(import.meta.url).origin;
  if (blocked === "wasm-eval") return "script-src 'wasm-unsafe-eval'";
  if (directive === "worker-src" || (blocked === "blob" && directive.startsWith("script-src"))) return "worker-src blob:";
  if (directive === "connect-src") return `connect-src ${home}`;
  if (directive.startsWith("script-src")) return `script-src ${home}`;
  return null;
}

export class QuantPlayground extends HTMLElement {
  /** @type {App | null} */ #app = null;
  /** @type {Promise<App> | null} */ #starting = null;
  /** @type {IntersectionObserver | null} */ #watch = null;
  /** Whether it paused because it was out of sight. */ #resting = false;
  /** Settings that are no attributes, by key. @type {ReadonlyMap<string, string>} */ #given = new Map();
  /** Settings have as many names as the engine has options: all attributes are watched. */
  #attributes = new MutationObserver((changes) => this.#changed(new Set(changes.map(({ attributeName }) => attributeName ?? ""))));

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    if (!this.#starting) this.#showPoster();
    this.#theme();
    this.#watch = new IntersectionObserver((entries) => this.#seen(entries[entries.length - 1].isIntersecting));
    this.#watch.observe(this);
    this.#attributes.observe(this, { attributes: true });
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    this.#attributes.disconnect();
    // Moved to another place it goes on; taken out for good it gives everything back.
    queueMicrotask(() => {
      if (this.isConnected || !this.#starting) return;
      void this.#starting.then((app) => app.playground.end(), () => undefined);
      this.#starting = this.#app = null;
    });
  }

  #showPoster() {
    const shadow = /** @type {ShadowRoot} */ (this.shadowRoot);
    const poster = makePoster();
    poster.addEventListener("click", () => void this.play().catch(() => undefined));
    shadow.adoptedStyleSheets = [STYLE];
    shadow.replaceChildren(poster);
  }

  /** @param {Set<string>} names of attributes */
  #changed(names) {
    if (names.has("theme")) this.#theme();
    const given = [...names].filter(isSetting);
    if (given.length > 0) void this.#app?.obey(this.#pairs(), given).catch(() => undefined);
  }

  /** Whether the visitor wants nothing to move by itself. */
  get #still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** visible, click or off. */
  get autoplay() {
    const given = this.getAttribute("autoplay");
    return given === "click" || given === "off" ? given : "visible";
  }

  set autoplay(value) {
    this.setAttribute("autoplay", value);
  }

  /** The settings in force, as the text of a link; setting it begins a run of them. */
  get state() {
    return this.#app?.state ?? "";
  }

  set state(hash) {
    // What is refused is told in words and by an event.
    void this.#begin(false).then((app) => app.follow(hash)).catch(() => undefined);
  }

  /** The last numbers of the run, null before there are any. */
  get result() {
    return this.#app?.playground.snapshot ?? null;
  }

  /** Runs, from where it stands; loads the playground where that is not done yet. */
  async play() {
    this.#resting = false;
    const first = !this.#starting;
    const app = await this.#begin(true);
    if (!first && !app.playground.running) await app.playground.toggle();
  }

  async pause() {
    await this.#app?.playground.rest();
  }

  /** Works on for n epochs or mini-batches, and stands. @param {number} [n] @param {"epoch" | "batch"} [unit] */
  async step(n = 1, unit = "epoch") {
    if (!Number.isInteger(n) || n < 1) throw new Error(`n of step: expected a whole number from 1, got ${n}`);
    const { playground } = await this.#begin(false);
    for (let count = 0; count < n; count++) await playground.step(unit === "batch" ? "stepBatch" : "stepEpoch");
  }

  /** Begins the run again, from the same seed. */
  async restart() {
    const { playground } = await this.#begin(false);
    await playground.start(playground.chosen);
  }

  /** Takes a project file (.ddq), a model (.onnx) or data (CSV, IDX, NPY). @param {File} file @throws Error where it is refused; the run goes on */
  async load(file) {
    await (await this.#begin(false)).load(file);
  }

  /** The network as it stands as a file. @param {import("../pkg/index.js").ExportKind | "project"} kind @returns {Promise<Blob>} */
  async export(kind) {
    return (await this.#begin(false)).export(kind);
  }

  #theme() {
    const theme = this.getAttribute("theme");
    this.style.colorScheme = theme === "light" || theme === "dark" ? theme : "";
  }

  #pairs() {
    const attributes = [...this.attributes].filter(({ name }) => isSetting(name)).map(({ name, value }) => /** @type {const} */ ([name, value]));
    return [...attributes, ...this.#given];
  }

  /**
   * Takes settings as text of others: what is none is left out and told, and no key becomes an attribute. Those that were
   * given before and are missing now are as usual again.
   * @param {ReadonlyMap<string, string>} settings
   */
  give(settings) {
    const before = this.#given;
    this.#given = settings;
    const keys = [...new Set([...before.keys(), ...settings.keys()])].filter((key) => before.get(key) !== settings.get(key));
    if (keys.length > 0) void this.#app?.obey(this.#pairs(), keys).catch(() => undefined);
  }

  /** @param {boolean} visible */
  #seen(visible) {
    const playground = this.#app?.playground;
    if (visible && !this.#starting && this.autoplay !== "click" && !(this.autoplay === "visible" && this.#still)) void this.#begin(this.autoplay === "visible").catch(() => undefined);
    if (this.autoplay !== "visible" || !playground) return;
    if (!visible && playground.running) {
      this.#resting = true;
      void playground.rest();
    } else if (visible && this.#resting) {
      this.#resting = false;
      if (!playground.running) void playground.toggle();
    }
  }

  /** Loads what the poster stands for. @param {boolean} play @returns {Promise<App>} */
  #begin(play) {
    this.#starting ??= this.#load(play).catch((error) => {
      this.#starting = null;
      throw error;
    });
    return this.#starting;
  }

  /** @param {boolean} play */
  async #load(play) {
    /** @type {Set<string>} */
    const lines = new Set();
    const forbidden = (/** @type {SecurityPolicyViolationEvent} */ { effectiveDirective, blockedURI }) => {
      const line = missing(effectiveDirective, blockedURI);
      if (line && !lines.has(line)) this.#trouble(`The Content-Security-Policy of this page forbids what the playground needs. Add: ${[...lines.add(line)].join("; ")}`);
    };
    document.addEventListener("securitypolicyviolation", forbidden);
    try {
      const { startApp } = await import("./element-app.js");
      this.#app = await startApp(this, play, this.#pairs());
      return this.#app;
    } catch (error) {
      // What a policy forbade is told a moment after the failure.
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (lines.size === 0) this.#trouble(`The playground could not be loaded: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    } finally {
      document.removeEventListener("securitypolicyviolation", forbidden);
    }
  }

  /** @param {string} text */
  #trouble(text) {
    const place = this.shadowRoot?.querySelector(".trouble") ?? document.createElement("p");
    place.className = "trouble";
    place.setAttribute("role", "alert");
    place.textContent = text;
    this.shadowRoot?.prepend(place);
    this.dispatchEvent(new CustomEvent("error", { detail: text }));
  }
}

if (!customElements.get("quant-playground")) customElements.define("quant-playground", QuantPlayground);
