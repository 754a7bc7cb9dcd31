// Makes pairs.parquet and pairs.jsonl, the same rows in both:
//   npm install --no-save --no-package-lock hyparquet-writer@0.17.0 && node make.mjs
import fs from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { provenance } from './provenance.mjs';

const rows = Array.from({ length: 200 }, (_, i) => ({
  prompt: i % 50 === 7 ? 'the same prompt again' : `Question ${i}: “${'é日😀'.repeat(i % 3)}”?\n`,
  chosen: ` Answer ${i}`, rejected: i % 7 ? ` No ${i % 7}` : ' No', score_chosen: i / 8, count: i,
}));
const type = { score_chosen: 'DOUBLE', count: 'INT32' };
const columnData = Object.keys(rows[0]).map(name => ({ name, data: rows.map(r => r[name]), type: type[name] ?? 'STRING' }));
fs.writeFileSync('pairs.parquet', Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 90 })));
fs.writeFileSync('pairs.jsonl', rows.map(r => JSON.stringify(r) + '\n').join(''));
provenance('make.mjs', 'pairs.parquet: snappy, dictionaries, three row groups; pairs.jsonl: the same rows', ['hyparquet-writer@0.17.0']);
