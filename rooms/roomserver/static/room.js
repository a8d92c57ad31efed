// The room's page: puts connection, media, mesh, tiles and the page around it together.
import { Frame } from "./frame.js";
import { Grid } from "./grid.js";
import { canMeet, Media } from "./media.js";
import { Mesh } from "./mesh.js";
import { Signalling } from "./protocol.js";

const SPEAKING = 0.02;
const LOOK_EVERY = 400;

const texts = document.body.dataset;
const asked = new URLSearchParams(location.search);
const wants = (name, usual) => (asked.has(name) ? !["off", "false", "0"].includes(asked.get(name)) : usual);
const byId = (id) => document.getElementById(id);

const media = new Media(wants("lowData", false));
const grid = new Grid(texts);
const mesh = new Mesh(media, (to, data) => signalling?.send({ t: "signal", to, data }), wants("lowData", false));
let signalling = null;
let isInside = false;
let knockers = [];

const frame = new Frame(texts.origins.split(" ").filter(Boolean), {
  toggle_camera: (on = !media.video) => media.setVideo(Boolean(on)),
  toggle_microphone: (on = !media.audio) => media.setAudio(Boolean(on)),
  leave_room: () => leave(),
  end_meeting: () => signalling?.send({ t: "end" }),
  knock: () => signalling?.send({ t: "knock" }),
});

function only(id) {
  for (const section of document.querySelectorAll("main, section[id]")) section.hidden = section.id !== id;
}

function say(text) {
  byId("status").textContent = text;
}

function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

// --- in and out ---------------------------------------------------------------------------------------------------

async function enter(audio, video) {
  only("room");
  render();
  await media.start(audio, video);
  before = { audio: media.audio, video: media.video };
  frame.tell(media.trouble === "denied" ? "deny_device_permission" : "grant_device_permission");
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
    notice(texts.broken);
    frame.tell("connection_status_change", { status: "unstable" });
  });
  signalling.connect();
}

function leave() {
  signalling?.leave();
  out("gone", false);
}

function out(section, removed) {
  mesh.end();
  media.stop();
  media.audioTrack = null;
  media.videoTrack = null;
  only(section);
  if (isInside) frame.tell("leave", { removed });
  isInside = false;
}

const heard = {
  welcome({ you, peers, ice }) {
    isInside = true;
    only("room");
    mesh.begin(you, peers, ice);
    frame.tell("join");
    told();
  },
  resumed({ peers }) {
    mesh.resume(peers);
    signalling.send({ t: "media", audio: media.audio, video: media.video });
    told();
  },
  joined({ peer }) {
    mesh.joined(peer);
    say(texts.joined.replace("{name}", peer.name || texts.guest));
    frame.tell("participant_join", { participant: { metadata: peer.metadata, externalId: peer.externalId } });
    counted();
  },
  left({ id }) {
    const peer = mesh.peers.get(id)?.info;
    mesh.left(id);
    if (!peer) return;
    say(texts.left.replace("{name}", peer.name || texts.guest));
    frame.tell("participant_leave", { participant: { metadata: peer.metadata, externalId: peer.externalId } });
    counted();
  },
  signal: ({ from, data }) => mesh.receive(from, data),
  media: ({ id, audio, video }) => mesh.mediaOf(id, audio, video),
  full: () => only("full"),
  locked() {
    only("locked");
    frame.tell("knock");
  },
  waiting: () => only("waiting"),
  rejected: () => only("rejected"),
  knocker(who) {
    knockers = [...knockers.filter((each) => each.id !== who.id), who];
    showDoor();
  },
  knocker_gone({ id }) {
    knockers = knockers.filter((each) => each.id !== id);
    showDoor();
  },
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
  notice("");
  frame.tell("connection_status_change", { status: "stable" });
  counted();
}

function counted() {
  frame.tell("participantupdate", { count: mesh.peers.size + 1 });
}

function showDoor() {
  byId("door").hidden = knockers.length === 0;
  if (knockers.length) byId("knocker").textContent = knockers[0].name || texts.guest;
}

// --- what is seen -------------------------------------------------------------------------------------------------

const mine = new MediaStream();

function render() {
  for (const track of mine.getTracks()) if (track !== media.videoTrack) mine.removeTrack(track);
  if (media.videoTrack) mine.addTrack(media.videoTrack);
  const name = asked.get("displayName") ?? "";
  const others = [...mesh.peers.values()].map(({ info, stream }) => ({ ...info, stream, mine: false }));
  grid.show([...others, { id: "me", name, stream: mine, audio: media.audio, video: media.video, mine: true }]);
  grid.play().then((plays) => {
    byId("sound").hidden = plays;
  });
  for (const [id, on] of [["microphone", media.audio], ["camera", media.video]]) {
    const button = byId(id);
    button.setAttribute("aria-pressed", String(on));
    button.querySelector(".label").textContent = texts[`${id}${on ? "On" : "Off"}`];
  }
  if (!isInside || byId("room").hidden) return;
  if (media.trouble) notice(texts[media.trouble]);
  else if (byId("notice").textContent !== texts.broken) notice(mesh.peers.size ? "" : texts.alone);
}

mesh.addEventListener("change", render);
let before = { audio: false, video: false };
media.addEventListener("change", () => {
  render();
  if (media.audio !== before.audio) frame.tell("microphone_toggle", { enabled: media.audio });
  if (media.video !== before.video) frame.tell("camera_toggle", { enabled: media.video });
  before = { audio: media.audio, video: media.video };
  signalling?.send({ t: "media", ...before });
});

setInterval(() => {
  const levels = [...mesh.peers].map(([id, peer]) => [id, peer.level]);
  const [loudest] = levels.sort((a, b) => b[1] - a[1]);
  grid.speaks(loudest && loudest[1] > SPEAKING ? loudest[0] : null);
}, LOOK_EVERY);

// --- what is tapped -----------------------------------------------------------------------------------------------

const taps = {
  microphone: () => media.setAudio(!media.audio),
  camera: () => media.setVideo(!media.video),
  leave: () => leave(),
  sound: render,
  knock: () => signalling.send({ t: "knock" }),
  enter: () => enter(wants("audio", true), wants("video", true)),
  "enter-unseen": () => enter(wants("audio", true), false),
  again: () => location.reload(),
  back: () => location.reload(),
  admit: () => signalling.send({ t: "admit", id: knockers[0].id }),
  reject: () => signalling.send({ t: "reject", id: knockers[0].id }),
};
for (const [id, tap] of Object.entries(taps)) {
  byId(id).addEventListener("click", () => {
    tap();
    if (id === "admit" || id === "reject") {
      knockers = knockers.slice(1);
      showDoor();
    }
  });
}
byId("leave").hidden = !wants("leaveButton", true);

/** Diagnostics, for tests and for somebody who helps: what is received from each person, and a way to break the line. */
window.sammenRoom = { stats: () => mesh.stats(), breakOff: () => signalling.breakOff() };

frame.tell("ready");
if (!canMeet()) only("unsupported");
else if (wants("precallReview", true)) only("ready");
else enter(wants("audio", true), wants("video", true));
