/**
 * Pairs laid out in rows as the models read them, `prompt | chosen | rejected`: the layout of OrtDpo's own batches
 * (src/Batches/ExamplePacking.cs), but for the order of the completions, which a pair loss reads chosen first, then rejected.
 *
 * @typedef {{ prompt: number[], chosen: number[], rejected: number[] }} Pair token ids
 */

/** What segment ids grow by from one pair to the next. */
const SEGMENT_STRIDE = 1024;

/**
 * @param {Pair[]} pairs at least one; no part of a pair is empty
 * @param {"packed" | "stacked"} layout packed: several pairs a row, each with its prompt once; stacked: one sequence a row
 * @returns the arrays of a batch, row-major: `inputIds`, `positionIds`, `segmentIds` int64 [rows, width]; `completionIndex`,
 * `completionIds` int64 and `completionMask` float32 [completions, completionWidth]; `lengths` float32 [completions]
 */
export function pack(pairs, layout) {
  const isStacked = layout === "stacked";
  const completions = 2 * pairs.length;
  const longest = (pair) => Math.max(pair.chosen.length, pair.rejected.length);
  const width = Math.max(...pairs.map((pair) => (isStacked ? pair.prompt.length + longest(pair) : lengthOf(pair))));
  const completionWidth = Math.max(...pairs.map(longest));
  const { starts, rows } = isStacked ? { starts: [], rows: completions } : firstFit(pairs, width);
  const batch = {
    pairs: pairs.length,
    rows,
    width,
    completions,
    completionWidth,
    inputIds: new BigInt64Array(rows * width),
    positionIds: new BigInt64Array(rows * width),
    segmentIds: new BigInt64Array(rows * width).fill(-1n),
    completionIndex: new BigInt64Array(completions * completionWidth),
    completionIds: new BigInt64Array(completions * completionWidth),
    completionMask: new Float32Array(completions * completionWidth),
    lengths: new Float32Array(completions),
  };
  pairs.forEach((pair, i) => {
    const segment = SEGMENT_STRIDE * i;
    let start = 0;
    [pair.chosen, pair.rejected].forEach((tokens, k) => {
      if (isStacked || k === 0) {
        start = isStacked ? (2 * i + k) * width : starts[i];
        place(batch, pair.prompt, start, 0, segment);
        start += pair.prompt.length;
      }

      // The last prompt position predicts the first token of either completion.
      const lastOfPrompt = (isStacked ? start : starts[i] + pair.prompt.length) - 1;
      place(batch, tokens, start, pair.prompt.length, segment + 1 + k);
      score(batch, k * pairs.length + i, tokens, lastOfPrompt, start);
      start += tokens.length;
    });
  });
  return batch;
}

/** Positions of a pair in a packed row. */
export function lengthOf(pair) {
  return pair.prompt.length + pair.chosen.length + pair.rejected.length;
}

// Longest first, ties in the order given.
function firstFit(pairs, width) {
  const lengths = pairs.map(lengthOf);
  const starts = new Array(pairs.length);
  const filled = [];
  const order = pairs.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b);
  for (const i of order) {
    let row = filled.findIndex((used) => used + lengths[i] <= width);
    if (row < 0) {
      row = filled.push(0) - 1;
    }

    starts[i] = row * width + filled[row];
    filled[row] += lengths[i];
  }

  return { starts, rows: filled.length };
}

function place(batch, tokens, start, position, segment) {
  tokens.forEach((token, t) => {
    batch.inputIds[start + t] = BigInt(token);
    batch.positionIds[start + t] = BigInt(position + t);
    batch.segmentIds[start + t] = BigInt(segment);
  });
}

function score(batch, completion, tokens, lastOfPrompt, start) {
  const at = completion * batch.completionWidth;
  tokens.forEach((token, t) => {
    batch.completionIndex[at + t] = BigInt(t === 0 ? lastOfPrompt : start + t - 1);
    batch.completionIds[at + t] = BigInt(token);
    batch.completionMask[at + t] = 1;
  });
  batch.lengths[completion] = tokens.length;
}
