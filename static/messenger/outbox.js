/** The player's messages on their way: one after the other, each with an id of its own, so that trying again never doubles one. */

import { ServiceError } from "./api.js";
import { pause } from "./stream.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./transcript.js").Transcript} Transcript */

const PAUSES = [0, 1_000, 4_000];
const LONGEST_WAIT = 15;

export class Outbox {
  /** @param {Session} session @param {Transcript} transcript @param {() => void} closed */
  constructor(session, transcript, closed) {
    this.session = session;
    this.transcript = transcript;
    this.closed = closed;
    this.cancel = new AbortController();
    /** @type {Map<string, string>} */ this.texts = new Map();
    /** @type {Promise<void>} */ this.line = Promise.resolve();
  }

  /** Forgets what was not sent yet. */
  clear() {
    this.cancel.abort();
    this.cancel = new AbortController();
    this.texts.clear();
    this.line = Promise.resolve();
  }

  /** @param {string} text */
  add(text) {
    const id = crypto.randomUUID();
    this.texts.set(id, text);
    this.transcript.pending(id, text);
    this.queue(id);
  }

  /** @param {string} id */
  retry(id) {
    if (this.texts.has(id)) this.queue(id);
  }

  /** @param {string} id */
  queue(id) {
    const { signal } = this.cancel;
    this.transcript.mark(id, "sending");
    this.line = this.line.then(() => this.deliver(id, signal));
  }

  /** @param {string} id @param {AbortSignal} signal */
  async deliver(id, signal) {
    for (const [attempt, wait] of PAUSES.entries()) {
      await pause(wait, signal);
      if (signal.aborted) return;
      try {
        const message = await this.post(id, this.texts.get(id) || "", signal);
        if (!signal.aborted) this.transcript.mark(id, "sent", message);
        this.texts.delete(id);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(await this.worthAnother(error, signal)) || attempt === PAUSES.length - 1) break;
      }
    }
    this.transcript.mark(id, "failed");
  }

  /** @param {string} id @param {string} text @param {AbortSignal} signal */
  async post(id, text, signal) {
    const response = await this.session.call(({ conversation }) => ({
      method: "POST",
      path: `/v1/conversations/${encodeURIComponent(conversation.id)}/messages`,
      body: { client_message_id: id, text },
      signal,
    }));
    return (await response.json()).message;
  }

  /** @param {unknown} error @param {AbortSignal} signal */
  async worthAnother(error, signal) {
    if (!(error instanceof ServiceError)) return true;
    if (error.code === "CONVERSATION_CLOSED") this.closed();
    if (error.status === 429 && error.retryAfter <= LONGEST_WAIT) await pause(error.retryAfter * 1000, signal);
    else if (error.status !== 0 && error.status < 500) return false;
    return error.code !== "PLAYER_TOKEN_UNAVAILABLE";
  }
}
