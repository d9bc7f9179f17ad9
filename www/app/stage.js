/** What the run needs of the page, besides what panels may use: to be told what happens to it. */

/** @typedef {import("../worker/protocol.js").Created} Created */
/** @typedef {import("../worker/protocol.js").Report} Report */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */

/**
 * engineReady: also for one in the place of another; begun: a run, which has no numbers yet; shown:
 * a snapshot; changed: whether it runs; heard: what else the Worker reports; tell: whoever embeds.
 * @typedef {import("../state/page.js").Page & {
 *   engineReady(build: string): void, begun(created: Created): void, shown(snapshot: Snapshot): void, changed(): void, heard(report: Report): void,
 *   tell(type: string, detail?: unknown): void
 * }} Stage
 */

export {};
