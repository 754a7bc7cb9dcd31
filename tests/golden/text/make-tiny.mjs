// Makes tiny/byte-level.json, tiny/sentencepiece.json, tiny/word-suffix.json and tiny/word-prefix.json: tokenizers small enough to commit,
// trained the slow and obvious way.
import fs from 'node:fs';
import { curated } from './strings.mjs';

const prose = 'Once there was a little girl named Lily who liked the rain. She would say hello to the world and the world would say hello back. ' +
  'The mississippi bookkeeper and the balloon fell off the hill, oooo, llll. In 2024 there were 1234 words here. It\'s what we\'ve said, don\'t you know? ' +
  'for (int i = 0; i < n; i++) { sum += a[i]; }    return sum;\n\n    if (x == 1) return;\n你好世界 日本語 日本 世界 привет мир привет 😀😀 𝐀𝐁 𝐀𝐁 café café naïve ';
const text = prose.repeat(2) + curated.filter(s => s.length > 12).join('\n');

// Merges the most frequent pair again and again; among equals the one seen first.
function train(words, count, { spell = w => [...w], join = (l, r) => l + r } = {}) {
  const merges = [];
  const counted = new Map();
  for (const w of words) counted.set(w, (counted.get(w) ?? 0) + 1);
  let list = [...counted].map(([w, n]) => [spell(w), n]);
  while (merges.length < count) {
    const pairs = new Map();
    for (const [w, n] of list) for (let i = 0; i + 1 < w.length; i++) {
      const key = w[i] + '\u0000' + w[i + 1];
      pairs.set(key, (pairs.get(key) ?? 0) + n);
    }
    const best = [...pairs].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 1]);
    if (best[1] < 2) break;
    const [left, right] = best[0].split('\u0000');
    merges.push([left, right]);
    list = list.map(([w, n]) => {
      const out = [];
      for (let i = 0; i < w.length; i++) {
        if (w[i] === left && w[i + 1] === right) { out.push(join(left, right)); i++; } else out.push(w[i]);
      }
      return [out, n];
    });
  }
  return merges;
}

const printable = b => (b >= 33 && b <= 126) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
const spelling = [];
for (let b = 0, next = 256; b < 256; b++) spelling.push(String.fromCharCode(printable(b) ? b : next++));
const token = (id, content, flags = {}) =>
  ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...flags });

function byteLevel() {
  const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  const words = text.match(gpt2).map(w => [...Buffer.from(w)].map(b => spelling[b]).join(''));
  const merges = train(words, 400);
  const vocab = {};
  for (const c of spelling) vocab[c] = Object.keys(vocab).length;
  for (const [l, r] of merges) vocab[l + r] ??= Object.keys(vocab).length;
  // A token that no merge makes: only ignore_merges finds it.
  vocab['Ġlaggard'] = Object.keys(vocab).length;
  const n = Object.keys(vocab).length;
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: [token(n, '<|endoftext|>'), token(n + 1, '<|end|>')], normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }, post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false,
      byte_fallback: false, ignore_merges: false, vocab, merges: merges.map(m => m.join(' ')),
    },
  };
}

function sentencePiece() {
  const words = text.replaceAll('\n', ' ').split(' ').map(w => '▁' + w);
  const merges = train(words, 300).concat([['▁', '▁'], ['▁▁', '▁▁']]);
  const vocab = { '<unk>': 0, '<s>': 1, '</s>': 2 };
  for (let b = 0; b < 256; b++) vocab[`<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`] = 3 + b;
  for (const [l, r] of merges) vocab[l + r] ??= Object.keys(vocab).length;
  for (const c of [...'▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?\'"():;-=+<>{}[]é日本世界'].concat(merges.flat().filter(c => [...c].length === 1))) {
    vocab[c] ??= Object.keys(vocab).length;
  }
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: [token(0, '<unk>'), token(1, '<s>'), token(2, '</s>')],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
    },
    model: {
      type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true,
      byte_fallback: true, ignore_merges: false, vocab, merges,
    },
  };
}

// Words of characters, where the first or the last character of a word is another symbol than the same one elsewhere.
function words({ suffix = null, prefix = null }) {
  const spell = w => [...w].map((c, i, all) => (i > 0 && prefix ? prefix : '') + c + (i === all.length - 1 && suffix ? suffix : ''));
  const join = (l, r) => l + (prefix ? r.slice(prefix.length) : r);
  const found = text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu);
  const merges = train(found, 150, { spell, join });
  const vocab = { '<unk>': 0 };
  for (const c of [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?\'"():;-日本']) for (const symbol of new Set([...spell(c), ...spell(c + c)])) vocab[symbol] ??= Object.keys(vocab).length;
  for (const symbol of merges.flat()) vocab[symbol] ??= Object.keys(vocab).length;
  for (const [l, r] of merges) vocab[join(l, r)] ??= Object.keys(vocab).length;
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: [token(0, '<unk>')], normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Punctuation', behavior: 'Isolated' }] },
    post_processor: null, decoder: suffix ? { type: 'BPEDecoder', suffix } : null,
    model: {
      type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: prefix, end_of_word_suffix: suffix, fuse_unk: false,
      byte_fallback: false, ignore_merges: false, vocab, merges,
    },
  };
}

fs.mkdirSync('tiny', { recursive: true });
fs.writeFileSync('tiny/byte-level.json', JSON.stringify(byteLevel()) + '\n');
fs.writeFileSync('tiny/sentencepiece.json', JSON.stringify(sentencePiece()) + '\n');
fs.writeFileSync('tiny/word-suffix.json', JSON.stringify(words({ suffix: '</w>' })) + '\n');
fs.writeFileSync('tiny/word-prefix.json', JSON.stringify(words({ prefix: '##' })) + '\n');
