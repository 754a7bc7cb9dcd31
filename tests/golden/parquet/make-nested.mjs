// Makes the nested files of this folder, each with its rows as JSON Lines beside it:
//   npm install --no-save --no-package-lock @duckdb/node-api@1.5.6-r.1 apache-arrow@21.2.0 parquet-wasm@0.8.0 hyparquet-writer@0.17.0
//   node make-nested.mjs
import fs from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { Bool, Field, Float16, Float64, List, Schema, Struct, Table as ArrowTable, Utf8, tableToIPC, vectorFromArray } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Compression, Table, WriterPropertiesBuilder, WriterVersion, writeParquet } from 'parquet-wasm';
import { provenance } from './provenance.mjs';

const save = (name, rows) => fs.writeFileSync(`${name}.jsonl`, rows.map(row => JSON.stringify(row) + '\n').join(''));
const rows = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const message = (role, content) => ({ content, role });

// HuggingFaceH4/ultrafeedback_binarized, as to columns and types; `messages` is no part of a pair, so that it can be null and empty.
const feedback = rows(60, i => {
  const prompt = `Question ${i}: “${'é日😀'.repeat(i % 3)}”?\n`;
  const more = i % 4 === 3 ? [message('assistant', `Which ${i}?`), message('user', 'That.')] : [];
  const before = [message('user', prompt), ...more];
  const chosen = [...before, message('assistant', `Answer ${i}`)];
  return {
    prompt, prompt_id: `id-${i}`, chosen, rejected: [...before, message('assistant', i % 7 ? 'No' : '')],
    messages: i % 5 === 0 ? null : i % 5 === 1 ? [] : i % 5 === 2 ? [null, message('user', null)] : chosen,
    score_chosen: i / 8, score_rejected: i % 6 ? 1.5 : null,
  };
});
save('ultrafeedback', feedback);

const member = name => new Field(name, new Utf8(), true);
const messages = new List(new Field('item', new Struct([member('content'), member('role')]), true));
const types = {
  prompt: new Utf8(), prompt_id: new Utf8(), chosen: messages, rejected: messages, messages,
  score_chosen: new Float64(), score_rejected: new Float64(),
};
const vectors = Object.entries(types).map(([name, type]) => [name, vectorFromArray(feedback.map(row => row[name]), type)]);
const schema = new Schema(Object.entries(types).map(([name, type]) => new Field(name, type, true)));
const table = new ArrowTable(schema, Object.fromEntries(vectors));
const properties = new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).setMaxRowGroupSize(25).setDataPageSizeLimit(400)
  .setWriteBatchSize(8).build();
fs.writeFileSync('ultrafeedback-arrow.parquet', writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties));

// hyparquet-writer writes pages of version 2.
const text = name => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' });
const list = name => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 }, text('content'), text('role'),
];
fs.writeFileSync('ultrafeedback-version-2.parquet', Buffer.from(parquetWriteBuffer({
  schema: [{ name: 'root', num_children: 2 }, ...list('chosen'), ...list('rejected')],
  columnData: ['chosen', 'rejected'].map(name => ({ name, data: feedback.map(row => row[name]) })),
})));

// Stanford Human Preferences.
save('human-preferences', rows(12, i => ({
  post_id: `p${i}`, domain: 'askculinary_test', upvote_ratio: 0.97, history: `How long do I cook ${i} eggs?`,
  c_root_id_A: `a${i}`, c_root_id_B: `b${i}`,
  created_at_utc_A: 1636953184 + i, created_at_utc_B: 1636957264, score_A: i + 3, score_B: i + 2,
  human_ref_A: `${i} minutes.`, human_ref_B: 'Until done – really.',
  labels: i % 2, seconds_difference: -4080, score_ratio: (i + 3) / (i + 2),
})));

