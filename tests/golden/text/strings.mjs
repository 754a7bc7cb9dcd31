// The texts that all tokenizers encode: written by hand, and made at random from pools of characters with a fixed seed.

export const curated = [
  '', ' ', '  ', '   ', '\n', '\n\n', '\t', ' \n \t ', 'a', ' a', 'a ', 'é', '▁', '▁▁a', 'a▁b',
  'Once upon a time, there was a little girl named Lily.',
  'Hello, world!', 'hello  world', 'hello   world', '   leading', 'trailing   ', 'tab\tseparated\tvalues', 'line\nbreaks\r\nand\rmore\n\n\n end',
  "I'm sure they'll say it's what we've said; you'd know, don't you? 'Tis 'twas", "IT'S WE'LL DON'T I'M THEY'RE", "it’s we’ll", "'s 't're x'", "it'ſ fine'ſ",
  'lll', 'llll', 'oooo', 'ooooo', 'ppp', 'aaaaaaaaaaaaaaaaa', 'mississippi', 'bookkeeper', 'zzzzzzz zzzz zzz', 'hmmmmmm', 'nooooooooo!!!!!!!',
  '0', '12', '123', '1234', '12345', '3.14159', '1,000,000', '2024-01-31', '0xFF', '1e-10', 'v1.2.3', 'a1b2c3', '٣٤٥', '½ ⅓ Ⅷ ²', '一二三',
  'for (int i = 0; i < n; i++) {\n    sum += a[i] * b[i];\n}\n', 'def f(x):\n    return x ** 2  # square\n\n\nprint(f(3))', '<div class="x">&nbsp;</div>',
  'SELECT * FROM t WHERE a >= 10 AND b != \'x\';', '{"key": [1, 2.5, null, true]}', 'https://example.org/path?q=1&r=two#frag', 'user@example.com', 'C:\\Users\\x\\file.txt',
  '\t\tif (x)\n\t\t\treturn;\n', '// ------------------------------', '=====', '!!!???...', '...', '…', '--', '—', '“quoted” ‘text’', '(a)[b]{c}<d>',
  'Ünïcödé çà et là', 'naïve café', 'Straße ÄÖÜ', 'İstanbul ıi', 'Dvořák čeština', 'Привет, мир!', 'Καλημέρα κόσμε', 'שלום עולם', 'مرحبا بالعالم', 'اَلْعَرَبِيَّةُ',
  'नमस्ते दुनिया', 'ภาษาไทย', 'ទឹក', '你好，世界！', '日本語のテキスト', 'カタカナ　ひらがな', '한국어 문장', '㐀㐁', '𠀀𠀁𠀂', '𪚥 is rare',
  'e\u0301 o\u0308 n\u0303', 'a\u0300\u0301\u0302', '\u0301', 'क\u094d\u0937', '\u200b\u200c\u200d', 'a\u00adb', '\ufeffbom', '\u00a0nbsp\u00a0\u00a0x', '\u3000wide', '\u2028\u2029', '\u1680\u2003 \u202f',
  '😀', '😀abc', 'abc😀', '😀 😀', '👨‍👩‍👧‍👦', '🇫🇷🇩🇪', '👍🏽', '❤️', '☃', '🤷‍♀️!', '🎉🎉🎉',
  '𝐀', "𝐀's", '𝐀𝐁𝐂 𝐝𝐞𝐟', '𝟏𝟐𝟑𝟒', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢', '𐐷𐑉', '𐍈', '𒀀', '🄰🅰', '𞤀𞤢',
  '\u0000', 'a\u0000b', '\u0001\u0002\u001f', '\u007f', '\u0080\u0085\u009f', '\ufffd', '\uffff', '\u{10ffff}', '\ue000',
  '<s>', '</s>', '<unk>', '<s>a b</s> c', 'a<s>b', ' <s> ', '<s><s>', 'x </s>  y', '<s', '<|endoftext|>', 'a<|endoftext|>b', 'a <|endoftext|> b', '<|endoftext|><|endoftext|>',
  '<|user|>\nHi<|end|>\n<|assistant|>', 'a  <|end|>   b', '<|end|>', '<|endo|>', '<0x41>', '<0x0A>x', '[INST] Hi [/INST]', '<mask>', 'a <mask> b', 'a<mask>b', 'a  <mask>  b  <mask>',
  'word', 'a word b', 'awordb', 'word word', 'wordy', '<w>', ' <w> <w>x', '<wide>', 'x<wide>y <wid', '▁<s>', 'é<s>é',
  '\n\nHuman: What is it?\n\nAssistant: I cannot say.\n\nHuman: Why?\n\nAssistant:', ' and so on', 'The quick brown fox jumps over the lazy dog.',
  'THE QUICK BROWN FOX', 'camelCaseAndPascalCase', 'snake_case_word', 'kebab-case-word', 'HTTPServerError404', 'iPhone15Pro', 'x=1', 'a+b=c', '$100.00 €20 £5 ¥3', '50%', '#hashtag @name',
  'a\n', 'a\n\n', 'a \n', 'a  \n\n  b', '\r\n\r\n', '\n a', '\n  a', ' \n', 'a\u000bb\u000cc', '  \n\n\t x',
];

function random(seed) {
  let state = seed >>> 0;
  return n => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const pools = [
  [...'abcdefghijklmnopqrstuvwxyz'], [...'etaoinshrdlu    '], [...'ABCXYZ'], [...'0123456789'], [...' .,;:!?\'"-()'], [...' \n\t\r'], [...'lllooopp'],
  ["'s", "'t", "'re", "'LL", ' the', ' and', 'ing', ' a', ' of', '  ', '\n\n', '<s>', '</s>', '<|end|>', '<|endoftext|>', '<mask>', '▁'],
  [...'éèüßñçøåžł'], [...'абвгдеёжз'], [...'αβγδεζ'], [...'你好世界人工智能'], [...'ひらがなカタカナ'], [...'مرحبابك'], [...'नमस्ते'],
  ['😀', '🎉', '👍🏽', '𝐀', '𝟏', '𠀀', '𐐷', '❤️'], ['\u0301', '\u0308', '\u200d', '\u00a0', '\u3000', '\u0085', '\u0000', '\u00ad'], [...'{}[]<>=+*/\\|&^%$#@~`_'], [...'½²Ⅷ٣④'],
];

export function fuzzed(count) {
  const next = random(20240917);
  const texts = [];
  while (texts.length < count) {
    let text = '';
    for (let runs = 1 + next(5); runs > 0; runs--) {
      const pool = pools[next(pools.length)];
      for (let length = 1 + next(6); length > 0; length--) text += pool[next(pool.length)];
    }
    texts.push(text);
  }
  return texts;
}

// Text i of the wide set: runs from the pools of pools.json, where U+D800 and the like stand for lone surrogates. WideTexts.cs makes the same.
export function wide(pools, i) {
  const next = random(i);
  let text = '';
  for (let runs = 1 + next(7); runs > 0; runs--) {
    const pool = pools[next(pools.length)];
    for (let length = 1 + next(4); length > 0; length--) text += pool[next(pool.length)];
  }
  return text.replace(/U\+(D[89A-F]..)/g, (_, unit) => String.fromCharCode(parseInt(unit, 16)));
}
