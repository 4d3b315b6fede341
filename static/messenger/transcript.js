/** The messages on the screen: a part of the conversation, its end or what is being read, and what is still on its way. */

import { Entry, nameOf } from "./bubble.js";
import { drawing, make, makeButton, makeStatus } from "./elements.js";

/** @typedef {import("./locales.js").Texts} Texts */
/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Author} Author */
/** @typedef {import("./bubble.js").State} State */
/** @typedef {"earlier" | "later"} Side */
/** @typedef {{send: (text: string) => void, retry: (clientId: string) => void, load: (side: Side | "latest") => Promise<void>, focus: () => void}} Actions */

/** More entries than this are taken away on the side that is not being read. */
const MOST = 150;
const NEAR_AN_EDGE = 500;
const NEAR_THE_END = 60;
const PAUSE_AFTER_FAILURE = 3_000;
const TYPING_LASTS = 6_000;
const ANNOUNCED_FOR = 10_000;

export class Transcript {
  /** @param {Texts} texts @param {Actions} actions */
  constructor(texts, actions) {
    this.texts = texts;
    this.actions = actions;
    /** As the service has them, without a gap. @type {Entry[]} */ this.entries = [];
    /** The player's, on their way or failed: always at the end. @type {Entry[]} */ this.outgoing = [];
    /** Answers that came while the end was out of sight. @type {Set<string>} */ this.missed = new Set();
    this.loading = false;
    this.atEnd = true;
    this.greeted = true;
    this.typingTimer = 0;
    this.greeting = make("p", "greeting");
    this.earlier = makeButton("quiet more", () => void this.load("earlier"));
    this.later = makeButton("quiet more", () => void this.load("later"));
    this.suggested = make("div", "suggested");
    this.suggested.setAttribute("role", "group");
    this.log = make("div", "log", this.greeting, this.earlier, this.later, this.suggested);
    this.log.setAttribute("role", "log");
    // What is new is told below, once; what is loaded while reading is not.
    this.log.setAttribute("aria-live", "off");
    this.log.tabIndex = 0;
    this.news = make("div", "unseen");
    this.news.setAttribute("aria-live", "polite");
    this.typing = makeStatus("typing");
    this.count = make("span");
    this.jump = makeButton("jump", () => this.toLatest(), drawing("down"), this.count);
    this.element = make("main", "", this.log, this.typing, this.jump, this.news);
    texts.put(this.greeting, "greeting");
    texts.put(this.earlier, "earlier");
    texts.put(this.later, "later");
    texts.put(this.log, "messages", ["aria-label"]);
    texts.put(this.suggested, "suggested", ["aria-label"]);
    this.log.onscroll = () => this.scrolled();
    new ResizeObserver(() => (this.atEnd ? this.toEnd() : this.scrolled())).observe(this.log);
    this.clear();
  }

  // --- what there is ----------------------------------------------------------------------------------------------------------

  clear() {
    for (const { node } of this.outgoing) node.remove();
    this.outgoing = [];
    this.news.replaceChildren();
    this.suggest(false);
    this.agentTyping(null);
    this.restart([], false);
  }

  all() {
    return [...this.entries, ...this.outgoing];
  }

  /** Ids of the first and last message that the service knows. */
  get firstId() {
    return this.entries.find(({ message }) => message.id)?.message.id;
  }

  get lastId() {
    return this.entries.findLast(({ message }) => message.id)?.message.id;
  }

  /** @param {Message} message */
  find({ id, client_message_id, author }) {
    return this.all().find(({ message }) => (id && message.id === id) || (author.type === "player" && client_message_id && message.client_message_id === client_message_id));
  }

  /** The conversation's end, in place of what was shown. @param {Message[]} messages @param {boolean} more whether there are earlier ones */
  restart(messages, more) {
    this.keepPlace(() => {
      for (const { node } of this.entries.splice(0)) node.remove();
      this.later.hidden = true;
      this.hasEarlier(more);
      this.put(messages);
    });
    this.log.scrollTop = 0;
    this.toEnd();
  }

  /** @param {boolean} more */
  hasEarlier(more) {
    this.earlier.hidden = !more;
  }

