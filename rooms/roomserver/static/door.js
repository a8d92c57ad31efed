// The door as a host sees it: who knocks, one at a time, and two buttons. The server says when somebody is gone from it.

const byId = (id) => document.getElementById(id);

export class Door {
  #knockers = new Map();
  #texts;

  /** `decide(kind, id)`: the host has answered, `kind` is "admit" or "reject". */
  constructor(texts, decide) {
    this.#texts = texts;
    for (const kind of ["admit", "reject"]) {
      byId(kind).addEventListener("click", () => {
        const [id] = this.#knockers.keys();
        if (id !== undefined) decide(kind, id);
      });
    }
  }

  /** Somebody knocks. */
  add(id, name) {
    this.#knockers.set(id, name || this.#texts.guest);
    this.#show();
  }

  remove(id) {
    this.#knockers.delete(id);
    this.#show();
  }

  /** We came in anew: whoever still knocks is told again. */
  clear() {
    this.#knockers.clear();
    this.#show();
  }

  #show() {
    const [name] = this.#knockers.values();
    byId("knocker").textContent = name === undefined ? "" : this.#texts.knocks.replace("{name}", name);
    byId("answers").hidden = name === undefined;
  }
}
