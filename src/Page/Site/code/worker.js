/** The page's worker: it holds the model, so that the page answers to its reader while the model trains. */

import * as ort from "../runtime/ort.training.wasm.min.js";
import { Tokenizer } from "../runtime/tokenizers.min.js";
import { Answerer } from "./answers.js";
import { adapterArchive, trainedCheckpoint } from "./downloads.js";
import { PairEncoder } from "./encoding.js";
import { loadAll } from "./loading.js";
import { PageTokenizer } from "./tokenizer.js";
import { Trainer } from "./trainer.js";

let settings;
let manifest;
let files;
let tokenizer;
let encoder;
let trainer;
let answerer;
let stops = false;

// One piece of work at a time: a question waits for the step that is running, and the next step for a token of its answer.
let last = Promise.resolve();

function inTurn(work) {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

const requests = {
  async open() {
    ort.env.wasm.numThreads = 1;
    if (self.crossOriginIsolated) {
      ort.env.wasm.numThreads = Math.min(4, self.navigator.hardwareConcurrency);
    }

    files = await loadAll(new URL("../", import.meta.url), (done, total) => postMessage({ event: "loading", done, total }));
    ({ settings, manifest } = files);
    const runtime = new URL("../runtime/", import.meta.url).href;
    const name = `${runtime}ort-training-wasm-simd-threaded`;
    ort.env.wasm.wasmPaths = { mjs: `${name}.js`, wasm: `${name}.wasm` };
    ort.env.wasm.wasmBinary = files.runtime;
    ort.env.logLevel = "error";
    tokenizer = new PageTokenizer(Tokenizer, files.tokenizer, files.tokenizerConfig, settings.rules);
    tokenizer.check(settings.probes);
    encoder = new PairEncoder(tokenizer, settings.rules);
    trainer = await Trainer.open(ort, manifest, files);
    return { settings, manifest, threads: ort.env.wasm.numThreads };
  },

  /** Tokens of a pair, or in words why there are none. */
  async encode({ pair }) {
    const { cut } = encoder.encode(pair);
    return { cut };
  },

  /** `steps` steps, each on the next `pairsPerStep` pairs of the list; the list may change between two steps. */
  async train({ steps, pairsPerStep, learningRate, scalars }) {
    stops = false;
    for (let i = 0; i < steps && !stops; i++) {
      await inTurn(async () => {
        const began = performance.now();
        const taken = nextPairs(Math.min(pairsPerStep, list.length));
        const result = await trainer.step(taken.map(({ tokens }) => tokens), { learningRate, scalars });
        postMessage({
          event: "step", ...result, step: trainer.steps, ids: taken.map(({ id }) => id), learningRate, scalars,
          seconds: (performance.now() - began) / 1000,
        });
      });
      // Lets what the page has sent come in, such as the word to stop.
      await pause();
    }

    return { steps: trainer.steps };
  },

  async stop() {
    stops = true;
  },

  /** The pairs that the next step takes from. */
  async pairs({ pairs }) {
    list = pairs.map(({ id, pair }) => ({ id, tokens: encoder.encode(pair) }));
  },

  async startAgain() {
    await inTurn(() => trainer.startAgain());
    next = 0;
  },

  /** The answer of the model as it began, or as it is now, token by token. */
  async ask({ prompt, trained, key }) {
    const ids = encoder.tokenizer.encodeRow(prompt);
    if (ids.length === 0) {
      throw new Error("The question is empty.");
    }

    if (ids.length >= manifest.model.max_length) {
      throw new Error(`The question has ${ids.length} tokens, and the model reads ${manifest.model.max_length} with its answer.`);
    }

    answerer ??= await inTurn(() => Answerer.open(ort, manifest, files.logits, trainer.frozen));
    const parameters = await inTurn(() => (trained ? trainer.parameters() : trainer.initialParameters()));
    const limits = { ends: settings.rules.ends.map(({ id }) => id), most: settings.answer_tokens };
    const tokens = answerer.answer(ids, parameters, limits);
    const answer = [];
    for (;;) {
      const { done, value } = await inTurn(() => tokens.next());
      if (done) {
        return { text: tokenizer.decode(answer), ended: answer.length < limits.most, key };
      }

      answer.push(value);
      postMessage({ event: "answer", key, text: tokenizer.decode(answer) });
      await pause();
    }
  },

  /** What was trained, as a file that OrtDpo takes. */
  async save() {
    const parameters = await inTurn(() => trainer.parameters());
    return manifest.lora === null ? trainedCheckpoint(files.checkpoint, parameters) : adapterArchive(manifest, parameters);
  },
};

let list = [];
let next = 0;

function nextPairs(count) {
  const taken = Array.from({ length: count }, (_, i) => list[(next + i) % list.length]);
  next = (next + count) % list.length;
  return taken;
}

const pauses = new MessageChannel();

// A timer would wait four milliseconds each time.
function pause() {
  return new Promise((resolve) => {
    pauses.port1.onmessage = resolve;
    pauses.port2.postMessage(null);
  });
}

self.onmessage = async ({ data: { id, request, body } }) => {
  try {
    postMessage({ id, result: await requests[request](body ?? {}) });
  } catch (error) {
    postMessage({ id, fault: error instanceof Error ? error.message : String(error) });
  }
};
