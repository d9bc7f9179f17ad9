/**
 * <quant-playground>: a playground inside any page. Importing `ddq-playground/element` defines the element; until it is
 * seen or clicked it is a picture, and what it needs is loaded then. Errors are told in the element and as an event.
 */
import type { ExportKind, SessionOptions, Snapshot } from "./index.js";

/**
 * Attributes, as text. Every option of `SessionOptions` is an attribute too, in kebab case (`batch-size="64"`).
 * Changed ones change what is shown, or begin a run. A value out of range is clamped, one that is not understood left out,
 * and both are told in the element.
 */
export interface QuantPlaygroundAttributes {
  /** Version of these settings, 1. */
  v?: string;
  /** What is shown: some of controls, bits, ranges, loss, hist, inspector, task, front, table, kernels, export, data,
   * share and about, joined by commas; or all (as without it), or none. */
  ui?: string;
  theme?: "auto" | "light" | "dark";
  /** When it runs: when it comes into view (as without it; not for visitors who ask for less motion), on a click, or
   * only by `play()` and its own button ("off"). */
  autoplay?: "visible" | "click" | "off";
  /** Mini-batches a second. */
  speed?: "2" | "10" | "50" | "150" | "max";
  /** The selected layer, from 0. */
  layer?: string | number;
  /** What is shown of the selected layer. */
  tensor?: "weight" | "activation";
  /** Methods that the comparison is to run, joined by commas, such as "ddq-mixed,lsq"; or none. Its button begins it. */
  compare?: string;
  /** Stored bits per weight of the comparison, joined by commas. */
  "compare-budgets"?: string;
  /** Seeds of the comparison, joined by commas. */
  "compare-seeds"?: string;
  /** Stored bits per weight that are tried on the finished run. */
  "what-if"?: string | number;
  /** Address of a model, an ONNX file. */
  src?: string;
  /** Address of data: CSV, IDX or NPY, also as .gz. */
  "data-src"?: string;
  data?: string;
  model?: string;
  /** Sizes of the hidden layers of the model net, joined by commas. */
  net?: string;
  method?: string;
  "weight-bits"?: string | number;
  "activation-bits"?: string | number;
  /** Stored bits per weight. */
  budget?: string | number;
  "activation-budget"?: string | number;
  seed?: string | number;
  epochs?: string | number;
  "learn-bits"?: string | boolean;
  range?: string;
  locks?: string;
}

/** What the element's events carry in `detail`. */
export interface QuantPlaygroundEvents {
  /** The playground stands, and its first run has begun. */
  ready: CustomEvent<null>;
  /** An epoch has ended. */
  epoch: CustomEvent<Snapshot>;
  /** The run has ended. */
  done: CustomEvent<Snapshot>;
  /** What went wrong, in words. */
  error: CustomEvent<string>;
  /** A run of these options has begun, and `state` is another. */
  statechange: CustomEvent<Required<SessionOptions>>;
}

export class QuantPlayground extends HTMLElement {
  /** Called by the document. */
  connectedCallback(): void;
  disconnectedCallback(): void;
  /** When it runs; see `QuantPlaygroundAttributes`. */
  get autoplay(): "visible" | "click" | "off";
  set autoplay(value: "visible" | "click" | "off");
  /** The settings in force as the text of a link, empty before it begins; setting it begins a run of them. */
  get state(): string;
  set state(hash: string);
  /** The last numbers of the run, null before there are any. */
  get result(): Snapshot | null;
  /** Runs, from where it stands; loads the playground where that is not done yet. */
  play(): Promise<void>;
  pause(): Promise<void>;
  /** Works on for n (default 1) epochs or mini-batches, and stands. */
  step(n?: number, unit?: "epoch" | "batch"): Promise<void>;
  /** Begins the run again, from the same seed. */
  restart(): Promise<void>;
  /** Takes a project file (.ddq), a model (.onnx) or data (CSV, IDX, NPY). Rejects where it is refused; the run goes on. */
  load(file: File): Promise<void>;
  /** Takes settings as text, by the names of attributes, without making attributes of them. What is none is left out and
   * told; those that were given before and are missing now are as usual again. */
  give(settings: ReadonlyMap<string, string>): void;
  /** The network as it stands, as a file. */
  export(kind: ExportKind | "project"): Promise<Blob>;
  addEventListener<K extends keyof QuantPlaygroundEvents>(type: K, listener: (event: QuantPlaygroundEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof QuantPlaygroundEvents>(type: K, listener: (event: QuantPlaygroundEvents[K]) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/**
 * In JSX the element is known after this, here for React:
 *
 *     declare module "react" {
 *       namespace JSX {
 *         interface IntrinsicElements {
 *           "quant-playground": React.DetailedHTMLProps<React.HTMLAttributes<QuantPlayground>, QuantPlayground> & QuantPlaygroundAttributes;
 *         }
 *       }
 *     }
 */
declare global {
  interface HTMLElementTagNameMap {
    "quant-playground": QuantPlayground;
  }
}
