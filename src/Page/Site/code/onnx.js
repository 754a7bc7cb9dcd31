/**
 * Puts parameters into an ONNX file. A protobuf message that stands twice in its parent is merged, and what is repeated in it is joined:
 * a second graph behind the file, with nothing but initializers, adds these to the first.
 */

const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 };
const FLOAT = 1;

/**
 * @param {Uint8Array} model a file whose parameters are inputs of its graph
 * @param {{ name: string, dims: number[], data: Float32Array }[]} parameters those that are to have their values in the file
 * @returns {Uint8Array} the file with them as initializers
 */
export function withInitializers(model, parameters) {
  const initializers = parameters.map(({ name, dims, data }) => {
    const values = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = [
      ...dims.map((dim) => [tag(TENSOR.dims, 0), varint(dim)]).flat(),
      tag(TENSOR.dataType, 0), varint(FLOAT),
      ...delimited(TENSOR.name, new TextEncoder().encode(name)),
      ...delimited(TENSOR.rawData, values),
    ];
    return [...header(GRAPH_INITIALIZER, sizeOf(tensor)), ...tensor];
  }).flat();
  return initializers.length === 0 ? model : joined([model, ...header(MODEL_GRAPH, sizeOf(initializers)), ...initializers]);
}

function delimited(field, bytes) {
  return [...header(field, bytes.length), bytes];
}

function header(field, length) {
  return [tag(field, 2), varint(length)];
}

function tag(field, wire) {
  return varint(field * 8 + wire);
}

// Seven bits a byte, least first; not by shifts, which have 32 bits.
function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) {
    bytes.push((value % 128) + 128);
  }

  return Uint8Array.of(...bytes, value);
}

function sizeOf(parts) {
  return parts.reduce((size, part) => size + part.length, 0);
}

function joined(parts) {
  const bytes = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }

  return bytes;
}
