/** What the run needs of the page, besides what panels may use: to be told what happens to it. */

/** @typedef {import("../worker/protocol.js").Created} Created */
/** @typedef {import("../worker/protocol.js").Report} Report */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */

/**
 * onEngine: also for one in the place of another; onCreated: a run, which has no numbers yet; onSnapshot:
 * a snapshot; onStateChange: whether it runs; onReport: what else the Worker reports; emit: tells whoever embeds.
 * @typedef {import("../state/page.js").Page & {
 *   onEngine(build: string): void, onCreated(created: Created): void, onSnapshot(snapshot: Snapshot): void, onStateChange(): void, onReport(report: Report): void,
 *   emit(type: string, detail?: unknown): void
 * }} Stage
 */

export {};
