/** A zip archive whose files are stored as they are: numbers of a network hardly become smaller. */

// 1 January 1980, the first day that the format knows: the same files make the same archive.
const DATE = 0x21;

/**
 * @param {{ name: string, bytes: Uint8Array }[]} files names in ASCII
 * @returns {Uint8Array}
 */
export function zip(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encoded = new TextEncoder().encode(name);
    const facts = [
      [2, 20], [2, 0], [2, 0], [2, 0], [2, DATE], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, encoded.length], [2, 0],
    ];
    const header = record(0x04034b50, facts, encoded);
    local.push(header, bytes);
    central.push(record(0x02014b50, [[2, 20], ...facts, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]], encoded));
    offset += header.length + bytes.length;
  }

  const size = central.reduce((sum, part) => sum + part.length, 0);
  const end = record(0x06054b50, [[2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]], new Uint8Array());
  const archive = new Uint8Array(offset + size + end.length);
  let at = 0;
  for (const part of [...local, ...central, end]) {
    archive.set(part, at);
    at += part.length;
  }

  return archive;
}

function record(signature, numbers, name) {
  const size = numbers.reduce((sum, [width]) => sum + width, 4);
  const bytes = new Uint8Array(size + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  let at = 4;
  for (const [width, value] of numbers) {
    if (width === 2) {
      view.setUint16(at, value, true);
    } else {
      view.setUint32(at, value, true);
    }

    at += width;
  }

  bytes.set(name, at);
  return bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) {
    n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  }

  return n;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  }

  return (crc ^ 0xffffffff) >>> 0;
}
