/** The pairs that the model is trained on: shown, edited, added, removed. */

export class PairList {
  #pairs = [];
  #count = 0;

  /**
   * @param {HTMLElement} list
   * @param {{ before: string, after: string }} frame what all prompts begin and end with; it is not shown
   * @param {(pair: object) => Promise<{ cut: number }>} check refuses a pair in words
   * @param {() => Promise<void>} changed told when the pairs are others
   */
  constructor(list, frame, check, changed) {
    this.list = list;
    this.frame = frame;
    this.check = check;
    this.changed = changed;
  }

  /** @param {{ prompt: string, chosen: string, rejected: string }[]} pairs */
  show(pairs) {
    for (const pair of pairs) {
      this.#view(this.#append({ pair }));
    }

    if (pairs.length === 0) {
      this.add();
    }
  }

  add() {
    this.#edit(this.#append({ pair: null }));
  }

  /** Those that are whole, as the worker takes them. */
  known() {
    return this.#pairs.filter(({ pair }) => pair !== null).map(({ id, pair }) => ({ id, pair }));
  }

  texts() {
    return this.known().map(({ pair }) => pair);
  }

  showMargins(ids, margins) {
    ids.forEach((id, i) => {
      const entry = this.#pairs.find((each) => each.id === id);
      const place = entry?.item.querySelector(".pair-margin");
      if (place && margins[i] !== undefined) {
        entry.margin = margins[i];
        place.textContent = marginText(margins[i]);
      }
    });
  }

  forgetMargins() {
    for (const entry of this.#pairs) {
      entry.margin = undefined;
      entry.item.querySelector(".pair-margin")?.replaceChildren();
    }
  }

  #append(entry) {
    const item = document.createElement("li");
    this.list.append(item);
    const whole = { ...entry, item, id: ++this.#count };
    this.#pairs.push(whole);
    return whole;
  }

  #view(entry) {
    const { pair, item } = entry;
    const parts = copyOf("pair-shown");
    parts.querySelector(".prompt").textContent = this.#withoutFrame(pair.prompt);
    parts.querySelector(".chosen .text").textContent = pair.chosen.trim();
    parts.querySelector(".rejected .text").textContent = pair.rejected.trim();
    parts.querySelector(".pair-margin").textContent = entry.margin === undefined ? "" : marginText(entry.margin);
    const [edit, remove] = ["edit", "remove"].map((name) => parts.querySelector(`.${name}`));
    const number = this.#pairs.indexOf(entry) + 1;
    edit.setAttribute("aria-label", `Edit pair ${number}`);
    remove.setAttribute("aria-label", `Remove pair ${number}`);
    edit.addEventListener("click", () => this.#edit(entry));
    remove.addEventListener("click", () => this.#remove(entry));
    item.replaceChildren(parts);
  }

  #edit(entry) {
    const parts = copyOf("pair-edited");
    const field = (name) => parts.querySelector(`textarea.${name}`);
    const fields = { prompt: field("prompt"), chosen: field("chosen"), rejected: field("rejected") };
    const wrong = parts.querySelector(".wrong");
    if (entry.pair !== null) {
      fields.prompt.value = this.#withoutFrame(entry.pair.prompt);
      fields.chosen.value = entry.pair.chosen.trim();
      fields.rejected.value = entry.pair.rejected.trim();
    }

    parts.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const pair = this.#written(entry.pair, fields);
      try {
        const { cut } = await this.check(pair);
        entry.pair = pair;
        entry.margin = undefined;
        this.#view(entry);
        entry.item.querySelector(".pair-margin").textContent = cut > 0 ? `${cut} tokens have no room and are cut` : "";
        entry.item.querySelector(".edit").focus();
        await this.changed();
      } catch (error) {
        wrong.textContent = error.message;
        wrong.hidden = false;
      }
    });
    parts.querySelector(".cancel").addEventListener("click", () => {
      if (entry.pair === null) {
        this.#remove(entry);
      } else {
        this.#view(entry);
        entry.item.querySelector(".edit").focus();
      }
    });
    entry.item.replaceChildren(parts);
    fields.prompt.focus();
  }

  // A field that nobody changed leaves its text as it was, white space and all.
  #written(before, fields) {
    const text = (name, shown, made) => (before !== null && fields[name].value === shown ? before[name] : made(fields[name].value));
    const answer = (name) => text(name, before?.[name].trim(), (value) => framed(this.frame.lead, value, ""));
    return {
      prompt: text("prompt", before && this.#withoutFrame(before.prompt), (value) => framed(this.frame.before, value, this.frame.after)),
      chosen: answer("chosen"),
      rejected: answer("rejected"),
    };
  }

  #remove(entry) {
    const place = this.#pairs.indexOf(entry);
    this.#pairs.splice(place, 1);
    entry.item.remove();
    this.#pairs.forEach((each) => each.item.querySelector(".edit") && this.#view(each));
    (this.#pairs[Math.min(place, this.#pairs.length - 1)]?.item.querySelector("button") ?? document.getElementById("add")).focus();
    void this.changed();
  }

  #withoutFrame(prompt) {
    const { before, after } = this.frame;
    const isFramed = prompt.length >= before.length + after.length && prompt.startsWith(before) && prompt.endsWith(after);
    return isFramed ? prompt.slice(before.length, prompt.length - after.length) : prompt;
  }
}

function copyOf(template) {
  return document.getElementById(template).content.cloneNode(true);
}

// An empty field stays empty, and is refused as such.
function framed(before, value, after) {
  return value.trim() === "" ? "" : before + value.trim() + after;
}

function marginText(margin) {
  return `margin ${margin >= 0 ? "+" : "−"}${Math.abs(margin).toFixed(3)}`;
}
