/**
 * A checkpoint of ONNX Runtime's on-device training: a FlatBuffer "ODTC" of version 2 with its data inside. It is read by walking its
 * tables, and written by putting new values where the old ones lie.
 *
 * @typedef {{ name: string, dims: number[], data: Float32Array, at: number }} Parameter `at` is where its bytes begin in the file
 */

const FLOAT = 1;

/**
 * @param {Uint8Array} bytes
 * @returns {{ trainable: Parameter[], frozen: Parameter[] }} in the order of the file
 */
export function readCheckpoint(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8 || String.fromCharCode(...bytes.subarray(4, 8)) !== "ODTC") {
    throw new Error("The checkpoint is damaged: it does not begin as one of ONNX Runtime's training does ('ODTC').");
  }

  const root = new Table(view, view.getUint32(0, true));
  const version = root.int32(0);
  if (version !== 2) {
    throw new Error(`The checkpoint is of version ${version}; this page reads version 2, that of ONNX Runtime 1.18 and 1.19.`);
  }

  const state = root.table(1);
  if (state.bool(3)) {
    throw new Error("The checkpoint has its data in another file, which a browser's runtime does not read.");
  }

  return { trainable: state.tables(0).map(parameter), frozen: state.tables(1).map(parameter) };
}

/**
 * The file with other values of what trains.
 *
 * @param {Uint8Array} bytes a checkpoint
 * @param {Map<string, Float32Array>} values by name, of every trainable parameter
 */
export function withValues(bytes, values) {
  const copy = bytes.slice();
  for (const { name, data, at } of readCheckpoint(bytes).trainable) {
    const value = values.get(name);
    if (value?.length !== data.length) {
      throw new Error(`The checkpoint has ${data.length} numbers for '${name}', and ${value?.length ?? 0} are to be written.`);
    }

    copy.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), at);
  }

  return copy;
}

function parameter(tensor) {
  const name = tensor.string(0);
  if (tensor.int32(3) !== FLOAT) {
    throw new Error(`The checkpoint's parameter '${name}' is not float32, which this page takes alone.`);
  }

  const dims = tensor.longs(2);
  const { at, length } = tensor.vector(4);
  const bytes = new Uint8Array(tensor.view.buffer, tensor.view.byteOffset + at, length);
  // Copied: a file's data is aligned to 4 bytes within the file, and the file need not be in memory.
  return { name, dims, data: new Float32Array(bytes.slice().buffer), at };
}

/** A table of a FlatBuffer: a signed offset back to its list of fields, each of which is an offset from the table, 0 where absent. */
class Table {
  constructor(view, at) {
    this.view = view;
    this.at = at;
  }

  field(id) {
    const fields = this.at - this.view.getInt32(this.at, true);
    const entry = 4 + 2 * id;
    const offset = entry < this.view.getUint16(fields, true) ? this.view.getUint16(fields + entry, true) : 0;
    return offset === 0 ? null : this.at + offset;
  }

  int32(id) {
    const at = this.field(id);
    return at === null ? 0 : this.view.getInt32(at, true);
  }

  bool(id) {
    const at = this.field(id);
    return at !== null && this.view.getUint8(at) !== 0;
  }

  target(id) {
    const at = this.field(id);
    if (at === null) {
      throw new Error(`The checkpoint is damaged: a table at byte ${this.at} lacks its field ${id}.`);
    }

    return at + this.view.getUint32(at, true);
  }

  table(id) {
    return new Table(this.view, this.target(id));
  }

  vector(id) {
    const at = this.target(id);
    return { at: at + 4, length: this.view.getUint32(at, true) };
  }

  tables(id) {
    const { at, length } = this.vector(id);
    return Array.from({ length }, (_, i) => new Table(this.view, at + 4 * i + this.view.getUint32(at + 4 * i, true)));
  }

  longs(id) {
    const { at, length } = this.vector(id);
    return Array.from({ length }, (_, i) => Number(this.view.getBigInt64(at + 8 * i, true)));
  }

  string(id) {
    const { at, length } = this.vector(id);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + at, length));
  }
}
