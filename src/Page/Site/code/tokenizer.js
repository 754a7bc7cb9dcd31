/** The model's tokenizer in JavaScript, with exactly the ids that OrtDpo has: checked on texts whose ids OrtDpo wrote beside it. */

export class PageTokenizer {
  /**
   * @param {Function} Tokenizer of @huggingface/tokenizers
   * @param {object} definition tokenizer.json
   * @param {object} config tokenizer_config.json
   * @param {{ leading: number[] }} rules `leading`: what stands before a text
   */
  constructor(Tokenizer, definition, config, rules) {
    this.whole = new Tokenizer(definition, config);
    // A text that continues another has no space put before it.
    this.continuing = new Tokenizer(withoutPrefix(definition), config);
    this.leading = rules.leading;
  }

  /** A text from its beginning; one that writes the beginning-of-sequence token itself gets no second one. */
  encodeRow(text) {
    const ids = idsOf(this.whole, text);
    const { leading } = this;
    return leading.length > 0 && leading.every((id, i) => ids[i] === id) ? ids : [...leading, ...ids];
  }

  /** A text that continues another. */
  encodeContinuation(text) {
    return idsOf(this.continuing, text);
  }

  decode(ids) {
    return ids.length === 0 ? "" : this.whole.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }

  /**
   * Refuses a tokenizer that has other ids than OrtDpo.
   *
   * @param {{ text: string, ids: number[], continues: boolean }[]} probes
   */
  check(probes) {
    for (const { text, ids, continues } of probes) {
      const found = continues ? this.encodeContinuation(text) : this.encodeRow(text);
      if (found.length !== ids.length || found.some((id, i) => id !== ids[i])) {
        throw new Error(
          `The JavaScript tokenizer has other ids for ${JSON.stringify(text)} (${found.join(" ")}) than OrtDpo has (${ids.join(" ")}): ` +
            "the model would be trained on other tokens than its own. It cannot be trained in a page.",
        );
      }
    }
  }
}

function idsOf(tokenizer, text) {
  // The package takes an empty text for a missing one.
  return text === "" ? [] : tokenizer.encode(text, { add_special_tokens: false }).ids;
}

function withoutPrefix(part) {
  if (Array.isArray(part)) {
    return part.filter((step) => step?.type !== "Prepend").map(withoutPrefix);
  }

  if (part === null || typeof part !== "object") {
    return part;
  }

  const copy = { ...part };
  for (const name of ["normalizer", "pre_tokenizer"]) {
    if (copy[name]) {
      copy[name] = copy[name].type === "Prepend" ? null : withoutPrefix(copy[name]);
    }
  }

  for (const name of ["normalizers", "pretokenizers"]) {
    if (copy[name]) {
      copy[name] = withoutPrefix(copy[name]);
    }
  }

  if (copy.type === "Metaspace") {
    copy.prepend_scheme = "never";
    copy.add_prefix_space = false;
  } else if (copy.type === "ByteLevel") {
    copy.add_prefix_space = false;
  }

  return copy;
}
