// usage: node write-arrow.mjs FOLDER - lets arrow-rs write Parquet files of many small pages, and beside each the cells that it wrote as JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bool, Field, Float32, Int32, List, Table as ArrowTable, Utf8, tableToIPC, vectorFromArray } from 'apache-arrow';
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
const table = new ArrowTable(Object.fromEntries(Object.entries(columns).map(([name, [values, type]]) => [name, vectorFromArray(values, type)])));
const cells = Object.fromEntries(Object.entries(columns).map(([name, [values]]) => [name, values.map(cell)]));

const small = () => new WriterPropertiesBuilder().setDataPageSizeLimit(1000).setDictionaryPageSizeLimit(2000).setWriteBatchSize(64);
const files = {
  'pages-plain': small().setDictionaryEnabled(false).setCompression(Compression.UNCOMPRESSED),
  'pages-snappy': small().setCompression(Compression.SNAPPY),
  'pages-gzip': small().setCompression(Compression.GZIP).setMaxRowGroupSize(1100),
  'pages-version-2': small().setCompression(Compression.SNAPPY).setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false)
    .setEncoding(Encoding.PLAIN),
};
for (const [name, properties] of Object.entries(files)) {
  const bytes = writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties.build());
  writeFileSync(join(folder, `${name}.parquet`), bytes);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(cells));
}