  /** Older messages, oldest first. @param {Message[]} messages @param {boolean} more */
  prepend(messages, more) {
    this.keepPlace(() => {
      const fresh = messages.filter((message) => !this.find(message)).map((message) => this.entry(message, "sent"));
      this.earlier.after(...fresh.map(({ node }) => node));
      this.entries.unshift(...fresh);
      this.hasEarlier(more);
      for (const { node } of this.entries.splice(MOST)) {
        node.remove();
        this.later.hidden = false;
      }
    });
  }

  /** Newer messages, after a part that was being read. @param {Message[]} messages @param {boolean} more */
  append(messages, more) {
    this.keepPlace(() => {
      this.put(messages);
      this.later.hidden = !more;
    });
  }

  /** A message of the service that has just come; false when it is known. @param {Message} message */
  add(message) {
    if (this.missed.has(message.id) || (!this.earlier.hidden && message.id < (this.firstId || ""))) return false;
    const known = this.find(message);
    if (!known && message.author.type === "agent") {
      this.agentTyping(null);
      this.announce(`${nameOf(this.texts, message.author)}: ${message.text}`);
      if (!this.atEnd) this.missed.add(message.id);
    }
    // Where the end is not shown, it will be found there.
    this.keepPlace(() => {
      if (this.later.hidden) this.put([message]);
      else if (known && this.arrived(known)) known.node.remove();
    });
    return !known;
  }

  /** @param {Entry} entry @returns {boolean} whether it was on its way until now */
  arrived(entry) {
    const index = this.outgoing.indexOf(entry);
    if (index < 0) return false;
    this.outgoing.splice(index, 1);
    if (entry.state !== "sent") this.announce(this.texts.get("sent"));
    return true;
  }

  /** @param {Message[]} messages at the end of what is shown */
  put(messages) {
    for (const message of messages) {
      const known = this.find(message);
      if (known && !this.arrived(known)) continue;
      const entry = known || this.entry(message, "sent");
      entry.state = "sent";
      entry.message = message;
      this.later.before(entry.node);
      this.entries.push(entry);
    }
    for (const { node } of this.entries.splice(0, this.entries.length - MOST)) {
      node.remove();
      this.earlier.hidden = false;
    }
  }

  // --- what the player sends --------------------------------------------------------------------------------------------------

  /** A message that the service does not know yet. @param {string} clientId @param {string} text */
  pending(clientId, text) {
    const entry = this.entry(blank("player", text, clientId), "sending");
    this.outgoing.push(entry);
    this.log.append(entry.node);
    this.tidy();
    this.toLatest();
  }

  /** One that arrived stays where it is until it comes back in its place. @param {string} clientId @param {State} state */
  mark(clientId, state) {
    const entry = this.outgoing.find((one) => one.message.client_message_id === clientId);
    if (!entry) return;
    entry.state = state;
    this.keepPlace(() => {});
    if (state === "failed" || state === "sent") this.announce(this.texts.get(state));
  }

  // --- what else is said ------------------------------------------------------------------------------------------------------

  /** A line that comes from no author. @param {string} key @param {string} [after] the message that it once followed; without one it is news */
  notice(key, after) {
    const place = after === undefined ? this.entries.length - 1 : this.entries.findIndex(({ message }) => message.id === after);
    const message = blank("system", "");
    // On that message's day, whenever it is told again.
    message.created_at = this.entries[place]?.message.created_at || message.created_at;
    const entry = this.entry(message, "sent");
    this.texts.put(entry.body, key);
    if (after === undefined) void this.texts.complete().then(() => this.announce(this.texts.get(key)));
    if (!this.later.hidden) return;
    this.keepPlace(() => {
      (this.entries[place]?.node || this.earlier).after(entry.node);
      this.entries.splice(place + 1, 0, entry);
    });
  }

  /** @param {Author | null} author */
  agentTyping(author) {
    clearTimeout(this.typingTimer);
    this.typing.replaceChildren();
    if (!author) return;
    const dots = make("span", "dots", "•••");
    dots.setAttribute("aria-hidden", "true");
    const line = make("span");
    this.texts.bind(line, "textContent", () => this.texts.get("typing", { name: nameOf(this.texts, author) }));
    this.typing.append(dots, line);
    this.typingTimer = setTimeout(() => this.agentTyping(null), TYPING_LASTS);
  }

