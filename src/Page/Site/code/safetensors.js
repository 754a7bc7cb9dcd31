/**
 * The bytes of a safetensors file of float32 tensors.
 *
 * @param {{ name: string, dims: number[], data: Float32Array }[]} tensors
 */
export function safetensors(tensors) {
  let end = 0;
  const header = { __metadata__: { format: "pt" } };
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, dims, data } of sorted) {
    header[name] = { dtype: "F32", shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }

  const text = JSON.stringify(header);
  // Spaces, so that the data begins at a multiple of eight.
  const json = new TextEncoder().encode(text.padEnd(text.length + ((8 - (new TextEncoder().encode(text).length % 8)) % 8)));
  const bytes = new Uint8Array(8 + json.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }

  return bytes;
}
