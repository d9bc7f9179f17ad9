/** The npm package in Node: the same numbers as in the browser, and its errors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, loadCharts } from "../pkg/index.js";
import { course, FILE } from "../scripts/loss-curve.mjs";

const read = async (/** @type {URL} */ url) => readFileSync(url);

for (const options of /** @type {const} */ ([{ build: "simd128" }, { build: "scalar" }, { build: "simd128", methods: "core" }])) {
  test(`seeded losses and traces are the same bits with ${JSON.stringify(options)}`, async () => {
    const engine = await load({ ...options, checkpoints: [], read });
    assert.equal(engine.build, options.build);
    let compared = 0;
    for (const curve of JSON.parse(readFileSync(FILE, "utf8"))) {
      if (!engine.methods.includes(curve.options.method)) continue;
      assert.deepEqual(course(engine, curve.options), { losses: curve.losses, trace: curve.trace });
      compared++;
    }
    assert.ok(compared >= 2);
  });
}

test("the core binary learns the other methods on demand, and sessions live on", async () => {
  const engine = await load({ methods: "core", read });
  const session = engine.createSession({ model: "mlp", method: "ddq" });
  assert.throws(() => engine.createSession({ model: "mlp", method: "lsq" }), /"method": expected one of float, uniform, ddq, got "lsq"/);
  await engine.loadMethods();
  const other = engine.createSession({ model: "mlp", method: "lsq" });
  assert.ok(other.step(30).step > 0);
  assert.ok(session.step(30).step > 0);
});

test("gradients in narrow formats have the same bits in both builds", async () => {
  const options = /** @type {const} */ ({ model: "mobile", method: "lsq", pretrained: false, pretrainEpochs: 1, epochs: 1, batchSize: 128, precision: "e4m3", roundedTensors: "all", seed: 3 });
  const [wide, scalar] = await Promise.all(/** @type {const} */ (["simd128", "scalar"]).map((build) => load({ build, checkpoints: [], read })));
  const found = course(wide, options);
  assert.ok(found.losses.length >= 24 && found.losses.every(Number.isFinite));
  assert.deepEqual(course(scalar, options), found);
  const plain = course(wide, { ...options, precision: "f32" });
  assert.notDeepEqual(plain.losses, found.losses);
  assert.notEqual(plain.trace, found.trace);
});

test("scales and underflow of gradients in a narrow format are in the snapshot", async () => {
  const engine = await load({ read });
  const plain = engine.createSession({ model: "mlp" });
  assert.equal(plain.snapshot().precision, null);
  const session = engine.createSession({ model: "mlp", method: "lsq", precision: "e4m3" });
  assert.equal(session.options.lossScaling, "adaptive");
  session.step(40);
  const { precision, layers } = session.snapshot();
  assert.ok(precision && precision.lossScale > 1 && Number.isInteger(Math.log2(precision.lossScale)));
  assert.equal(precision.skippedSteps, 0);
  assert.equal(precision.layers.length, layers.length);
  assert.equal(precision.layers[0], null);
  for (const layer of precision.layers.slice(1)) {
    assert.ok(layer && Number.isInteger(Math.log2(layer.scale)) && Number.isInteger(Math.log2(layer.factor)));
    assert.ok(layer.underflow >= 0 && layer.underflow < 1 && layer.meanUnderflow > 0);
  }
  assert.throws(() => engine.createSession({ model: "mlp", precision: "e4m3", lossScaling: "fixed", lossScale: 3 }), /"lossScale": expected a power of two, such as 1024, got 3/);
});

test("the trace of a run is the same at any pace and from any start, and another one for another run", async () => {
  const engine = await load({ read });
  const options = /** @type {const} */ ({ model: "mlp", method: "ddq", budgetBits: 3, epochs: 2, batchSize: 128 });
  const trace = (/** @type {import("../pkg/index.js").SessionOptions} */ changes, pace = 1000, saved = false) => {
    let session = engine.createSession({ ...options, ...changes });
    while (!session.step(pace).done) if (saved) session = engine.restore(session.save());
    return session.snapshot().trace;
  };
  const found = trace({});
  assert.match(found, /^[0-9a-f]{16}$/);
  assert.equal(trace({}, 1), found);
  assert.equal(trace({}, 5, true), found);
  const others = [{ seed: 2 }, { epochs: 3 }, { budgetBits: 4 }, { method: /** @type {const} */ ("lsq") }, { learningRate: 0.01 }].map((changes) => trace(changes));
  assert.equal(new Set([found, ...others]).size, others.length + 1);
  const session = engine.createSession(options);
  const start = session.snapshot();
  assert.equal(start.evaluations, 0);
  assert.equal(session.step(1000).evaluations, 4);
  assert.notEqual(session.snapshot().trace, start.trace);
  session.free();
});

