/** Types of binaries.js, which imports what is built and therefore not always there. */
export function placeOf(name: string): URL;
export function instantiate(name: string, read: (url: URL, name: string) => Promise<any>): Promise<any>;
