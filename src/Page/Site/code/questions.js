/** A question and both models' answers to it. */

const at = (id) => document.getElementById(id);

export class Questions {
  #asked = null;
  #round = 0;

  constructor(line, settings) {
    this.line = line;
    this.frame = settings.frame;
    // The field has lines of its own above and below.
    at("frame-before").textContent = this.frame.before.trim();
    at("frame-after").textContent = this.frame.after.trim();
    at("question").value = settings.ask;
    line.on("answer", ({ key, text }) => this.#show(key, text));
  }

  /** Asks the model as it began, then the model as it is. */
  async askBoth(text, steps) {
    const key = ++this.#round;
    this.#asked = this.frame.before + text + this.frame.after;
    for (const trained of [false, true]) {
      at(idOf(trained)).textContent = "";
    }

    await this.#ask(key, false, 0);
    await this.#ask(key, true, steps);
  }

  /** Asks the model as it is again, where a question was asked before. */
  async askNow(steps) {
    if (this.#asked !== null) {
      await this.#ask(++this.#round, true, steps);
    }
  }

  async #ask(round, trained, steps) {
    if (round !== this.#round) {
      return;
    }

    if (trained) {
      at("now-steps").textContent = steps === 0 ? "" : `, after ${steps} step${steps === 1 ? "" : "s"}`;
    }

    const { text, ended } = await this.line.ask("ask", { prompt: this.#asked, trained, key: { round, trained } });
    this.#show({ round, trained }, ended ? text : `${text} …`);
  }

  #show({ round, trained }, text) {
    if (round === this.#round) {
      at(idOf(trained)).textContent = text.trimStart();
    }
  }
}

function idOf(trained) {
  return trained ? "answer-now" : "answer-before";
}
