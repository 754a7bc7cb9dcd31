/** Training in ONNX Runtime's on-device-training runtime: what OrtDpo's artifacts are fed, and what comes out. It knows no document. */

import { readCheckpoint } from "./checkpoint.js";
import { feedsOf } from "./feeds.js";
import { pack } from "./packing.js";

// The runtime's rate, which its JavaScript interface has no way to set.
const RUNTIME_RATE = 0.001;

// Errors alone: the runtime warns of what its own optimizations leave of a graph.
export const QUIET = { logSeverityLevel: 3 };

// Numbers that one micro-batch's logits may have: 64 MB, as much again for their gradient.
const MOST_LOGITS = 1 << 24;

export class Trainer {
  #session = null;
  #taken = 0;

  /**
   * @param {object} ort ONNX Runtime with training
   * @param {object} manifest artifacts.json
   * @param {{ training: Uint8Array, evaluation: Uint8Array, optimizer: Uint8Array, checkpoint: Uint8Array }} files
   */
  static async open(ort, manifest, files) {
    const trainer = new Trainer(ort, manifest, files);
    await trainer.startAgain();
    return trainer;
  }

  constructor(ort, manifest, files) {
    this.ort = ort;
    this.manifest = manifest;
    this.files = files;
    const parameters = readCheckpoint(files.checkpoint);
    const values = new Map(parameters.trainable.map((parameter) => [parameter.name, parameter.data]));
    /** What trains, in the order of the graph, which is the order of the runtime's buffer. */
    this.trainable = manifest.parameters.filter(({ trains }) => trains).map(({ name, shape }) => ({ name, dims: shape }));
    /** What does not, with its values. */
    this.frozen = parameters.frozen;
    this.initial = joined(this.trainable.map(({ name }) => values.get(name)));
    this.references = new Map();
  }

  /** Optimizer steps since the beginning. */
  get steps() {
    return this.#taken;
  }

