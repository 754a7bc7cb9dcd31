/** What the training and the evaluation model are fed: the arrays of a batch under the names and types that artifacts.json lists. */

/**
 * @param {object} ort ONNX Runtime
 * @param {{ name: string }[]} inputs user inputs of the model
 * @param {object} batch of `pack`
 * @param {{ chosen: Float32Array, rejected: Float32Array }} reference sums of log-probabilities in nats, a number a pair
 * @param {Record<string, number>} scalars the loss's numbers, `loss_scale` and `token_scale` among them
 */
export function feedsOf(ort, inputs, batch, reference, scalars) {
  return Object.fromEntries(inputs.map(({ name }) => [name, feed(ort, name, batch, reference, scalars)]));
}

function feed(ort, name, batch, reference, scalars) {
  const positions = [batch.rows, batch.width];
  const completions = [batch.completions, batch.completionWidth];
  const float = (data, shape) => new ort.Tensor("float32", data, shape);
  const long = (data, shape) => new ort.Tensor("int64", data, shape);
  switch (name) {
    case "input_ids":
      return long(batch.inputIds, positions);
    case "position_ids":
      return long(batch.positionIds, positions);
    case "segment_ids":
      return long(batch.segmentIds, positions);
    case "attention_mask":
      return long(batch.segmentIds.map((segment) => (segment < 0n ? 0n : 1n)), positions);
    case "completion_index":
      return long(batch.completionIndex, completions);
    case "completion_ids":
      return long(batch.completionIds, completions);
    case "completion_mask":
      return float(batch.completionMask, completions);
    case "ref_chosen_logps":
      return float(reference.chosen, [batch.pairs]);
    case "ref_rejected_logps":
      return float(reference.rejected, [batch.pairs]);
    case "lengths":
      return float(batch.lengths, [batch.completions]);
    default:
      if (!Object.hasOwn(scalars, name)) {
        throw new Error(`The model has an input '${name}', which this page does not know. Write the page and its model by one OrtDpo.`);
      }

      return float(Float32Array.of(scalars[name]), []);
  }
}
