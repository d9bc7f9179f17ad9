/** What arguments are, and how they are shown in errors. */

/** Samples as floats. @param {unknown} x */
export function floats(x) {
  if (x instanceof Float32Array) return x;
  if (Array.isArray(x) && x.every((v) => typeof v === "number")) return Float32Array.from(x);
  throw new Error(`x of predict: expected a Float32Array or an array of numbers, got ${show(x)}`);
}

/** A value as errors show it. @param {unknown} value */
export function show(value) {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return "an array";
  return value && typeof value === "object" ? "an object" : String(value);
}

/** Throws where options are no object of names and values. @param {unknown} options */
export function checkOptions(options) {
  const prototype = options && typeof options === "object" ? Object.getPrototypeOf(options) : undefined;
  if (prototype === null || prototype === Object.prototype) return;
  throw new Error(`options of createSession: expected an object of names and values, got ${show(options)}`);
}

/** Options as the engine takes them; those that are null or undefined have their default. @param {object} options */
export function plain(options) {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of given) {
    if (!["string", "number", "boolean"].includes(typeof value)) throw new Error(`option "${name}": expected a string, a number or a boolean, got ${show(value)}`);
  }
  return { names: given.map(([name]) => name), values: given.map(([, value]) => value) };
}

/** A file that could not be had, or that is damaged: another try may bring it. @param {string} message @param {unknown} [cause] */
export const loadError = (message, cause) => Object.assign(new Error(message, { cause }), { name: "LoadError" });
