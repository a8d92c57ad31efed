// An XL room's sound and pictures through the server: one connection to send on, one to receive all the others on.
// The server says whose pictures are live; a camera that is not holds its picture back. Whatever breaks is begun anew.

// The larger picture first: the server counts them from the last. Who asked for little data sends one only, a small one.
const BOTH = [
  { rid: "h", maxBitrate: 500_000 },
  { rid: "l", maxBitrate: 120_000, scaleResolutionDownBy: 2 },
];
const SMALL = [{ maxBitrate: 120_000 }];

/** The offer, asking to be asked to send next to nothing while nobody speaks: browsers do not offer that themselves. */
function savingSilence(sdp) {
  const opus = /^a=rtpmap:(\d+) opus\//m.exec(sdp)?.[1];
  return sdp.replace(new RegExp(`^a=fmtp:${opus} .*\\S`, "m"), "$&;usedtx=1");
}

export class Sfu extends EventTarget {
  you = null;
  /** Who of the others spoke last, if somebody did. */
  speaker = null;
  /** The server's media part is away for a moment. */
  isStalled = false;
  #people = new Map();
  #live = new Set();
  #ice = [];
  #media;
  #say;
  #low;
  #isConnected = false;
  #isRenewing = false;
  #sending = null;
  #receiving = null;
  #sources = new Map();
  #streams = new Map();
  #watched = { ids: [], large: [] };
  #negotiation = Promise.resolve();

