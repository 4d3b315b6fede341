/** The messenger's window: header, transcript, composer, and the few things it can say about itself. */

import { Composer } from "./composer.js";
import { drawing, make, makeButton, makeStatus } from "./elements.js";
import { Transcript } from "./transcript.js";

/** @typedef {import("./locales.js").Texts} Texts */
/** @typedef {import("./types.d.ts").Player} Player */
/** @typedef {Omit<import("./transcript.js").Actions, "focus"> & {close: () => void, end: () => void}} Deeds */

const GOOD_NEWS_LASTS = 4_000;

export class View {
  /** @param {Texts} texts @param {Deeds} actions */
  constructor(texts, actions) {
    this.texts = texts;
    this.actions = actions;
    /** What stands in the composer's place, and why. */ this.stoppedBy = "";
    this.said = "";
    this.title = make("h1");
    this.title.tabIndex = -1;
    this.who = make("p", "who");
    this.sound = this.iconButton("sound", () => {});
    this.end = this.iconButton("end", () => void import("./ending.js").then(({ ask }) => ask(texts, actions.end)));
    this.sound.hidden = this.end.hidden = true;
    this.banner = makeStatus("banner");
    this.transcript = new Transcript(texts, { ...actions, focus: () => this.focus() });
    this.composer = new Composer(texts, actions.send);
    this.outcome = makeStatus("outcome");
    texts.put(this.title, "title");
    const close = this.iconButton("close", actions.close);
    const header = make("header", "", make("div", "names", this.title, this.who), this.sound, this.end, close);
    this.transcript.element.prepend(this.banner);
    document.body.append(header, this.transcript.element, make("footer", "", this.composer.form, this.outcome));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog")) actions.close();
    });
    this.chatting();
  }

  /** @param {"sound" | "close" | "end"} name @param {() => void} act */
  iconButton(name, act) {
    const button = makeButton(`icon ${name}`, act, drawing(name));
    this.texts.put(button, name, ["aria-label", "title"]);
    return button;
  }

  /** @param {string} key @param {string} className @param {() => void} act */
  textButton(key, className, act) {
    const button = makeButton(className, act);
    this.texts.put(button, key);
    return button;
  }

  /** @param {Player | null | undefined} player undefined: nobody yet */
  signedIn(player) {
    const key = player ? "signed_in_as" : player === null ? "not_signed_in" : "";
    this.texts.bind(this.who, "textContent", () => this.texts.get(key, { name: player?.name || player?.player_id || "" }));
  }

  /** How the connection is; after a bad time also that it is good again. @param {"" | "loading" | "reconnecting"} key */
  say(key) {
    let said = navigator.onLine ? key : "offline";
    if (!said && this.said && this.said !== "loading") said = "online";
    if (said === "online" && this.said !== said) setTimeout(() => this.said === said && this.tell(""), GOOD_NEWS_LASTS);
    this.tell(said);
  }

  /** @param {string} said */
  tell(said) {
    this.said = said;
    this.texts.put(this.banner, said);
    this.banner.className = `banner ${said}`;
  }

  /** The composer is there to be used. */
  chatting() {
    this.stoppedBy = "";
    this.transcript.greet(true);
    this.composer.form.hidden = false;
    this.outcome.replaceChildren();
    this.say("");
  }

  /** In place of the composer: what happened, and what can be done. @param {string} key @param {string} buttonKey @param {() => void} act */
  stopped(key, buttonKey, act) {
    document.querySelector("dialog")?.close();
    const reads = this.transcript.element.contains(document.activeElement);
    const explanation = make("p");
    const button = this.textButton(buttonKey, "primary", act);
    this.texts.put(explanation, key);
    this.stoppedBy = key;
    void this.texts.complete();
    this.composer.form.hidden = this.end.hidden = true;
    this.outcome.replaceChildren(explanation, button);
    this.say("");
    this.transcript.suggest(false);
    this.transcript.greet(!key.startsWith("error_"));
    this.transcript.agentTyping(null);
    if (!reads && document.hasFocus()) button.focus();
  }

  /** Puts the keyboard where the player will want it; on a touch screen that would cover half of the chat. */
  focus() {
    // Where the player has gone meanwhile, the player stays.
    if (document.activeElement !== document.body) return;
    const field = matchMedia("(pointer: coarse)").matches ? this.title : this.composer.field;
    (this.outcome.querySelector("button") || field).focus();
  }
}
