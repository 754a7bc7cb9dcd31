// usage: node decode.mjs node|web REQUESTS
// Continues batches of prompts greedily in onnxruntime-node or onnxruntime-web (WebAssembly), by the names and shapes that exported models
// have. A line of the file is a request, {"model": path, "prompts": [[id]], "tokens": n, "padding": "left"|"right", "cache": true|false}, and
// answered with a line, {"made": [[id]]}. Without the cache every step runs the whole text, the padding where it was.
import { readFileSync } from 'node:fs';

const [, , runtime, requests] = process.argv;
if (runtime !== 'node' && runtime !== 'web') {
  throw new Error(`'${runtime}' is no runtime: give node or web.`);
}

const ort = await import(`onnxruntime-${runtime}`);
const sessions = new Map();

async function open(path) {
  if (!sessions.has(path)) {
    sessions.set(path, await ort.InferenceSession.create(readFileSync(path)));
  }

  return sessions.get(path);
}

const int64 = (rows) => new ort.Tensor('int64', BigInt64Array.from(rows.flat().map(BigInt)), [rows.length, rows[0].length]);

// Empty keys and values, of the shapes that the model declares.
function emptyPast(session, rows) {
  const past = {};
  for (const input of session.inputMetadata.filter((each) => each.name.startsWith('past_key_values.'))) {
    const shape = [rows, input.shape[1], 0, input.shape[3]];
    past[input.name] = new ort.Tensor('float32', new Float32Array(0), shape);
  }

  return past;
}

function likeliest(logits, row, column) {
  const [, columns, vocabulary] = logits.dims;
  const start = (row * columns + column) * vocabulary;
  let best = 0;
  for (let id = 1; id < vocabulary; id++) {
    if (logits.data[start + id] > logits.data[start + best]) {
      best = id;
    }
  }

  return best;
}

async function decode({ model, prompts, tokens, padding, cache }) {
  const session = await open(model);
  const width = Math.max(...prompts.map((prompt) => prompt.length));
  const padded = (values, filler) => {
    const rest = new Array(width - values.length).fill(filler);
    return padding === 'left' ? [...rest, ...values] : [...values, ...rest];
  };
  let ids = prompts.map((prompt) => padded(prompt, 1));
  let positions = prompts.map((prompt) => padded(prompt.map((_, i) => i), 0));
  const mask = prompts.map((prompt) => padded(prompt.map(() => 1), 0));
  let last = prompts.map((prompt) => (padding === 'left' ? width : prompt.length) - 1);
  let past = emptyPast(session, prompts.length);
  const made = prompts.map(() => []);
  for (;;) {
    const results = await session.run(
      { input_ids: int64(ids), attention_mask: int64(mask), position_ids: int64(positions), ...past });
    const next = made.map((_, row) => likeliest(results.logits, row, last[row]));
    next.forEach((id, row) => made[row].push(id));
    if (made[0].length === tokens) {
      return made;
    }

    mask.forEach((row) => row.push(1));
    const places = prompts.map((prompt, row) => prompt.length + made[row].length - 1);
    if (cache) {
      past = Object.fromEntries(Object.keys(past).map((name) => [name, results[name.replace('past_key_values', 'present')]]));
      ids = next.map((id) => [id]);
      positions = places.map((place) => [place]);
      last = next.map(() => 0);
    } else {
      ids = ids.map((row, i) => [...row, next[i]]);
      positions = positions.map((row, i) => [...row, places[i]]);
      last = next.map(() => ids[0].length - 1);
    }
  }
}

for (const line of readFileSync(requests, 'utf8').split('\n').filter((each) => each !== '')) {
  process.stdout.write(`${JSON.stringify({ made: await decode(JSON.parse(line)) })}\n`);
}
