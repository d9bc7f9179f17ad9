/** Checkpoints of a run, in words. */
import { epochText } from "../base/text.js";

/** @typedef {import("../worker/checkpoints.js").Checkpoint} Checkpoint */

/**
 * Where in a run a checkpoint or a snapshot is.
 * @param {Pick<Checkpoint, "epoch" | "epochs" | "phase" | "done"> & { step: number }} moment
 */
export function checkpointText(moment) {
  const { phase, done, step } = moment;
  if (phase === "search") return "the search for bits";
  if (phase === "pretrain" && step === 0) return "the start";
  return `${done ? "the end, " : ""}${epochText(moment)}`;
}
