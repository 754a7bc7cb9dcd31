/** Greedy answers of a model whose trainable parameters are given with each question: one session answers as before and as now. */

import { withInitializers } from "./onnx.js";
import { QUIET } from "./trainer.js";

export class Answerer {
  /**
   * @param {object} ort ONNX Runtime
   * @param {object} manifest artifacts.json
   * @param {Uint8Array} model logits_model.onnx
   * @param {{ name: string, dims: number[], data: Float32Array }[]} frozen what does not train
   */
  static async open(ort, manifest, model, frozen) {
    const session = await ort.InferenceSession.create(withInitializers(model, frozen), QUIET);
    return new Answerer(ort, manifest, session);
  }

  constructor(ort, manifest, session) {
    this.ort = ort;
    this.manifest = manifest;
    this.session = session;
  }

  /**
   * @param {number[]} prompt token ids
   * @param {{ name: string, dims: number[], data: Float32Array }[]} parameters what trains
   * @param {{ ends: number[], most: number }} limits
   * @yields {number} one token after the other, the one that ends the answer not among them
   */
  async *answer(prompt, parameters, { ends, most }) {
    const fixed = Object.fromEntries(parameters.map(({ name, dims, data }) => [name, new this.ort.Tensor("float32", data, dims)]));
    const ids = prompt.slice();
    const last = Math.min(prompt.length + most, this.manifest.model.max_length);
    while (ids.length < last) {
      const next = await this.#next(ids, fixed);
      if (ends.includes(next)) {
        return;
      }

      ids.push(next);
      yield next;
    }
  }

  async #next(ids, fixed) {
    const shape = [1, ids.length];
    const of = (value) => new this.ort.Tensor("int64", BigInt64Array.from(ids, value), shape);
    const known = {
      input_ids: () => of((id) => BigInt(id)),
      attention_mask: () => of(() => 1n),
      position_ids: () => of((_, i) => BigInt(i)),
    };
    const feeds = { ...fixed };
    for (const { name } of this.manifest.logits.inputs) {
      feeds[name] = known[name]();
    }

    const { logits } = await this.session.run(feeds);
    const vocabulary = logits.dims.at(-1);
    const row = logits.data.subarray(logits.data.length - vocabulary);
    // The first of several that are equal, as everywhere in OrtDpo.
    return row.reduce((best, value, id) => (value > row[best] ? id : best), 0);
  }
}
