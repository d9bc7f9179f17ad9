/** Data of the caller through the package's API, in Node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { load } from "../pkg/index.js";
import { barsIdx, cloudsCsv, idx, npy, wideCsv } from "../scripts/own-files.mjs";

const read = async (/** @type {URL} */ url) => readFileSync(url);
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** @type {import("../pkg/index.js").Engine} */
let engine;
before(async () => {
  engine = await load({ read, checkpoints: [] });
});

/** Runs to the end. @param {import("../pkg/index.js").SessionOptions} options */
function finished(options) {
  const session = engine.createSession(options);
  while (!session.step(100).done);
  return session;
}

test("a CSV is imported, described, and trained on with DDQ to the end and onto packed integers", async () => {
  const data = await engine.importData(bytes(cloudsCsv(240)), { name: "trees.csv" });
  assert.deepEqual([data.name, data.format, data.samples, data.testSamples, data.classes], ["trees.csv", "csv", 240, 0, 3]);
  assert.deepEqual(data.shape, { channels: 2, height: 1, width: 1 });
  assert.deepEqual(data.classNames, ["ash", "birch", "cedar"]);
  assert.deepEqual(data.columns, ["height", "width", "tree"]);
  assert.deepEqual([data.label, data.header, data.delimiter, data.rows.length], [2, true, ",", 8]);
  assert.deepEqual([...data.balance], [80, 80, 80]);
  assert.equal(data.normalization.kind, "columns");
  assert.ok(data.inputs.every((x) => x >= -1 && x <= 1));
  const session = finished({ data, budgetBits: 4 });
  assert.equal(session.options.data, "own");
  const { hidden, epochs, pretrainEpochs } = session.options;
  assert.deepEqual([hidden, epochs, pretrainEpochs], ["64-32", 30, 60], "180 samples: as many epochs as there may be");
  assert.deepEqual([session.samples("train").labels.length, session.samples("test").labels.length], [180, 60]);
  assert.equal(session.samples("train", 7).inputs.length, 14);
  assert.ok(session.evaluate("test").accuracy > 0.95);
  assert.deepEqual(session.tested(), session.evaluate("test"));
  await engine.loadKernels();
  const deployed = session.deploy();
  assert.equal(deployed.evaluate("test").accuracy, session.evaluate("test").accuracy);
  deployed.free();
  session.free();
});

test("columns are left out by name and by place, and what cannot be left out is named", async () => {
  const text = bytes(`id,height,width,tree\n${cloudsCsv(60).trim().split("\n").slice(1).map((line, at) => `n${at},${line}`).join("\n")}`);
  const whole = await engine.importData(bytes(cloudsCsv(60)), { name: "t.csv" });
  const data = await engine.importData(text, { name: "t.csv", exclude: ["id"] });
  assert.deepEqual([data.inputs, data.labels], [whole.inputs, whole.labels]);
  assert.deepEqual([[...data.excluded], data.columns, data.rows[0].length], [[0], ["id", "height", "width", "tree"], 4]);
  assert.deepEqual((await engine.importData(text, { name: "t.csv", exclude: ["id", 2] })).shape, { channels: 1, height: 1, width: 1 });
  const refused = async (/** @type {any} */ exclude) => engine.importData(text, { name: "t.csv", exclude }).then(() => assert.fail("taken"), (error) => error);
  assert.equal((await refused(["tree", 0])).message, 'option "exclude of t.csv": expected columns other than the label, got "tree", column 4');
  assert.equal((await refused([0, 1, 2])).message, 'option "exclude of t.csv": expected at least one column besides the label, got all 3 left out');
  assert.equal((await refused(["age"])).message, 'option "exclude of t.csv": expected one of "id", "height", "width", "tree", got "age"');
  assert.equal((await refused([4])).message, 'option "exclude of t.csv": expected a column from 0 to 3, got 4');
  assert.equal((await refused("id")).message, 'option "exclude" of importData: expected an array of names or places from 0 of columns, got "id"');
  assert.equal((await refused([0, -1])).message, 'option "exclude[1]" of importData: expected the name of a column or its place from 0, got -1');
  const { message, table } = await refused([]);
  assert.match(message, /^t\.csv, at line 2, column 1 \("id"\): expected a finite number, got "n0"$/);
  assert.deepEqual([table.columns, table.label, table.rows[7][0]], [data.columns, 3, "n7"]);
});

test("what is imported is a plain object, and the split follows the seed", async () => {
  const data = structuredClone(await engine.importData({ name: "t.csv", bytes: bytes(cloudsCsv(120)) }));
  const samples = (/** @type {number} */ seed) => {
    const session = engine.createSession({ data, seed });
    const { inputs, labels } = session.samples("test");
    session.free();
    return [...inputs, ...labels];
  };
  assert.deepEqual(samples(1), samples(1));
  assert.notDeepEqual(samples(1), samples(2));
  const test = structuredClone(await engine.importData(bytes("height,width,tree\n1,2,ash\n100,3,cedar\n"), { label: "tree" }).catch((error) => error.message));
  assert.match(test, /class "ash": expected at least 2 samples/);
});

