// The one page: which of its parts is shown, and the values in it.

const root = document.querySelector("[data-page]");
const LANGUAGE = document.documentElement.lang;

export const settings = { link: root.dataset.link, csrf: root.dataset.csrf };

export function part(name) {
  return document.querySelector(`[data-part="${name}"]`);
}

export function toggle(name, visible) {
  document.querySelectorAll(`[data-part="${name}"]`).forEach((element) => {
    element.hidden = !visible;
  });
}

export function shown() {
  return root.dataset.shown;
}

// Shows one part and hides the others. A part that comes by itself is announced, and never takes the focus away.
export function show(state, { focus = false } = {}) {
  const before = root.dataset.shown;
  if (before === state) return;
  root.dataset.shown = state;
  root.querySelectorAll("[data-state]").forEach((section) => {
    section.hidden = section.dataset.state !== state;
  });
  document.body.classList.toggle("in-room", state === "room");
  const heading = document.getElementById(`${state}-heading`);
  document.title = `${heading.textContent.trim()} · Sammen på nett`;
  part("announce").textContent = heading.textContent;
  window.scrollTo(0, 0);
  if (focus) heading.focus({ preventScroll: true });
}

export function fill(texts, following) {
  Object.keys(texts).forEach((name) => {
    document.querySelectorAll(`[data-fill="${name}"]`).forEach((element) => {
      if (element.textContent !== texts[name]) element.textContent = texts[name];
    });
  });
  toggle("following", following);
}

// "in 12 minutes", in the reader's language with the digits of Norwegian clocks.
export function inTime(seconds) {
  const [count, unit] = seconds >= 90 ? [Math.round(seconds / 60), "minute"] : [Math.max(0, Math.round(seconds)), "second"];
  try {
    return new Intl.RelativeTimeFormat(`${LANGUAGE}-u-nu-latn`).format(count, unit);
  } catch (error) {
    const rest = Math.max(0, Math.round(seconds));
    return `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
  }
}

// Calls one function per [data-do] that is pressed, with the button.
export function onPress(actions) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && actions[button.dataset.do]) actions[button.dataset.do](button);
  });
}
