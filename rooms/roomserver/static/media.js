// Camera and microphone: asked for once, off means really off, and a missing device is no error.

const USUAL = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 } };
const LOW = { width: { ideal: 320 }, height: { ideal: 180 }, frameRate: { ideal: 10, max: 10 } };

export function canMeet() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.RTCPeerConnection);
}

export class Media extends EventTarget {
  audioTrack = null;
  videoTrack = null;
  /** Why the last attempt failed: "denied", "missing" or null. */
  trouble = null;
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

  /** Get what is wanted; whatever cannot be had is left out. */
  async start(audio, video) {
    if (audio && video) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: this.#camera() });
        this.audioTrack = stream.getAudioTracks()[0] ?? null;
        this.#setVideo(stream.getVideoTracks()[0] ?? null);
        return;
      } catch (error) {
        this.#note(error);
      }
    }
    if (audio) await this.setAudio(true);
    if (video) await this.setVideo(true);
  }

  async setAudio(on) {
    if (on && !this.audioTrack) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        [this.audioTrack] = stream.getAudioTracks();
        this.trouble = null;
      } catch (error) {
        this.#note(error);
      }
    }
    if (this.audioTrack) this.audioTrack.enabled = on;
    this.#changed();
  }

  async setVideo(on) {
    if (on && !this.videoTrack) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: this.#camera() });
        this.#setVideo(stream.getVideoTracks()[0]);
        this.trouble = null;
      } catch (error) {
        this.#note(error);
      }
    } else if (!on && this.videoTrack) {
      // Stopped, not muted: the camera's light goes out, as it should when somebody turns it off.
      this.videoTrack.stop();
      this.videoTrack = null;
    }
    this.#changed();
  }

  stop() {
    this.audioTrack?.stop();
    this.videoTrack?.stop();
  }

  #camera() {
    return this.#low ? LOW : USUAL;
  }

  #setVideo(track) {
    this.videoTrack = track;
    track?.addEventListener("ended", () => {
      this.videoTrack = null;
      this.#changed();
    });
  }

  #note(error) {
    this.trouble = error.name === "NotFoundError" ? "missing" : "denied";
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