test("the scalar engine reads and trains to the same bits", async () => {
  const scalar = await load({ read, build: "scalar", checkpoints: [] });
  const { images, labels } = barsIdx(80, 8);
  const ends = await Promise.all([engine, scalar].map(async (one) => {
    const data = await one.importData(images, { labels });
    const session = one.createSession({ data, epochs: 1, pretrainEpochs: 1 });
    while (!session.step(100).done);
    const { loss } = session.evaluate("test");
    session.free();
    return [data, loss];
  }));
  assert.deepEqual(ends[0], ends[1]);
});

test("a separate test file stays the test part", async () => {
  const data = await engine.importData(bytes(cloudsCsv(90)), { label: "tree", test: bytes("height,width,tree\n130,1,ash\n100,3,cedar\n") });
  assert.deepEqual([data.samples, data.testSamples], [90, 2]);
  assert.deepEqual([...data.testBalance], [1, 0, 1]);
  const session = engine.createSession({ data });
  assert.deepEqual([session.samples("train").labels.length, [...session.samples("test").labels].sort()], [90, [0, 2]]);
  assert.equal(engine.createSession({ data, epochs: 7 }).options.epochs, 7);
  session.free();
});

test("gzipped IDX images train a convnet, as NPY would", async () => {
  const { images, labels } = barsIdx(160, 10);
  const data = await engine.importData(images, { labels });
  assert.deepEqual(data.shape, { channels: 1, height: 10, width: 10 });
  assert.deepEqual([data.format, data.normalization.kind, data.label], ["idx", "pixels", null]);
  const session = finished({ data, model: "cnn", pretrainEpochs: 4, epochs: 2 });
  assert.ok(session.evaluate("test").accuracy > 0.9, String(session.evaluate("test").accuracy));
  session.free();
  const table = await engine.importData(npy([4, 3], [1, 2, 0, 3, 4, 1, 5, 6, 0, 7, 8, 1]));
  assert.deepEqual([table.format, [...table.labels]], ["npy", [0, 1, 0, 1]]);
});

test("bytes of a small range are trained on like the same numbers as floats", async () => {
  // Bars again, in 17 greys as the digits of scikit-learn.
  const bars = barsIdx(160, 8);
  const pixels = Uint8Array.from(gunzipSync(bars.images).subarray(16), (value) => Math.round((16 * value) / 255));
  const asBytes = await engine.importData(idx([160, 8, 8], pixels), { labels: bars.labels });
  const asFloats = await engine.importData(npy([160, 8, 8], [...pixels]), { labels: bars.labels });
  assert.deepEqual(asBytes.inputs, asFloats.inputs);
  assert.deepEqual([asBytes.normalization.kind, ...asBytes.normalization.low, ...asBytes.normalization.high], ["range", Math.min(...pixels), Math.max(...pixels)]);
  const losses = [asBytes, asFloats].map((data) => {
    const session = finished({ data, model: "mlp", method: "float", pretrainEpochs: 4, epochs: 0 });
    const { loss, accuracy } = session.evaluate("test");
    session.free();
    assert.ok(accuracy > 0.9, String(accuracy));
    return loss;
  });
  assert.equal(losses[0], losses[1]);
});

test("columns far from 0 keep their values apart, and what falls together is counted", async () => {
  const rows = Array.from({ length: 200 }, (_, i) => `${1764374400 + i},${i === 9 ? "1e20" : i},${i % 2}`);
  const data = await engine.importData(bytes(`time,wide,parity\n${rows.join("\n")}\n`), { name: "t.csv" });
  assert.deepEqual([[...data.normalization.low], [...data.normalization.high]], [[1764374400, 0], [1764374599, 1e20]]);
  assert.deepEqual([[...data.distinct.found], [...data.distinct.kept]], [[200, 200], [200, 2]]);
  assert.equal(new Set(data.inputs.filter((_, at) => at % 2 === 0)).size, 200);
  const { images, labels } = barsIdx(40, 8);
  assert.equal((await engine.importData(images, { labels })).distinct.found.length, 0);
});

