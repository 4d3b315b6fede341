/** Where the player writes. Enter sends, Shift+Enter begins a new line. */

import { drawing, make } from "./view.js";

/** @typedef {import("./locales.js").Texts} Texts */

const LONGEST = 4000;
const TALLEST = 140;

export class Composer {
  /** @param {Texts} texts @param {(text: string) => void} send */
  constructor(texts, send) {
    this.texts = texts;
    this.onsend = send;
    this.field = make("textarea");
    this.field.rows = 1;
    this.field.autocomplete = "off";
    this.field.enterKeyHint = "send";
    this.button = make("button", "send", drawing("send"));
    this.warning = make("p", "warning");
    this.warning.setAttribute("role", "status");
    texts.bind(this.field, "aria-label", () => texts.get("message"));
    texts.bind(this.field, "placeholder", () => texts.get("placeholder"));
    texts.bind(this.button, "aria-label", () => texts.get("send"));
    this.form = make("form", "composer", this.warning, this.field, this.button);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.field.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    };
    this.field.oninput = () => this.update();
    this.update();
  }

  get text() {
    return this.field.value.trim();
  }

  /** @param {string} text */
  fill(text) {
    this.field.value = text;
    this.update();
  }

  submit() {
    const { text } = this;
    if (!text || [...text].length > LONGEST) return;
    this.fill("");
    this.field.focus();
    this.onsend(text);
  }

  update() {
    const over = [...this.text].length - LONGEST;
    this.warning.textContent = over > 0 ? this.texts.get("too_long", { count: over }) : "";
    this.button.disabled = !this.text || over > 0;
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight + 2)}px`;
  }
}
