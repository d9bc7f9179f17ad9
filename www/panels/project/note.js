/** The note in a project file: what was chosen, and the curves. */
import { COURSE_LISTS, History, LISTS } from "../../plots/history.js";

/** @typedef {import("../../../pkg/index.js").SessionOptions} Options */

/** Points of each curve in a file. */
const MOST_POINTS = 300;

/** Seven digits, which is what a float holds. @param {number | null} value */
const rounded = (value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(7)));

/**
 * What was chosen, in names and numbers: own data and an own model are in the session's part of the file.
 * @param {Options} chosen @returns {Options}
 */
export const plain = (chosen) => Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, typeof value === "object" && value !== null ? "own" : value]));

/** The note of a file: what was chosen, and the curves. @param {Options} chosen @param {History} history */
export function packNote(chosen, history) {
  const last = history.steps.length - 1;
  const stride = Math.ceil((last + 1) / MOST_POINTS);
  const thin = (/** @type {(number | null)[]} */ list) => list.filter((_, index) => index % stride === 0 || index === last).map(rounded);
  const lists = LISTS.map((name) => thin(history[name]));
  const courses = history.courses.map(({ name, layer, role, ...course }) => ({ name, layer, role, lists: COURSE_LISTS.map((key) => thin(course[key])) }));
  return JSON.stringify({ chosen: plain(chosen), lists, courses });
}

/**
 * What `packNote` made a text of; null for a text of another kind: the file was not saved by this page.
 * @param {string} note
 * @returns {{ chosen: Options, history: History } | null}
 */
export function unpackNote(note) {
  try {
    const { chosen, lists, courses } = JSON.parse(note);
    const points = lists[0].length;
    const sound = (/** @type {any} */ list) => Array.isArray(list) && list.length === points && list.every((value) => value === null || Number.isFinite(value));
    const whole = (/** @type {any} */ found, /** @type {readonly string[]} */ names) => found.length === names.length && found.every(sound);
    const history = new History();
    if (!whole(lists, LISTS) || Object.values(chosen).some((value) => !["string", "number", "boolean"].includes(typeof value))) return null;
    LISTS.forEach((name, index) => (history[name] = lists[index]));
    for (const { name, layer, role, lists: own } of courses) {
      if (!whole(own, COURSE_LISTS) || !Number.isInteger(layer) || !["weight", "activation"].includes(role)) return null;
      const course = history.addCourse(String(name), layer, role);
      COURSE_LISTS.forEach((key, index) => (course[key] = own[index].map((/** @type {number | null} */ value) => value ?? NaN)));
    }
    return { chosen, history };
  } catch {
    return null;
  }
}
