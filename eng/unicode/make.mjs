// Makes src/Tokenizers/Unicode/characters.bin and tests/golden/unicode/NormalizationTest.txt.br from the Unicode Character Database:
//   apt-get download unicode-data=15.0.0-1 && dpkg -x unicode-data_15.0.0-1_all.deb ucd && bunzip2 ucd/usr/share/unicode/NormalizationTest.txt.bz2
//   node make.mjs ucd/usr/share/unicode
// Both are cut down to the characters of Unicode 9.0, the version that Hugging Face's tokenizers normalize by. Unicode never changes the
// decomposition, the combining class or the exclusion of a character once it is assigned, so the later files say the same of them.
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';

const source = process.argv[2];
const root = new URL('../../', import.meta.url).pathname;
const files = ['UnicodeData.txt', 'CompositionExclusions.txt', 'DerivedAge.txt', 'NormalizationTest.txt'];
const read = name => fs.readFileSync(`${source}/${name}`, 'utf8').split('\n');
const hex = text => parseInt(text, 16);

const age = new Map();
for (const line of read('DerivedAge.txt')) {
  const [, first, last, version] = /^(\w+)(?:\.\.(\w+))?\s*;\s*([\d.]+)/.exec(line) ?? [];
  for (let c = hex(first); c <= hex(last ?? first); c++) age.set(c, Number(version));
}

const [classes, mappings, marks, punctuation] = [new Map(), new Map(), [], []];
for (const line of read('UnicodeData.txt')) {
  const [code, , category, combining, , decomposition] = line.split(';');
  const c = hex(code);
  if (!(age.get(c) <= 9)) continue;
  if (combining !== '0') classes.set(c, Number(combining));
  if (decomposition) mappings.set(c, { compatible: decomposition[0] === '<', to: decomposition.replace(/<\w+> /, '').split(' ').map(hex) });
  // Categories do change: U+166D and U+111C9 were punctuation in Unicode 9.0, U+1CF2 and U+1CF3 were marks.
  if ((category[0] === 'M' && c !== 0x111c9) || c === 0x1cf2 || c === 0x1cf3) marks.push(c);
  if ((category[0] === 'P' && age.get(c) <= 8) || c === 0x166d || c === 0x111c9) punctuation.push(c);
}

// Full decompositions: mapped again until nothing changes, marks in order of their class.
function full(c, compatible) {
  const mapping = mappings.get(c);
  if (!mapping || (mapping.compatible && !compatible)) return [c];
  const all = mapping.to.flatMap(part => full(part, compatible));
  for (let i = 1; i < all.length; i++) {
    for (let j = i; j > 0 && classes.get(all[j]) && (classes.get(all[j - 1]) ?? 0) > classes.get(all[j]); j--) {
      [all[j - 1], all[j]] = [all[j], all[j - 1]];
    }
  }
  return all;
}

const excluded = new Set(read('CompositionExclusions.txt').map(line => hex(/^\w+/.exec(line)?.[0])));
const pairs = [...mappings].filter(([c, { compatible, to }]) =>
  !compatible && to.length === 2 && !excluded.has(c) && !classes.get(c) && !classes.get(to[0]))
  .map(([c, { to }]) => [...to, c]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);

// Numbers are in base 128, low digits first, the high bit set on all but the last; sorted code points are written as differences.
const bytes = [];
function put(n) {
  for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128);
  bytes.push(n);
}

function putRuns(entries) {
  const runs = [];
  for (const [c, value] of entries.sort((a, b) => a[0] - b[0])) {
    const last = runs.at(-1);
    if (last && last.end === c && last.value === value) last.end++;
    else runs.push({ start: c, end: c + 1, value });
  }
  put(runs.length);
  let at = 0;
  for (const { start, end, value } of runs) {
    put(start - at);
    put(end - start);
    if (value !== undefined) put(value);
    at = end;
  }
}

function putDecompositions(compatible) {
  const entries = [...mappings.keys()].sort((a, b) => a - b).map(c => [c, full(c, compatible)])
    .filter(([c, to]) => compatible ? String(to) !== String(full(c, false)) : to.length > 1 || to[0] !== c);
  put(entries.length);
  let at = 0;
  for (const [c, to] of entries) {
    put(c - at);
    put(to.length);
    to.forEach(put);
    at = c;
  }
}

putRuns([...classes]);
putDecompositions(false);
putDecompositions(true);
put(pairs.length);
pairs.flat().forEach(put);
putRuns(marks.map(c => [c]));
putRuns(punctuation.map(c => [c]));
fs.writeFileSync(`${root}src/Tokenizers/Unicode/characters.bin`, Buffer.from(bytes));

const isOld = line => !/^[0-9A-F]/.test(line) || line.split('#')[0].match(/[0-9A-F]{4,6}/g).every(c => age.get(hex(c)) <= 9);
const test = read('NormalizationTest.txt').filter(isOld).map(line => (/^[0-9A-F]/.test(line) ? line.split(' #')[0] : line));
test.splice(1, 0, '# Changed: lines with characters that Unicode 9.0 does not have, and the comments behind lines, are left out.');
const brotli = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 22 } };
fs.writeFileSync(`${root}tests/golden/unicode/NormalizationTest.txt.br`, zlib.brotliCompressSync(Buffer.from(test.join('\n')), brotli));

const sha256 = name => crypto.createHash('sha256').update(fs.readFileSync(`${source}/${name}`)).digest('hex');
fs.writeFileSync(`${root}eng/unicode/provenance.json`, JSON.stringify({
  what: 'src/Tokenizers/Unicode/characters.bin and tests/golden/unicode/NormalizationTest.txt.br',
  made_with: 'make.mjs', node: process.version,
  from: 'Unicode Character Database 15.0.0 (Debian package unicode-data 15.0.0-1), cut down to the characters of Unicode 9.0',
  licence: 'LICENSE-UNICODE.txt', sha256: Object.fromEntries(files.map(name => [name, sha256(name)])),
}, null, 2) + '\n');