test("broken inputs are refused in words, and the running session stays as it is", async () => {
  const running = engine.createSession({ data: "moons" });
  running.step(10);
  const good = cloudsCsv(60);
  const { images, labels } = barsIdx(40, 8);
  const cases = /** @type {[string, any, object, RegExp][]} */ ([
    ["truncated gzip", images.subarray(0, images.length - 20), { labels }, /the data file, at its gzip data: expected a whole gzip stream, got one that breaks off/],
    ["damaged gzip", Buffer.concat([images.subarray(0, 10), Buffer.alloc(40, 7)]), { labels }, /the data file, at its gzip data/],
    ["zip bomb", gzipSync(Buffer.alloc(200_000_000)), {}, /at its gzip data: expected at most 50000000 bytes unpacked, got more/],
    ["gzip in gzip", gzipSync(gzipSync("a,y\n1,2\n")), {}, /at byte 0: expected CSV text, IDX or NPY, got gzip within gzip/],
    ["too large", new Uint8Array(50_000_001), {}, /at its end: expected at most 50000000 bytes, got 50000001/],
    ["10⁹ rows", idx([1e9, 28, 28], new Uint8Array(9)), { labels }, /expected 784000000000 bytes of numbers for 1000000000×28×28, got 9 bytes/],
    ["wrong magic", Buffer.from([0, 0, 99, 1, 0]), { labels }, /at byte 2: expected an IDX type: .*, got 63/],
    ["no labels", images, {}, /at its shape: expected a separate file of labels/],
    ["labels of others", images, { labels: idx([39], new Uint8Array(39)) }, /the label file, at its shape: expected 40 labels, .* got 39/],
    ["named file", { name: "x.csv", bytes: bytes("a,b,y\n1,2,p\n3,four,q\n") }, {}, /: x\.csv, at line 3, column 2 \("b"\): expected a finite number, got "four"$/],
    ["empty", new Uint8Array(), {}, /the data file, at byte 0: expected samples, got an empty file/],
    ["no such label", bytes(good), { label: "bush" }, /"label of the data file": expected one of "height", "width", "tree", got "bush"/],
    ["label too far", bytes(good), { label: 3 }, /expected a column from 0 to 2, got 3/],
    ["label of a wrong type", bytes(good), { label: 1.5 }, /"label" of importData: expected "last", the name of a column or its place from 0, got 1.5/],
    ["unknown class in test", bytes(good), { test: bytes("height,width,tree\n1,2,oak\n") }, /the test file, at line 2, column 3 \("tree"\): expected a class that the training samples have, got "oak"/],
    ["test labels alone", bytes(good), { testLabels: labels }, /"testLabels" of importData: expected a file "test" beside it/],
    ["format", bytes(good), { format: "xlsx" }, /"importData.format": expected one of auto, csv, idx, npy, got "xlsx"/],
    ["delimiter", bytes(good), { delimiter: "ab" }, /"importData.delimiter": expected one ASCII character, got "ab"/],
    ["unknown option", bytes(good), { seperator: "," }, /unknown option "seperator" of importData/],
    ["no bytes", "a,b\n1,2", {}, /the data file: expected a Uint8Array, an ArrayBuffer, a Blob or \{ name, bytes \}, got "a,b\n1,2"/],
  ]);
  for (const [name, file, options, message] of cases) await assert.rejects(engine.importData(file, options), message, name);
  const data = await engine.importData(bytes(good));
  const sessions = /** @type {[any, RegExp][]} */ ([
    [{ data: "own" }, /"data": expected imported data, passed with the options, got "own"/],
    [{ data: {} }, /option "data": expected the name of a data set, or what importData gave, got an object/],
    [{ data, model: "cnn" }, /"model": expected mlp, or image data for cnn, got cnn on samples of 2 features/],
    [{ data, pretrained: true }, /"pretrained": expected false/],
    [{ data: { ...data, labels: data.labels.map(() => 9) } }, /sample 0: expected a label below 3/],
    [{ data: { ...data, inputs: data.inputs.map(() => NaN) } }, /data, at sample 0, input 0: expected a finite number, got NaN/],
    [{ data: { ...data, inputs: data.inputs.subarray(1) } }, /data: expected 2 numbers for each of 60 labels, got 119/],
    [{ data: { ...data, labels: [0] } }, /"session.data.labels": expected a Uint8Array, got an array/],
    [{ data: { ...data, shape: { channels: -1, height: 1, width: 1 } } }, /"session.data.shape.channels": expected a whole number from 0, got -1/],
    [{ data, hidden: "1024-1024-1024-1024-1024-1024" }, /"hidden": expected widths of at most 5000000 weights in all/],
  ]);
  for (const [options, message] of sessions) assert.throws(() => engine.createSession(options), message);
  const step = running.progress().step;
  assert.ok(running.step(20).step > step);
  running.free();
});

test("the memory of a run is estimated, and one beyond 2 GB is refused before it is tried", async () => {
  const { images, labels } = barsIdx(40, 64);
  const data = await engine.importData(images, { labels });
  const small = engine.estimateMemory({ data, hidden: "16" });
  const large = engine.estimateMemory({ data, model: "mobile", batchSize: 512 });
  assert.ok(small > 4 * 2 * data.inputs.length && small < 30e6, String(small));
  assert.ok(large > 2e9, String(large));
  assert.throws(() => engine.createSession({ data, model: "mobile", batchSize: 512 }), /"data": expected data and a model that need at most 2000 MB.*, got a run of about \d+ MB/);
  const core = await load({ read, methods: "core", checkpoints: [] });
  assert.throws(() => core.createSession({ data }), /expected engine.loadFiles\(\) to have been awaited/);
  const session = (await core.loadFiles(), core.createSession({ data, model: "mlp" }));
  assert.ok(session.step(3).step > 0);
});

test("large files come in whole", async () => {
  const { images, labels } = barsIdx(10_000, 28, 10);
  const table = await engine.importData(bytes(wideCsv(3800)));
  assert.deepEqual([table.samples, table.shape.channels, table.classNames.length], [3800, 64, 10]);
  const pictures = await engine.importData(images, { labels });
  assert.deepEqual([pictures.samples, pictures.shape.height, pictures.inputs.length], [10_000, 28, 7_840_000]);
});
