/**
 * Our products against those of onnxruntime-web and tfjs-wasm, in one page of headless Chromium, one thread: bursts of
 * at least 12 ms, candidates interleaved, medians of ratios taken within a round. Also what a call through the JS API
 * costs over the product itself. With --record the table is kept under benches/record/.
 *   node scripts/bench-peers.mjs [--record] [--sizes=256,1024]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { floatModel, fourBitModel, int8Model } from "../benches/peers/models.mjs";
import { open } from "./browser.mjs";

const argument = process.argv.find((text) => text.startsWith("--sizes="));
const SIZES = argument ? argument.slice(8).split(",").map(Number) : [64, 256, 1024];
const ROUNDS = 9;
const PEERS = new URL("../benches/peers/node_modules/", import.meta.url);
/** Scripts of the peers, in the order in which they need each other. */
const SCRIPTS = ["@tensorflow/tfjs-core/dist/tf-core.min.js", "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js", "onnxruntime-web/dist/ort.wasm.min.js"];
const TYPES = /** @type {Record<string, string>} */ ({ ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" });

/** @param {number[]} values */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return `${sorted[sorted.length >> 1].toPrecision(3)} [${sorted[0].toPrecision(2)}–${sorted[sorted.length - 1].toPrecision(2)}]`;
}

/** In the page: seconds of one call, for every candidate and round. @param {{ size: number, rounds: number, models: Record<string, number[]> }} task */
async function measure({ size, rounds, models }) {
  const { tf, ort } = /** @type {any} */ (globalThis);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/peers/onnxruntime-web/dist/";
  tf.wasm.setWasmPaths("/peers/@tensorflow/tfjs-backend-wasm/dist/");
  tf.wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const x = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  /** A call for each name; `times` says how often. @type {Record<string, (times: number) => unknown>} */
  const candidates = {};
  for (const build of ["simd128", "relaxed"]) {
    const module = await import(`/pkg/${build}/ddq_playground.js`);
    const { Kernel } = await import(`${location.origin}/pkg/kernel.js`);
    const { memory } = await module.default({ module_or_path: await (await fetch(`/pkg/${build}/ddq_playground_bg.wasm`)).arrayBuffer() });
    for (const bits of [32, 8, 4]) {
      const kernel = new Kernel(new module.WasmKernel(size, size, bits, false), memory, size, size);
      const name = `${bits === 32 ? "float32" : `${bits} bit`}, ${build}`;
      candidates[name] = (times) => kernel.run(times);
      if (bits === 4) {
        const y = new Float32Array(size);
        candidates[`${name}, through the API with copies`] = (times) => {
          for (let i = 0; i < times; i++) kernel.multiply(x, y);
        };
      }
    }
  }
  for (const [name, bytes] of Object.entries(models)) {
    const session = await ort.InferenceSession.create(Uint8Array.from(bytes), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
    const feeds = { x: new ort.Tensor("float32", x, [1, size]) };
    candidates[`${name}, onnxruntime-web`] = async (times) => {
      for (let i = 0; i < times; i++) await session.run(feeds);
    };
  }
  const w = tf.tensor2d(Float32Array.from({ length: size * size }, (_, i) => Math.cos(i)), [size, size]);
  const row = tf.tensor2d(x, [1, size]);
  candidates["float32, tfjs-wasm"] = (times) => {
    for (let i = 0; i < times; i++) {
      const y = tf.matMul(row, w);
      y.dataSync();
      y.dispose();
    }
  };
  const names = Object.keys(candidates);
  /** @param {string} name @param {number} times */
  const time = async (name, times) => {
    const start = performance.now();
    await candidates[name](times);
    return (performance.now() - start) / 1000;
  };
  /** @type {Record<string, number>} */
  const repetitions = {};
  for (const name of names) {
    let times = 1;
    while (await time(name, times) < 0.012) times *= 2;
    repetitions[name] = times;
  }
  /** @type {Record<string, number[]>} */
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + 5 * round) % names.length];
      seconds[name].push(await time(name, repetitions[name]) / repetitions[name]);
    }
  }
  return seconds;
}

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, headless Chromium, one thread, ${ROUNDS} rounds`,
  "y = W·x of one vector. Ratios to our float32 product (simd128) in the same round: median [least–most]; above 1 is faster.",
  "",
];
const { browser, address, close } = await open();
try {
  const page = await browser.newPage();
  const html = `<!doctype html><title>peers</title>${SCRIPTS.map((path) => `<script src="/peers/${path}"></script>`).join("")}`;
  await page.route("**/peers/**", (route) => {
    const path = new URL(route.request().url()).pathname.slice("/peers/".length);
    const body = path === "page.html" ? html : readFileSync(new URL(path, PEERS));
    return route.fulfill({ body, contentType: TYPES[extname(path)] });
  });
  await page.goto(`${address}peers/page.html`);
  for (const size of SIZES) {
    const models = { "float32": floatModel(size, size), "int8": int8Model(size, size), "4 bit (MatMulNBits)": fourBitModel(size, size) };
    const bytes = Object.fromEntries(Object.entries(models).map(([name, model]) => [name, Array.from(model)]));
    const seconds = await page.evaluate(measure, { size, rounds: ROUNDS, models: bytes });
    const ratio = (/** @type {string} */ slow, /** @type {string} */ fast) => summary(seconds[slow].map((s, round) => s / seconds[fast][round]));
    lines.push(`### ${size} × ${size}`, "", "| product | µs | against our float32 |", "|---|---|---|");
    for (const [name, found] of Object.entries(seconds)) {
      lines.push(`| ${name} | ${summary(found.map((s) => s * 1e6))} | ${ratio("float32, simd128", name)} |`);
    }
    const copies = seconds["4 bit, simd128, through the API with copies"].map((s, round) => (s - seconds["4 bit, simd128"][round]) * 1e6);
    lines.push("", `- our 4 bit (relaxed) against MatMulNBits: ${ratio("4 bit (MatMulNBits), onnxruntime-web", "4 bit, relaxed")}`);
    for (const peer of ["onnxruntime-web", "tfjs-wasm"]) {
      lines.push(`- our 4 bit (relaxed) against float32 of ${peer}: ${ratio(`float32, ${peer}`, "4 bit, relaxed")}; our float32 against it: ${ratio(`float32, ${peer}`, "float32, simd128")}`);
    }
    lines.push(`- a call through the JS API costs ${summary(copies)} µs over the product`, "");
  }
} finally {
  await close();
}
const text = lines.join("\n");
console.log(text);
if (process.argv.includes("--record")) {
  const cpu = cpus()[0].model.replace(/\W+/g, "-").toLowerCase();
  const file = new URL(`../benches/record/peers-${new Date().toISOString().slice(0, 10)}-${cpu}.md`, import.meta.url);
  writeFileSync(fileURLToPath(file), `${text}\n`);
}