test("a wrong call names what was wrong, and the running session stays usable", async () => {
  const engine = await load({ read });
  const session = engine.createSession({ model: "mlp", epochs: 1 });
  session.step(20);
  const cases = /** @type {[object, RegExp][]} */ ([
    [{ weightBits: 9 }, /"weightBits": expected a whole number from 1 to 8, got 9/],
    [{ weightBits: "many" }, /"weightBits": expected a whole number .* got "many"/],
    [{ colour: "red" }, /unknown option "colour": expected one of data, /],
    [{ model: [1] }, /"model": expected a string, a number or a boolean, got an array/],
    [{ hidden: "64-0" }, /"hidden": expected 1 to 6 widths/],
    [{ seed: -1 }, /"seed": expected a whole number from 0/],
    [{ budgetBits: NaN }, /"budgetBits": expected a number from 0 to 32, got NaN/],
  ]);
  for (const [options, message] of cases) assert.throws(() => engine.createSession(options), message);
  // @ts-expect-error: what a caller without types may do
  for (const options of [null, 5, new Map()]) assert.throws(() => engine.createSession(options), /options of createSession: expected an object of names and values, got (null|5|an object)/);
  assert.throws(() => session.predict(new Float32Array(65)), /x of predict: expected a multiple of 64 numbers .* got 65/);
  // @ts-expect-error: what a caller without types may do
  assert.throws(() => session.predict("digit"), /x of predict: expected a Float32Array/);
  assert.throws(() => session.step(0), /n of step: expected a whole number from 1/);
  // @ts-expect-error
  assert.throws(() => session.evaluate("tset"), /"split": expected one of train, test, got "tset"/);
  await assert.rejects(load({ build: /** @type {any} */ ("sse") }), /"build" of load: expected "simd128" or "scalar", got "sse"/);
  assert.ok(session.step(20).step > 0);
  session.free();
  session.free();
  assert.throws(() => session.snapshot(), /expected a live session, got one that was freed/);
});

test("a deployed network classifies as its session does, from every engine", async () => {
  for (const options of /** @type {const} */ ([{}, { build: "scalar" }, { methods: "core" }])) {
    const engine = await load({ ...options, read });
    const session = engine.createSession({ model: "mlp", method: "ddq", budgetBits: 3, epochs: 2 });
    if (!engine.kernelBuild) assert.throws(() => session.deploy(), /deploy: expected engine.loadKernels\(\) to have been awaited/);
    await engine.loadKernels();
    assert.throws(() => session.deploy(), /deploy, at the weights of dense1: expected a quantized network, got 32-bit floats/);
    while (!session.step(100).done);
    const deployed = session.deploy();
    assert.equal(deployed.build, engine.kernelBuild);
    assert.equal(deployed.sizeBytes, session.snapshot().sizeBytes);
    const [there, here] = [deployed.evaluate("test"), session.evaluate("test")];
    assert.equal(there.accuracy, here.accuracy);
    assert.deepEqual(there.confusion, here.confusion);
    assert.ok(Math.abs(there.loss - here.loss) < 0.01);
    assert.deepEqual(deployed.layers.map(({ bits }) => bits), session.snapshot().layers.map(({ weight }) => weight.bits));
    const { single, batch } = deployed.benchmark({ repetitions: 3 });
    assert.ok(single.least <= single.microseconds && single.microseconds <= single.most && batch.microseconds > 0);
    session.free();
    assert.equal(deployed.predict(new Float32Array(64)).length, 10);
    deployed.free();
    assert.throws(() => deployed.predict(new Float32Array(64)), /expected a live one/);
  }
});

test("a session saved in one binary goes on in another to the same bits", async () => {
  const whole = await load({ read });
  const core = await load({ methods: "core", read });
  const options = /** @type {const} */ ({ model: "mlp", method: "ddq", budgetBits: 3, epochs: 2 });
  const finish = (/** @type {import("../pkg/index.js").Session} */ session) => {
    while (!session.step(100).done);
    return [session.snapshot(), session.evaluate("test"), session.predict(session.samples("test").inputs)];
  };
  const expected = finish(whole.createSession(options));
  for (const [from, to] of [[core, whole], [whole, whole], [whole, await load({ build: "scalar", read })]]) {
    const session = from.createSession(options);
    session.step(53);
    const again = to.restore(session.save("a note"));
    assert.equal(again.note, "a note");
    assert.equal(session.note, "a note");
    // Each binary knows its own options; the others have their defaults.
    for (const [name, value] of Object.entries(again.options)) assert.equal(value, Reflect.get(session.options, name) ?? value, name);
    assert.deepEqual(finish(again), expected);
    again.free();
    session.free();
  }
  const foreign = whole.createSession({ model: "mlp", method: "lsq" });
  assert.throws(() => core.restore(foreign.save()), /restore: expected engine\.loadMethods\(\) to have been awaited/);
  assert.throws(() => whole.restore(new Uint8Array(3)), /project file, at byte 0: expected 4 bytes more, got 3/);
  // @ts-expect-error: what a caller without types may do
  assert.throws(() => whole.restore("file"), /bytes of restore: expected a Uint8Array, got "file"/);
  assert.ok(foreign.step(20).step > 0);
});

