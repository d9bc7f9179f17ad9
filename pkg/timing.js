/** Times of short calls, with a coarse clock and on a machine that has other work too: what every measurement here uses. */

/** A burst of calls takes at least this many ms. */
export const BURST_MS = 10;
/** So many calls take longer than a burst, whatever is called: if not, the clock stands still. */
const MOST_CALLS = 2 ** 24;

/** What is timed: does its work `times` times. @typedef {(times: number) => unknown} Repeated */

/**
 * Microseconds of one call, a list of `rounds` for each of `calls`, which take turns. Yields after every burst the part
 * that is done, in [0, 1].
 *
 * All bursts of a call repeat it equally often. One shorter than BURST_MS says that the count was found too small, by a
 * call that was interrupted: the count is doubled, and what was measured with the smaller one is dropped.
 * @param {Repeated[]} calls
 * @param {number} rounds
 * @param {() => number} clock in ms
 * @returns {Generator<number, number[][], void>}
 * @throws Error where the clock stands still
 */
function* bursts(calls, rounds, clock) {
  const counts = calls.map(() => 1);
  const found = calls.map(() => /** @type {number[]} */ ([]));
  const burst = (/** @type {number} */ at) => {
    const start = clock();
    calls[at](counts[at]);
    return clock() - start;
  };
  const grow = (/** @type {number} */ at) => {
    if (counts[at] >= MOST_CALLS) throw new Error(`timing: expected ${MOST_CALLS} calls to take at least ${BURST_MS} ms, got less: the clock stands still`);
    counts[at] *= 2;
    found[at] = [];
  };
  for (const at of calls.keys()) {
    while (burst(at) < BURST_MS) grow(at);
    yield 0;
  }
  for (let turn = 0; found.some((list) => list.length < rounds); turn++) {
    // Every round begins one place later: none always follows the same other.
    const at = (turn + Math.floor(turn / calls.length)) % calls.length;
    if (found[at].length === rounds) continue;
    const ms = burst(at);
    if (ms < BURST_MS) grow(at);
    else found[at].push((1000 * ms) / counts[at]);
    yield found.reduce((sum, list) => sum + list.length, 0) / (rounds * calls.length);
  }
  return found;
}

const now = () => performance.now();

/** Microseconds of one call, in every round. @param {Repeated[]} calls @param {number} rounds @param {() => number} [clock] */
export function timesOf(calls, rounds, clock = now) {
  const measuring = bursts(calls, rounds, clock);
  for (;;) {
    const { done, value } = measuring.next();
    if (done) return value;
  }
}

/**
 * The same with a pause after every burst.
 * @param {Repeated[]} calls @param {number} rounds
 * @param {(part: number) => Promise<void> | void} breath called with the part that is done
 * @param {() => number} [clock]
 */
export async function timesInPauses(calls, rounds, breath, clock = now) {
  const measuring = bursts(calls, rounds, clock);
  for (;;) {
    const { done, value } = measuring.next();
    if (done) return value;
    await breath(value);
  }
}

/** The time that a call takes: other work of the machine only ever adds to it. @param {number[]} times */
export const least = (times) => Math.min(...times);

/** @param {number[]} times */
export const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];