// OpenAI's summary comparisons: posts of a forum, and articles, whose other members are null.
save('summaries', rows(12, i => ({
  info: i % 3 === 2
    ? { id: `c${i}`, post: null, title: null, subreddit: null, site: 'dailymail', article: `Article ${i} – naïve.` }
    : { id: `t3_${i}`, post: `My cat ${i} sings.`, title: `Cat ${i}`, subreddit: 'cats', site: null, article: null },
  summaries: [{ text: ` A cat sings ${i}.`, policy: 'sup1', note: i % 2 ? 'short' : null }, { text: ' Cats.', policy: 'ref', note: null }],
  choice: i % 2, worker: 'w', batch: 'batch3', split: 'train', extra: i % 4 ? { confidence: i } : { confidence: null },
})));

// TRL's preferences with calls of tools. A JSON row has only the members that say something; in Parquet every struct has every member.
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
save('tools', rows(6, i => ({
  prompt: [{ role: 'user', content: `Weather in city ${i}?` }],
  chosen: i % 2
    ? [{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'weather', arguments: { city: `city ${i}` } } }] }]
    : [{ role: 'assistant', content: `Sunny ${i}.` }],
  rejected: [{ role: 'assistant', content: 'No.' }],
  tools: [
    { type: 'function', function: { name: 'weather', description: 'Says the weather.', parameters: city } },
    { type: 'function', function: { name: 'stop', parameters: { type: 'object' } } },
  ],
})));

// What is read of a struct with members of every kind: dates, decimals and bytes are passed over.
const everyType = `SELECT {'day': DATE '2020-01-01', 'i8': (i - 2)::TINYINT, 'u8': (255 - i)::UTINYINT, 'price': 1.5::DECIMAL(5, 2),
  'i16': (i * 1000)::SMALLINT,
  'u16': (65535 - i)::USMALLINT, 'raw': 'x'::BLOB, 'u32': (4294967295 - i)::UINTEGER, 'u64': 18446744073709551615::UBIGINT - i::UBIGINT,
  'share': 'nan'::DOUBLE, 'half': 0.5::FLOAT, 'last': i % 2 = 0} AS members,
  {'day': DATE '2020-01-01'} AS days, [DATE '2020-01-01'] AS dates,
  '00000000-0000-4000-8000-000000000001'::UUID AS id,
  [[], [i::UTINYINT, NULL]] AS lists FROM range(4) r(i)`;
save('types', rows(4, i => ({
  members: {
    i8: i - 2, u8: 255 - i, i16: i * 1000, u16: 65535 - i, u32: 4294967295 - i, u64: `${18446744073709551615n - BigInt(i)}`,
    share: null, half: 0.5, last: i % 2 === 0,
  },
  lists: [[], [i, null]],
})));
// Numbers of 64 bits stand in JSON without quotes.
fs.writeFileSync('types.jsonl', fs.readFileSync('types.jsonl', 'utf8').replace(/"(18\d{18})"/g, '$1'));

// Files that are refused, each for one column.
const oneColumn = (name, type, values, options) => fs.writeFileSync(`refused-${name}.parquet`, writeParquet(Table.fromIPCStream(tableToIPC(
  new ArrowTable(new Schema([new Field('odd', type, true)]), { odd: vectorFromArray(values, type) }), 'stream')), options.build()));
oneColumn('float16', new Struct([new Field('half', new Float16(), true)]), [{ half: 1 }], new WriterPropertiesBuilder());
oneColumn('booleans', new Struct([new Field('flag', new Bool(), true)]), [{ flag: true }, { flag: false }, null],
  new WriterPropertiesBuilder().setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false));
