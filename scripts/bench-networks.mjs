/**
 * A sample by a whole network on packed integers beside the same network in float32, in Node, in bursts that take turns.
 * Prints microseconds, and float over packed: above 1 the packed network is faster. Medians and the span over the rounds.
 */
import { readFileSync } from "node:fs";
import { load } from "../pkg/index.js";
import { median, timesOf } from "../pkg/timing.js";

const ROUNDS = 31;
const BATCH = 32;
/** @type {import("../pkg/index.js").ModelName[]} */
const MODELS = ["mlp", "cnn", "mobile"];
const BITS = [8, 4, 2];

const engine = await load({ read: async (url) => readFileSync(url) });
await engine.loadKernels();
console.log(`| network | bits | packed, µs | float32, µs | float32 / packed |\n|---|---|---|---|---|`);
for (const model of MODELS) {
  await engine.loadCheckpoint(model);
  for (const bits of BITS) {
    const session = engine.createSession({ model, method: "uniform", weightBits: bits, activationBits: bits, epochs: 0 });
    while (!session.step(1000).done);
    const deployed = session.deploy();
    const { inputs, labels } = session.samples("test");
    const batch = inputs.subarray(0, (inputs.length / labels.length) * BATCH);
    const repeat = (/** @type {() => unknown} */ work) => (/** @type {number} */ times) => {
      for (let at = 0; at < times; at++) work();
    };
    const [packed, float] = timesOf([repeat(() => deployed.predict(batch)), repeat(() => session.predictFloat(batch))], ROUNDS)
      .map((times) => times.map((us) => us / BATCH));
    const ratios = float.map((us, at) => us / packed[at]).sort((a, b) => a - b);
    console.log(`| ${model} | ${bits} | ${median(packed).toFixed(2)} | ${median(float).toFixed(2)} | ${median(ratios).toFixed(2)} [${ratios[0].toFixed(2)} – ${ratios[ROUNDS - 1].toFixed(2)}] |`);
    deployed.free();
    session.free();
  }
}
