/** Models of others: bytes are unpacked here and read by the engine. */
import { unpack } from "./files.js";

/**
 * Reads an ONNX file with the module of an engine; see `Engine.importModel` in index.d.ts.
 * @param {any} module
 * @param {import("./index.js").FileLike} model
 * @param {{ name?: string }} options
 * @returns {Promise<import("./index.js").ImportedModel>}
 */
export async function importModel(module, model, options) {
  const [unknown] = Object.keys(options).filter((key) => key !== "name");
  if (unknown) throw new Error(`unknown option "${unknown}" of importModel: expected name`);
  const file = await unpack(model, options.name ?? "the model");
  const name = options.name ?? file.name;
  const { error, unsupported, ...read } = module.importModel(name, file.bytes);
  if (unsupported) throw Object.assign(new Error(error), { unsupported });
  return { ...read, name, bytes: file.bytes };
}