  /** Puts everything back to where it was, the optimizer's moments too. */
  async startAgain() {
    await this.#session?.release();
    this.#session = null;
    this.#session = await this.ort.TrainingSession.create({
      checkpointState: this.files.checkpoint,
      trainModel: this.files.training,
      evalModel: this.files.evaluation,
      optimizerModel: this.files.optimizer,
    }, QUIET);
    this.#taken = 0;
  }

  /**
   * One optimizer step on all the pairs given.
   *
   * @param {import("./packing.js").Pair[]} pairs
   * @param {{ learningRate: number, scalars: Record<string, number> }} options `scalars`: the loss's numbers
   * @returns what the model said of the pairs before the update: `loss`, `chosen` and `rejected` rewards in the order of the pairs (empty
   * where the loss has none), `gradNorm`; `skipped` where the numbers were not finite, and nothing was updated
   */
  async step(pairs, options) {
    await this.refer(pairs);
    const scalars = {
      ...options.scalars,
      loss_scale: 1 / pairs.length,
      token_scale: 1 / pairs.reduce((sum, pair) => sum + pair.chosen.length, 0),
    };
    const result = { loss: 0, chosen: [], rejected: [], gradNorm: Number.NaN, skipped: false };
    for (const micro of microBatches(pairs, this.manifest)) {
      const outputs = await this.#session.runTrainStep(this.#feeds(this.manifest.training.inputs, micro, scalars));
      result.loss += outputs.loss.data[0];
      result.chosen.push(...(outputs.chosen_reward?.data ?? []));
      result.rejected.push(...(outputs.rejected_reward?.data ?? []));
      // Of what has been added up so far: the last micro-batch has that of the step.
      result.gradNorm = outputs.grad_norm.data[0];
    }

    result.skipped = !Number.isFinite(result.loss) || !Number.isFinite(result.gradNorm);
    if (!result.skipped) {
      await this.#update(options.learningRate);
      this.#taken++;
    }

    await this.#session.lazyResetGrad();
    return result;
  }

  /** The present values of what trains, in the order of `trainable`. */
  async values() {
    const buffer = await this.#session.getContiguousParameters(true);
    return buffer.data;
  }

  /** The present values by parameter. */
  async parameters() {
    return split(await this.values(), this.trainable);
  }

  /** The values that training began with, by parameter. */
  initialParameters() {
    return split(this.initial, this.trainable);
  }

  /** Scores pairs that have no reference yet by the model as training began. */
  async refer(pairs) {
    const unknown = pairs.filter((pair) => !this.references.has(keyOf(pair)));
    if (unknown.length === 0) {
      return;
    }

    const present = this.#taken === 0 ? null : (await this.values()).slice();
    if (present !== null) {
      await this.#load(this.initial);
    }

    try {
      for (const micro of microBatches(unknown, this.manifest)) {
        const scalars = { ...this.manifest.scalars, loss_scale: 1, token_scale: 1 };
        const zeros = { chosen: new Float32Array(micro.length), rejected: new Float32Array(micro.length) };
        const batch = pack(micro, this.manifest.model.layout);
        const outputs = await this.#session.runEvalStep(feedsOf(this.ort, this.manifest.eval.inputs, batch, zeros, scalars));
        micro.forEach((pair, i) => {
          const tokens = (row, count) => outputs.token_logps.data.slice(row * batch.completionWidth, row * batch.completionWidth + count);
          this.references.set(keyOf(pair), {
            chosen: tokens(i, pair.chosen.length),
            rejected: tokens(micro.length + i, pair.rejected.length),
          });
        });
      }
    } finally {
      if (present !== null) {
        await this.#load(present);
      }
    }
  }

  #feeds(inputs, pairs, scalars) {
    const alpha = scalars.ld_alpha ?? 1;
    const sum = (name) => Float32Array.from(pairs, (pair) =>
      weightedSum(this.references.get(keyOf(pair))[name], Math.min(pair.chosen.length, pair.rejected.length), alpha));
    const reference = { chosen: sum("chosen"), rejected: sum("rejected") };
    return feedsOf(this.ort, inputs, pack(pairs, this.manifest.model.layout), reference, scalars);
  }

  // The runtime's update is proportional to its rate, decay and all: a part of it is the update of another rate.
  async #update(learningRate) {
    const before = (await this.values()).slice();
    await this.#session.runOptimizerStep();
    const after = await this.values();
    await this.#load(after.map((value, i) => before[i] + (learningRate / RUNTIME_RATE) * (value - before[i])));
  }

  #load(values) {
    return this.#session.loadParametersBuffer(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), true);
  }
}

/**
 * Pairs in the parts that memory has room for, in their order. A loss that is one formula over the step is not parted.
 */
export function microBatches(pairs, manifest) {
  if (manifest.scope === "step") {
    return [pairs];
  }

  const parts = [];
  let width = 0;
  for (const pair of pairs) {
    const part = parts.at(-1);
    width = Math.max(part === undefined ? 0 : width, pair.chosen.length, pair.rejected.length);
    if (part === undefined || 2 * (part.length + 1) * width * manifest.model.vocabulary > MOST_LOGITS) {
      parts.push([pair]);
      width = Math.max(pair.chosen.length, pair.rejected.length);
    } else {
      part.push(pair);
    }
  }

  return parts;
}

/** LD-DPO: the tokens that the shorter completion has no place for weigh less. In double precision, as JavaScript's numbers are. */
export function weightedSum(tokenLogps, shared, alpha) {
  let [head, tail] = [0, 0];
  tokenLogps.forEach((logp, t) => {
    if (t < shared) {
      head += logp;
    } else {
      tail += logp;
    }
  });
  return shared < tokenLogps.length ? head + alpha * tail : head;
}

function keyOf(pair) {
  return `${pair.prompt}|${pair.chosen}|${pair.rejected}`;
}

function joined(arrays) {
  const values = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    values.set(array, at);
    at += array.length;
  }

  return values;
}

function split(values, parameters) {
  let at = 0;
  return parameters.map(({ name, dims }) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const data = values.slice(at, at + size);
    at += size;
    return { name, dims, data };
  });
}
