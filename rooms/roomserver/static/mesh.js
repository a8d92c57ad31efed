// Browser-to-browser connections by perfect negotiation (RFC 8829, section 4): the newcomer offers, the polite side gives way.
// Both sides always have one audio and one video place; turning a camera on or off only swaps the track in its place.

const USUAL_BITRATE = 500_000;
const LOW_BITRATE = 120_000;

class Peer {
  constructor(mesh, info, offers) {
    this.mesh = mesh;
    this.info = info;
    this.polite = info.polite;
    this.makingOffer = false;
    this.ignoringOffer = false;
    this.settingAnswer = false;
    this.stream = new MediaStream();
    this.connection = new RTCPeerConnection({ iceServers: mesh.ice });
    this.#wire();
    if (offers) {
      this.connection.addTransceiver("audio", { direction: "sendrecv" });
      this.connection.addTransceiver("video", { direction: "sendrecv" });
      this.sendTracks();
    }
  }

  #wire() {
    const connection = this.connection;
    connection.onnegotiationneeded = async () => {
      try {
        this.makingOffer = true;
        await connection.setLocalDescription();
        this.#signal({ description: connection.localDescription });
      } finally {
        this.makingOffer = false;
      }
    };
    // The empty candidate at the end is sent too: without it the other side waits for more.
    connection.onicecandidate = ({ candidate }) => this.#signal({ candidate });
    connection.oniceconnectionstatechange = () => {
      if (connection.iceConnectionState === "failed") connection.restartIce();
      this.mesh.changed();
    };
    connection.ontrack = ({ track }) => {
      if (!this.stream.getTracks().includes(track)) this.stream.addTrack(track);
      this.mesh.changed();
    };
  }

  #signal(data) {
    this.mesh.signal(this.info.id, data);
  }

  async receive({ description, candidate }) {
    const connection = this.connection;
    if (description) {
      const ready = !this.makingOffer && (connection.signalingState === "stable" || this.settingAnswer);
      this.ignoringOffer = !this.polite && description.type === "offer" && !ready;
      if (this.ignoringOffer) return;
      this.settingAnswer = description.type === "answer";
      await connection.setRemoteDescription(description);
      this.settingAnswer = false;
      if (description.type === "offer") {
        for (const place of connection.getTransceivers()) place.direction = "sendrecv";
        await this.sendTracks();
        await connection.setLocalDescription();
        this.#signal({ description: connection.localDescription });
      }
      // Only now has the answering side an encoding that can be capped.
      await this.#capBitrates();
    } else {
      try {
        await connection.addIceCandidate(candidate ?? undefined);
      } catch (error) {
        if (!this.ignoringOffer) throw error;
      }
    }
  }

  /** Put our tracks (or none) into their places. */
  async sendTracks() {
    const { audioTrack, videoTrack } = this.mesh.media;
    for (const place of this.connection.getTransceivers()) {
      const kind = place.receiver.track.kind;
      await place.sender.replaceTrack(kind === "audio" ? audioTrack : videoTrack);
    }
  }

  async #capBitrates() {
    const most = this.mesh.low ? LOW_BITRATE : USUAL_BITRATE;
    for (const { sender, receiver } of this.connection.getTransceivers()) {
      const parameters = sender.getParameters();
      const encoding = parameters.encodings?.[0];
      if (receiver.track.kind !== "video" || !encoding || encoding.maxBitrate === most) continue;
      encoding.maxBitrate = most;
      await sender.setParameters(parameters).catch(() => undefined);
    }
  }

  get isConnected() {
    return ["connected", "completed"].includes(this.connection.iceConnectionState);
  }

  /** How loud they are now, from 0 to 1. */
  get level() {
    const receiver = this.connection.getReceivers().find((each) => each.track.kind === "audio");
    return receiver?.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
  }

  /** For tests and support: what has been received from this peer. */
  async stats() {
    const found = { framesDecoded: 0, totalAudioEnergy: 0, videoWidth: 0, state: this.connection.iceConnectionState };
    for (const report of (await this.connection.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      if (report.kind === "video") {
        found.framesDecoded = report.framesDecoded ?? 0;
        found.videoWidth = report.frameWidth ?? 0;
      } else {
        found.totalAudioEnergy = report.totalAudioEnergy ?? 0;
      }
    }
    return found;
  }
}

export class Mesh extends EventTarget {
  peers = new Map();
  you = null;
  ice = [];

  /** `signal(to, data)` sends to one peer by the signalling server. */
  constructor(media, signal, low) {
    super();
    this.media = media;
    this.signal = signal;
    this.low = low;
    media.addEventListener("change", () => this.sendTracks());
  }

  get size() {
    return this.peers.size;
  }

  info(id) {
    return this.peers.get(id)?.info;
  }

  /** The loudest now: {id, level}, level from 0 to 1. */
  loudest() {
    const levels = [...this.peers].map(([id, { level }]) => ({ id, level }));
    return levels.sort((a, b) => b.level - a.level)[0] ?? { id: null, level: 0 };
  }

  /** We came in: connect to everybody who is there. */
  begin(you, peers, ice) {
    this.end();
    this.you = you;
    this.ice = ice;
    for (const info of peers) this.peers.set(info.id, new Peer(this, info, true));
    this.changed();
  }

  /** We are back after a break, perhaps on another network: whatever broke with the line is tried anew at once. */
  resume() {
    for (const { connection } of this.peers.values()) {
      if (["disconnected", "failed"].includes(connection.iceConnectionState)) connection.restartIce();
    }
  }

  /** Everybody else whom we show, for the tiles: no picture before there is one. */
  people() {
    return [...this.peers.values()]
      .filter(({ info }) => info.role !== "viewer")
      .map(({ info, stream, isConnected }) => ({ ...info, stream, video: info.video && isConnected, mine: false }));
  }

  joined(info) {
    this.peers.get(info.id)?.connection.close();
    this.peers.set(info.id, new Peer(this, info, false));
    this.changed();
  }

  left(id) {
    this.peers.get(id)?.connection.close();
    this.peers.delete(id);
    this.changed();
  }

  mediaOf(id, audio, video) {
    const peer = this.peers.get(id);
    if (!peer) return;
    peer.info = { ...peer.info, audio, video };
    this.changed();
  }

  async receive(from, data) {
    await this.peers.get(from)?.receive(data);
  }

  async sendTracks() {
    await Promise.all([...this.peers.values()].map((peer) => peer.sendTracks()));
  }

  end() {
    for (const peer of this.peers.values()) peer.connection.close();
    this.peers.clear();
  }

  async stats() {
    const entries = [...this.peers.values()].map(async (peer) => ({ ...peer.info, ...(await peer.stats()) }));
    return Promise.all(entries);
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
