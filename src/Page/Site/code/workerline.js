/** Requests to a worker and their answers, and the events that it sends unasked. */

export class WorkerLine {
  #waiting = new Map();
  #listeners = new Map();
  #count = 0;

  /** @param {Worker} worker answers `{ id, request, body }` with `{ id, result }` or `{ id, fault }` */
  constructor(worker) {
    this.worker = worker;
    worker.addEventListener("message", ({ data }) => this.#hear(data));
    worker.addEventListener("error", (event) => {
      const error = new Error(`The model's worker has ended: ${event.message || "its code does not load"}. Load the page again.`);
      for (const { reject } of this.#waiting.values()) {
        reject(error);
      }

      this.#waiting.clear();
    });
  }

  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  ask(request, body) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, request, body });
    });
  }

  #hear(data) {
    if (data.event !== undefined) {
      this.#listeners.get(data.event)?.(data);
      return;
    }

    const waiting = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (data.fault === undefined) {
      waiting?.resolve(data.result);
    } else {
      waiting?.reject(new Error(data.fault));
    }
  }
}
