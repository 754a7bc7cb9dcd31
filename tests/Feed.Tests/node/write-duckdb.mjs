// usage: node write-duckdb.mjs FOLDER - lets DuckDB write Parquet files, and beside each the cells that it wrote, from memory, as JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { cell } from './cell.mjs';

const folder = process.argv[2];
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();

const flat = `SELECT
  i % 3 = 0 AS flag, i::INTEGER - 50 AS count, (i * 10000000000)::BIGINT AS big, (i / 7)::FLOAT AS loss,
  CASE WHEN i % 5 = 0 THEN NULL WHEN i % 11 = 0 THEN 'nan'::DOUBLE WHEN i % 13 = 0 THEN '-inf'::DOUBLE ELSE i / 3 END AS logps,
  'word ' || (i % 7) AS repeated, CASE WHEN i % 4 = 0 THEN NULL ELSE 'naïve 日本 😀 ' || hash(i) END AS text,
  CASE WHEN i % 9 = 0 THEN NULL ELSE ('\\xFF\\x00' || i)::BLOB END AS raw`;
const lists = `SELECT
  CASE WHEN i % 6 = 0 THEN NULL ELSE list_transform(range(i % 5), x -> (x * i)::INTEGER) END AS ids,
  CASE WHEN i % 8 = 0 THEN NULL ELSE list_transform(range(i % 4), x -> (-x / 3)::FLOAT) END AS token_logps,
  CASE WHEN i % 7 = 0 THEN NULL ELSE list_transform(range(i % 3), x -> CASE WHEN x = 1 THEN NULL ELSE 'é' || (i % 10) END) END AS words`;

const files = {
  'flat-plain': [flat, 200, "COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 0"],
  'flat-snappy': [flat, 200, 'COMPRESSION snappy'],
  'flat-gzip': [flat, 200, 'COMPRESSION gzip'],
  'lists-plain': [lists, 200, 'COMPRESSION uncompressed'],
  'lists-snappy': [lists, 200, 'COMPRESSION snappy'],
  'row-groups': [`${flat}, ${lists.slice('SELECT'.length)}`, 5000, 'COMPRESSION snappy, ROW_GROUP_SIZE 2048'],
  'dictionary': ["SELECT 'label ' || (i % 40) AS label, (i % 40)::INTEGER AS number, [i % 3, i % 5]::INTEGER[] AS list", 5000, 'COMPRESSION snappy'],
  'version-2': ["SELECT i::INTEGER AS plain, 'label ' || (i % 40) AS label", 200, 'COMPRESSION snappy, PARQUET_VERSION v2'],
  'zstd': ['SELECT i::INTEGER AS number', 10, 'COMPRESSION zstd'],
  'struct': ["SELECT {'role': 'user', 'content': 'hello'} AS message", 3, 'COMPRESSION snappy'],
};

for (const [name, [select, rows, options]] of Object.entries(files)) {
  await connection.run(`CREATE OR REPLACE TABLE t AS ${select} FROM range(${rows}) r(i)`);
  await connection.run(`COPY t TO '${join(folder, `${name}.parquet`)}' (FORMAT parquet, ${options})`);
  if (name === 'zstd' || name === 'struct') continue;
  const reader = await connection.runAndReadAll('SELECT * FROM t');
  const columns = reader.getColumns();
  const table = Object.fromEntries(reader.columnNames().map((column, i) => [column, columns[i].map(cell)]));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(table));
}
