// The device check: a picture of oneself, a line that moves with the voice, and, when something fails, what to do.
// Camera off is the first choice, and as good as any other.

import { part, toggle } from "./page.js";

const IN_APP = /FBAN|FBAV|FB_IAB|FBIOS|Messenger|Instagram|WhatsApp|Line\/|MicroMessenger|Snapchat|TikTok|; wv\)/;
const LOUD = 25;

export function isInApp(agent = navigator.userAgent) {
  return IN_APP.test(agent);
}

export function system(agent = navigator.userAgent) {
  if (/Android/.test(agent)) return "android";
  // iPads say that they are Macs, but Macs have no touch screen.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "ios";
  return "computer";
}

// The name of what went wrong: of a [data-problem] in the page, and what the server keeps of it.
export function problemOf(error, camera) {
  const blocked = error.name === "NotAllowedError" || error.name === "SecurityError";
  if (blocked) return isInApp() ? "in_app_browser" : camera ? "camera_blocked" : "microphone_blocked";
  return camera ? "no_camera" : "no_microphone";
}

const KEPT_AS = { insecure: "unsupported" };

export class DeviceCheck {
  // found(result): tells the server. done({camera, microphone}): the person goes on.
  constructor(section, { found, done }) {
    Object.assign(this, { section, found, done });
    this.stream = null;
    section.querySelectorAll("[data-system]").forEach((way) => {
      way.hidden = way.dataset.system !== system();
    });
  }

  begin() {
    this.camera = false;
    this.step("choose");
  }

  step(name) {
    this.section.querySelectorAll("[data-step]").forEach((step) => {
      step.hidden = step.dataset.step !== name;
    });
  }

  async try(camera) {
    this.camera = camera;
    this.stop();
    if (!window.isSecureContext) return this.stuck("insecure");
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia || !window.RTCPeerConnection) {
      return this.stuck(isInApp() ? "in_app_browser" : "unsupported");
    }
    this.step("asking");
    const attempt = (this.attempt = {});
    try {
      const stream = await this.media(camera);
      if (attempt !== this.attempt) return stopAll(stream);
      this.stream = stream;
    } catch (error) {
      if (attempt !== this.attempt) return undefined;
      return this.stuck(error.problem);
    }
    this.show();
    return undefined;
  }

  // Both at once asks once. When that fails, the microphone alone tells which of the two it was.
  async media(camera) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: true, video: camera && { facingMode: "user" } });
    } catch (error) {
      if (!camera) throw Object.assign(error, { problem: problemOf(error, false) });
      try {
        stopAll(await navigator.mediaDevices.getUserMedia({ audio: true }));
      } catch (silent) {
        throw Object.assign(silent, { problem: problemOf(silent, false) });
      }
      throw Object.assign(error, { problem: problemOf(error, true) });
    }
  }

  show() {
    const picture = part("picture");
    picture.hidden = !this.camera;
    part("no-picture").hidden = this.camera;
    picture.srcObject = this.camera ? this.stream : null;
    part("heard").hidden = true;
    this.step("trying");
    this.listen();
  }

  listen() {
    const AudioContext = window.AudioContext || window.webkitAudioContext;
    if (!AudioContext) return;
    this.sound = this.sound || new AudioContext();
    this.sound.resume();
    const analyser = this.sound.createAnalyser();
    analyser.fftSize = 512;
    this.sound.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const stream = this.stream;
    const draw = () => {
      if (stream !== this.stream) return;
      analyser.getByteTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0);
      // A quiet voice has to move the line, too: the square root, as ears hear.
      this.level(Math.round(Math.sqrt(peak / 128) * 100));
      requestAnimationFrame(draw);
    };
    draw();
  }

  level(percent) {
    part("meter-bar").style.transform = `scaleX(${percent / 100})`;
    if (percent > LOUD) {
      part("heard").hidden = false;
      part("meter").setAttribute("aria-valuenow", String(percent));
    }
  }

  // Three soft tones, made here: nothing to load.
  play() {
    const start = this.sound.currentTime;
    [523, 659, 784].forEach((pitch, place) => {
      const tone = this.sound.createOscillator();
      const loudness = this.sound.createGain();
      const at = start + place * 0.25;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.04);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
      tone.connect(loudness).connect(this.sound.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    });
  }

  works() {
    this.found(this.camera ? "passed" : "camera_off");
    this.finish({ camera: this.camera, microphone: true });
  }

  stuck(problem) {
    this.section.querySelectorAll("[data-problem]").forEach((text) => {
      text.hidden = text.dataset.problem !== problem;
    });
    const button = (name) => this.section.querySelector(`[data-do="${name}"]`);
    button("without-camera").hidden = !["camera_blocked", "no_camera"].includes(problem);
    button("only-listen").hidden = !["microphone_blocked", "no_microphone"].includes(problem);
    toggle("copy", problem === "in_app_browser" || problem === "unsupported");
    part("copied").hidden = true;
    this.step("stuck");
    this.found(KEPT_AS[problem] || problem);
  }

  async copy() {
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
    } catch (error) {
      const field = document.createElement("textarea");
      field.value = address;
      this.section.appendChild(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    part("copied").hidden = false;
  }

  finish(choice) {
    this.stop();
    this.done(choice);
  }

  stop() {
    this.attempt = null;
    if (this.stream) stopAll(this.stream);
    this.stream = null;
    part("picture").srcObject = null;
  }
}

function stopAll(stream) {
  stream.getTracks().forEach((track) => track.stop());
}
