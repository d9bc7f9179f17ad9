/** What the engine refuses, in the page's words, and what would help. */

/** What would help: a button's title, and the options to change. @typedef {{ title: string, changes: Record<string, number> }} Remedy */

/** Options by the names that their controls bear; all others bear their own. */
const LABELS = /** @type {Record<string, string>} */ ({
  data: "Data", model: "Model", method: "Method", weightBits: "Weight bits", activationBits: "Activation bits", budgetBits: "Budget",
  activationBudgetBits: "Activation budget", epochs: "Epochs", seed: "Seed",
});
/** Budgets that can be raised, by the steps of their sliders. */
const BUDGETS = /** @type {Record<string, { name: string, steps: number }>} */ ({
  budgetBits: { name: "budget", steps: 10 },
  activationBudgetBits: { name: "activation budget", steps: 4 },
});

/** @param {string} text as the engine says it */
export const inWords = (text) => text
  .replace(/^option "(\w+)":/, (_, name) => `${LABELS[name] ?? name}:`)
  .replace(/, got NaN$/, ", got nothing");

/** A budget that is out of reach can be raised to what fits. @param {string} text as the engine says it @returns {Remedy | null} */
export function remedyOf(text) {
  const [, option = "", least = ""] = /^option "(\w+)": expected at least ([\d.]+) for this network/.exec(text) ?? [];
  const budget = BUDGETS[option];
  if (!budget) return null;
  // The number printed is rounded up: it is one that works.
  const value = Math.ceil(Number((Number(least) * budget.steps).toFixed(6))) / budget.steps;
  return { title: `Raise the ${budget.name} to ${value}`, changes: { [option]: value } };
}
