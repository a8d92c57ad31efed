// For guides: alerts about strangers over the room, fetched as a part of a page and sent as forms, so that deciding
// never leads away from the room.

const ADDRESS = "/help/strangers";
// Milliseconds for which what was done is shown, even when there is nothing more to tell.
const READ_WITHIN = 8000;

export class Strangers {
  constructor(place, settings) {
    this.place = place;
    this.headers = { "X-Link": settings.link };
    this.shown = "";
    this.readUntil = 0;
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.decide(event.target, event.submitter);
    });
  }

  // Harmless to call often: nothing moves where nothing changed, and a choice that is being made stays.
  async look() {
    await this.show(fetch(ADDRESS, { headers: this.headers, cache: "no-store" }));
  }

  async decide(form, button) {
    if (button) button.disabled = true;
    const body = new URLSearchParams(new FormData(form));
    await this.show(fetch(form.action, { method: "POST", headers: this.headers, body }));
    this.readUntil = performance.now() + READ_WITHIN;
    if (button) button.disabled = false;
  }

  async show(answering) {
    let text;
    try {
      const answer = await answering;
      if (!answer.ok) return;
      text = await answer.text();
    } catch (error) {
      return; // the next look tells
    }
    const part = new DOMParser().parseFromString(text, "text/html").getElementById("strangers");
    if (!part || part.innerHTML === this.shown) return;
    if (performance.now() < this.readUntil && !part.querySelector("li")) return;
    this.shown = part.innerHTML;
    this.place.replaceChildren(...part.childNodes);
    this.place.hidden = !this.place.querySelector("li, [role=status]");
  }
}
