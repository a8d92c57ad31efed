// Camera and microphone: asked for once, a camera that is off is really off, and a missing device is no error.

const USUAL = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 } };
const LOW = { width: { ideal: 320 }, height: { ideal: 180 }, frameRate: { ideal: 10, max: 10 } };

export function canMeet() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.RTCPeerConnection);
}

export class Media extends EventTarget {
  audioTrack = null;
  videoTrack = null;
  /** What went wrong with each at the last attempt: "denied", "missing" or null. */
  #failed = { audio: null, video: null };
  #low;

  constructor(low) {
    super();
    this.#low = low;
  }

  get audio() {
    return Boolean(this.audioTrack?.enabled);
  }

  get video() {
    return Boolean(this.videoTrack);
  }

  get isDenied() {
    return Object.values(this.#failed).includes("denied");
  }

  /** What does not work, by the name of its text: "denied" or "missing" for both, "noCamera", "noMicrophone", or null. */
  get trouble() {
    const { audio, video } = this.#failed;
    if (audio && video) return this.isDenied ? "denied" : "missing";
    if (audio) return "noMicrophone";
    return video ? "noCamera" : null;
  }

  /** Get what is wanted; whatever cannot be had is left out. */
  async start(audio, video) {
    // Both with one question to the person. When that fails, one of them may still be there.
    if (audio && video && (await this.#get({ audio: true, video: this.#camera() }))) return;
    if (audio) await this.#get({ audio: true });
    if (video) await this.#get({ video: this.#camera() });
  }

  async setAudio(on) {
    if (on && !this.audioTrack) await this.#get({ audio: true });
    if (this.audioTrack) this.audioTrack.enabled = on;
    this.#changed();
  }

  async setVideo(on) {
    if (on && !this.videoTrack) await this.#get({ video: this.#camera() });
    // Stopped, not muted: the camera's light goes out, as it should when somebody turns it off.
    if (!on) this.#drop("video");
    this.#changed();
  }

  stop() {
    this.#drop("audio");
    this.#drop("video");
  }

  #drop(kind) {
    this[`${kind}Track`]?.stop();
    this[`${kind}Track`] = null;
  }

  #camera() {
    return this.#low ? LOW : USUAL;
  }

  /** Whether we got it. Asked twice at once (a double tap), the later track takes the earlier one's place. */
  async #get(wanted) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      for (const track of stream.getTracks()) this.#take(track);
      return true;
    } catch (error) {
      const failed = error.name === "NotFoundError" ? "missing" : "denied";
      for (const kind of Object.keys(wanted)) this.#failed[kind] = failed;
      return false;
    }
  }

  #take(track) {
    this.#drop(track.kind);
    this[`${track.kind}Track`] = track;
    this.#failed[track.kind] = null;
    // Pulled out, or taken away by the browser.
    track.addEventListener("ended", () => {
      if (this[`${track.kind}Track`] !== track) return;
      this.#drop(track.kind);
      this.#changed();
    });
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