  /** `say(message)` sends to the signalling server. */
  constructor(media, say, low) {
    super();
    this.#media = media;
    this.#say = say;
    this.#low = low;
    media.addEventListener("change", () => this.#sendTracks());
  }

  /** We came in. The server's ticket follows. */
  begin(you, peers, ice, scene) {
    this.end();
    this.you = you;
    this.#ice = ice;
    this.#people = new Map(peers.map((info) => [info.id, info]));
    this.stage(scene);
  }

  /** We are back after a break, perhaps on another network. */
  resume(scene) {
    this.stage(scene);
    if ([this.#sending, this.#receiving].some((each) => ["disconnected", "failed"].includes(each?.connectionState))) {
      this.#renew();
    }
  }

  get size() {
    return this.#people.size;
  }

  info(id) {
    return this.#people.get(id);
  }

  joined(info) {
    this.#people.set(info.id, info);
    this.#changed();
  }

  left(id) {
    this.#people.delete(id);
    this.#changed();
  }

  mediaOf(id, audio, video) {
    const info = this.#people.get(id);
    if (info) this.#people.set(id, { ...info, audio, video });
    this.#changed();
  }

  /** Everybody else whom we show, for the tiles: a picture only where one arrives. */
  people() {
    return [...this.#people.values()]
      .filter(({ role }) => role !== "viewer")
      .map((info) => {
        const stream = this.#streamOf(info.id, "video");
        const arrives = Boolean(stream && !stream.getTracks()[0].muted);
        const isLive = info.video && this.#live.has(info.id);
        return { ...info, stream: isLive ? stream : null, video: isLive && arrives, isLive, mine: false };
      });
  }

  /** The sounds to be played, by media line. */
  sounds() {
    const lines = [...this.#sources].filter(([, source]) => source.kind === "audio");
    return new Map(lines.map(([mid]) => [mid, this.#streams.get(mid)]));
  }

  /** Whether our own camera is on but waits for a place. */
  get isHeld() {
    return this.#media.video && !this.#live.has(this.you);
  }

  /** The loudest now: {id, level}, level from 0 to 1. */
  loudest() {
    let found = { id: null, level: 0 };
    for (const place of this.#receiving?.getTransceivers() ?? []) {
      const source = this.#sources.get(place.mid);
      if (source?.kind !== "audio") continue;
      const level = place.receiver.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
      if (level > found.level) found = { id: source.id, level };
    }
    return found;
  }

  /** These pictures are on the screen, those of `large` large. */
  watch(ids, large) {
    const wanted = { ids, large };
    if (JSON.stringify(wanted) === JSON.stringify(this.#watched)) return;
    this.#watched = wanted;
    if (this.#isConnected) this.#say({ t: "watch", ...wanted });
  }

  // --- what the server says --------------------------------------------------------------------------------------

  stage({ cameras, speaker, stalled }) {
    this.isStalled = stalled;
    this.#live = new Set(cameras);
    if (speaker !== this.you) this.speaker = speaker;
    this.#sendTracks();
    this.#changed();
  }

  ticket({ ticket }) {
    this.#close();
    this.#say({ t: "connect", ticket });
  }

  connected() {
    this.#isConnected = true;
    this.#say({ t: "watch", ...this.#watched });
    this.#sendTracks();
    this.#changed();
  }

  async published({ description }) {
    await this.#sending?.setRemoteDescription(description);
  }

  /** One after the other: the next offer may come while this one is still being answered. */
  offer(message) {
    this.#negotiation = this.#negotiation.catch(() => undefined).then(() => this.#accept(message));
    return this.#negotiation;
  }

  async #accept({ description, sources }) {
    const connection = (this.#receiving ??= this.#connect("receive"));
    await connection.setRemoteDescription(description);
    await connection.setLocalDescription();
    if (connection !== this.#receiving) return; // begun anew meanwhile
    this.#say({ t: "answer", description: connection.localDescription });
    this.#sources = new Map(Object.entries(sources));
    for (const place of connection.getTransceivers()) this.#receive(place);
    this.#changed();
  }

  #receive({ mid, receiver: { track } }) {
    if (this.#streams.has(mid)) return;
    this.#streams.set(mid, new MediaStream([track]));
    // A track is muted until something arrives.
    track.onmute = track.onunmute = () => this.#changed();
  }

  // --- our ways to the server ------------------------------------------------------------------------------------

  #connect(way) {
    const connection = new RTCPeerConnection({ iceServers: this.#ice });
    connection.onicecandidate = ({ candidate }) => this.#say({ t: "trickle", way, candidate });
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === "failed") this.#renew();
      this.#changed();
    };
    return connection;
  }

  /** Put our tracks (or none) into their places; the way out is made when there is something to send. */
  async #sendTracks() {
    const { audioTrack } = this.#media;
    const videoTrack = this.#live.has(this.you) ? this.#media.videoTrack : null;
    if (!this.#sending && this.#isConnected && (audioTrack || videoTrack)) await this.#publish();
    const connection = this.#sending;
    for (const place of connection?.getTransceivers() ?? []) {
      if (connection !== this.#sending) return; // begun anew meanwhile
      await place.sender.replaceTrack(place.receiver.track.kind === "audio" ? audioTrack : videoTrack);
    }
  }

  async #publish() {
    const connection = (this.#sending = this.#connect("send"));
    connection.addTransceiver("audio", { direction: "sendonly" });
    connection.addTransceiver("video", { direction: "sendonly", sendEncodings: this.#low ? SMALL : BOTH });
    await connection.setLocalDescription();
    if (connection !== this.#sending) return; // begun anew meanwhile
    const { type, sdp } = connection.localDescription;
    this.#say({ t: "publish", description: { type, sdp: savingSilence(sdp) } });
  }

  /** Something broke: ask for a new ticket, once. */
  #renew() {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    this.#say({ t: "renew" });
  }

  #close() {
    for (const connection of [this.#sending, this.#receiving]) connection?.close();
    this.#sending = this.#receiving = null;
    this.#isConnected = this.#isRenewing = false;
    this.#sources.clear();
    this.#streams.clear();
    this.#changed();
  }

  end() {
    this.#close();
    this.#people.clear();
  }

  #streamOf(id, kind) {
    for (const [mid, source] of this.#sources) {
      if (source.id === id && source.kind === kind) return this.#streams.get(mid) ?? null;
    }
    return null;
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** For tests and support: what has been received from each person. */
  async stats() {
    const state = this.#receiving?.connectionState ?? "new";
    const nothing = { framesDecoded: 0, totalAudioEnergy: 0, videoWidth: 0, state };
    const found = new Map([...this.#people].map(([id, info]) => [id, { ...info, ...nothing }]));
    for (const report of (await this.#receiving?.getStats())?.values() ?? []) {
      const person = report.type === "inbound-rtp" && found.get(this.#sources.get(report.mid)?.id);
      if (!person) continue;
      if (report.kind === "video") {
        person.framesDecoded = report.framesDecoded ?? 0;
        person.videoWidth = report.frameWidth ?? 0;
      } else {
        person.totalAudioEnergy = report.totalAudioEnergy ?? 0;
      }
    }
    return [...found.values()];
  }
}
