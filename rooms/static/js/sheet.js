// For guides: what they have to decide now, over the room (strangers, calls for help). It is fetched as the part `id`
// of the page at `address` and sent as forms, so that deciding never leads away from the room.

// Milliseconds for which what was done is shown, even when there is nothing more to tell.
const READ_WITHIN = 8000;

export class Sheet {
  constructor(place, settings, address, id) {
    this.place = place;
    this.address = address;
    this.id = id;
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
    await this.show(fetch(this.address, { headers: this.headers, cache: "no-store" }));
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
    const part = new DOMParser().parseFromString(text, "text/html").getElementById(this.id);
    if (!part || part.innerHTML === this.shown) return;
    if (performance.now() < this.readUntil && !part.querySelector("li")) return;
    this.shown = part.innerHTML;
    this.place.replaceChildren(...part.childNodes);
    this.place.hidden = !this.place.querySelector("li, [role=status]");
  }
}