  /** Nobody is welcomed above an error. @param {boolean} wanted */
  greet(wanted) {
    this.greeted = wanted;
    this.tidy();
  }

  /** Questions to begin with, where nothing was said yet. @param {boolean} wanted */
  suggest(wanted) {
    const questions = wanted && !this.all().length ? this.texts.get("suggestions") : "";
    this.suggested.hidden = !questions;
    this.suggested.replaceChildren();
    if (questions) import("./suggestions.js").then(({ draw }) => draw(this, questions), () => {});
  }

  /** Once, to who listens instead of looking. @param {string} text */
  announce(text) {
    const line = make("p", "", text);
    this.news.append(line);
    setTimeout(() => line.remove(), ANNOUNCED_FOR);
  }

  // --- where the player looks -------------------------------------------------------------------------------------------------

  /** Changes what is shown, and leaves what the player reads where it is. @param {() => void} change */
  keepPlace(change) {
    const top = this.log.getBoundingClientRect().top;
    const place = this.all().find(({ body }) => body.getBoundingClientRect().bottom > top)?.body;
    const before = place?.getBoundingClientRect().top || 0;
    change();
    this.tidy();
    if (this.atEnd && this.later.hidden) this.toEnd();
    else if (place?.isConnected) this.log.scrollTop += place.getBoundingClientRect().top - before;
    this.scrolled();
  }

  /** An empty chat is read from its top: there stand the greeting and what the operator has to say first. */
  toEnd() {
    if (this.all().length) this.log.scrollTop = this.log.scrollHeight;
    this.scrolled();
  }

  /** The conversation's end, which may have to be loaded first. */
  toLatest() {
    const hadFocus = document.activeElement === this.jump;
    if (!this.later.hidden) void this.actions.load("latest").catch(() => {});
    this.toEnd();
    if (hadFocus) this.log.focus();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    if (!clientHeight) return; // not drawn yet
    const below = scrollHeight - scrollTop - clientHeight;
    this.atEnd = this.later.hidden && (below < NEAR_THE_END || !this.all().length);
    if (this.atEnd) this.missed.clear();
    this.countMissed();
    if (!this.earlier.hidden && scrollTop < NEAR_AN_EDGE) void this.load("earlier");
    else if (!this.later.hidden && below < NEAR_AN_EDGE) void this.load("later");
  }

  /** @param {Side} side */
  async load(side) {
    if (this.loading) return;
    this.loading = true;
    this.log.setAttribute("aria-busy", "true");
    let wait = 0;
    await this.actions.load(side).catch(() => (wait = PAUSE_AFTER_FAILURE));
    setTimeout(() => {
      this.loading = false;
      this.log.removeAttribute("aria-busy");
      if (!wait) this.scrolled();
    }, wait);
  }

  countMissed() {
    const count = this.missed.size;
    this.count.className = count ? "" : "unseen";
    this.texts.bind(this.count, "textContent", () => this.texts.get(count ? "new_messages" : "to_end", { count }));
    this.jump.hidden = this.atEnd;
  }

  tidy() {
    const all = this.all();
    const last = all.findLast(({ message, state }) => message.author.type === "player" && state === "sent");
    all.forEach((entry, index) => {
      entry.follow(all[index - 1]);
      entry.annotate(entry === last);
    });
    this.greeting.hidden = !this.earlier.hidden || (!this.greeted && !all.length);
    if (all.length) this.suggest(false);
  }

  /** @param {Message} message @param {State} state */
  entry(message, state) {
    return new Entry(this.texts, message, state, this.actions.retry);
  }
}

/** A message that is not the service's. @param {"player" | "system"} type @param {string} text @param {string} [clientId] @returns {Message} */
function blank(type, text, clientId) {
  return { id: "", conversation_id: "", author: { type, name: null }, text, created_at: new Date().toISOString(), client_message_id: clientId };
}
