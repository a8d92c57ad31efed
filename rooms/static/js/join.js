// The personal link's page: asks where its person should be, shows that, and says where they are.
// The server decides; a lost message, a sleeping phone or another server process only delay the next question.

import { DeviceCheck } from "./device_check.js";
import { Room, withDevices } from "./join_room.js";
import { Live } from "./live.js";
import { Me, devices } from "./me.js";
import { fill, inTime, onPress, part, settings, show, shown, toggle } from "./page.js";
import { Sheet } from "./sheet.js";
import { Turn } from "./turn.js";

const ASK_EVERY = 20000;
const ASK_SOON = 5000;
const COUNTDOWN_EVERY = 1000;
const REMEMBERED = "sammen-devices";
// States in which whoever wants to be in gets in without pressing anything again.
const AT_THE_DOOR = ["open", "room", "getting_ready", "full", "other_device"];
const AHEAD = ["early", "waiting"];
const IMPATIENT = ["getting_ready", "full", "other_device"];

const me = new Me(settings);
const strangers = new Sheet(part("strangers"), settings, "/help/strangers", "strangers");
const calls = new Sheet(part("calls"), settings, "/help/calls", "calls");
const turn = new Turn();
let now = null;
let opensAt = null;
let stay = null;
let asking = null;
let nextAsk = null;
let touched = false;
let wantsIn = false;
let toldAt = 0;
let checking = false;
let opened = false;
let choice = remembered() || { camera: false, microphone: true };

const room = new Room(part("frame"), (what, place, on) => roomSaid(what, place, on));
const check = new DeviceCheck(document.querySelector('[data-state="check"]'), {
  found: (found) => me.tell("/me/device-check", { found }).catch(() => {}),
  done: (chosen) => {
    remember(chosen);
    checking = false;
    toggle("checked", true);
    // Whoever has tried camera and sound is ready: the room opens for them by itself.
    wantsIn = true;
    ask();
  },
});
const live = new Live(`${location.protocol.replace("http", "ws")}//${location.host}/live`, {
  changed: () => ask(),
  seat: (told) => moved(told),
  refused: () => location.reload(),
});

// --- asking

// One question at a time; a plain one melts into the one that is under way.
function ask(question) {
  if (asking && !question) return asking;
  const mine = (asking || Promise.resolve())
    .then(question || (() => me.now(choice)))
    .then((answer) => {
      toggle("offline", false);
      return apply(answer, question === stepIn);
    })
    .catch(failed)
    .then(() => {
      if (asking === mine) asking = null;
      plan();
    });
  asking = mine;
  return mine;
}

const stepIn = () => me.enter(choice);

// Told where to go, together with everybody: go there now, and ask a little later, not all in the same moment.
function moved(told) {
  const known = now && now.session === told.session && now.state === "room" && room.isOpen && !checking;
  if (!known || told.at < now.at) {
    ask();
    return;
  }
  toldAt = told.at;
  told.room.address = withDevices(told.room.address, choice);
  now = Object.assign({}, now, { room: told.room, turn: told.turn, at: told.at });
  openRoom(now);
  turn.show({ turn: told.turn });
  clearTimeout(nextAsk);
  nextAsk = setTimeout(() => ask(), 1000 + Math.random() * ASK_SOON);
}

function failed(error) {
  if (error.status === 404 || error.status === 401) location.reload();
  else if (error.status === 403 || error.status === 409) {
    // Another link was opened in this browser meanwhile. Only the page that is looked at takes over.
    if (!document.hidden) location.reload();
  } else toggle("offline", true);
}

function plan() {
  clearTimeout(nextAsk);
  let wait = IMPATIENT.includes(shown()) || !now ? ASK_SOON : live.open ? 3 * ASK_EVERY : ASK_EVERY;
  // At the moment when the clock changes the answer; not all pages in the same instant.
  if (now && now.changes_in !== null) wait = Math.min(wait, now.changes_in * 1000 + 200 + Math.random() * 1500);
  nextAsk = setTimeout(() => (wantsIn && IMPATIENT.includes(shown()) ? enter() : ask()), wait);
}

async function apply(answer, justTried) {
  if (answer.at < toldAt) {
    // Under way while a newer seat was told. Once only: two servers' clocks may differ.
    toldAt = 0;
    setTimeout(ask, 500);
    return undefined;
  }
  const sessionChanged = !now || now.session !== answer.session;
  now = answer;
  if (answer.guide) {
    strangers.look();
    calls.look();
  }
  turn.show(answer);
  toggle("group", Boolean(answer.guide && answer.turn && answer.turn.group));
  fill(answer.texts, answer.following);
  opensAt = answer.opens_in === null ? null : performance.now() + answer.opens_in * 1000;
  toggle("said", Boolean(answer.answer));
  toggle("answers", Boolean(answer.session));
  if (answer.checked) toggle("checked", ["passed", "camera_off"].includes(answer.checked));
  if (sessionChanged) {
    opened = answer.opened;
    live.follow([]);
  }
  if (checking) return undefined;
  if (answer.state === "room" && (room.isOpen || wantsIn)) return openRoom(answer);
  const wasInside = room.isOpen;
  // Left on the other device, while this one waits to come in.
  const free = answer.state === "open" || (answer.state === "left" && shown() === "other_device");
  if (free && !justTried && (wasInside || (wantsIn && touched))) {
    closeRoom();
    return apply(await stepIn(), true);
  }
  closeRoom();
  if (!AT_THE_DOOR.includes(answer.state) && !AHEAD.includes(answer.state)) wantsIn = false;
  toggle("asked", answer.state === "other_device" && wantsIn);
  show(answer.state === "room" ? "open" : answer.state);
  return count();
}

