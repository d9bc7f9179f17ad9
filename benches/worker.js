/** Times mini-batches in a Worker: { options, steps } → steps per second, evaluations left out. */
import { load } from "/pkg/index.js";

const loading = load();

onmessage = async ({ data: { options, steps } }) => {
  const engine = await loading;
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
