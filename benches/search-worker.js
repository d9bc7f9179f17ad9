/** Times in a Worker how long a session's search takes: options → milliseconds from its first step to its end. */
import { load } from "/pkg/index.js";

const loading = load();

onmessage = async ({ data: options }) => {
  const session = (await loading).createSession(options);
  while (session.progress().phase !== "search") session.step(1);
  const start = performance.now();
  while (session.progress().phase === "search") session.step(1);
  const milliseconds = performance.now() - start;
  session.free();
  postMessage(milliseconds);
};
