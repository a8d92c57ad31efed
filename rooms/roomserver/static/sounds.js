// Voices of an XL room: heard whether or not their people are on the page of tiles that is shown.

export class Sounds {
  #elements = new Map();

  /** Play these streams, by any key that stays the same for each. */
  show(streams) {
    for (const [key, element] of this.#elements) {
      if (streams.has(key)) continue;
      element.srcObject = null;
      this.#elements.delete(key);
    }
    for (const [key, stream] of streams) {
      const element = this.#elements.get(key) ?? new Audio();
      this.#elements.set(key, element);
      if (element.srcObject !== stream) element.srcObject = stream;
    }
  }

  /** `heldBack` is called, perhaps late, when the browser wants a tap first. */
  play(heldBack) {
    for (const element of this.#elements.values()) {
      if (element.paused) element.play().catch((error) => error.name === "NotAllowedError" && heldBack());
    }
  }
}
