/** A run is shown once it has numbers worth seeing; until then the picture of the run before stays. */

/** A run that is not let go searches bits for at most this many ms. */
const SEARCH_AHEAD = 1500;

/**
 * Whether the run has come to numbers of its own: those of the quantized network, or of what comes before it and takes
 * long, float training or a search.
 * @param {import("../../pkg/index.js").Session} session @param {boolean} running @param {number} ms since it began
 */
export function isPrepared(session, running, ms) {
  const { phase, evaluations, step, done } = session.progress();
  if (phase === "pretrain") return session.options.pretrainEpochs > 0;
  if (phase === "search") return running || ms > SEARCH_AHEAD;
  // The float network is evaluated, and then the quantized one.
  return done || step > 0 || evaluations >= 2;
}