function openRoom(answer) {
  if (!answer.room) return;
  // Shown first: a hidden frame may not ask for the camera.
  show("room");
  part("contact").hidden = true;
  room.open(answer.room);
}

function closeRoom() {
  room.close();
  part("contact").hidden = false;
  gone();
}

function enter() {
  wantsIn = true;
  return ask(stepIn);
}

// --- what the room says

function roomSaid(what, place, on) {
  // Kept for the next room only, should they be moved: what they like to begin with is another matter.
  if (what === "camera" || what === "microphone") choice = Object.assign({}, choice, { [what]: on });
  else if (what === "joined") joined(place);
  else if (what === "left") leave();
  else {
    gone();
    room.close();
    ask();
  }
}

async function joined(place) {
  try {
    const answer = await me.tell("/me/here", { event: "joined", room: place.id, seat: place.seat });
    stay = answer.stay;
    live.here(stay);
    if (!stay) ask();
  } catch (error) {
    setTimeout(() => {
      if (room.isOpen && room.room === place) joined(place);
    }, ASK_SOON);
  }
}

function gone({ keepalive = false } = {}) {
  if (!stay) return;
  live.here(null);
  me.tell("/me/here", { event: "gone", stay }, { keepalive }).catch(() => {});
  stay = null;
}

function leave() {
  wantsIn = false;
  live.here(null);
  stay = null;
  closeRoom();
  show("left", { focus: true });
  ask(() => me.tell("/me/leave"));
}

// While the socket is down the page says by itself that it is there.
setInterval(() => {
  if (stay && !live.open) me.tell("/me/here", { event: "here", stay }).catch(() => {});
}, ASK_EVERY);

// --- what the person does

onPress({
  check() {
    checking = true;
    check.begin();
    show("check", { focus: true });
  },
  try: (button) => check.try(button.dataset.camera === "on"),
  again: () => check.try(check.camera),
  works: () => check.works(),
  sound: () => check.play(),
  copy: () => check.copy(),
  "without-camera": () => check.try(false),
  "only-listen": () => check.finish({ camera: false, microphone: false }),
  back() {
    check.stop();
    checking = false;
    if (now) apply(now, true);
    ask();
  },
  join(button) {
    remember({ camera: button.dataset.camera === "on", microphone: choice.microphone });
    enter();
  },
  answer(button) {
    // A mail scanner presses buttons too; it moves nothing.
    if (touched) ask(() => me.tell(`/me/answer${devices(choice)}`, { answer: button.dataset.answer, session: now.session }));
  },
  hand(button) {
    ask(() => me.tell(`/me/hand${devices(choice)}`, { up: button.getAttribute("aria-pressed") !== "true" }));
  },
  table(button) {
    const number = button.dataset.table ? Number(button.dataset.table) : null;
    ask(() =>
      me.tell(`/me/table${devices(choice)}`, { number }).then((answer) => {
        turn.tableFull(answer.full);
        return answer;
      }),
    );
  },
  rejoin: enter,
  "ask-in": enter,
  leave,
  help,
  group: showGroup,
  "close-group": () => toggle("group-sheet", false),
  "close-help": () => toggle("help", false),
});

// A guide's own group: who is there, whose hand is up, and something to talk about.
async function showGroup() {
  const text = await me.text("/me/group").catch(() => null);
  const inside = text && new DOMParser().parseFromString(text, "text/html").getElementById("group");
  if (inside) part("group-sheet").replaceChildren(inside);
  toggle("group-sheet", Boolean(inside));
  if (inside) inside.querySelector("h2").focus();
}

async function help() {
  toggle("help", true);
  toggle("help-failed", false);
  try {
    await me.tell("/help");
    toggle("help-coming", true);
  } catch (error) {
    toggle("help-failed", true);
  }
}

// --- signs of life

// A scanner may fetch the page, run this and press buttons; it seldom moves, and does not stay to look.
function signOfLife() {
  touched = true;
  tellOpened();
}
function tellOpened() {
  if (opened || document.hidden || navigator.webdriver === true) return;
  opened = true;
  me.tell("/me/opened").catch(() => {
    opened = false;
  });
}
["pointerdown", "keydown", "touchstart"].forEach((kind) => {
  window.addEventListener(kind, (event) => event.isTrusted && signOfLife(), { passive: true });
});
["pointermove", "scroll"].forEach((kind) => {
  window.addEventListener(kind, (event) => event.isTrusted && tellOpened(), { passive: true });
});

// --- time, sleep and network

function count() {
  const seconds = opensAt === null ? 0 : (opensAt - performance.now()) / 1000;
  const counts = shown() === "waiting" && seconds > 0;
  part("countdown").hidden = !counts;
  if (counts) part("countdown").textContent = inTime(seconds);
}
setInterval(count, COUNTDOWN_EVERY);

function wake() {
  if (document.hidden) return;
  live.wake();
  ask();
}
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);
window.addEventListener("pageshow", (event) => event.persisted && wake());
window.addEventListener("pagehide", () => gone({ keepalive: true }));

// Kept in this browser only: whether its person likes to be seen.
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED));
  } catch (error) {
    return null;
  }
}
function remember(chosen) {
  choice = chosen;
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(chosen));
  } catch (error) {
    // Private windows may refuse; then the choice holds for this page.
  }
}

toggle("no-script", false);
live.start();
ask();
