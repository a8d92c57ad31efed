// The page around the room: events out, commands in, with Whereby's names. Only pages of allowed origins are spoken to.

export class Frame {
  #origins;
  #commands;

  /** `commands`: command name → function of its arguments. */
  constructor(origins, commands) {
    this.#origins = origins;
    this.#commands = commands;
    addEventListener("message", (event) => this.#obey(event));
  }

  get isEmbedded() {
    return parent !== window;
  }

  tell(type, payload = {}) {
    if (!this.isEmbedded) return;
    for (const origin of this.#known()) parent.postMessage({ type, payload }, origin);
  }

  /** The embedding page's origin where the browser tells it, else each that is allowed: only the right one gets it. */
  #known() {
    const told = location.ancestorOrigins?.[0];
    return told ? this.#origins.filter((origin) => origin === told) : this.#origins;
  }

  #obey(event) {
    if (event.source !== parent || !this.#origins.includes(event.origin)) return;
    const { command, args } = event.data ?? {};
    if (typeof command === "string" && Object.hasOwn(this.#commands, command)) {
      this.#commands[command](...(Array.isArray(args) ? args : []));
    }
  }
}
