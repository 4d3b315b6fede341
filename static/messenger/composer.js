/** Where the player writes. Enter sends, Shift+Enter begins a new line. */

import { drawing, make, makeButton, makeStatus } from "./elements.js";

/** @typedef {import("./locales.js").Texts} Texts */

const LONGEST = 4000;

export class Composer {
  /** @param {Texts} texts @param {(text: string) => void} send */
  constructor(texts, send) {
    this.texts = texts;
    this.onsend = send;
    this.field = make("textarea");
    this.field.rows = 1;
    this.field.dir = "auto";
    this.field.autocomplete = "off";
    this.field.enterKeyHint = "send";
    // A page may be sandboxed without `allow-forms`: there no button submits.
    this.button = makeButton("send", () => this.submit(), drawing("send"));
    this.warning = makeStatus("warning");
    texts.put(this.field, "message", ["aria-label"]);
    texts.put(this.field, "placeholder", ["placeholder"]);
    texts.put(this.button, "send", ["aria-label", "title"]);
    this.form = make("form", "composer", this.warning, this.field, this.button);
    this.form.onsubmit = (event) => event.preventDefault();
    this.field.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    };
    this.field.oninput = () => this.update();
    this.update();
  }

  /** Without what no service keeps: NUL, and halves of characters, which are left where one was cut. */
  get text() {
    return this.field.value.replace(/[\0\p{Cs}]/gu, "").trim();
  }

  /** @param {string} text */
  fill(text) {
    this.field.value = text;
    this.update();
  }

  submit() {
    const { text } = this;
    if (this.button.disabled) return;
    this.fill("");
    this.field.focus();
    this.onsend(text);
  }

  update() {
    const over = [...this.text].length - LONGEST;
    this.texts.bind(this.warning, "textContent", () => (over > 0 ? this.texts.get("too_long", { count: over }) : ""));
    this.button.disabled = !this.text || over > 0;
    const { field, form } = this;
    // While it is measured, the transcript above must not grow: that would move what is read.
    form.style.height = `${form.offsetHeight}px`;
    field.style.height = "";
    // An empty field stays as high as one line, however its placeholder would break.
    if (this.text) field.style.height = `${field.scrollHeight + 2}px`;
    form.style.height = "";
  }
}
