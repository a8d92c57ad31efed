// What the page asks and tells the server: JSON under /me, and /help.

const TIMEOUT = 10000;

export class Refused extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

export class Me {
  constructor({ link, csrf }) {
    this.headers = { Accept: "application/json", "X-Link": link, "X-CSRF-Token": csrf };
  }

  now(choice) {
    return this.call("GET", `/me/now${devices(choice)}`);
  }

  enter(choice) {
    return this.call("POST", `/me/enter${devices(choice)}`, {});
  }

  tell(path, body = {}, { keepalive = false } = {}) {
    return this.call("POST", path, body, keepalive);
  }

  // A part of a page.
  async text(path) {
    const response = await fetch(path, { headers: this.headers, cache: "no-store", credentials: "same-origin" });
    if (!response.ok) throw new Refused(response.status);
    return response.text();
  }

  // Throws Refused for an answer that is none, TypeError or AbortError when the network is away.
  async call(method, path, body, keepalive = false) {
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), TIMEOUT);
    try {
      const response = await fetch(path, {
        method,
        keepalive,
        cache: "no-store",
        credentials: "same-origin",
        signal: aborter.signal,
        headers: body ? Object.assign({ "Content-Type": "application/json" }, this.headers) : this.headers,
        body: body ? JSON.stringify(body) : undefined,
      });
      if (!response.ok) throw new Refused(response.status);
      return response.status === 204 ? {} : await response.json();
    } finally {
      clearTimeout(timer);
    }
  }
}

export function devices({ camera, microphone }) {
  return `?camera=${camera ? "on" : "off"}&microphone=${microphone ? "on" : "off"}`;
}
