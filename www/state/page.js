/** What a panel is, and what it may use of the page that it is a part of. */

/** @typedef {import("../../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../worker/protocol.js").Created} Created */
/** @typedef {import("../worker/protocol.js").Report} Report */
/** @typedef {import("./state.js").View} View */
/** A start that failed. lost: because the Worker was given up. @typedef {Error & { lost?: boolean }} Refusal */

/**
 * What is to be shown. layer and role: which tensor was chosen to be looked at; away: whether the numbers are of an earlier
 * moment of the run; evaluation: the last one on the test set.
 * @typedef {{ snapshot: Snapshot, created: Created, layer: number, role: "weight" | "activation", away: boolean, running: boolean,
 *   evaluation: import("../../pkg/index.js").Evaluation | null }} Frame
 */

/**
 * A part of the page that follows the run. It is mounted when it is made, with a Page, and has of the rest what it needs.
 * id: of its place in index.html; clear: another run began, begin: this one; show: there are new numbers; select: there are, or
 * another tensor was chosen; onReport: the Worker reports something else; dispose: the playground is given up.
 * @typedef {{ id: string, clear?(): void, begin?(created: Created): void, show?(frame: Frame): void, select?(frame: Frame): void,
 *   onReport?(report: Report): void, dispose?(): void }} Panel
 */
/** @typedef {new (page: Page) => Panel} PanelClass */

/**
 * The run: its numbers, and what can be done with it. runs: how many have begun; asked: whether the visitor asked for this one.
 * @typedef {{
 *   started: Created | null, snapshot: Snapshot | null, history: import("../plots/history.js").History, runs: number,
 *   asked: boolean, away: boolean, refusal: Refusal | null, first: Options, readonly chosen: Options,
 *   optionTable: import("../../pkg/index.js").OptionRow[],
 *   send(type: string, data?: object): Promise<any>, post(type: string, data?: object): void,
 *   predict(x: Float32Array): Promise<import("../worker/protocol.js").Predictions>,
 *   start(options: Options): Promise<boolean>, restore(bytes: Uint8Array, play: boolean): Promise<boolean>,
 *   toggle(): Promise<void>, pause(): Promise<void>, showCheckpoint(id: number | null): Promise<void>
 * }} RunHandle
 */

/**
 * The settings, which one of the panels offers to the others. What begins a run resolves with false where the engine refuses.
 * @typedef {{
 *   chosen: Record<string, any>, inForce: Required<Options> | null, askForOwn: () => void, askForModel: () => void,
 *   choose(changes: Record<string, any>): Promise<boolean>, retry(changes: Record<string, any>): Promise<boolean>,
 *   load(options: Record<string, any>): Promise<boolean>, newSeed(): Promise<void>,
 *   useOwn(data: import("../worker/own-pack.js").Packed): Promise<boolean>, useModel(model: import("../../pkg/index.js").ImportedModel): Promise<boolean>,
 *   adopt(options: Record<string, any>): void, reset(options: Options): void
 * }} Choices
 */
/**
 * Copies of the run, which one of the panels keeps. last: of the run in view, after its last epoch; taken: a run was opened
 * whose note this is, and has these curves.
 * @typedef {{
 *   readonly last: { bytes: Uint8Array, epoch: number, epochs: number } | null, beganWith(bytes: Uint8Array): void,
 *   taken(note: string, options: Required<Options>): import("../plots/history.js").History | null
 * }} Copies
 */

/**
 * What the page says of failures and changes. said: the message that show was given.
 * @typedef {{ readonly said: string, show(text: string): void, notice(text: string): void, complain(error: any, again?: () => unknown): void,
 *   say(text: string, now: boolean): void }} Messages
 */

/**
 * Its events: "message" when what is said about a failure changes, "look" when a link asks for a view (both with what it is
 * as detail), "statechange" and "viewchange" when what a link holds changes.
 * @typedef {EventTarget & {
 *   root: Document | ShadowRoot, home: HTMLElement, run: RunHandle, cards: import("../plots/layer-cards.js").LayerCards,
 *   faults: import("../dom/faults.js").Faults, view: View, messages: Messages, settings: Choices | null, copies: Copies | null,
 *   element<T extends HTMLElement>(id: string): T, showSelected(): void, setView(view: View): void
 * }} Page
 */

export {};
