/** The run with which a playground begins: what a link or attributes ask for, or else the usual one. */

/** @typedef {import("../../pkg/index.js").SessionOptions} Options */
/** @typedef {import("./run-controller.js").RunController} RunController */

/** @param {RunController} run @param {(() => Promise<Options | null>) | undefined} ask resolves with null where nothing is asked for */
export async function beginFirst(run, ask) {
  const { page, first: usual } = run;
  run.first = (await asked(run, ask)) ?? usual;
  run.asked = run.first !== usual;
  if ((await run.start(run.chosen)) || run.first === usual) return;
  // Settings that the engine refuses as a whole: told, and the usual run begins.
  const { refusal, first } = run;
  run.asked = false;
  run.first = usual;
  page.settings?.reset(usual);
  await run.start(usual);
  if (refusal?.name === "LoadError") page.messages.complain(refusal, () => run.choose(first));
  else if (refusal) page.messages.notice(refusal.message);
}

/** @param {RunController} run @param {(() => Promise<Options | null>) | undefined} ask @returns {Promise<Options | null>} */
async function asked(run, ask) {
  /** @type {Options | null} */
  let wanted = null;
  let late = false;
  await run.page.faults.attempt("link", "The link could not be opened", async () => {
    wanted = (await ask?.()) ?? null;
    // Another try comes when the usual run has begun.
    if (late && wanted) await run.choose(wanted);
  });
  late = true;
  return wanted;
}
