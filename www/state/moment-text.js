/** Moments of a run, in words. */
import { epochText } from "../base/text.js";

/** @typedef {import("../worker/checkpoints.js").Moment} Moment */

/**
 * A moment in words.
 * @param {Pick<Moment, "epoch" | "epochs" | "phase" | "done"> & { step: number }} moment
 */
export function momentText(moment) {
  const { phase, done, step } = moment;
  if (phase === "search") return "the search for bits";
  if (phase === "pretrain" && step === 0) return "the start";
  return `${done ? "the end, " : ""}${epochText(moment)}`;
}
