/** A short, soft tone for an answer that nobody sees arrive. Loaded when the page or the brand wishes it; the player can mute it. */

const MUTED = "player-messenger:muted";
const NOTES = [587, 880];
const SPEAKER = "M4 9.5v5h3.5L12 19V5L7.5 9.5H4Z";
const WAVES = "M16 9a4 4 0 0 1 0 6m2.5-9a8 8 0 0 1 0 12";
const CROSS = "M16.5 9.5l5 5m0-5-5 5";

export class Sound {
  /** @param {HTMLButtonElement} button mutes it, and is hidden while it is not wished */
  constructor(button) {
    this.button = button;
    /** @type {AudioContext | null} */ this.audio = null;
    this.muted = this.remembered();
    button.onclick = () => this.toggle();
    this.show();
  }

  remembered() {
    try {
      return localStorage.getItem(MUTED) !== null;
    } catch {
      return false; // storage denied: muted until the next page
    }
  }

  toggle() {
    this.muted = !this.muted;
    this.show();
    try {
      if (this.muted) localStorage.setItem(MUTED, "1");
      else localStorage.removeItem(MUTED);
    } catch {
      // as above
    }
  }

  show() {
    this.button.setAttribute("aria-pressed", String(!this.muted));
    this.button.querySelector("path")?.setAttribute("d", SPEAKER + (this.muted ? CROSS : WAVES));
  }

  /** A browser is silent until its user has done something in the frame. */
  play() {
    if (this.muted || this.button.hidden || navigator.userActivation?.hasBeenActive === false) return;
    const audio = (this.audio ||= new AudioContext());
    void audio.resume();
    NOTES.forEach((note, index) => {
      const at = audio.currentTime + index * 0.11;
      const tone = new OscillatorNode(audio, { frequency: note });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.06, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    });
  }
}
