// The signalling connection: says hello, comes back by itself after a break, hands messages on. Knows no DOM.

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;

export class Signalling extends EventTarget {
  #url;
  #hello;
  #resume = null;
  #socket = null;
  #pause = FIRST_PAUSE;
  #done = false;

  /** `hello`: what the first message says of us; a function, since it is said again after a break. */
  constructor(url, hello) {
    super();
    this.#url = url;
    this.#hello = hello;
  }

  connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.send({ t: "hello", ...this.#hello(), resume: this.#resume });
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.t === "welcome" || message.t === "resumed") {
        this.#resume = message.resume;
        this.#pause = FIRST_PAUSE;
      }
      if (message.t === "removed") this.#done = true;
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
    };
    socket.onclose = () => {
      if (this.#done || this.#socket !== socket) return;
      this.dispatchEvent(new CustomEvent("lost"));
      const pause = this.#pause * (0.75 + Math.random() / 2);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      setTimeout(() => this.connect(), pause);
    };
  }

  /** Send now, or drop it: whatever matters is said again after a break. */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Leave for good. */
  leave() {
    this.#done = true;
    this.send({ t: "leave" });
    this.#socket?.close();
  }

  /** For tests of a broken line: as if the network had gone. */
  breakOff() {
    this.#socket?.close();
  }
}
