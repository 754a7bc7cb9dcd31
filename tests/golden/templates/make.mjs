// Renders conversations.mjs with published chat templates under Hugging Face's JavaScript interpreter:
//   npm install --no-save --no-package-lock @huggingface/jinja@0.5.11 @huggingface/ollama-utils@0.0.18 && node make.mjs && python3 make.py
// The templates are those that @huggingface/ollama-utils (MIT) carries, as its maintainers took them from the models' own files.
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { Template } from '@huggingface/jinja';
import { conversations } from './conversations.mjs';

// [model in the package, licence of the model, bos_token, eos_token]
const models = [
  ['tinyllama:1.1b', 'Apache-2.0; the same text as Zephyr', '<s>', '</s>'],
  ['dolphin-mixtral:8x7b', 'Apache-2.0; ChatML', '<s>', '<|im_end|>'],
  ['smollm2:135m', 'Apache-2.0', '<|im_start|>', '<|im_end|>'],
  ['llama2:7b', 'Llama 2', '<s>', '</s>'],
  ['llama3:8b', 'Llama 3', '<|begin_of_text|>', '<|eot_id|>'],
  ['llama3.1:8b', 'Llama 3.1', '<|begin_of_text|>', '<|eot_id|>'],
  ['llama3.2:3b', 'Llama 3.2', '<|begin_of_text|>', '<|eot_id|>'],
  ['mistral:7b-instruct-fp16', 'Apache-2.0', '<s>', '</s>'],
  ['mixtral:8x7b', 'Apache-2.0', '<s>', '</s>'],
  ['mistral-small:24b', 'Apache-2.0', '<s>', '</s>'],
  ['devstral:latest', 'Apache-2.0', '<s>', '</s>'],
  ['gemma2:2b', 'Gemma', '<bos>', '<eos>'],
  ['gemma3:1b', 'Gemma', '<bos>', '<eos>'],
  ['phi3:3.8b', 'MIT', '<s>', '<|endoftext|>'],
  ['phi3.5:3.8b', 'MIT', '<s>', '<|endoftext|>'],
  ['phi4:14b', 'MIT', '<|endoftext|>', '<|im_end|>'],
  ['phi4-reasoning:14b', 'MIT', '<|endoftext|>', '<|im_end|>'],
  ['dolphin-phi:2.7b', 'MIT', '<|endoftext|>', '<|im_end|>'],
  ['qwen2:0.5b', 'Apache-2.0', undefined, '<|im_end|>'],
  ['qwen2.5:0.5b', 'Apache-2.0', undefined, '<|im_end|>'],
  ['qwen2.5vl:latest', 'Apache-2.0', undefined, '<|im_end|>'],
  ['qwen3:0.6b', 'Apache-2.0', undefined, '<|im_end|>'],
  ['qwen3-coder:30b', 'Apache-2.0', undefined, '<|im_end|>'],
  ['deepseek-v3:671b', 'MIT', '<｜begin▁of▁sentence｜>', '<｜end▁of▁sentence｜>'],
  ['deepseek-r1:8b', 'MIT', '<｜begin▁of▁sentence｜>', '<｜end▁of▁sentence｜>'],
  ['granite3.3:2b', 'Apache-2.0', '<|end_of_text|>', '<|end_of_text|>'],
  ['granite4:350m', 'Apache-2.0', '<|end_of_text|>', '<|end_of_text|>'],
  ['olmo2:7b', 'Apache-2.0', '<|endoftext|>', '<|endoftext|>'],
  ['openchat:7b', 'Apache-2.0', '<s>', '<|end_of_turn|>'],
  ['yi:6b', 'Apache-2.0', '<s>', '</s>'],
  ['rnj-1:latest', 'Apache-2.0', '<|begin_of_text|>', '<|eot_id|>'],
];

// The package exports no list; its source is one literal.
const carried = fs.readFileSync(new URL('node_modules/@huggingface/ollama-utils/src/chat-template-automap.ts', import.meta.url), 'utf8');
const mapping = new Function(`return ${carried.slice(carried.indexOf('= [') + 2)}`)();

const date = { year: 2025, month: 3, day: 9 };
const { year, month, day } = date;
// The interpreter's strftime_now asks the clock.
globalThis.Date = class extends Date {
  constructor() {
    super(year, month - 1, day);
  }
};

// Short renderings as they are, longer ones as '#' with the beginning of their SHA-256, what the template refuses as null.
export function shorten(text) {
  return text.length <= 200 && !text.startsWith('#') ? text : `#${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

const templates = models.map(([model, licence, bos_token, eos_token]) => {
  const found = mapping.find(e => e.model === `library/${model}`);
  return { name: model, licence, bos_token, eos_token, template: found.gguf };
});
const golden = {};
for (const { name, bos_token, eos_token, template } of templates) {
  golden[name] = [];
  let parsed;
  try {
    parsed = new Template(template);
  } catch (e) {
    // A tag or filter that this interpreter lacks.
    golden[name] = conversations.map(() => null);
    continue;
  }
  for (const { messages, add_generation_prompt, variables } of conversations) {
    const given = { tools: null, documents: null, messages, add_generation_prompt, eos_token, ...variables };
    if (bos_token !== undefined) given.bos_token = bos_token;
    try {
      // The interpreter may change what it is given.
      golden[name].push(shorten(parsed.render(structuredClone(given))));
    } catch (e) {
      golden[name].push(null);
    }
  }
}

// One row a line.
const lines = rows => `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]`;
fs.writeFileSync('conversations.json', `${lines(conversations)}\n`);
fs.writeFileSync('templates.json', `{"date":${JSON.stringify(date)},"templates":${lines(templates)}}\n`);
fs.writeFileSync('javascript.json', `{${Object.entries(golden).map(([name, rows]) => `"${name}":${lines(rows)}`).join(',\n')}}\n`);
