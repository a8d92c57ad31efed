// The buttons above the tiles of a room of many: one page on or back, everybody or the one who speaks.

const byId = (id) => document.getElementById(id);
const WIDE = matchMedia("(min-width: 40rem)");

export class Views {
  #texts;
  #page = 0;
  #isSpeakerView;

  /** `changed()`: something else is to be shown. */
  constructor(texts, isSpeakerView, changed) {
    this.#texts = texts;
    this.#isSpeakerView = isSpeakerView;
    const turn = (step) => () => {
      this.#page = Math.max(0, this.#page + step);
      changed();
    };
    byId("page-back").addEventListener("click", turn(-1));
    byId("page-on").addEventListener("click", turn(1));
    byId("view").addEventListener("click", () => {
      this.#isSpeakerView = !this.#isSpeakerView;
      this.#page = 0;
      changed();
    });
    WIDE.addEventListener("change", changed);
  }

  /** What is wanted, for `arrange`. */
  get wanted() {
    return { isSpeakerView: this.#isSpeakerView, page: this.#page, strip: WIDE.matches ? 6 : 3 };
  }

  /** What is shown now. */
  tell({ page, pages }) {
    this.#page = page;
    byId("views").hidden = false;
    byId("view").textContent = this.#isSpeakerView ? this.#texts.showAll : this.#texts.showSpeaker;
    const text = pages > 1 ? this.#texts.page.replace("{page}", page + 1).replace("{pages}", pages) : "";
    if (byId("page").textContent !== text) byId("page").textContent = text;
    // Not disabled: a button that goes dead under a finger or a keyboard loses the focus.
    for (const [id, isEnd] of [["page-back", page === 0], ["page-on", page === pages - 1]]) {
      byId(id).hidden = pages === 1;
      byId(id).setAttribute("aria-disabled", String(isEnd));
    }
  }
}
