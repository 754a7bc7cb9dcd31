// Makes the golden ids of this folder with Hugging Face's own tokenizers library (Rust, through its Node binding):
//   npm install --no-save --no-package-lock tokenizers@0.23.2 && node make.mjs
// Reads the larger tokenizers from ../shared beside the repository.
import fs from 'node:fs';
import os from 'node:os';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
import { curated, fuzzed, wide } from './strings.mjs';

const { Tokenizer } = createRequire(import.meta.url)('tokenizers');
const shared = new URL('../../../../shared/data/', import.meta.url).pathname;
const read = path => JSON.parse(fs.readFileSync(path, 'utf8'));
const texts = { curated, fuzzed: fuzzed(2000) };

// FNV-1a over the ids: 2,000 rows of ids would be megabytes.
function hash(ids) {
  let h = 0x811c9dc5;
  for (const id of ids) for (let shift = 0; shift < 32; shift += 8) h = Math.imul(h ^ ((id >>> shift) & 255), 0x01000193) >>> 0;
  return h.toString(16).padStart(8, '0');
}

async function golden(definition, curatedCount, fuzzedCount) {
  const tokenizer = Tokenizer.fromString(JSON.stringify(definition));
  const ids = async text => (await tokenizer.encode(text)).getIds();
  // This version leaves a special token in the text if its flag 'normalized' is set; skipping means leaving it out.
  const special = new Set(definition.added_tokens.filter(t => t.special).map(t => t.id));
  const rows = [];
  for (const text of texts.curated.slice(0, curatedCount)) {
    const row = await ids(text);
    const decoded = await tokenizer.decode(row.filter(id => !special.has(id)), true);
    rows.push(decoded === text ? { ids: row.join(' ') } : { ids: row.join(' '), decoded });
  }
  const hashes = [];
  for (const text of texts.fuzzed.slice(0, fuzzedCount)) hashes.push(hash(await ids(text)));
  return { curated: rows, fuzzed: hashes.join('') };
}

function gpt2() {
  const folder = shared + 'tokenizers/gpt2/';
  const base = read('tiny/byte-level.json');
  const vocab = read(folder + 'vocab.json');
  const merges = fs.readFileSync(folder + 'merges.txt', 'utf8').split('\n').filter(l => l && !l.startsWith('#version'));
  return { ...base, added_tokens: [{ ...base.added_tokens[0], id: vocab['<|endoftext|>'] }], model: { ...base.model, vocab, merges } };
}

// The shared copy of Llama 2's file has spaces where tokens had no-break spaces; written as lists its merges can be read all the same.
function llama2() {
  const json = read(shared + 'tokenizers/llama2/tokenizer.json');
  json.model.merges = json.model.merges.map(merge => {
    const spaces = [...merge].flatMap((c, i) => (c === ' ' ? [i] : []));
    const cut = spaces.length === 1 ? spaces[0] : merge.startsWith('▁') ? 1 : spaces[(spaces.length - 1) / 2];
    return [merge.slice(0, cut), merge.slice(cut + 1)];
  });
  return json;
}

function variant({ base, change }) {
  const json = read(`tiny/${base}.json`);
  const end = json.added_tokens[0].id;
  for (const [key, value] of Object.entries(change)) {
    if (key === 'added_tokens+') {
      let next = Math.max(...json.added_tokens.map(t => t.id), ...Object.values(json.model.vocab)) + 1;
      for (const token of value) json.added_tokens.push({ id: json.model.vocab[token.content] ?? next++, ...token });
    } else if (key === 'model.vocab-') {
      for (const token of value) delete json.model.vocab[token];
    } else if (key.startsWith('model.')) {
      json.model[key.slice(6)] = value;
    } else {
      json[key] = JSON.parse(JSON.stringify(value).replaceAll('"END"', end));
    }
  }
  return json;
}

const write = (path, value) => fs.writeFileSync(path, JSON.stringify(value, null, 0).replaceAll('},{', '},\n{') + '\n');
write('texts.json', texts);
const published = {
  'gpt2': gpt2(), 'llama2': llama2(),
  'phi-3-mini': read(shared + 'tokenizers/phi-3-mini/tokenizer.json'),
  'stories260K': read(shared + 'stories260K/tokenizer.json'),
};
for (const [name, definition] of Object.entries(published)) write(`${name}.json`, await golden(definition, Infinity, 2000));

// The wide set: made texts, and whole rows of real data. The ids of 20 texts, each followed by -1, make a hash; so do the decoded texts.
const pools = read('pools.json');
const lines = zlib.gunzipSync(fs.readFileSync(shared + 'hh-rlhf/harmless-base-test.jsonl.gz')).toString().trim().split('\n').map(l => JSON.parse(l).chosen);
const rows = read(shared + 'preference-demos/dpo_en_demo.json').flatMap(r => [r.conversations[0].value, r.chosen.value, r.rejected.value]);
const sets = { made: Array.from({ length: 6000 }, (_, i) => wide(pools, i)), harmless: lines, demos: rows };
const wideHashes = {};
for (const [name, definition] of Object.entries({ ...published, 'tiny/qwen2': variant(read('variants.json').find(v => v.name === 'qwen2')), 'tiny/llama3': variant(read('variants.json').find(v => v.name === 'llama3')) })) {
  const tokenizer = Tokenizer.fromString(JSON.stringify(definition));
  const special = new Set(definition.added_tokens.filter(t => t.special).map(t => t.id));
  wideHashes[name] = {};
  for (const [set, all] of Object.entries(sets)) {
    let [ids, decoded] = ['', ''];
    for (let at = 0; at < all.length; at += 20) {
      const rows = (await tokenizer.encodeBatch(all.slice(at, at + 20))).map(e => e.getIds());
      ids += hash(rows.flatMap(row => [...row, -1]));
      const texts = await tokenizer.decodeBatch(rows.map(row => row.filter(id => !special.has(id))), true);
      decoded += hash([...Buffer.from(texts.join('\n'))]);
    }
    wideHashes[name][set] = { ids, decoded };
  }
}
write('wide.json', wideHashes);
const variants = {};
for (const v of read('variants.json')) variants[v.name] = await golden(variant(v), name(v) ? Infinity : 60, 400);
function name(v) { return ['gpt2', 'sentencepiece', 'added-tokens', 'sentencepiece-normalized-tokens'].includes(v.name); }
write('variants.golden.json', variants);
fs.writeFileSync('provenance.json', JSON.stringify({
  what: 'ids and decoded texts of texts.json under each tokenizer; fuzzed texts as FNV-1a of their ids',
  made_with: 'tokenizers 0.23.2 (npm; the Node binding of Hugging Face\'s Rust library)', node: process.version, machine: `${os.platform()} ${os.arch()}`,
  command: 'npm install --no-save --no-package-lock tokenizers@0.23.2 && node make-tiny.mjs && node make.mjs',
  reads: ['../shared/data/tokenizers/gpt2', '../shared/data/tokenizers/llama2', '../shared/data/tokenizers/phi-3-mini', '../shared/data/stories260K'],
}, null, 2) + '\n');
