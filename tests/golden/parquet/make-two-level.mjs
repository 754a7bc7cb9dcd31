// Makes two-level-*.parquet, lists in the form of older writers: arrow-rs writes standard lists of items that cannot be null, whose levels
// are the same, and the footer is written anew with the repeated node as the item; in two-level-bare.parquet without a group around it.
//   npm install --no-save --no-package-lock apache-arrow@21.2.0 parquet-wasm@0.8.0 hyparquet-writer@0.17.0 && node make-two-level.mjs
import fs from 'node:fs';
import { Field, Int32, List, Schema, Struct, Table as ArrowTable, Utf8, tableToIPC, vectorFromArray } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { Compression, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import { provenance } from './provenance.mjs';

function make(name, item, rows, bare = false) {
  const type = new List(new Field('item', item, false));
  const columns = { list: vectorFromArray(rows, type), last: vectorFromArray(rows.map((_, i) => `row ${i}`), new Utf8()) };
  const table = new ArrowTable(new Schema([new Field('list', type, !bare), new Field('last', new Utf8(), true)]), columns);
  const properties = new WriterPropertiesBuilder().setCompression(Compression.UNCOMPRESSED).build();
  const bytes = Uint8Array.from(writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties));
  const footer = parquetMetadata(bytes.buffer);
  footer.schema = footer.schema.filter((node, i) => i !== 2 && !(bare && i === 1))
    .map(node => (node.name === 'item' ? { ...node, name: 'array', repetition_type: 'REPEATED' } : node));
  for (const column of footer.row_groups.flatMap(group => group.columns)) {
    const [root, , , ...below] = column.meta_data.path_in_schema;
    column.meta_data.path_in_schema = root !== 'list' ? [root] : bare ? ['array'] : [root, 'array', ...below];
    delete column.meta_data.statistics;
  }
  const writer = new ByteWriter();
  writer.appendBytes(bytes.subarray(0, bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true)));
  writeMetadata(writer, footer);
  fs.writeFileSync(`two-level-${name}.parquet`, Buffer.concat([Buffer.from(writer.getBuffer()), Buffer.from('PAR1')]));
}

const text = name => new Field(name, new Utf8(), true);
make('values', new Int32(), [[1, 2], [], null, [3]]);
make('bare', new Int32(), [[1, 2], [], [3]], true);
make('structs', new Struct([text('role'), text('content')]), [[{ role: 'a', content: 'b' }, { role: 'c', content: null }], [], null]);
make('one-member', new Struct([text('role')]), [[{ role: 'a' }, { role: null }], [], null]);
provenance('make-two-level.mjs', 'two-level-*.parquet: lists of values, of structs and of structs with one member in the form of older '
  + 'writers; bare: without a group around the values; the column last holds row 0, row 1, …',
  ['apache-arrow@21.2.0', 'parquet-wasm@0.8.0', 'hyparquet-writer@0.17.0']);
