// The tiles: one a person, kept in place, largest that fit; or one large tile and a strip of small ones.

const SHAPE = 4 / 3;

export class Grid {
  #element = document.getElementById("grid");
  #template = document.getElementById("tile");
  #tiles = new Map();
  #texts;
  #large = null;

  constructor(texts) {
    this.#texts = texts;
    new ResizeObserver(() => this.#lay()).observe(this.#element);
  }

  /** Show these people, in this order: {id, name, stream, audio, video, mine}; the one whose id is `large` large. */
  show(people, large = null) {
    this.#large = large;
    this.#element.classList.toggle("speaker-view", large !== null);
    const there = new Set(people.map((person) => person.id));
    for (const [id, tile] of this.#tiles) {
      if (!there.has(id)) {
        tile.remove();
        this.#tiles.delete(id);
      }
    }
    for (const person of people) this.#fill(this.#tiles.get(person.id) ?? this.#make(person), person);
    this.#order(people);
    this.#lay();
  }

  /** A tile that is moved stops playing for a moment: so only those that stand wrong are. */
  #order(people) {
    people.forEach(({ id }, place) => {
      const tile = this.#tiles.get(id);
      if (this.#element.children[place] !== tile) this.#element.insertBefore(tile, this.#element.children[place]);
    });
  }

  #make(person) {
    const tile = this.#template.content.firstElementChild.cloneNode(true);
    tile.querySelector("video").addEventListener("loadeddata", () => tile.classList.remove("waiting"));
    this.#tiles.set(person.id, tile);
    this.#element.append(tile);
    return tile;
  }

  #fill(tile, person) {
    const video = tile.querySelector("video");
    // A stream without tracks would keep the page's load event waiting for ever.
    const stream = person.stream?.getTracks().length ? person.stream : null;
    video.muted = person.mine;
    if (video.srcObject !== stream) {
      video.srcObject = stream;
      tile.classList.toggle("waiting", stream !== null);
    }
    tile.classList.toggle("mine", person.mine);
    tile.classList.toggle("large", person.id === this.#large);
    tile.classList.toggle("unseen-video", !person.video);
    const name = person.name || this.#texts.guest;
    tile.querySelector(".initial").textContent = [...name][0].toLocaleUpperCase();
    tile.querySelector(".who").textContent = person.mine ? this.#texts.you : name;
    const muted = tile.querySelector(".muted");
    muted.hidden = person.audio;
    muted.setAttribute("aria-label", this.#texts.muted);
    muted.setAttribute("role", "img");
  }

  /** Mark who speaks; null for nobody. */
  speaks(id) {
    for (const [each, tile] of this.#tiles) tile.classList.toggle("speaks", each === id);
  }

  /** Play everything that is not ours. `heldBack` is called, perhaps late, when the browser wants a tap first. */
  play(heldBack) {
    for (const tile of this.#tiles.values()) {
      const video = tile.querySelector("video");
      if (!video.srcObject || video.muted || !video.paused) continue;
      video.play().catch((error) => error.name === "NotAllowedError" && heldBack());
    }
  }

  /** As many columns as make the tiles largest. */
  #lay() {
    const count = this.#tiles.size;
    if (!count || this.#large !== null) return;
    const { clientWidth: width, clientHeight: height } = this.#element;
    let best = { columns: 1, size: 0 };
    for (let columns = 1; columns <= count; columns += 1) {
      const rows = Math.ceil(count / columns);
      const size = Math.min(width / columns, (height / rows) * SHAPE);
      if (size > best.size) best = { columns, size };
    }
    this.#element.style.setProperty("--columns", best.columns);
    this.#element.style.setProperty("--rows", Math.ceil(count / best.columns));
  }
}
