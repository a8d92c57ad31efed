// The live channel, as docs/live-protocol.md describes it. Knows no DOM: whoever uses it hands in what it needs.
// It only tells when to ask again. Losing a message, or the whole channel, costs its user some seconds.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const PING_EVERY = 25000;
const PONG_WITHIN = 10000;
const NOT_ANY_MORE = 4401;

export class Live {
  // address: "wss://…/live". changed(topics): ask again now. seat(message): where this page's person sits now.
  // refused(): this page may follow nothing any more.
  constructor(address, { changed, seat = () => changed([]), refused = () => {}, Socket = WebSocket, random = Math.random }) {
    Object.assign(this, { address, changed, seat, refused, Socket, random });
    this.socket = null;
    this.open = false;
    this.tries = 0;
    this.stopped = false;
    this.stay = null;
    this.sessions = [];
  }

  start() {
    this.stopped = false;
    clearTimeout(this.retry);
    const socket = new this.Socket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.open = true;
      if (this.sessions.length) this.follow(this.sessions);
      if (this.stay) this.here(this.stay);
      this.pinging = setInterval(() => this.ping(), PING_EVERY);
      this.tries = 0;
    };
    socket.onmessage = (event) => this.take(event.data);
    socket.onclose = (event) => this.closed(socket, event.code);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.retry);
    if (this.socket) this.socket.close();
  }

  // The network or the page woke up: do not wait for a timer that slept.
  wake() {
    if (this.stopped) return;
    if (this.open) this.ping();
    else this.start();
  }

  // The stay in a room that this page keeps alive by being there; null: no more.
  here(stay) {
    this.stay = stay;
    this.send(stay ? { type: "here", stay } : { type: "gone" });
  }

  // The page shows other sessions than before.
  follow(sessions) {
    this.sessions = sessions;
    this.send({ type: "follow", sessions });
  }

  send(message) {
    if (this.open && this.socket.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  ping() {
    this.send({ type: "ping" });
    clearTimeout(this.dead);
    // A phone's socket can look open for minutes after its network went away.
    this.dead = setTimeout(() => this.closed(this.socket, 0), PONG_WITHIN);
  }

  take(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch (error) {
      return;
    }
    // Something may have changed while nobody listened.
    if (message.type === "hello") this.changed([]);
    if (message.type === "pong") clearTimeout(this.dead);
    if (message.type === "seat") this.seat(message);
    if (message.type === "changed") this.soon(message.spread || 0, message.topics || []);
  }

  soon(spread, topics) {
    if (!spread) this.changed(topics);
    else setTimeout(() => this.changed(topics), this.random() * spread * 1000);
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    this.socket = null;
    this.open = false;
    clearInterval(this.pinging);
    clearTimeout(this.dead);
    if (code === NOT_ANY_MORE) {
      this.stopped = true;
      this.refused();
    }
    if (this.stopped) return;
    // Thousands lose their socket at once when a process stops: each comes back at a time of its own.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries) * (0.5 + this.random());
    this.tries += 1;
    this.retry = setTimeout(() => this.start(), wait);
  }
}
