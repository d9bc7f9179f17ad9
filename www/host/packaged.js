/** <quant-playground> of the npm package: texts are in its modules, and binaries lie where bundlers have put them. */
import { placeOf } from "../../pkg/binaries.js";
import { takeFilesFrom } from "../base/files.js";
export { QuantPlayground } from "./quant-playground.js";

takeFilesFrom(async (name) => {
  const { TEXTS } = await import("./packaged-texts.js");
  return name in TEXTS ? new Response(TEXTS[name]) : fetch(placeOf(name));
}, () => null);
