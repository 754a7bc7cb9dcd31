// Runs the page's modules on requests, one JSON object a line of the file that is named first, and prints an answer a line.
// The page's code lies in the folder that is named second; packages beside this file.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [file, code] = process.argv.slice(2);
const module = (name) => import(pathToFileURL(`${code}/${name}.js`).href);

const answers = {
  async pack({ pairs, layout }) {
    const { pack } = await module("packing");
    return Object.fromEntries(Object.entries(pack(pairs, layout)).map(([name, value]) =>
      [name, ArrayBuffer.isView(value) ? Array.from(value, Number) : value]));
  },

  async encode({ folder, rules, pairs }) {
    const [{ PairEncoder }, { PageTokenizer }, { Tokenizer }] = await Promise.all([
      module("encoding"), module("tokenizer"), import("@huggingface/tokenizers"),
    ]);
    const json = (name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
    const tokenizer = new PageTokenizer(Tokenizer, json("tokenizer.json"), json("tokenizer_config.json"), rules);
    const encoder = new PairEncoder(tokenizer, rules);
    return pairs.map((pair) => {
      try {
        return encoder.encode(pair);
      } catch (error) {
        return { fault: error.message };
      }
    });
  },

  async probe({ folder, rules, probes }) {
    const [{ PageTokenizer }, { Tokenizer }] = await Promise.all([module("tokenizer"), import("@huggingface/tokenizers")]);
    const json = (name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
    try {
      new PageTokenizer(Tokenizer, json("tokenizer.json"), json("tokenizer_config.json"), rules).check(probes);
      return { fault: null };
    } catch (error) {
      return { fault: error.message };
    }
  },

  async ends({ texts, ends }) {
    const { upToEnd } = await module("encoding");
    return texts.map((text) => upToEnd(text, ends));
  },

  async readCheckpoint({ path }) {
    const { readCheckpoint } = await module("checkpoint");
    const plain = ({ name, dims, data }) => ({ name, dims, data: Array.from(data) });
    const { trainable, frozen } = readCheckpoint(readFileSync(path));
    return { trainable: trainable.map(plain), frozen: frozen.map(plain) };
  },

  async writeCheckpoint({ path, values, out }) {
    const { withValues } = await module("checkpoint");
    const map = new Map(Object.entries(values).map(([name, numbers]) => [name, Float32Array.from(numbers)]));
    writeFileSync(out, withValues(new Uint8Array(readFileSync(path)), map));
    return {};
  },

  async adapter({ manifest, parameters, out }) {
    const { adapterArchive } = await module("downloads");
    writeFileSync(out, adapterArchive(manifest, parameters.map((p) => ({ ...p, data: Float32Array.from(p.data) }))).bytes);
    return {};
  },

  async initializers({ path, parameters, out }) {
    const { withInitializers } = await module("onnx");
    writeFileSync(out, withInitializers(readFileSync(path), parameters.map((p) => ({ ...p, data: Float32Array.from(p.data) }))));
    return {};
  },

  // Steps of the page's trainer on all pairs: the losses, and what trains at the end.
  async train({ folder, pairs, steps, rate, vocabulary }) {
    // By its path: the package names this file for browsers alone.
    const dist = new URL("./node_modules/onnxruntime-web/dist/", import.meta.url);
    const [{ Trainer }, ort] = await Promise.all([module("trainer"), import(new URL("ort.training.wasm.min.mjs", dist).href)]);
    const file = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
    const manifest = JSON.parse(readFileSync(`${folder}/artifacts.json`, "utf8"));
    manifest.model.vocabulary = vocabulary ?? manifest.model.vocabulary;
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = dist.href;
    ort.env.wasm.wasmBinary = readFileSync(new URL("ort-training-wasm-simd-threaded.wasm", dist)).buffer;
    const trainer = await Trainer.open(ort, manifest, {
      training: file("training_model.onnx"), evaluation: file("eval_model.onnx"), optimizer: file("optimizer_model.onnx"),
      checkpoint: file("checkpoint"),
    });
    const losses = [];
    for (let step = 0; step < steps; step++) {
      losses.push((await trainer.step(pairs, { learningRate: rate, scalars: manifest.scalars })).loss);
    }

    return { losses, values: Array.from(await trainer.values()) };
  },

  async micro({ pairs, manifest }) {
    const { microBatches } = await module("trainer");
    return microBatches(pairs, manifest).map((part) => part.length);
  },
};

for (const line of readFileSync(file, "utf8").split("\n").filter((each) => each !== "")) {
  const { request, body } = JSON.parse(line);
  console.log(JSON.stringify(await answers[request](body)));
}
