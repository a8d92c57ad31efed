// The signalling connection: says hello, comes back by itself after a break, hands messages on. Knows no DOM.
// From the welcome on, both sides number their messages and say again what a broken connection swallowed.

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;
const MOST_KEPT = 300;
const PING_EVERY = 4000;
const SILENT = 10_000;

export class Signalling extends EventTarget {
  #url;
  #hello;
  #resume = null;
  #seen = 0;
  #said = 0;
  #kept = [];
  #socket = null;
  #pause = FIRST_PAUSE;
  #done = false;
  #lastHeard = 0;

  /** `hello`: what the first message says of us; a function, since it is said again after a break. */
  constructor(url, hello) {
    super();
    this.#url = url;
    this.#hello = hello;
    setInterval(() => this.#look(), PING_EVERY);
    addEventListener("offline", () => this.#lose(this.#socket));
  }

  connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#lastHeard = Date.now();
    socket.onopen = () => {
      const hello = { t: "hello", ...this.#hello(), resume: this.#resume, seen: this.#seen };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#take(JSON.parse(event.data));
    };
    socket.onclose = () => this.#lose(socket);
  }

  /** A phone that changes networks keeps a dead connection for minutes without a word: so ask, and do not wait long. */
  #look() {
    const socket = this.#socket;
    if (this.#done || !socket) return;
    if (Date.now() - this.#lastHeard > SILENT) this.#lose(socket);
    else if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ t: "ping", seen: this.#seen }));
  }

  #lose(socket) {
    if (this.#done || !socket || this.#socket !== socket) return;
    this.#socket = null;
    socket.close();
    this.dispatchEvent(new CustomEvent("lost"));
    const pause = this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    setTimeout(() => !this.#done && this.connect(), pause);
  }

  #take(message) {
    this.#lastHeard = Date.now();
    if (message.n) {
      if (message.n <= this.#seen) return;
      this.#seen = message.n;
    }
    if (message.t === "welcome") {
      this.#seen = 0;
      this.#said = 0;
      this.#kept = [];
    }
    if (message.t === "welcome" || message.t === "resumed") {
      this.#resume = message.resume;
      this.#pause = FIRST_PAUSE;
      for (const kept of this.#kept) if (kept.n > message.heard) this.#socket.send(JSON.stringify(kept));
    }
    if (message.t === "removed") this.#done = true;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** Send now. What is sent from inside the room, and lost with the connection, is sent again after a break. */
  send(message) {
    let sent = message;
    if (this.#resume) {
      this.#said += 1;
      sent = { ...message, n: this.#said };
      this.#kept = [...this.#kept.slice(1 - MOST_KEPT), sent];
    }
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(sent));
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
