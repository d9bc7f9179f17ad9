/** A field of a CSV file. @param {unknown} value */
export const field = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
