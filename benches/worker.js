/**
 * Times in a Worker. { options, steps } → steps per second of mini-batches, evaluations left out;
 * { files, options } → milliseconds to import files of the server, whose data are those of { own: true } from then on.
 */
import { load } from "/pkg/index.js";

const loading = load();

/** The data imported last. */
let own;

/** @param {{ files: Record<string, string>, options: object }} question */
async function importTime({ files, options }) {
  const engine = await loading;
  await engine.loadFiles();
  const read = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  const found = Object.fromEntries(await Promise.all(Object.entries(files).map(async ([role, name]) => [role, await read(name)])));
  const { file, ...others } = found;
  const start = performance.now();
  own = await engine.importData(file, { ...others, ...options });
  return performance.now() - start;
}

onmessage = async ({ data }) => {
  if (data.files) return postMessage(await importTime(data));
  const engine = await loading;
  const { steps } = data;
  const options = data.own ? { ...data.options, data: own } : data.options;
  let trained = 0;
  let seconds = 0;
  while (trained < steps) {
    // Runs of the usual length: what follows after hundreds of epochs is another measurement.
    const session = engine.createSession(options);
    const { stepsPerEpoch } = session.progress();
    for (let epoch = 0; epoch < session.options.epochs; epoch++) {
      // To the first mini-batch of the epoch, past evaluation and calibration; then a chunk that ends inside it.
      const first = epoch * stepsPerEpoch + 1;
      while (session.progress().step < first) session.step(1);
      const start = performance.now();
      session.step(stepsPerEpoch - 2);
      seconds += (performance.now() - start) / 1000;
      trained += stepsPerEpoch - 2;
      if (trained >= steps) break;
    }
    session.free();
  }
  postMessage(trained / seconds);
};
