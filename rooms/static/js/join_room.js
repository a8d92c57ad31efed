// The room in its frame. Messages count only from the room's own origin and window.

const ALLOW =
  "camera; microphone; fullscreen; display-capture; autoplay; speaker-selection; screen-wake-lock; compute-pressure";

// A room's address for how the page's camera and microphone are just now.
export function withDevices(address, { camera, microphone }) {
  const url = new URL(address);
  url.searchParams.set("video", camera ? "on" : "off");
  url.searchParams.set("audio", microphone ? "on" : "off");
  return url.href;
}

export class Room {
  // told("joined" | "left" | "ended", room): what the room says about this person;
  // told("camera" | "microphone", room, on): what they switched.
  constructor(place, told) {
    this.place = place;
    this.told = told;
    this.frame = null;
    this.room = null;
    window.addEventListener("message", (event) => this.take(event));
  }

  get isOpen() {
    return this.frame !== null;
  }

  // Shows a room; the same one again changes nothing, another one takes its place.
  open(room) {
    if (this.room && this.room.id === room.id && this.room.seat === room.seat) return;
    this.close();
    this.room = room;
    this.origin = new URL(room.address).origin;
    this.frame = document.createElement("iframe");
    this.frame.allow = ALLOW;
    this.frame.allowFullscreen = true;
    this.frame.title = this.place.dataset.title;
    this.frame.src = room.address;
    this.place.appendChild(this.frame);
    this.stayAwake();
  }

  close() {
    if (!this.frame) return;
    // Leaves before the frame goes, so that the others see it at once.
    this.send("leave_room");
    this.frame.remove();
    this.frame = null;
    this.room = null;
    if (this.wakeLock) this.wakeLock.release().catch(() => {});
    this.wakeLock = null;
  }

  send(command, args = []) {
    if (this.frame && this.frame.contentWindow) this.frame.contentWindow.postMessage({ command, args }, this.origin);
  }

  take(event) {
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== this.origin) return;
    const { type, payload } = event.data || {};
    if (type === "join") this.told("joined", this.room);
    if (type === "leave") this.told(payload && payload.removed ? "ended" : "left", this.room);
    if (type === "meeting_end") this.told("ended", this.room);
    if (type === "camera_toggle") this.told("camera", this.room, Boolean(payload && payload.enabled));
    if (type === "microphone_toggle") this.told("microphone", this.room, Boolean(payload && payload.enabled));
  }

  // A phone must not go dark while its owner listens. Where that is not offered, nothing is lost.
  async stayAwake() {
    if (!navigator.wakeLock) return;
    try {
      this.wakeLock = await navigator.wakeLock.request("screen");
    } catch (error) {
      this.wakeLock = null;
    }
  }
}
