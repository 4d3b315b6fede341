/** One entry of the transcript. Text only ever becomes text nodes. */

import { make, makeButton } from "./elements.js";

/** @typedef {import("./locales.js").Texts} Texts */
/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./types.d.ts").Author} Author */
/** @typedef {"sending" | "waiting" | "held" | "sent" | "failed"} State */

const SAME_BREATH = 5 * 60_000;
let named = 0;

export class Entry {
  /** @param {Texts} texts @param {Message} message @param {State} state @param {(clientId: string) => void} retry */
  constructor(texts, message, state, retry) {
    const { author, text } = message;
    this.texts = texts;
    this.message = message;
    this.state = state;
    this.at = new Date(message.created_at);
    const { type, name, kind } = author;
    const isAgent = type === "agent";
    /** Who speaks. */ this.voice = type + (isAgent ? name + (kind || "") : "");
    /** What stays in its place while around it things come and go. */ this.body = make("div", "bubble", text);
    if (isAgent && text.includes("://")) void import("./links.js").then(({ linked }) => this.body.replaceChildren(...linked(text)), () => {});
    this.body.dir = "auto";
    this.day = make("p", "day");
    this.standing = make("span");
    this.again = makeButton("link", () => retry(this.message.client_message_id || ""));
    this.note = make("p", "note", this.standing, " ", this.again);
    this.note.hidden = true;
    this.node = make("div", `entry ${type}`, this.day);
    texts.put(this.again, "retry");
    texts.bind(this.day, "textContent", () => this.writeDay());
    if (type === "system") this.body.className = "notice";
    else {
      const byline = this.byline(author);
      // Read message by message, each says whose it is and when it came, though not each shows it.
      const names = [...byline.querySelectorAll(":not(.face)")].map((one) => (one.id = `name${++named}`));
      this.node.setAttribute("role", "article");
      this.node.setAttribute("aria-labelledby", names.join(" "));
      this.node.append(byline);
    }
    this.node.append(this.body, this.note);
  }

  /** Who and when. @param {Author} author */
  byline(author) {
    const { texts } = this;
    const isPlayer = author.type === "player";
    const name = make("span", isPlayer ? "unseen" : "name");
    const time = make("time");
    // Apart from what is around: marks in it turn nothing else.
    name.dir = "auto";
    texts.bind(name, "textContent", () => (isPlayer ? texts.get("you") : nameOf(texts, author)));
    time.dateTime = this.message.created_at;
    texts.bind(time, "textContent", () => this.at.toLocaleTimeString(texts.region, { timeStyle: "short" }));
    const line = make("p", "byline", ...(isPlayer ? [] : [portrait(texts, author)]), name);
    if (author.kind === "ai") {
      const mark = make("abbr", "ai");
      texts.put(mark, "ai");
      texts.put(mark, "ai_label", ["title"]);
      line.append(mark);
    }
    line.append(" ", time);
    return line;
  }

  /** A new day gets a line, a new author a name. @param {Entry} [previous] */
  follow(previous) {
    const before = previous?.at || new Date(0);
    this.day.hidden = startOfDay(before) === startOfDay(this.at);
    this.node.classList.toggle("follows", this.day.hidden && previous?.voice === this.voice && +this.at - +before < SAME_BREATH);
  }

  /** What stands under a message of the player: on its way, arrived (the last one only), or not. @param {boolean} last */
  annotate(last) {
    if (this.message.author.type !== "player") return;
    const failed = this.state === "failed";
    this.note.hidden = this.state === "sent" && !last;
    this.again.hidden = !failed;
    this.node.classList.toggle("failed", failed);
    this.texts.put(this.standing, this.state);
  }

  writeDay() {
    const days = Math.round((startOfDay(new Date()) - startOfDay(this.at)) / 86_400_000);
    return this.texts.get(["today", "yesterday"][days] || "") || this.at.toLocaleDateString(this.texts.region, { dateStyle: "long" });
  }
}

/** @param {Date} date */
const startOfDay = (date) => new Date(date).setHours(0, 0, 0, 0);

/** @param {Texts} texts @param {Author} author */
export const nameOf = (texts, { name }) => name || texts.get("agent");

/** The agent's picture, of our own origin; without one, the first letter of the name. @param {Texts} texts @param {Author} author */
function portrait(texts, author) {
  if (author.avatar_url?.startsWith(`${location.origin}/`)) {
    const image = make("img", "face");
    image.alt = "";
    image.src = author.avatar_url;
    return image;
  }
  const [letter = ""] = nameOf(texts, author);
  const face = make("span", "face", letter.toLocaleUpperCase());
  face.setAttribute("aria-hidden", "true");
  return face;
}
