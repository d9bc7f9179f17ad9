/** The timing of short calls: on a clock that a test moves, with machines that interrupt and clocks that jump. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployed } from "../pkg/deployed.js";
import { measureLatencies } from "../pkg/latency.js";
import { BURST_MS, least, median, timesInPauses, timesOf } from "../pkg/timing.js";

/**
 * A machine on which a call takes `milliseconds`, its clock telling whole ticks; `upset` adds to the burst of that number.
 * @param {number} milliseconds
 * @param {{ tick?: number, upset?: (burst: number) => number }} [options]
 */
function machine(milliseconds, { tick = 0.005, upset = () => 0 } = {}) {
  let time = 0;
  let burst = 0;
  /** @type {number[]} */
  const counts = [];
  const run = (/** @type {number} */ times) => {
    time += times * milliseconds + upset(burst++);
    counts.push(times);
  };
  return { run, counts, clock: () => Math.floor(time / tick) * tick };
}

/** Has `performance.now` tell the time of the machine while `act` runs. @template T @param {() => number} clock @param {() => T} act */
function at(clock, act) {
  const { now } = performance;
  performance.now = clock;
  try {
    return act();
  } finally {
    performance.now = now;
  }
}

const MICROSECONDS = 3;
const near = (/** @type {number} */ found, message = "") => assert.ok(Math.abs(found - MICROSECONDS) < 0.01 * MICROSECONDS, `${found} µs ${message}`);

test("every burst that counts takes at least 10 ms, and all of a call have the same length", () => {
  const { run, clock, counts } = machine(MICROSECONDS / 1000);
  const [times] = timesOf([run], 5, clock);
  assert.equal(times.length, 5);
  times.forEach((time) => near(time));
  const last = counts.slice(-5);
  assert.equal(new Set(last).size, 1);
  assert.ok((last[0] * MICROSECONDS) / 1000 >= BURST_MS);
});

test("a first call that was interrupted does not end the calibration", () => {
  const upset = (/** @type {number} */ burst) => (burst === 0 ? 25 : 0);
  const { run, clock } = machine(MICROSECONDS / 1000, { upset });
  const [times] = timesOf([run], 5, clock);
  assert.equal(times.length, 5);
  times.forEach((time) => near(time));
});

test("a clock that jumps spoils the burst it jumps in, forwards or backwards, and no other", () => {
  for (const jump of [1000, -1000]) {
    for (let when = 0; when < 20; when++) {
      const { run, clock } = machine(MICROSECONDS / 1000, { upset: (burst) => (burst === when ? jump : 0) });
      const [times] = timesOf([run], 7, clock);
      assert.equal(times.length, 7);
      near(least(times), `after a jump by ${jump} ms in burst ${when}`);
      assert.ok(times.filter((time) => time > 2 * MICROSECONDS).length <= 1);
    }
  }
});

test("calls take turns, each repeated as often as it needs, and the part done is told", async () => {
  const { run, clock } = machine(0.004);
  /** @type {number[]} */
  const order = [];
  const quick = (/** @type {number} */ times) => (order.push(0), run(times));
  const slow = (/** @type {number} */ times) => (order.push(1), run(100 * times));
  /** @type {number[]} */
  const parts = [];
  const [a, b] = await timesInPauses([quick, slow], 4, (part) => void parts.push(part), clock);
  assert.ok(Math.abs(least(a) - 4) < 0.1 && Math.abs(least(b) - 400) < 1, `${a}, ${b}`);
  // None always follows the same other.
  assert.deepEqual(order.slice(-8), [0, 1, 1, 0, 0, 1, 1, 0]);
  assert.deepEqual(parts.slice(-8), [1, 2, 3, 4, 5, 6, 7, 8].map((eighths) => eighths / 8));
});

test("a clock that stands still is an error, not 0 µs", () => {
  assert.throws(() => timesOf([() => {}], 3, () => 7), /the clock stands still/);
});

test("a packed network and the latencies of layers are timed by the same rule", async () => {
  const upset = (/** @type {number} */ burst) => (burst === 0 ? 25 : 0);
  const inner = machine(MICROSECONDS / 1000, { upset });
  const wasm = { describe: () => ({ sizeBytes: 1, layers: [], classes: 2 }), run: (/** @type {Float32Array} */ _, /** @type {number} */ times) => inner.run(times) };
  const samples = /** @type {any} */ ({ inputs: new Float32Array(2), labels: new Uint8Array(1) });
  const deployed = new Deployed(wasm, "simd128", { train: samples, test: samples });
  const { single } = at(inner.clock, () => deployed.benchmark({ repetitions: 5 }));
  for (const time of [single.least, single.microseconds, single.most]) near(time);

  const layer = machine(MICROSECONDS / 1000, { upset });
  const engine = /** @type {any} */ ({ createKernel: () => ({ run: layer.run, free() {} }), kernelBuild: "simd128" });
  const { now } = performance;
  performance.now = layer.clock;
  try {
    const { microseconds } = await measureLatencies(engine, [{ outputs: 4, parameters: 16, macs: 32 }]);
    assert.equal(microseconds.length, 8);
    microseconds.forEach((time) => near(time / 2, "for each of 2 positions"));
  } finally {
    performance.now = now;
  }
});

test("the least is what a call takes, the median the middle", () => {
  assert.equal(least([3, 1, 2]), 1);
  assert.equal(median([3, 1, 2]), 2);
});
