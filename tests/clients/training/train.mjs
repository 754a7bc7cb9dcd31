// usage: node train.mjs PACKAGES ARTIFACTS
// Trains in ONNX Runtime's own training runtime, onnxruntime-web 1.19.2 (WebAssembly) in the folder of packages, on the files of a folder of
// artifacts. A line of stdin is a request, and answered with a line. Tensors are {"type", "dims", "data"}, their bytes as base64.
//   {"do": "names"}                                      the user inputs and outputs of both models
//   {"do": "train" | "eval", "feeds": {name: tensor}}    a step: all outputs by name
//   {"do": "optimize", "rate": number}                   an optimizer step, and the gradients are to be replaced by the next train step
//   {"do": "parameters", "trainable": bool}              the parameters, one behind the other in the models' order
//   {"do": "load", "trainable": bool, "data": base64}    puts such parameters in
//   {"do": "checkpoint", "code": path, "to": path}       writes a checkpoint of them, by the page's module: JavaScript has no SaveCheckpoint
// What fails is answered with {"error": text}.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , packages, artifacts] = process.argv;
const dist = join(packages, 'node_modules', 'onnxruntime-web', 'dist');
const ort = await import(pathToFileURL(join(dist, 'ort.training.wasm.min.mjs')).href);
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = pathToFileURL(dist).href + '/';
ort.env.wasm.wasmBinary = bytesOf(join(dist, 'ort-training-wasm-simd-threaded.wasm')).buffer;

// The runtime has this rate, and no function that sets another. What an update changes is proportional to it, so another rate is a part of
// the change.
const runtimeRate = 0.001;

const arrays = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array };
let session;

function bytesOf(path) {
  return new Uint8Array(readFileSync(path));
}

async function open() {
  const file = name => (existsSync(join(artifacts, name)) ? bytesOf(join(artifacts, name)) : undefined);
  session = await ort.TrainingSession.create({
    checkpointState: file('checkpoint'), trainModel: file('training_model.onnx'), evalModel: file('eval_model.onnx'),
    optimizerModel: file('optimizer_model.onnx'),
  });
}

function decode(text) {
  // A buffer of its own: those of small texts are parts of a pool, at any place.
  return new Uint8Array(Buffer.from(text, 'base64')).buffer;
}

function tensor({ type, dims, data }) {
  return new ort.Tensor(type, new arrays[type](decode(data)), dims);
}

function feeds(named, names) {
  const missing = names.filter(name => !(name in named));
  if (missing.length > 0) {
    throw new Error(`no feed for ${missing.join(', ')}`);
  }

  return Object.fromEntries(names.map(name => [name, tensor(named[name])]));
}

function encode(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
}

function encoded(outputs) {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [
    name, { type: value.type, dims: value.dims, data: encode(value.data) },
  ]));
}

// The runtime's JavaScript gives the eval model's outputs, one after the other, the names of the training model's.
function evaluated(outputs) {
  return Object.fromEntries(session.evalOutputNames.map((name, i) => [name, outputs[session.trainingOutputNames[i]]]));
}

async function optimize(rate) {
  const before = rate === runtimeRate ? undefined : (await session.getContiguousParameters(true)).data.slice();
  await session.runOptimizerStep();
  if (before !== undefined) {
    const after = (await session.getContiguousParameters(true)).data;
    const part = rate / runtimeRate;
    for (let i = 0; i < before.length; i++) {
      before[i] += part * (after[i] - before[i]);
    }

    await session.loadParametersBuffer(new Uint8Array(before.buffer), true);
  }

  await session.lazyResetGrad();
}

// The checkpoint that the session began with, with the numbers that train now in the places of its own.
async function save(code, to) {
  const { withValues } = await import('data:text/javascript;base64,' + readFileSync(code, 'base64'));
  const numbers = (await session.getContiguousParameters(true)).data;
  const values = new Map();
  let at = 0;
  for (const { name, shape } of JSON.parse(readFileSync(join(artifacts, 'artifacts.json'), 'utf8')).parameters.filter(p => p.trains)) {
    const count = shape.reduce((product, size) => product * size, 1);
    values.set(name, numbers.slice(at, at + count));
    at += count;
  }

  if (at !== numbers.length) {
    throw new Error(`the runtime has ${numbers.length} numbers that train, and artifacts.json ${at}`);
  }

  writeFileSync(to, withValues(bytesOf(join(artifacts, 'checkpoint')), values));
}

async function answer(request) {
  switch (request.do) {
    case 'names':
      return {
        training: { inputs: session.trainingInputNames, outputs: session.trainingOutputNames },
        eval: { inputs: session.evalInputNames, outputs: session.evalOutputNames },
      };
    case 'train':
      return encoded(await session.runTrainStep(feeds(request.feeds, session.trainingInputNames)));
    case 'eval':
      return encoded(evaluated(await session.runEvalStep(feeds(request.feeds, session.evalInputNames))));
    case 'optimize':
      await optimize(request.rate);
      return {};
    case 'parameters':
      return { data: encode((await session.getContiguousParameters(request.trainable)).data) };
    case 'load':
      await session.loadParametersBuffer(new Uint8Array(decode(request.data)), request.trainable);
      return {};
    case 'checkpoint':
      await save(request.code, request.to);
      return {};
    default:
      throw new Error(`'${request.do}' is no request.`);
  }
}

async function tell(make) {
  let text;
  try {
    text = await make();
  } catch (error) {
    text = { error: error.message };
  }

  process.stdout.write(JSON.stringify(text) + '\n');
}

await tell(async () => {
  await open();
  return {};
});
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  await tell(() => answer(JSON.parse(line)));
}

process.exit(0);
