// usage: node write-arrow.mjs FOLDER - lets arrow-rs write Parquet files of many small pages, and beside each the cells that it wrote as JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Bool, Field, Float16, Float32, Int32, List, Schema, Struct, Table as ArrowTable, Utf8, tableToIPC, vectorFromArray,
} from 'apache-arrow';
import { Compression, Encoding, Table, WriterPropertiesBuilder, WriterVersion, writeParquet } from 'parquet-wasm';
import { cell } from './cell.mjs';

const folder = process.argv[2];
const rows = 3000;
const each = make => Array.from({ length: rows }, (_, i) => make(i));
const columns = {
  flag: [each(i => i % 3 === 0), new Bool()],
  // Few values at first, then ever new ones: the writer gives its dictionary up in the middle.
  text: [each(i => (i % 10 === 0 ? null : i < 1000 ? `label ${i % 7}` : `text ${i} ${'é'.repeat(i % 20)}`)), new Utf8()],
  number: [each(i => (i * 7919) % 1000), new Int32()],
  ids: [each(i => (i % 6 === 0 ? null : Array.from({ length: i % 9 }, (_, k) => k * i))), new List(new Field('element', new Int32(), true))],
  token_logps: [each(i => Array.from({ length: i % 4 }, (_, k) => Math.fround(-k / (i + 1)))), new List(new Field('element', new Float32(), true))],
};
// Lists that are required, of structs that are required, of members that are and are not.
const message = new Struct([
  new Field('role', new Utf8(), false), new Field('content', new Utf8(), true),
  new Field('marks', new List(new Field('item', new Int32(), false)), true),
]);
const nested = {
  messages: [each(i => Array.from({ length: i % 4 }, (_, k) => ({
    role: k % 2 ? 'assistant' : 'user', content: (i + k) % 7 ? `é😀 ${i}.${k}` : null,
    marks: (i + k) % 5 ? Array.from({ length: (i + k) % 3 }, (_, n) => n - i) : null,
  }))), new List(new Field('item', message, false)), false],
  outer: [each(i => (i % 9 ? {
    flag: i % 4 ? i % 3 === 0 : null, ids: i % 5 ? [[i, i + 1], [], i % 2 ? null : [7]].slice(0, i % 4) : null,
  } : null)), new Struct([
    new Field('flag', new Bool(), true),
    new Field('ids', new List(new Field('item', new List(new Field('item', new Int32(), true)), true)), true),
  ])],
};

const small = () => new WriterPropertiesBuilder().setDataPageSizeLimit(1000).setDictionaryPageSizeLimit(2000).setWriteBatchSize(64);
const version2 = () => small().setCompression(Compression.SNAPPY).setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false);
const files = {
  'pages-plain': [columns, small().setDictionaryEnabled(false).setCompression(Compression.UNCOMPRESSED)],
  'pages-snappy': [columns, small().setCompression(Compression.SNAPPY)],
  'pages-gzip': [columns, small().setCompression(Compression.GZIP).setMaxRowGroupSize(1100)],
  'pages-version-2': [columns, version2().setEncoding(Encoding.PLAIN)],
  'nested-pages': [nested, small().setCompression(Compression.SNAPPY).setMaxRowGroupSize(1100)],
  'nested-version-2': [nested, version2().setEncoding(Encoding.PLAIN)],
  'booleans-version-2': [{ flag: columns.flag }, version2()],
  'float16': [{ half: [each(i => i), new Float16()] }, small()],
};
for (const [name, [contents, properties]] of Object.entries(files)) {
  const vectors = Object.entries(contents).map(([column, [values, type]]) => [column, vectorFromArray(values, type)]);
  const fields = Object.entries(contents).map(([column, [, type, nullable]]) => new Field(column, type, nullable ?? true));
  const table = new ArrowTable(new Schema(fields), Object.fromEntries(vectors));
  writeFileSync(join(folder, `${name}.parquet`), writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties.build()));
  const cells = Object.fromEntries(Object.entries(contents).map(([column, [values]]) => [column, values.map(cell)]));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(cells));
}
