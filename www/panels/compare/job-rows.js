/** The runs of a comparison that are under way or have failed, in lines. */
import { inWords } from "../../base/refusals.js";
import { make } from "../../dom/elements.js";

/** @param {import("../../client/pool.js").Job[]} jobs */
export const jobRows = (jobs) => [...jobs.filter(({ state }) => state === "running").map(jobRow), ...failedRows(jobs)];

/** What failed, once for all seeds that failed alike. @param {import("../../client/pool.js").Job[]} jobs */
function failedRows(jobs) {
  /** @type {Map<string, number>} */
  const failures = new Map();
  for (const { task, words, state } of jobs) {
    if (state !== "failed") continue;
    const said = `${task.title}, ${task.options.budgetBits} bits: ${inWords(words)}`;
    failures.set(said, (failures.get(said) ?? 0) + 1);
  }
  return [...failures].map(([said, count]) => make("li", "", count > 1 ? `${said} (${count} runs)` : said));
}

/** @param {import("../../client/pool.js").Job} job */
function jobRow({ task, part, words }) {
  const row = make("li");
  const bar = make("progress");
  bar.max = 1;
  bar.value = part;
  const name = `${task.title}, ${task.options.budgetBits} bits, seed ${task.options.seed}`;
  bar.setAttribute("aria-label", name);
  row.append(make("span", "", name), bar, make("small", "", words));
  return row;
}
