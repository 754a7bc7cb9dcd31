// Makes huggingface.json: what Hugging Face's tokenizers (Rust, through its Node binding) make of every code point.
//   npm install --no-save --no-package-lock tokenizers@0.23.2 && node make.mjs
import fs from 'node:fs';
import os from 'node:os';
import { createRequire } from 'node:module';

const { Tokenizer } = createRequire(import.meta.url)('tokenizers');
const empty = { version: '1.0', added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model: { type: 'BPE', vocab: {}, merges: [] } };
const planes = [];
for (let plane = 0; plane < 17; plane++) {
  const codePoints = Array.from({ length: 0x10000 }, (_, i) => plane * 0x10000 + i).filter(c => c < 0xd800 || c > 0xdfff);
  planes.push(codePoints);
}

// FNV-1a over the UTF-8 bytes of a text.
function hash(text) {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h.toString(16).padStart(8, '0');
}

const normalizerOf = normalizer => Tokenizer.fromString(JSON.stringify({ ...empty, normalizer })).getNormalizer();
const splitterOf = splitter => Tokenizer.fromString(JSON.stringify({ ...empty, pre_tokenizer: splitter })).getPreTokenizer();

// The members of a class are what a splitter removes.
function members(splitter, codePoints) {
  const left = new Set(splitter.preTokenizeString(String.fromCodePoint(...codePoints)).flatMap(([piece]) => [...piece]));
  return codePoints.filter(c => !left.has(String.fromCodePoint(c)));
}

const types = ['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents'];
const each = {};
for (const type of types) {
  const normalizer = normalizerOf({ type });
  each[type] = planes.map(p => hash(p.map(c => normalizer.normalizeString(String.fromCodePoint(c)) + '\n').join(''))).join('');
}

const classNames = ['\\s', '\\d', '\\w', '[\\w]', ...('L N P S M Z C Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn'.split(' ').map(n => `\\p{${n}}`))];
const splitters = Object.fromEntries(classNames.map(n => [n, { type: 'Split', pattern: { Regex: n }, behavior: 'Removed', invert: false }]));
splitters.Punctuation = { type: 'Punctuation', behavior: 'Removed' };
const classes = {};
for (const [name, definition] of Object.entries(splitters)) {
  const splitter = splitterOf(definition);
  classes[name] = planes.map(p => hash(String.fromCodePoint(...members(splitter, p)))).join('');
}

// Digits are never removed: one between letters is a piece of its own; so is all that is no character of a word.
const between = (splitter, count) => planes.map(p => hash(p.map(c => String.fromCodePoint(c)).filter(
  c => splitter.preTokenizeString(`a${c}a`).length === count).join(''))).join('');
classes.Digits = between(splitterOf({ type: 'Digits', individual_digits: false }), 3);
classes.Word = between(splitterOf({ type: 'Whitespace' }), 1);
classes.WhitespaceSplit = between(splitterOf({ type: 'WhitespaceSplit' }), 2);

// Texts of characters that decompose, compose or are marks, with others between them; a fixed seed.
let state = 20240917;
const next = n => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
};
const nfkd = normalizerOf({ type: 'NFKD' });
const marks = planes.flatMap(p => members(splitterOf(splitters['\\p{M}']), p));
const changed = planes.flat().filter(c => nfkd.normalizeString(String.fromCodePoint(c)) !== String.fromCodePoint(c));
const pools = [marks, marks, changed, [...'aeiouAEIOUcnsz '].map(c => c.codePointAt(0)), [0x300, 0x301, 0x308, 0x327, 0x323, 0x328, 0x345],
  Array.from({ length: 0x70 }, (_, i) => 0x1100 + i), Array.from({ length: 0x60 }, (_, i) => 0x1160 + i), Array.from({ length: 40 }, (_, i) => 0xac00 + 28 * i)];
const texts = [];
while (texts.length < 1500) {
  let text = '';
  for (let length = 2 + next(9); length > 0; length--) {
    const pool = pools[next(pools.length)];
    text += String.fromCodePoint(pool[next(pool.length)]);
  }
  texts.push(text);
}

const sequences = {};
for (const type of types) {
  const normalizer = normalizerOf({ type });
  const made = texts.map(t => normalizer.normalizeString(t) + '\n');
  sequences[type] = Array.from({ length: texts.length / 50 }, (_, i) => hash(made.slice(50 * i, 50 * (i + 1)).join(''))).join('');
}

fs.writeFileSync('huggingface.json', JSON.stringify({ each, classes, sequences, texts }, null, 0).replaceAll('},', '},\n') + '\n');
fs.writeFileSync('provenance.json', JSON.stringify({
  what: 'huggingface.json: FNV-1a over the UTF-8 of what a normalizer makes of each code point (a line each, a plane a hash; surrogates left out), '
    + 'of the members of a character class (a plane a hash), and of what a normalizer makes of 50 texts (a line each); '
    + 'NormalizationTest.txt.br: eng/unicode/provenance.json',
  made_with: 'tokenizers 0.23.2 (npm; the Node binding of Hugging Face\'s Rust library)', node: process.version, machine: `${os.platform()} ${os.arch()}`,
  command: 'npm install --no-save --no-package-lock tokenizers@0.23.2 && node make.mjs',
}, null, 2) + '\n');
