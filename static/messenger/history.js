/** What was said, page by page: the conversation's end, what lies before and after the part that is read, and what comes in. */

import { ServiceError } from "./api.js";
import { backOff } from "./clock.js";

/** @typedef {import("./types.d.ts").Message} Message */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./transcript.js").Transcript} Transcript */
/** @typedef {{before?: string, after?: string}} Cursor */

const PAGE = "50";
/** A page that hangs must not hold up for long what waits behind it. */
const PATIENCE = 10_000;
const soon = () => AbortSignal.timeout(PATIENCE);

export class History {
  /** @param {Session} session @param {Transcript} transcript @param {(message: Message) => void} arrived what is new to the player */
  constructor(session, transcript, arrived) {
    this.session = session;
    this.transcript = transcript;
    this.arrived = arrived;
    /** The conversation that is shown. */ this.id = "";
    /** The last message that came in order. @type {string | undefined} */ this.newest = undefined;
    /** @type {Promise<void>} */ this.line = Promise.resolve();
  }

  /** @param {string} id another conversation, or none */
  show(id) {
    this.id = id;
    this.newest = undefined;
    this.transcript.clear();
  }

  /** One after the other: what comes in while a page is on its way takes its place behind it. @param {(id: string) => Promise<void> | void} work */
  queue(work) {
    const { id } = this;
    const done = this.line.then(() => (this.id === id ? work(id) : undefined));
    this.line = done.catch(() => {});
    return done;
  }

  /**
   * @param {string} id @param {string} part below the conversation, or nothing @param {Record<string, string | undefined>} [query] @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async read(id, part, query, signal) {
    // Reading back in a chat that has ended must not begin a new one.
    if (!this.session.live) throw new Error("no session");
    const response = await this.session.call(({ conversation }) => ({
      method: "GET",
      path: `/v1/conversations/${encodeURIComponent(conversation.id)}${part}`,
      query,
      signal,
    }));
    const answer = await response.json();
    if (this.id !== id) throw new Error("no session");
    return answer;
  }

  /** @param {string} id @param {Cursor} cursor @param {AbortSignal} [signal] @returns {Promise<import("./session.js").Page>} */
  page(id, cursor, signal) {
    return this.read(id, "/messages", { limit: PAGE, ...cursor }, signal);
  }

  /** @param {"earlier" | "later" | "latest"} side @returns {Promise<void>} */
  load(side) {
    if (side === "earlier") return this.earlier();
    return this.queue(async (id) => {
      const { transcript } = this;
      const { messages, has_more } = await this.page(id, side === "later" ? { after: transcript.lastId } : {}, soon());
      if (side === "later") return transcript.append(messages, has_more);
      this.restart({ messages, has_more });
    });
  }

  /** What comes in at the other end does not wait for it. */
  async earlier() {
    const { transcript } = this;
    const before = transcript.firstId;
    const { messages, has_more } = await this.page(this.id, { before });
    if (before === transcript.firstId) transcript.prepend(messages, has_more);
  }

  /** The conversation's end. @param {import("./session.js").Page} page */
  restart({ messages, has_more }) {
    this.transcript.restart(messages, has_more);
    this.newest = messages.at(-1)?.id;
    this.transcript.suggest(true);
  }

  /** What was said while nobody listened; whatever comes in waits for it. */
  catchUp() {
    return this.queue(async (id) => {
      for (let failures = 0, more = true; more && this.id === id; ) {
        try {
          more = await this.missed(id);
          failures = 0;
        } catch (error) {
          if (!this.session.live || (error instanceof ServiceError && !error.temporary)) return;
          await backOff(++failures, error);
        }
      }
    });
  }

  /** @param {string} id @returns {Promise<boolean>} whether there is more */
  async missed(id) {
    const after = this.newest;
    const { messages, has_more } = await this.page(id, { after }, soon());
    if (!after) this.transcript.hasEarlier(has_more);
    for (const message of messages) this.take(message);
    return has_more && !!after;
  }

  /**
   * What no page of messages tells: that a colleague has joined.
   * @returns {Promise<string>} the number of the last event of which nothing is unknown now, or nothing
   */
  recall() {
    return import("./recall.js").then(({ recall }) => recall(this, soon())).catch(() => "");
  }

  /** A message as it comes. @param {Message} message */
  receive(message) {
    return this.queue(() => this.take(message));
  }

  /** @param {Message} message */
  take(message) {
    this.newest = message.id;
    if (this.transcript.add(message) && message.author.type !== "player") this.arrived(message);
  }
}
