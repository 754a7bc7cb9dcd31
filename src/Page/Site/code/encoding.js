/**
 * Text to scored tokens, by the rules of OrtDpo (src/Data/ExampleEncoder.cs): the prompt is encoded alone and in front of each completion;
 * where its tokens begin the longer text's, the rest is the completion, otherwise the completion is encoded by itself. The
 * end-of-sequence token is put behind unless an end is there, and what is too long is cut at its end.
 */

// White space in .NET's sense, which has no U+FEFF, as JavaScript's has.
const TRAILING_SPACE = /[\p{Z}\t-\r\x85]+$/u;

export class PairEncoder {
  /**
   * @param {{ encodeRow(text: string): number[], encodeContinuation(text: string): number[] }} tokenizer
   * @param {object} rules
   * @param {number} rules.max_length bounds prompt + one completion, in tokens
   * @param {number | null} rules.max_prompt_length bounds the prompt; null: it is never cut
   * @param {number | null} rules.bos the beginning-of-sequence token, which a prompt that is cut keeps
   * @param {number | null} rules.eos the end-of-sequence token
   * @param {{ id: number, text: string }[]} rules.ends all tokens that end a completion; a text is empty where a token has none
   */
  constructor(tokenizer, rules) {
    this.tokenizer = tokenizer;
    this.rules = rules;
  }

  /**
   * @param {{ prompt: string, chosen: string, rejected: string }} pair
   * @returns {{ prompt: number[], chosen: number[], rejected: number[], cut: number }} `cut`: tokens that had no room
   * @throws {Error} in words: nothing can be learned from the pair
   */
  encode(pair) {
    const whole = this.tokenizer.encodeRow(pair.prompt);
    if (whole.length === 0) {
      throw new Error("The prompt is empty.");
    }

    const prompt = this.#cutPrompt(whole);
    const room = this.rules.max_length - prompt.length;
    if (room < 1) {
      throw new Error(`The prompt has ${prompt.length} tokens, and prompt and answer together may have ${this.rules.max_length}.`);
    }

    let cut = whole.length - prompt.length;
    const completion = (name) => {
      const tokens = this.#continue(pair.prompt, whole, upToEnd(pair[name], this.rules.ends));
      if (tokens.length === 0) {
        throw new Error(`The ${name} answer is empty.`);
      }

      const ended = this.#withEos(tokens);
      cut += Math.max(0, ended.length - room);
      return ended.slice(0, room);
    };
    const tokens = { prompt, chosen: completion("chosen"), rejected: completion("rejected") };
    if (tokens.chosen.length === tokens.rejected.length && tokens.chosen.every((id, i) => id === tokens.rejected[i])) {
      throw new Error("Both answers are the same: there is nothing to prefer.");
    }

    return { ...tokens, cut };
  }

  #continue(prompt, promptIds, completion) {
    const whole = this.tokenizer.encodeRow(prompt + completion);
    return promptIds.every((id, i) => whole[i] === id)
      ? whole.slice(promptIds.length)
      : this.tokenizer.encodeContinuation(completion);
  }

  #withEos(completion) {
    const { eos, ends } = this.rules;
    return eos === null || ends.some(({ id }) => id === completion.at(-1)) ? completion : [...completion, eos];
  }

  // What stands last is what the completion answers.
  #cutPrompt(prompt) {
    const bound = this.rules.max_prompt_length;
    if (bound === null || prompt.length <= bound) {
      return prompt;
    }

    return prompt[0] === this.rules.bos ? [prompt[0], ...prompt.slice(prompt.length - bound + 1)] : prompt.slice(-bound);
  }
}

/**
 * A text up to the token that ends it, without what the model never writes behind that: white space, and another end token.
 *
 * @param {string} text
 * @param {{ text: string }[]} ends
 */
export function upToEnd(text, ends) {
  let kept = text;
  let last = null;
  for (;;) {
    const found = endOf(last === null ? text : kept.slice(0, kept.length - last.length), ends);
    // The same twice is no second end: three dots are no sentence that ends three times.
    if (found === null || found.end === last) {
      return kept;
    }

    kept = text.slice(0, found.length);
    last = found.end;
  }
}

// Not only what is left of the text without its white space: a line feed may be an end itself.
function endOf(text, ends) {
  for (let length = text.replace(TRAILING_SPACE, "").length; length <= text.length; length++) {
    const end = ends.find((each) => each.text !== "" && text.slice(0, length).endsWith(each.text));
    if (end !== undefined) {
      return { end: end.text, length };
    }
  }

  return null;
}
