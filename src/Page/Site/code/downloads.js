/** What is taken away from the page, as files that OrtDpo reads. */

import { withValues } from "./checkpoint.js";
import { safetensors } from "./safetensors.js";
import { zip } from "./zip.js";

// What PEFT puts before a parameter's name.
const PREFIX = "base_model.model.";

/** The adapter as PEFT saves it, in a zip archive. */
export function adapterArchive(manifest, parameters) {
  const json = (value) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return {
    name: "adapter.zip",
    bytes: zip([
      { name: "adapter_config.json", bytes: json({ base_model_name_or_path: null, ...manifest.lora }) },
      { name: "adapter_model.safetensors", bytes: safetensors(parameters.map((p) => ({ ...p, name: PREFIX + p.name }))) },
    ]),
  };
}

/** The checkpoint that the page began with, with the values of now. */
export function trainedCheckpoint(checkpoint, parameters) {
  return { name: "checkpoint", bytes: withValues(checkpoint, new Map(parameters.map(({ name, data }) => [name, data]))) };
}

/**
 * The steps in the words of a run's metrics.jsonl, with what they were trained on.
 *
 * @param {object} settings page.json
 * @param {object} manifest artifacts.json
 * @param {object[]} steps of the worker
 * @param {object[]} pairs texts
 */
export function numbers(settings, manifest, steps, pairs) {
  const mean = (values) => (values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    made_by: settings.made_by,
    model: { name: settings.name, ...manifest.model },
    loss: manifest.loss,
    optimizer: manifest.optimizer,
    lora: manifest.lora,
    steps: steps.map((step) => ({
      step: step.step,
      loss: step.loss,
      "rewards/chosen": mean(step.chosen),
      "rewards/rejected": mean(step.rejected),
      "rewards/margins": mean(step.margins),
      "rewards/accuracies": mean(step.margins.map((margin) => Number(margin > 0))),
      grad_norm: step.gradNorm,
      learning_rate: step.learningRate,
      ...step.scalars,
      pairs: step.ids.length,
      skipped: step.skipped || undefined,
      seconds: step.seconds,
    })),
    pairs,
  };
}
