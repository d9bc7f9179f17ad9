/** ONNX models of one product y = x·W, made with onnx-proto: float, int8 and 4-bit blocks. */
// @ts-ignore: installed by `make bench-peers` alone
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
const { FLOAT, INT8, UINT8, INT32 } = onnx.TensorProto.DataType;

/** Numbers that repeat run after run. @param {number} count @param {(index: number) => number} make */
const fill = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** @param {string} name @param {number} dataType @param {number[]} dims @param {ArrayBufferView} data */
const tensor = (name, dataType, dims, data) => ({ name, dataType, dims, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });

/** @param {string} name @param {number} elemType @param {number[]} dims */
const value = (name, elemType, dims) => ({
  name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
});

/**
 * @param {object[]} node @param {object[]} initializer @param {number} rows @param {number} columns @param {number} out
 * @returns {Uint8Array}
 */
function model(node, initializer, rows, columns, out) {
  const graph = {
    name: "product", node, initializer,
    input: [value("x", FLOAT, [1, columns])],
    output: [value("y", out, [1, rows])],
  };
  const opsetImport = [{ domain: "", version: 17 }, { domain: "com.microsoft", version: 1 }];
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport, graph }).finish();
}

/** @param {number} rows @param {number} columns */
export function floatModel(rows, columns) {
  const weights = Float32Array.from(fill(rows * columns, (i) => ((i * 7919) % 2001) / 1000 - 1));
  const node = [{ opType: "MatMul", input: ["x", "w"], output: ["y"] }];
  return model(node, [tensor("w", FLOAT, [columns, rows], weights)], rows, columns, FLOAT);
}

/** x is quantized inside, as ours is. @param {number} rows @param {number} columns */
export function int8Model(rows, columns) {
  const weights = Int8Array.from(fill(rows * columns, (i) => ((i * 7919) % 255) - 127));
  const node = [
    { opType: "DynamicQuantizeLinear", input: ["x"], output: ["xq", "scale", "zero"] },
    { opType: "MatMulInteger", input: ["xq", "w", "zero"], output: ["y"] },
  ];
  return model(node, [tensor("w", INT8, [columns, rows], weights)], rows, columns, INT32);
}

/** Blocks of 32 weights with a scale each. @param {number} rows @param {number} columns */
export function fourBitModel(rows, columns) {
  const blocks = columns / 32;
  const codes = Uint8Array.from(fill(rows * blocks * 16, (i) => (i * 7919) % 256));
  const scales = Float32Array.from(fill(rows * blocks, () => 0.1));
  const attribute = Object.entries({ K: columns, N: rows, bits: 4, block_size: 32, accuracy_level: 4 }).map(([name, i]) => ({ name, i, type: onnx.AttributeProto.AttributeType.INT }));
  const node = [{ opType: "MatMulNBits", domain: "com.microsoft", input: ["x", "w", "scales"], output: ["y"], attribute }];
  const initializer = [tensor("w", UINT8, [rows, blocks, 16], codes), tensor("scales", FLOAT, [rows * blocks], scales)];
  return model(node, initializer, rows, columns, FLOAT);
}
