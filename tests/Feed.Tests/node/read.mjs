// usage: node read.mjs FILE.parquet - prints its columns and metadata, as hyparquet reads them, as JSON.
import { gunzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { cell } from './cell.mjs';

const file = await asyncBufferFromFile(process.argv[2]);
const metadata = await parquetMetadataAsync(file);
// utf8: false keeps byte columns apart from texts.
const rows = await parquetReadObjects({ file, metadata, utf8: false, compressors: { GZIP: gunzipSync } });
const names = metadata.schema[0].num_children ? topLevelNames(metadata.schema) : [];
const columns = Object.fromEntries(names.map(name => [name, rows.map(row => cell(row[name]))]));
const pairs = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]));
console.log(JSON.stringify({ columns, metadata: pairs, rowGroups: metadata.row_groups.map(group => Number(group.num_rows)) }));

function topLevelNames(schema) {
  const names = [];
  let at = 1;
  const skip = () => {
    let children = schema[at++].num_children ?? 0;
    for (; children > 0; children--) skip();
  };
  while (at < schema.length) {
    names.push(schema[at].name);
    skip();
  }
  return names;
}
