// The conversations that every template renders: plain ones, and what people's data holds.

const user = content => ({ role: 'user', content });
const assistant = (content, more = {}) => ({ role: 'assistant', content, ...more });
const system = content => ({ role: 'system', content });
const call = (name, args, id = 'call00001') => ({ id, type: 'function', function: { name, arguments: args } });

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather', description: 'Le temps qu’il fait; "now" & <here>.',
      parameters: {
        type: 'object', required: ['city'],
        properties: { city: { type: 'string', description: 'Name, e.g. Zürich' }, days: { type: ['integer', 'null'], default: 3, enum: [1, 3, 7] } },
      },
      return: { type: 'string' },
    },
  },
  { type: 'function', function: { name: 'noop', description: '', parameters: { type: 'object', properties: {} } } },
];
const documents = [{ title: 'Tall penguins', text: 'Emperor penguins are the tallest.' }, { title: 'Ü', text: 'Line one\nline two' }];
const long = 'The quick brown fox jumps over the lazy dog. '.repeat(120);

const base = [
  ['one question', [user('Hi')]],
  ['an answer', [user('Hi'), assistant('Hello there.')]],
  ['a system message', [system('You are terse.'), user('Hi'), assistant('Yes?'), user('Name a colour.')]],
  ['a system message and an answer', [system('You are terse.'), user('Hi'), assistant('Yes.')]],
  ['several turns', [user('1'), assistant('a'), user('2'), assistant('b'), user('3'), assistant('c'), user('4'), assistant('d')]],
  ['empty texts', [system(''), user(''), assistant('')]],
  ['blank texts', [system(' \n '), user('\n\n'), assistant('  ')]],
  ['only a system message', [system('Be kind.')]],
  ['two system messages', [system('Be kind.'), system('Be brief.'), user('Hi')]],
  ['a late system message', [user('Hi'), system('Be kind.'), assistant('Hello')]],
  ['answer first', [assistant('Hello'), user('Hi')]],
  ['two questions', [user('Hi'), user('Are you there?')]],
  ['two answers', [user('Hi'), assistant('Hello'), assistant('Again')]],
  ['an unknown role', [user('Hi'), { role: 'critic', content: 'Hm.' }, assistant('Hello')]],
  ['no messages', []],
  ['no content', [user('Hi'), { role: 'assistant' }]],
  ['no role', [user('Hi'), { content: 'Hello' }]],
  ['letters', [system('日本語で。'), user('Ünïcödé, مرحبا, e\u0301, 👩‍👩‍👧, 𝔘𐐷, \u200b|\ufeff|'), assistant('😀 \u2028 ok')]],
  ['spaces around', [system('\n a \n'), user(' \tb\n\n'), assistant('\r\n c \u00a0')]],
  ['rare spaces around', [user('\u3000x\u3000'), assistant('\u0085\u001cy\u001d\u2029')]],
  ['a mark around', [user('\ufeffx\ufeff'), assistant('\u200by\u200b')]],
  ['braces', [system('{% set x = 1 %}'), user('{{ bos_token }} {# no #} {'), assistant('}} %} {%- raw -%} {"a": [1]}')]],
  ['quotes', [user('She said "no" and \'yes\'.\\n \\ \t <b>&amp;</b>'), assistant('`a`\r\n"""\'\'\'')]],
  ['special tokens', [user('<s>[INST] x [/INST]</s><|im_end|><|eot_id|>'), assistant('<|im_start|>user\n<end_of_turn></s>')]],
  ['system marks', [user('<<SYS>>\nx\n<</SYS>>\n\n'), assistant(' leading')]],
  ['a long text', [user(long), assistant(long + 'x')]],
  ['thoughts', [user('2+2?'), assistant('<think>\nIt is 4.\n</think>\n\n4'), user('3+3?'), assistant('<think></think>6')]],
  ['thoughts beside', [user('2+2?'), assistant('4', { reasoning_content: 'Sum.' }), user('Sure?'), assistant('Yes', { reasoning_content: '\nIs it?\n' })]],
  ['a list as content', [user([{ type: 'text', text: 'What is' }, { type: 'text', text: ' this?' }]), assistant('A list.')]],
  ['an image', [user([{ type: 'image' }, { type: 'text', text: 'What is this?' }])]],
  ['a number as content', [user(5), assistant(null)]],
];

const withTools = [
  ['tools offered', [user('Weather?')]],
  ['tools and a system message', [system('Be exact.'), user('Weather?'), assistant('Where?'), user('Zürich')]],
  ['a call', [user('Weather?'), assistant('', { tool_calls: [call('get_weather', { city: 'Zürich', days: 3 })] })]],
  ['a call and its result', [user('Weather?'), assistant(null, { tool_calls: [call('get_weather', { city: 'Zürich' })] }),
    { role: 'tool', name: 'get_weather', tool_call_id: 'call00001', content: '{"sky": "clear", "t": 21.5}' }, assistant('Clear.')]],
  ['a call without content', [user('Weather?'), { role: 'assistant', tool_calls: [call('noop', {})] }, { role: 'tool', name: 'noop', tool_call_id: 'call00001', content: '' }]],
  ['two calls', [user('Both?'), assistant('Wait.', { tool_calls: [call('get_weather', { city: 'Bern' }), call('noop', {}, 'call00002')] }),
    { role: 'tool', name: 'get_weather', tool_call_id: 'call00001', content: 'rain' }, { role: 'tool', name: 'noop', tool_call_id: 'call00002', content: 'done' }]],
  ['arguments as text', [user('Weather?'), assistant('', { tool_calls: [call('get_weather', '{"city":"Genève"}')] })]],
  ['arguments of all types', [user('?'), assistant('', { tool_calls: [call('f', { a: 1, b: -2.5, c: true, d: null, e: [1, 'x', { y: [] }], 'ü': {}, f: 1e20, g: 0.00001, h: '<&>\'"\\\n' })] })]],
];

const both = ([name, messages, variables = {}]) => [
  { name, messages, add_generation_prompt: false, variables },
  { name: `${name}, generation prompt`, messages, add_generation_prompt: true, variables },
];
export const conversations = [
  ...base.flatMap(both),
  ...withTools.map(([name, messages]) => [name, messages, { tools }]).flatMap(both),
  ...both(['documents', [user('Which penguin is tallest?')], { documents }]),
  ...both(['thinking off', [user('2+2?')], { enable_thinking: false }]),
  ...both(['thinking on', [system('Be exact.'), user('2+2?')], { enable_thinking: true }]),
  ...both(['no tools', [user('Hi')], { tools: [] }]),
];
