/** The element's types in the package are those of its source: `tsc` compares them. */
import type { QuantPlayground as Declared } from "../../pkg/element.js";
import type { QuantPlayground as Written } from "../../www/host/quant-playground.js";

/** What others can see of a class, without what all elements have and without events, which only the types name. */
type Own<T> = { [K in Exclude<keyof T, keyof HTMLElement> | "autoplay"]: K extends keyof T ? T[K] : never };
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile where its argument is not true. */
const holds = <T extends true>(value?: T) => value;

holds<Same<Own<Declared>, Own<Written>>>();
