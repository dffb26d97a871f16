// Making a waiting conversation heard and seen: a soft two-tone bell and the page's title. Browsers allow sound only after
// the first press on the page.

const TITLE = "Warmline desk";
const TONES = [
  [880, 0],
  [1174.7, 0.16],
];

export class Ringer {
  constructor() {
    this.muted = false;
    this.audio = null;
    this.flashing = null;
    const unlock = () => this.#unlock();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, unlock, { capture: true });
  }

  /** Whether a bell would be heard now. */
  get ready() {
    return this.audio?.state === "running" && !this.muted;
  }

  ring() {
    if (this.ready) for (const [hertz, after] of TONES) this.#tone(hertz, this.audio.currentTime + after);
  }

  /** The title flashes as long as *count* conversations ring. */
  waiting(count) {
    clearInterval(this.flashing);
    this.flashing = null;
    document.title = count ? `(${count}) ${TITLE}` : TITLE;
    if (!count) return;
    let odd = false;
    this.flashing = setInterval(() => {
      odd = !odd;
      document.title = odd ? "● Somebody is waiting" : `(${count}) ${TITLE}`;
    }, 1_000);
  }

  #unlock() {
    try {
      this.audio ??= new AudioContext();
      if (this.audio.state === "suspended") this.audio.resume();
    } catch {
      // No sound device: the banner and the title have to do.
    }
  }

  #tone(hertz, at) {
    const swing = this.audio.createOscillator();
    const loudness = this.audio.createGain();
    swing.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    swing.connect(loudness).connect(this.audio.destination);
    swing.start(at);
    swing.stop(at + 0.55);
  }
}
