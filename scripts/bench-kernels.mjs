/**
 * Low-bit products against float32 in headless Chromium, for every build: one table of ratios taken inside one
 * run. Bursts of at least 12 ms, candidates interleaved, medians over rounds with the span in brackets. With
 * --record the table is kept under benches/record/.
 *   node scripts/bench-kernels.mjs [--record] [--sizes=64,1024]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { open } from "./browser.mjs";

const argument = process.argv.find((text) => text.startsWith("--sizes="));
const SIZES = argument ? argument.slice(8).split(",").map(Number) : [64, 256, 1024, 4096];
const ROUNDS = 9;
const KINDS = /** @type {const} */ ([
  { name: "float32", bits: 32, codebook: false },
  { name: "8 bit", bits: 8, codebook: false },
  { name: "5 bit", bits: 5, codebook: false },
  { name: "4 bit", bits: 4, codebook: false },
  { name: "3 bit", bits: 3, codebook: false },
  { name: "2 bit", bits: 2, codebook: false },
  { name: "1 bit", bits: 1, codebook: false },
  { name: "4 bit codebook", bits: 4, codebook: true },
  { name: "3 bit codebook", bits: 3, codebook: true },
  { name: "2 bit codebook", bits: 2, codebook: true },
]);
const BUILDS = ["simd128", "relaxed", "scalar"];

/** @param {number[]} values */
function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], least: sorted[0], most: sorted[sorted.length - 1] };
}

/** @param {number[]} values */
function summary(values) {
  const { median, least, most } = middle(values);
  return `${median.toPrecision(3)} [${least.toPrecision(2)}–${most.toPrecision(2)}]`;
}

/**
 * In the page: seconds of one product, for every round and candidate, and the load bandwidth of the same rounds.
 * @param {{ size: number, kinds: { bits: number, codebook: boolean }[], builds: string[], rounds: number }} task
 */
async function measure({ size, kinds, builds, rounds }) {
  const modules = await Promise.all(builds.map(async (build) => {
    const module = await import(`/pkg/${build}/ddq_playground.js`);
    await module.default({ module_or_path: await (await fetch(`/pkg/${build}/ddq_playground_bg.wasm`)).arrayBuffer() });
    if (module.kernelBuild() !== build) throw new Error(`expected the build ${build}, got ${module.kernelBuild()}`);
    return module;
  }));
  // The scalar build is timed at sizes where that takes no minutes, for the widths that differ.
  const candidates = modules.flatMap((module, build) => kinds.map(({ bits, codebook }, kind) => ({ kernel: new module.WasmKernel(size, size, bits, codebook), build, kind })));
  const bytes = 4 * size * size;
  const loads = new modules[0].WasmLoads(bytes);
  /** @param {{ run: (n: number) => unknown }} what @param {number} times */
  const time = (what, times) => {
    const start = performance.now();
    what.run(times);
    return (performance.now() - start) / 1000;
  };
  /** Repetitions that take 12 ms. @param {{ run: (n: number) => unknown }} what */
  const burst = (what) => {
    // The engine optimizes what has run for a while, on a thread of its own: some kernels only run at some sizes.
    for (let spent = 0; spent < 0.15; ) spent += time(what, 8);
    let times = 1;
    while (time(what, times) < 0.012) times *= 2;
    return times;
  };
  const repetitions = candidates.map(({ kernel }) => burst(kernel));
  const loadRepetitions = burst(loads);
  const seconds = [];
  const bandwidth = [];
  for (let round = 0; round < rounds; round++) {
    /** @type {number[]} */
    const found = [];
    for (let i = 0; i < candidates.length; i++) {
      // The order moves on from round to round.
      const at = (i + 7 * round) % candidates.length;
      found[at] = time(candidates[at].kernel, repetitions[at]) / repetitions[at];
    }
    bandwidth.push((bytes * loadRepetitions) / time(loads, loadRepetitions) / 1e9);
    seconds.push(found);
  }
  const stored = candidates.map(({ kernel }) => kernel.bytes);
  candidates.forEach(({ kernel }) => kernel.free());
  loads.free();
  return { seconds, bandwidth, stored };
}

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, headless Chromium, one thread, ${ROUNDS} rounds`,
  "y = W·x, x quantized inside the call (8 bits). Ratios to the float32 product of the simd128 build in the same round: median [least–most].",
  "",
];
const { browser, address, close } = await open();
try {
  const page = await browser.newPage();
  await page.goto(`${address}icon.svg`);
  for (const size of SIZES) {
    const { seconds, bandwidth, stored } = await page.evaluate(measure, { size, kinds: [...KINDS], builds: BUILDS, rounds: ROUNDS });
    const of = (/** @type {number} */ build, /** @type {number} */ kind) => seconds.map((round) => round[build * KINDS.length + kind]);
    lines.push(`### ${size} × ${size}: loads of ${(4 * size * size / 1024).toFixed(0)} KiB at ${summary(bandwidth)} GB/s`, "");
    lines.push("| weights | simd128 | relaxed | simd128 against scalar | µs simd128 | G weights/s | GB/s |", "|---|---|---|---|---|---|---|");
    KINDS.forEach(({ name }, kind) => {
      const base = of(0, 0);
      const ratio = (/** @type {number} */ build) => summary(of(build, kind).map((s, round) => base[round] / s));
      const scalar = summary(of(2, kind).map((s, round) => s / of(0, kind)[round]));
      const { median } = middle(of(0, kind));
      lines.push(`| ${name} | ${ratio(0)} | ${ratio(1)} | ${scalar} | ${(median * 1e6).toPrecision(3)} | ${((size * size) / median / 1e9).toPrecision(3)} | ${(stored[kind] / median / 1e9).toPrecision(3)} |`);
    });
    lines.push("");
  }
} finally {
  await close();
}
const text = lines.join("\n");
console.log(text);
if (process.argv.includes("--record")) {
  const folder = fileURLToPath(new URL("../benches/record/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const cpu = cpus()[0].model.replace(/\W+/g, "-").toLowerCase();
  writeFileSync(`${folder}kernels-${new Date().toISOString().slice(0, 10)}-${cpu}.md`, `${text}\n`);
}
