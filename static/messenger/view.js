/** The messenger's window: header, transcript, composer, and the few things it can say about itself. */

import { Composer } from "./composer.js";
import { Transcript } from "./transcript.js";

/** @typedef {import("./locales.js").Texts} Texts */
/** @typedef {import("./types.d.ts").Player} Player */
/** @typedef {{send: (text: string) => void, close: () => void, end: () => void, earlier: () => void, retry: (clientId: string) => void}} Actions */

const DRAWINGS = {
  close: "M6 6l12 12M18 6 6 18",
  end: "M14 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h8M10 12h11m-4-4 4 4-4 4",
  send: "M5 12 4 4.5 20.5 12 4 19.5 5 12Zm0 0h7",
};

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} [className] @param {...(Node | string)} children @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** @param {keyof typeof DRAWINGS} name */
export function drawing(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

export class View {
  /** @param {Texts} texts @param {Actions} actions */
  constructor(texts, actions) {
    this.texts = texts;
    this.actions = actions;
    /** Undefined: not known yet. @type {Player | null | undefined} */ this.player = undefined;
    this.title = make("h1");
    this.title.tabIndex = -1;
    this.who = make("p", "who");
    this.end = this.iconButton("end", "end", () => this.confirmEnd());
    this.end.hidden = true;
    this.banner = make("p", "banner");
    this.banner.setAttribute("role", "status");
    this.transcript = new Transcript(texts, actions);
    this.composer = new Composer(texts, actions.send);
    this.outcome = make("div", "outcome");
    this.outcome.setAttribute("role", "status");
    this.dialog = this.endDialog();
    const close = this.iconButton("close", "close", actions.close);
    texts.bind(this.title, "textContent", () => texts.get("title"));
    const footer = make("footer", "", this.composer.form, this.outcome);
    const main = make("main", "", this.transcript.log, this.transcript.typing);
    document.body.append(make("header", "", make("div", "names", this.title, this.who), this.end, close), this.banner, main, footer, this.dialog);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !this.dialog.open) actions.close();
    });
    this.chatting();
  }

  /** @param {"close" | "end"} name @param {string} key @param {() => void} act */
  iconButton(name, key, act) {
    const button = make("button", "icon", drawing(name));
    button.type = "button";
    button.onclick = act;
    this.texts.bind(button, "aria-label", () => this.texts.get(key));
    this.texts.bind(button, "title", () => this.texts.get(key));
    return button;
  }

  /** @param {string} key @param {string} className @param {() => void} act */
  textButton(key, className, act) {
    const button = make("button", className);
    button.type = "button";
    button.onclick = act;
    this.texts.bind(button, "textContent", () => this.texts.get(key));
    return button;
  }

  endDialog() {
    const question = make("h2");
    const explanation = make("p");
    const dialog = make("dialog", "", question, explanation);
    question.id = "end-question";
    dialog.setAttribute("aria-labelledby", question.id);
    this.texts.bind(question, "textContent", () => this.texts.get("end_question"));
    this.texts.bind(explanation, "textContent", () => this.texts.get("end_explanation"));
    const keep = this.textButton("end_cancel", "quiet", () => dialog.close());
    const end = this.textButton("end_confirm", "primary", () => {
      dialog.close();
      this.actions.end();
    });
    dialog.append(make("div", "choices", keep, end));
    return dialog;
  }

  confirmEnd() {
    this.dialog.showModal();
  }

  /** @param {Player | null | undefined} player undefined: nobody yet */
  signedIn(player) {
    this.player = player;
    this.texts.bind(this.who, "textContent", () => {
      if (this.player === undefined) return "";
      return this.player ? this.texts.get("signed_in_as", { name: this.player.name || this.player.player_id }) : this.texts.get("not_signed_in");
    });
  }

  /** @param {"" | "loading" | "reconnecting"} key */
  say(key) {
    this.texts.bind(this.banner, "textContent", () => (key ? this.texts.get(key) : ""));
    this.banner.hidden = !key;
  }

  /** The composer is there to be used. */
  chatting() {
    this.stoppedBy = "";
    this.composer.form.hidden = false;
    this.outcome.hidden = true;
    this.say("");
  }

  /** In place of the composer: what happened, and what can be done. @param {string} key @param {string} buttonKey @param {() => void} act */
  stopped(key, buttonKey, act) {
    this.stoppedBy = key;
    const hadFocus = this.composer.form.contains(document.activeElement);
    const explanation = make("p");
    const button = this.textButton(buttonKey, "primary", act);
    this.texts.bind(explanation, "textContent", () => this.texts.get(key));
    this.composer.form.hidden = true;
    this.outcome.hidden = false;
    this.outcome.replaceChildren(explanation, button);
    this.say("");
    this.transcript.agentTyping(null);
    this.end.hidden = true;
    if (this.dialog.open) this.dialog.close();
    if (hadFocus) button.focus();
  }

  /** Puts the keyboard where the player will want it; on a touch screen that would cover half of the chat. */
  focus() {
    const target = this.outcome.hidden && !matchMedia("(pointer: coarse)").matches ? this.composer.field : this.outcome.querySelector("button") || this.title;
    target.focus();
  }
}
