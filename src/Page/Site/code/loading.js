/** The files of the page's model, fetched from beside the page. */

const PARTS = {
  settings: "page.json",
  manifest: "model/artifacts.json",
  tokenizer: "model/tokenizer.json",
  tokenizerConfig: "model/tokenizer_config.json",
  training: "model/training_model.onnx",
  evaluation: "model/eval_model.onnx",
  optimizer: "model/optimizer_model.onnx",
  logits: "model/logits_model.onnx",
  checkpoint: "model/checkpoint",
  runtime: "runtime/ort-training-wasm-simd-threaded.wasm",
};

/**
 * @param {URL} root the page's folder
 * @param {(done: number, total: number) => void} progress told of bytes
 */
export async function loadAll(root, progress) {
  const sizes = new Map();
  const done = new Map();
  const tell = () => progress(sum(done), sum(sizes));
  const entries = await Promise.all(Object.entries(PARTS).map(async ([part, path]) => {
    const bytes = await load(new URL(path, root), path, (size) => sizes.set(part, size), (read) => {
      done.set(part, read);
      tell();
    });
    return [part, path.endsWith(".json") ? JSON.parse(new TextDecoder().decode(bytes)) : bytes];
  }));
  return Object.fromEntries(entries);
}

async function load(url, path, expect, tell) {
  const response = await fetch(url);
  if (!response.ok) {
    const { status, statusText } = response;
    throw new Error(`${path} does not load (${status} ${statusText}). It belongs beside this page: copy the whole folder.`);
  }

  // What is compressed on its way has another length.
  expect(response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length") ?? 0));
  const parts = [];
  let read = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }

    parts.push(value);
    read += value.length;
    tell(read);
  }

  const bytes = new Uint8Array(read);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }

  return bytes;
}

function sum(map) {
  return [...map.values()].reduce((total, value) => total + value, 0);
}
