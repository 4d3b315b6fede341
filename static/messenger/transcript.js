/** The messages, as the player sees them. Text only ever becomes text nodes. */

import { make } from "./view.js";

/** @typedef {import("./locales.js").Texts} Texts */
/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Author} Author */
/** @typedef {"sending" | "sent" | "failed"} State */
/** @typedef {{message: Message, state: State, node: HTMLElement, note: HTMLElement}} Entry */

const SAME_BREATH = 5 * 60_000;
const NEAR_THE_END = 120;
const TYPING_LASTS = 6_000;
const LINK = /https?:\/\/[^\s<>"'()[\]{}]*[^\s<>"'()[\]{}.,;:!?]/g;

export class Transcript {
  /** @param {Texts} texts @param {{earlier: () => void, retry: (clientId: string) => void}} actions */
  constructor(texts, actions) {
    this.texts = texts;
    this.actions = actions;
    /** @type {Entry[]} */ this.entries = [];
    this.log = make("div", "log");
    this.log.setAttribute("role", "log");
    this.log.tabIndex = 0;
    texts.bind(this.log, "aria-label", () => texts.get("messages"));
    this.greeting = make("p", "greeting");
    texts.bind(this.greeting, "textContent", () => texts.get("greeting"));
    this.earlier = make("button", "quiet earlier");
    this.earlier.type = "button";
    this.earlier.onclick = actions.earlier;
    texts.bind(this.earlier, "textContent", () => texts.get("earlier"));
    this.typing = make("p", "typing");
    this.typing.setAttribute("role", "status");
    this.typingTimer = 0;
    this.log.append(this.greeting, this.earlier);
    this.atEnd = true;
    this.log.onscroll = () => (this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_THE_END);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
    this.clear();
  }

  clear() {
    for (const { node } of this.entries) node.remove();
    this.entries = [];
    this.hasEarlier(false);
    this.agentTyping(null);
  }

  /** @param {boolean} more */
  hasEarlier(more) {
    this.earlier.hidden = !more;
    this.greeting.hidden = more;
  }

  /** Ids of the first and last message that the service knows. */
  get firstId() {
    return this.entries.find(({ state }) => state === "sent")?.message.id;
  }

  get lastId() {
    return this.entries.findLast(({ state }) => state === "sent")?.message.id;
  }

  /** @param {string} [id] @param {string | null} [clientId] */
  find(id, clientId) {
    return this.entries.find(({ message }) => message.id === id || (!!clientId && message.client_message_id === clientId));
  }

  /** A message of the service, at the end; false when it is already there. @param {Message} message */
  add(message) {
    const known = this.find(message.id, message.author.type === "player" ? message.client_message_id : null);
    if (known) {
      if (known.state !== "sent") this.settle(known, "sent", message);
      return false;
    }
    if (message.author.type === "agent") this.agentTyping(null);
    this.insert(message, "sent");
    return true;
  }

  /** Older messages, oldest first. @param {Message[]} messages */
  prepend(messages) {
    const height = this.log.scrollHeight - this.log.scrollTop;
    const fresh = messages.filter(({ id }) => !this.find(id)).map((message) => this.entry(message, "sent"));
    this.earlier.after(...fresh.map(({ node }) => node));
    this.entries.unshift(...fresh);
    this.entries.slice(0, fresh.length + 1).forEach((entry, index) => this.arrange(entry, this.entries[index - 1]));
    this.log.scrollTop = this.log.scrollHeight - height;
  }

  /** A message of the player that the service does not know yet. @param {string} clientId @param {string} text */
  pending(clientId, text) {
    const created_at = new Date().toISOString();
    /** @type {Message} */
    const message = { id: "", conversation_id: "", author: { type: "player", name: null }, text, created_at, client_message_id: clientId };
    this.insert(message, "sending");
    this.toEnd();
  }

  /** @param {string} clientId @param {State} state @param {Message} [message] as the service keeps it */
  mark(clientId, state, message) {
    const entry = this.find(undefined, clientId);
    if (entry) this.settle(entry, state, message);
  }

  /** @param {Entry} entry @param {State} state @param {Message} [message] */
  settle(entry, state, message) {
    entry.state = state;
    if (message) entry.message = message;
    this.annotate(entry);
  }

  /** A line that comes from no author. @param {string} key */
  notice(key) {
    const line = make("p", "notice");
    this.texts.bind(line, "textContent", () => this.texts.get(key));
    this.keepAtEnd(() => this.log.append(line));
    this.entries.push({ message: { id: "", conversation_id: "", author: { type: "system", name: null }, text: "", created_at: new Date().toISOString() }, state: "sending", node: line, note: line });
  }

  /** @param {Author | null} author */
  agentTyping(author) {
    clearTimeout(this.typingTimer);
    this.typing.replaceChildren();
    if (!author) return;
    const dots = make("span", "dots", make("span"), make("span"), make("span"));
    dots.setAttribute("aria-hidden", "true");
    this.typing.append(dots, this.texts.get("typing", { name: author.name || this.texts.get("agent") }));
    this.typingTimer = setTimeout(() => this.agentTyping(null), TYPING_LASTS);
  }

  /** @param {Message} message @param {State} state */
  insert(message, state) {
    const entry = this.entry(message, state);
    this.arrange(entry, this.entries.at(-1));
    this.entries.push(entry);
    this.keepAtEnd(() => this.log.append(entry.node));
  }

  /** @param {() => void} change */
  keepAtEnd(change) {
    const { atEnd } = this;
    change();
    if (atEnd) this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** @param {Message} message @param {State} state @returns {Entry} */
  entry(message, state) {
    const { type } = message.author;
    const note = make("p", "note");
    const node = make("div", `entry ${type}`, make("p", "day"));
    if (type === "system") node.append(make("p", "notice", message.text));
    else node.append(this.byline(message), make("div", "bubble", ...linked(message.text, type === "agent")), note);
    const entry = { message, state, node, note };
    this.annotate(entry);
    return entry;
  }

  /** Who and when. @param {Message} message */
  byline({ author, created_at }) {
    const line = make("p", "byline");
    const name = make("span", author.type === "player" ? "unseen" : "name");
    this.texts.bind(name, "textContent", () => (author.type === "player" ? this.texts.get("you") : author.name || this.texts.get("agent")));
    line.append(...portrait(author), name);
    if (author.type === "agent" && author.kind === "ai") line.append(this.aiMark());
    const time = make("time");
    time.dateTime = created_at;
    this.texts.bind(time, "textContent", () => this.clock(created_at));
    line.append(" ", time);
    return line;
  }

  aiMark() {
    const mark = make("abbr", "ai");
    this.texts.bind(mark, "textContent", () => this.texts.get("ai"));
    this.texts.bind(mark, "title", () => this.texts.get("ai_label"));
    return mark;
  }

  /** @param {string} iso */
  clock(iso) {
    return new Intl.DateTimeFormat(this.texts.region, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
  }

  /** What stands under a message of the player: on its way, arrived (the last one only), or not. @param {Entry} entry */
  annotate(entry) {
    const { message, state, note, node } = entry;
    if (message.author.type !== "player") return;
    node.classList.toggle("failed", state === "failed");
    note.replaceChildren();
    if (state === "sent") {
      for (const other of this.entries) if (other !== entry && other.state === "sent" && other.message.author.type === "player") other.note.replaceChildren();
    }
    note.append(this.texts.get(state));
    if (state !== "failed") return;
    const again = make("button", "link", this.texts.get("retry"));
    again.type = "button";
    again.onclick = () => this.actions.retry(message.client_message_id || "");
    note.append(" ", again);
  }

  /** A new day gets a line, a new author a name. @param {Entry} entry @param {Entry} [previous] */
  arrange(entry, previous) {
    const at = new Date(entry.message.created_at);
    const before = previous && new Date(previous.message.created_at);
    const newDay = before?.toDateString() !== at.toDateString();
    const day = entry.node.querySelector(".day");
    if (day) {
      day.toggleAttribute("hidden", !newDay);
      if (newDay) this.texts.bind(day, "textContent", () => this.day(at));
    }
    const same = !!previous && sameAuthor(previous.message.author, entry.message.author);
    entry.node.classList.toggle("follows", !newDay && same && +at - +(before || 0) < SAME_BREATH);
  }

  /** @param {Date} date */
  day(date) {
    const today = new Date();
    if (date.toDateString() === today.toDateString()) return this.texts.get("today");
    today.setDate(today.getDate() - 1);
    if (date.toDateString() === today.toDateString()) return this.texts.get("yesterday");
    return new Intl.DateTimeFormat(this.texts.region, { dateStyle: "long" }).format(date);
  }
}

/** @param {Author} one @param {Author} other */
function sameAuthor(one, other) {
  return one.type === other.type && (one.type === "player" || (one.name === other.name && one.kind === other.kind));
}

/** @param {Author} author @returns {Node[]} */
function portrait({ type, avatar_url: address }) {
  if (type !== "agent" || !address) return [];
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) return [];
  const image = make("img");
  image.alt = "";
  image.src = url.href;
  return [image];
}

/** @param {string} text @param {boolean} trusted whether addresses in it may become links @returns {(Node | string)[]} */
function linked(text, trusted) {
  if (!trusted) return [text];
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = make("a", "", match[0]);
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parts.push(text.slice(end, match.index), link);
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}