oneColumn('codec', new Utf8(), ['a'], new WriterPropertiesBuilder().setCompression(Compression.LZ4));

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const duckDb = await instance.connect();
const messageType = 'STRUCT(content VARCHAR, role VARCHAR)[]';
const call = 'STRUCT(type VARCHAR, function STRUCT(name VARCHAR, arguments STRUCT(city VARCHAR)))';
const turn = `STRUCT(role VARCHAR, content VARCHAR, tool_calls ${call}[])[]`;
const parameters = 'STRUCT(type VARCHAR, properties STRUCT(city STRUCT(type VARCHAR)), required VARCHAR[])';
const files = {
  'ultrafeedback-duckdb': ['ultrafeedback', {
    prompt: 'VARCHAR', prompt_id: 'VARCHAR', chosen: messageType, rejected: messageType, messages: messageType, score_chosen: 'DOUBLE',
    score_rejected: 'DOUBLE',
  }, 'gzip'],
  'human-preferences': ['human-preferences', {
    post_id: 'VARCHAR', domain: 'VARCHAR', upvote_ratio: 'DOUBLE', history: 'VARCHAR', c_root_id_A: 'VARCHAR', c_root_id_B: 'VARCHAR',
    created_at_utc_A: 'BIGINT', created_at_utc_B: 'UINTEGER', score_A: 'SMALLINT', score_B: 'BIGINT',
    human_ref_A: 'VARCHAR', human_ref_B: 'VARCHAR',
    labels: 'UTINYINT', seconds_difference: 'INTEGER', score_ratio: 'DOUBLE',
  }, 'snappy'],
  'summaries': ['summaries', {
    info: 'STRUCT(id VARCHAR, post VARCHAR, title VARCHAR, subreddit VARCHAR, site VARCHAR, article VARCHAR)',
    summaries: 'STRUCT(text VARCHAR, policy VARCHAR, note VARCHAR)[]', choice: 'INTEGER', worker: 'VARCHAR', batch: 'VARCHAR',
    split: 'VARCHAR', extra: 'STRUCT(confidence INTEGER)',
  }, 'snappy'],
  'tools': ['tools', {
    prompt: 'STRUCT(role VARCHAR, content VARCHAR)[]', chosen: turn, rejected: turn,
    tools: `STRUCT(type VARCHAR, function STRUCT(name VARCHAR, description VARCHAR, parameters ${parameters}))[]`,
  }, 'snappy'],
};
for (const [name, [source, columns, codec]] of Object.entries(files)) {
  const types = Object.entries(columns).map(([column, type]) => `${column}: '${type}'`).join(', ');
  await duckDb.run(`COPY (SELECT * FROM read_json('${source}.jsonl', format = 'newline_delimited', columns = {${types}}))
    TO '${name}.parquet' (FORMAT parquet, COMPRESSION ${codec})`);
}
await duckDb.run(`COPY (${everyType}) TO 'types.parquet' (FORMAT parquet, COMPRESSION snappy)`);
await duckDb.run("COPY (SELECT [{'pairs': map {'a': 1}}] AS odd) TO 'refused-map.parquet' (FORMAT parquet, COMPRESSION snappy)");

provenance('make-nested.mjs', {
  'ultrafeedback.jsonl': '60 rows with columns and types of HuggingFaceH4/ultrafeedback_binarized, null and empty lists, and null items',
  'ultrafeedback-arrow.parquet': 'the same by arrow-rs (parquet-wasm): snappy, dictionaries, three row groups, small pages',
  'ultrafeedback-duckdb.parquet': 'the same by DuckDB: gzip, dictionaries',
  'ultrafeedback-version-2.parquet': "its columns 'chosen' and 'rejected' by hyparquet-writer: data pages of version 2.0",
  'human-preferences, summaries, tools': "Stanford Human Preferences, OpenAI's summary comparisons, calls of tools, by DuckDB: snappy",
  'types': 'every type in a struct, by DuckDB; the JSON Lines have what is read of it',
  'refused-*.parquet': 'one column each that is not read; refused-map by DuckDB, the others by arrow-rs',
}, ['@duckdb/node-api@1.5.6-r.1', 'apache-arrow@21.2.0', 'parquet-wasm@0.8.0', 'hyparquet-writer@0.17.0']);
