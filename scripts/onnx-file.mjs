/** ONNX files made without Python, for the bench and for tests: an MLP of any size, in the protocol buffer's own words. */

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** @param {number} field @param {number} value */
const number = (field, value) => Uint8Array.from([...varint(field * 8), ...varint(value)]);

/** @param {number} field @param {Uint8Array[]} parts */
function block(field, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]), ...parts]);
}

/** @param {number} field @param {string} value */
const text = (field, value) => block(field, new TextEncoder().encode(value));

/** @param {Uint8Array[]} parts */
function concat(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {string} name @param {number[]} sizes */
function value(name, sizes) {
  const dims = [text(2, "batch"), ...sizes.map((size) => number(1, size))].map((dim) => block(1, dim));
  return concat([text(1, name), block(2, block(1, number(1, 1), block(2, ...dims)))]);
}

/** @param {string} name @param {number[]} sizes */
function tensor(name, sizes) {
  const floats = new Float32Array(sizes.reduce((product, size) => product * size, 1));
  // Any weights do; these stay small and differ.
  for (let i = 0; i < floats.length; i++) floats[i] = (((i * 7919) % 1009) / 1009 - 0.5) / Math.sqrt(sizes[sizes.length - 1]);
  return concat([...sizes.map((size) => number(1, size)), number(2, 1), text(8, name), block(9, new Uint8Array(floats.buffer))]);
}

/**
 * An MLP with ReLUs between dense layers of these widths; the first is the input's. Four bytes a weight.
 * @param {number[]} widths
 */
export function mlpOnnx(widths) {
  const nodes = [];
  const tensors = [];
  let from = "x";
  for (let layer = 1; layer < widths.length; layer++) {
    const last = layer + 1 === widths.length;
    const to = last ? "y" : `sum${layer}`;
    const transposed = block(5, text(1, "transB"), number(3, 1), number(20, 2));
    nodes.push(block(1, text(1, from), text(1, `fc${layer}.weight`), text(1, `fc${layer}.bias`), text(2, to), text(3, `fc${layer}`), text(4, "Gemm"), transposed));
    tensors.push(block(5, tensor(`fc${layer}.weight`, [widths[layer], widths[layer - 1]])), block(5, tensor(`fc${layer}.bias`, [widths[layer]])));
    if (!last) nodes.push(block(1, text(1, to), text(2, `relu${layer}`), text(3, `act${layer}`), text(4, "Relu")));
    from = `relu${layer}`;
  }
  const graph = [...nodes, text(2, "mlp"), ...tensors, block(11, value("x", [widths[0]])), block(12, value("y", [widths[widths.length - 1]]))];
  return concat([number(1, 8), block(7, ...graph), block(8, number(2, 17))]);
}
