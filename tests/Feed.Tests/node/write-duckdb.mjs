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

const nested = `SELECT
  CASE WHEN i % 7 = 0 THEN NULL ELSE {'a': i::INTEGER, 'b': CASE WHEN i % 3 = 0 THEN NULL ELSE 'b' || i END,
    's': CASE WHEN i % 4 = 0 THEN NULL ELSE {'x': i / 2, 'y': CASE WHEN i % 5 = 0 THEN NULL ELSE i % 2 = 0 END} END} END AS info,
  CASE WHEN i % 6 = 0 THEN NULL ELSE list_transform(range(i % 4), x -> CASE WHEN (x + i) % 5 = 4 THEN NULL ELSE
    {'role': CASE WHEN x % 2 = 0 THEN 'user' ELSE 'assistant' END,
     'content': CASE WHEN (x + i) % 7 = 6 THEN NULL ELSE 'é😀 ' || i || '.' || x END} END) END AS messages,
  CASE WHEN i % 5 = 0 THEN NULL ELSE list_transform(range(i % 3), x -> CASE WHEN (x + i) % 4 = 3 THEN NULL ELSE
    list_transform(range((x + i) % 3), y -> CASE WHEN y = 1 AND i % 2 = 0 THEN NULL ELSE (x * 10 + y)::INTEGER END) END) END AS matrix,
  list_transform(range(i % 3), x -> {'name': 'n' || x,
    'tags': CASE WHEN (i + x) % 3 = 0 THEN NULL ELSE list_transform(range((i + x) % 3), y -> 't' || y) END,
    'inner': {'scores': list_transform(range(x + 1), y -> y / 4)}}) AS deep`;
const integers = `SELECT (i - 100)::TINYINT AS i8, (i + 50)::UTINYINT AS u8, (i * 300 - 30000)::SMALLINT AS i16,
  (i * 300)::USMALLINT AS u16,
  (i * 20000000)::UINTEGER AS u32, i::UBIGINT * 90000000000000000::UBIGINT AS u64, [i::UTINYINT, NULL] AS list`;

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
  'nested-snappy': [nested, 200, 'COMPRESSION snappy'],
  'nested-gzip': [nested, 5000, 'COMPRESSION gzip, ROW_GROUP_SIZE 2048'],
  'integers': [integers, 200, 'COMPRESSION snappy'],
  'map': ["SELECT map {'a': 1, 'b': 2} AS pairs", 3, 'COMPRESSION snappy'],
};

for (const [name, [select, rows, options]] of Object.entries(files)) {
  await connection.run(`CREATE OR REPLACE TABLE t AS ${select} FROM range(${rows}) r(i)`);
  await connection.run(`COPY t TO '${join(folder, `${name}.parquet`)}' (FORMAT parquet, ${options})`);
  if (name === 'zstd' || name === 'map') continue;
  const reader = await connection.runAndReadAll('SELECT * FROM t');
  const columns = reader.getColumns();
  const table = Object.fromEntries(reader.columnNames().map((column, i) => [column, columns[i].map(cell)]));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(table));
}
