// The room's page: puts connection, media, mesh or server, tiles and the page around it together.
import { Door } from "./door.js";
import { Frame } from "./frame.js";
import { Grid } from "./grid.js";
import { canMeet, Media } from "./media.js";
import { Mesh } from "./mesh.js";
import { arrange } from "./places.js";
import { Signalling } from "./protocol.js";
import { Sfu } from "./sfu.js";
import { Sounds } from "./sounds.js";
import { Views } from "./views.js";

const SPEAKING = 0.02;
const LOOK_EVERY = 400;

const texts = document.body.dataset;
const asked = new URLSearchParams(location.search);
const wants = (name, usual) => (asked.has(name) ? !["off", "false", "0"].includes(asked.get(name)) : usual);
const byId = (id) => document.getElementById(id);
const onlyWatches = texts.watching === "true";

const wantsLittle = wants("lowData", false);

const media = new Media(wantsLittle);
const grid = new Grid(texts);
const sounds = new Sounds();
const views = new Views(texts, wantsLittle, () => render());
const mesh = new Mesh(media, (to, data) => signalling?.send({ t: "signal", to, data }), wantsLittle);
const sfu = new Sfu(media, (message) => signalling?.send(message), wantsLittle);
/** By which of the two we meet: the server's welcome says. */
let meeting = mesh;
const door = new Door(texts, (kind, id) => signalling.send({ t: kind, id }));
let signalling = null;
let isInside = false;
let isBroken = false;

const frame = new Frame(texts.origins.split(" ").filter(Boolean), {
  toggle_camera: (on = !media.video) => turn("Video", on),
  toggle_microphone: (on = !media.audio) => turn("Audio", on),
  leave_room: () => leave(),
  end_meeting: () => signalling?.send({ t: "end" }),
  knock: () => signalling?.send({ t: "knock" }),
});

/** Show one section, and lead a reader of the page to its heading when they were in here. */
function only(id) {
  if (!byId(id).hidden) return;
  for (const section of document.querySelectorAll("main, section[id]")) section.hidden = section.id !== id;
  const heading = byId(id).querySelector("h1");
  heading.tabIndex = -1;
  if (document.hasFocus()) heading.focus();
}

function say(text) {
  byId("status").textContent = text;
}

function notice(text) {
  if (byId("notice").textContent !== text) byId("notice").textContent = text;
}

// --- in and out ---------------------------------------------------------------------------------------------------

async function enter(audio, video) {
  only("room");
  render();
  if ((audio || video) && !onlyWatches) {
    await media.start(audio, video);
    frame.tell(media.isDenied ? "deny_device_permission" : "grant_device_permission");
  }
  before = { audio: media.audio, video: media.video };
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  signalling = new Signalling(`${scheme}://${location.host}/ws/${texts.room}`, () => ({
    name: asked.get("displayName") ?? "",
    external_id: asked.get("externalId"),
    metadata: asked.get("metadata"),
    key: asked.get("roomKey"),
    audio: media.audio,
    video: media.video,
  }));
  signalling.addEventListener("message", (event) => receive(event.detail));
  signalling.addEventListener("lost", () => {
    isBroken = isInside;
    tellNotice();
    frame.tell("connection_status_change", { status: "unstable" });
  });
  signalling.connect();
}

function leave() {
  signalling?.leave();
  out("gone", false);
}

/** Be out of the room, and show why. `removed`: it was not this person's wish. */
function out(section, removed) {
  meeting.end();
  media.stop();
  only(section);
  if (isInside) frame.tell("leave", { removed });
  isInside = false;
}

const heard = {
  welcome({ you, peers, ice, sfu: scene, capacity }) {
    only("room");
    door.clear();
    meeting.end();
    meeting = scene ? sfu : mesh;
    meeting.begin(you, peers, ice, scene);
    byId("limit").hidden = Boolean(scene) || !texts.limit;
    byId("limit").textContent = texts.limit.replace("{count}", capacity);
    if (!isInside) frame.tell("join");
    isInside = true;
    told();
  },
  resumed({ sfu: scene }) {
    meeting.resume(scene);
    told();
  },
  joined({ peer }) {
    meeting.joined(peer);
    say(texts.joined.replace("{name}", peer.name || texts.guest));
    frame.tell("participant_join", { participant: { metadata: peer.metadata, externalId: peer.externalId } });
    counted();
  },
  left({ id }) {
    const peer = meeting.info(id);
    meeting.left(id);
    if (!peer) return;
    say(texts.left.replace("{name}", peer.name || texts.guest));
    frame.tell("participant_leave", { participant: { metadata: peer.metadata, externalId: peer.externalId } });
    counted();
  },
  signal: ({ from, data }) => mesh.receive(from, data),
  media: ({ id, audio, video }) => meeting.mediaOf(id, audio, video),
  ticket: (message) => sfu.ticket(message),
  connected: () => sfu.connected(),
  published: (message) => sfu.published(message),
  offer: (message) => sfu.offer(message),
  stage: (message) => sfu.stage(message),
  full: () => out("full", true),
  locked() {
    // Who waits already has lost the connection meanwhile: the knock is theirs still.
    if (byId("waiting").hidden) only("locked");
    else signalling.send({ t: "knock" });
  },
  waiting() {
    if (byId("waiting").hidden) frame.tell("knock");
    only("waiting");
  },
  rejected: () => out("rejected", true),
  knocker: ({ id, name }) => door.add(id, name),
  knocker_gone: ({ id }) => door.remove(id),
  no_place: () => notice(texts.noPlace),
  removed({ reason }) {
    const was = isInside;
    out("over", true);
    if (reason === "ended" || !was) frame.tell("meeting_end");
  },
};

