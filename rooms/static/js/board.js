// The board of a breakout: a running clock, and people who are dragged from group to group.
// Everything can be done without it, and by keyboard, through each person's menu.

const CLOCK_EVERY = 1000;
let dragged = null;
let held = false;

const board = () => document.querySelector("[data-board]");

// --- the clock: a span from the server, counted down here

const ends = new WeakMap();
function clock() {
  document.querySelectorAll("[data-until]").forEach((timer) => {
    if (!ends.has(timer)) ends.set(timer, performance.now() + Number(timer.dataset.until) * 1000);
    const seconds = Math.max(0, Math.round((ends.get(timer) - performance.now()) / 1000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const text = timer.dataset.words.replace("{time}", time);
    if (timer.textContent !== text) timer.textContent = text;
  });
}
setInterval(clock, CLOCK_EVERY);
clock();

// --- what somebody has opened or begun to choose stays when the board is fetched anew

let open = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "breakout") return;
  const busy = document.activeElement && document.activeElement.closest(".group-menu[open], .group-more[open]");
  // Somebody is choosing, or dragging: the next look tells.
  if (dragged || held || busy) event.detail.shouldSwap = false;
  open = [...document.querySelectorAll("#breakout details[open]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSettle", () => {
  open.forEach((id) => {
    const details = document.getElementById(id);
    if (details) details.open = true;
  });
  clock();
});

// --- dragging

// A board that is fetched anew between pressing and moving would take what is held out of one's hand.
document.addEventListener("pointerdown", (event) => {
  held = Boolean(event.target.closest("[data-person]"));
});
["pointerup", "pointercancel", "dragend"].forEach((kind) => {
  document.addEventListener(kind, () => {
    held = false;
  });
});

document.addEventListener("dragstart", (event) => {
  const person = event.target.closest && event.target.closest("[data-person]");
  if (!person) return;
  dragged = person.dataset.person;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", person.dataset.person);
});
document.addEventListener("dragend", () => {
  dragged = null;
  document.querySelectorAll("[data-over]").forEach((group) => delete group.dataset.over);
});
document.addEventListener("dragover", (event) => {
  const group = dragged && event.target.closest("[data-group]");
  document.querySelectorAll("[data-over]").forEach((other) => other !== group && delete other.dataset.over);
  if (!group) return;
  event.preventDefault();
  group.dataset.over = "yes";
});
document.addEventListener("drop", (event) => {
  const group = dragged && event.target.closest("[data-group]");
  if (!group) return;
  event.preventDefault();
  move(dragged, group.dataset.group);
});

// The same form as the menu's, so that there is one way to move somebody.
function move(person, group) {
  const form = document.querySelector(`#in-${CSS.escape(person)} .group-menu form`);
  if (!form) return;
  const choice = form.querySelector("select");
  const option = [...choice.options].find((one) => one.value === group);
  if (!option) return; // where they are already
  option.selected = true;
  board().setAttribute("aria-busy", "true");
  form.requestSubmit();
}
