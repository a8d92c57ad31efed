// What the dashboard's pages do beyond forms and links. Each page works without it; with it they keep themselves fresh.

import { Live } from "./live.js";

const SOON = 300;

// --- parts that keep themselves fresh: htmx fetches the page again and takes its own part out of it

const parts = () => [...document.querySelectorAll("[data-live]")];
const shown = new Map();
let refreshing = null;

function refresh() {
  // A burst of wake-ups, as when ten people come in at once, is one question.
  clearTimeout(refreshing);
  refreshing = setTimeout(() => parts().forEach((part) => window.htmx.trigger(part, "refresh")), SOON);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  const answer = event.detail.serverResponse;
  if (!answer.includes(`id="${part.id}"`)) {
    // Signed out meanwhile, or the page is gone: show that instead of nothing.
    event.detail.shouldSwap = false;
    window.location.reload();
  } else if (shown.get(part.id) === answer) event.detail.shouldSwap = false; // nothing moves where nothing changed
  else if (event.detail.xhr.status < 400) shown.set(part.id, answer);
});

// What a part has to tell is said once by the one region that always stands, never read aloud as a whole.
let told = "";
document.addEventListener("htmx:afterSettle", () => {
  const text = [...document.querySelectorAll("[data-tell]")].map((element) => element.textContent.trim()).join(". ");
  if (text === told) return;
  told = text;
  document.querySelector("[data-say]").textContent = text;
});

const offline = document.querySelector("[data-offline]");
["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => {
  document.addEventListener(name, () => {
    offline.hidden = false;
  });
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400) offline.hidden = true;
});

if (parts().length) {
  const live = new Live(`${location.protocol.replace("http", "ws")}//${location.host}/live?as=coordinator`, {
    changed: refresh,
  });
  live.follow(parts().flatMap((part) => (part.dataset.session ? [part.dataset.session] : [])));
  live.start();
  const wake = () => {
    if (document.hidden) return;
    live.wake();
    refresh();
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
}

// --- forms

// A second press before the answer comes would send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
});

const wrong = document.querySelector("[data-focus]");
if (wrong) wrong.focus();

// --- choosing people

function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
}

document.querySelectorAll("[data-picker]").forEach((picker) => {
  const field = picker.querySelector("[data-filter-field]");
  if (!field) return;
  const search = field.querySelector("input");
  const rows = [...picker.querySelectorAll("[data-filter]")];
  const nobody = picker.querySelector("[data-nobody]");
  const chosen = picker.querySelector("[data-chosen]");
  field.hidden = false;
  chosen.hidden = false;

  search.addEventListener("input", () => {
    const wanted = plain(search.value.trim());
    rows.forEach((row) => {
      row.hidden = !plain(row.dataset.filter).includes(wanted);
    });
    nobody.hidden = rows.some((row) => !row.hidden);
  });
  // Enter takes the only one that is left, so that a name, Enter and the next name are enough.
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const left = rows.filter((row) => !row.hidden);
    if (left.length !== 1) return;
    const box = left[0].querySelector("input");
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    search.value = "";
    search.dispatchEvent(new Event("input"));
  });

  function count() {
    const ids = new Set();
    picker.querySelectorAll("input:checked").forEach((box) => {
      (box.dataset.members || box.value).split(" ").forEach((id) => ids.add(id));
    });
    chosen.textContent = chosen.dataset.text.replace("{n}", ids.size);
  }
  picker.addEventListener("change", count);
  count();
});

// --- copying a link

document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.copied;
    document.querySelector("[data-say]").textContent = button.dataset.copied;
  });
});
// --- handing a text to another app, such as WhatsApp, where the browser can

document.querySelectorAll("[data-share]").forEach((button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.share({ text: document.getElementById(button.dataset.share).value });
    } catch (error) {
      if (error.name !== "AbortError") throw error; // they thought better of it
    }
  });
});
document.querySelectorAll("[data-select]").forEach((input) => input.addEventListener("focus", () => input.select()));