test("a kernel multiplies, and says what it cannot do", async () => {
  const engine = await load({ read });
  const kernel = engine.createKernel({ rows: 5, columns: 20, bits: 3 });
  const x = Float32Array.from({ length: 20 }, (_, i) => Math.sin(i));
  const once = kernel.multiply(x);
  assert.equal(once.length, 5);
  assert.ok(once.some((value) => value !== 0));
  assert.deepEqual(kernel.multiply(new Float32Array(20)), new Float32Array(5));
  // A large matrix makes the heap grow, which takes views of it away.
  const large = engine.createKernel({ rows: 2048, columns: 2048, bits: 32 });
  const room = new Float32Array(5);
  assert.equal(kernel.multiply(x, room), room);
  assert.deepEqual(room, once);
  large.free();
  const twice = kernel.multiply(x.map((value) => 2 * value));
  assert.ok(twice.every((value, row) => Math.abs(value - 2 * once[row]) < 1e-4));
  assert.throws(() => kernel.multiply(x, new Float32Array(4)), /y of multiply: expected room for 5 numbers, got 4/);
  assert.throws(() => kernel.multiply(new Float32Array(3)), /x of multiply: expected 20 numbers, got 3/);
  kernel.free();
  assert.throws(() => kernel.multiply(x), /kernel: expected a live one/);
  assert.throws(() => engine.createKernel({ rows: 5, columns: 20, bits: 9 }), /"bits" of createKernel: expected 1 to 8, or 32, got 9/);
  for (const rows of /** @type {any[]} */ ([0, -1, 1.5, NaN, Infinity, "a", null, undefined])) {
    assert.throws(() => engine.createKernel({ rows, columns: 20, bits: 4 }), /"rows" of createKernel: expected a whole number of at least 1, got/, String(rows));
    assert.throws(() => engine.createKernel({ rows: 5, columns: rows, bits: 32 }), /"columns" of createKernel/, String(rows));
  }
  for (const [rows, columns] of [[65536, 65536], [1e9, 1], [20_000, 20_000]]) {
    assert.throws(() => engine.createKernel({ rows, columns, bits: 4 }), /"rows" and "columns" of createKernel: expected at most 125,000,000 weights, got \d+ × \d+/);
  }
  assert.equal(engine.createKernel({ rows: 5, columns: 20, bits: 4 }).multiply(new Float32Array(20)).length, 5);
});

test("advice refuses what it cannot answer in words, and answers on", async () => {
  const engine = await load({ checkpoints: ["mlp"], read });
  const session = engine.createSession({ model: "mlp", method: "uniform", weightBits: 4, epochs: 0 });
  while (!session.step(100).done);
  const advice = session.advice();
  assert.throws(() => advice.why(99), /layer of why: expected 0 to 2, got 99/);
  assert.throws(() => advice.solve(4), /solve: expected all 3 layers to be measured by prepare, got 0/);
  while (advice.prepare() < 1);
  assert.throws(() => advice.solve(1), /"budgetBits": expected at least [\d.]+ for this network, with its scales, got 1/);
  assert.throws(() => advice.deploy(1), /"budgetBits": expected at least/);
  const { averageBits } = advice.solve(4);
  assert.ok(averageBits > 3 && averageBits <= 4);
  assert.equal(advice.why(0).length, 3);
  advice.free();
  session.free();
});

test("a heat map of absurd size is refused in words", async () => {
  const charts = await loadCharts({ read });
  await charts.loadDetails();
  const map = (/** @type {number} */ rows, /** @type {number} */ cols) => charts.matrixPixels(new Float32Array([0, 1, 2, 3]), rows, cols, "#000000", "#ffffff");
  assert.throws(() => map(1e9, 1e9), /"values": expected 1000000000 × 1000000000 numbers/);
  assert.throws(() => map(65536, 65536), /"values": expected 65536 × 65536 numbers/);
  assert.throws(() => map(-1, 4), /"values"/);
  assert.equal(map(2, 2).length, 16);
});
