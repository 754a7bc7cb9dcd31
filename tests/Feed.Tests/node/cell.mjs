// A value as JSON that C# writes alike (ParquetFiles/Cell.cs): numbers by the bits of their double, 64-bit integers in decimal,
// bytes in hexadecimal; structs as objects, whether JavaScript's own or DuckDB's.
export function cell(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Number.isNaN(value) ? 'nan' : bits(value);
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(cell);
  if (Array.isArray(value.items)) return value.items.map(cell);
  if (value.bytes instanceof Uint8Array) return cell(value.bytes);
  const members = value.entries ?? value;
  if (members.constructor === Object) return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, cell(member)]));
  throw new Error(`no cell is a ${value.constructor.name}`);
}

function bits(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