function receive(message) {
  if (Object.hasOwn(heard, message.t)) Promise.resolve(heard[message.t](message)).catch((error) => console.warn(error));
}

function told() {
  isBroken = false;
  render();
  frame.tell("connection_status_change", { status: "stable" });
  counted();
}

function counted() {
  frame.tell("participantupdate", { count: meeting.size + 1 });
}

// --- what is seen -------------------------------------------------------------------------------------------------

const mine = new MediaStream();

function render() {
  for (const track of mine.getTracks()) if (track !== media.videoTrack) mine.removeTrack(track);
  if (media.videoTrack) mine.addTrack(media.videoTrack);
  const me = { id: "me", name: asked.get("displayName") ?? "", stream: mine, mine: true };
  show([...meeting.people(), ...(onlyWatches ? [] : [{ ...me, audio: media.audio, video: media.video }])]);
  if (!meeting.size) byId("sound").hidden = true;
  play();
  for (const [id, on] of [["microphone", media.audio], ["camera", media.video]]) {
    const button = byId(id);
    button.hidden = onlyWatches;
    button.setAttribute("aria-pressed", String(on));
    button.querySelector(".label").textContent = texts[`${id}${on ? "On" : "Off"}`];
  }
  tellNotice();
}

/** A mesh has few tiles and shows all. Through the server, only what is on the screen is received. */
function show(people) {
  byId("views").hidden = meeting !== sfu;
  if (meeting !== sfu) {
    grid.show(people);
    return;
  }
  const arranged = arrange(people, { ...views.wanted, speaker: sfu.speaker });
  grid.show(arranged.shown, arranged.large);
  views.tell(arranged);
  sounds.show(sfu.sounds());
  const ids = arranged.shown.filter(({ mine }) => !mine).map(({ id }) => id);
  const large = arranged.large === null && ids.length < 4 ? ids : ids.filter((id) => id === arranged.large);
  if (wantsLittle) sfu.watch(ids.filter((id) => id === (arranged.large ?? sfu.speaker)), []);
  else sfu.watch(ids, large);
}

function play() {
  const heldBack = () => {
    byId("sound").hidden = false;
  };
  grid.play(heldBack);
  sounds.play(heldBack);
}

/** The one thing that matters most now: a broken connection, a device that does not work, or that nobody else is here. */
function tellNotice() {
  if (isBroken || (isInside && meeting === sfu && sfu.isStalled)) notice(texts.broken);
  else if (!isInside) notice("");
  else if (media.trouble) notice(texts[media.trouble]);
  else if (meeting === sfu && sfu.isHeld) notice(texts.held);
  else notice(meeting.size ? "" : texts.alone);
}

for (const each of [mesh, sfu]) each.addEventListener("change", () => each === meeting && render());
let before = { audio: false, video: false };
media.addEventListener("change", () => {
  render();
  if (media.audio !== before.audio) frame.tell("microphone_toggle", { enabled: media.audio });
  if (media.video !== before.video) frame.tell("camera_toggle", { enabled: media.video });
  before = { audio: media.audio, video: media.video };
  signalling?.send({ t: "media", ...before });
});

setInterval(() => {
  const { id, level } = meeting.loudest();
  grid.speaks(level > SPEAKING ? id : null);
}, LOOK_EVERY);

// --- what is tapped -----------------------------------------------------------------------------------------------

function turn(kind, on) {
  if (!onlyWatches) media[`set${kind}`](Boolean(on));
}

function cancelKnock() {
  signalling.send({ t: "cancel_knock" });
  frame.tell("cancel_knock");
  only("locked");
}

function enterChecked(video) {
  frame.tell("precall_check_completed");
  enter(wants("audio", true), video);
}

const taps = {
  microphone: () => turn("Audio", !media.audio),
  camera: () => turn("Video", !media.video),
  leave,
  sound() {
    byId("sound").hidden = true;
    play();
  },
  knock: () => signalling.send({ t: "knock" }),
  "cancel-knock": cancelKnock,
  enter: () => enterChecked(wants("video", true)),
  "enter-unseen": () => enterChecked(false),
  again: () => location.reload(),
  back: () => location.reload(),
};
for (const [id, tap] of Object.entries(taps)) byId(id).addEventListener("click", tap);
byId("leave").hidden = !wants("leaveButton", !wants("minimal", false));

// A page that is closed gives its place up at once; one that the browser brings back from its memory begins anew.
addEventListener("pagehide", () => signalling?.leave());
addEventListener("pageshow", (event) => event.persisted && location.reload());

/** Diagnostics, for tests and for somebody who helps: what is received from each person, and a way to break the line. */
window.sammenRoom = { stats: () => meeting.stats(), breakOff: () => signalling.breakOff() };

frame.tell("ready");
if (!canMeet()) only("unsupported");
else if (wants("precallReview", true)) only("ready");
else enter(wants("audio", true), wants("video", true));
