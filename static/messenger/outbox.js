/**
 * The player's messages on their way: one after the other, each with an id of its own, so that trying again never doubles one.
 * Without a network they wait for it.
 */

import { ServiceError } from "./api.js";
import { backOff } from "./clock.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./transcript.js").Transcript} Transcript */
/** @typedef {{text: string, since: number, state: "sending" | "waiting" | "held" | "failed"}} Letter */

const LONGEST_WAIT = 15 * 60_000;

export class Outbox {
  /** @param {Session} session @param {Transcript} transcript @param {() => void} closed */
  constructor(session, transcript, closed) {
    this.session = session;
    this.transcript = transcript;
    this.closed = closed;
    this.cancel = new AbortController();
    this.busy = false;
    /** In the order of their sending. @type {Map<string, Letter>} */ this.letters = new Map();
  }

  /** Whether something is on its way. */
  get waits() {
    return this.next() !== undefined;
  }

  next() {
    return [...this.letters].find(([, { state }]) => state !== "failed");
  }

  /** Forgets what was not sent yet. */
  clear() {
    this.cancel.abort();
    this.cancel = new AbortController();
    this.busy = false;
    this.letters.clear();
  }

  /** What was not sent yet, in a transcript that was emptied. */
  show() {
    for (const [id, { text, state }] of this.letters) {
      this.transcript.pending(id, text);
      this.transcript.mark(id, state);
    }
  }

  /** @param {string} text */
  add(text) {
    const id = crypto.randomUUID();
    this.transcript.pending(id, text);
    this.queue(id, text);
  }

  /** @param {string} id */
  retry(id) {
    const letter = this.letters.get(id);
    this.letters.delete(id);
    if (letter) this.queue(id, letter.text);
  }

  /** @param {string} id @param {string} text */
  queue(id, text) {
    this.letters.set(id, { text, since: Date.now(), state: "sending" });
    this.mark(id, navigator.onLine === false ? "waiting" : "sending");
    void this.deliver();
  }

  /** @param {string} id @param {Letter["state"]} state */
  mark(id, state) {
    const letter = this.letters.get(id);
    if (!letter) return;
    letter.state = state;
    this.transcript.mark(id, state);
  }

  /** The service has it. @param {string} id */
  arrived(id) {
    this.letters.delete(id);
  }

  async deliver() {
    if (this.busy) return;
    this.busy = true;
    const { signal } = this.cancel;
    let failures = 0;
    for (let next; (next = this.next()); ) {
      const [id, letter] = next;
      try {
        await this.post(id, letter.text, signal);
        if (signal.aborted) return;
        this.letters.delete(id);
        this.transcript.mark(id, "sent");
        failures = 0;
      } catch (error) {
        if (!signal.aborted) await this.refused(id, error, ++failures, signal);
        if (signal.aborted) return;
      }
    }
    this.busy = false;
  }

  /** @param {string} id @param {unknown} error @param {number} failures @param {AbortSignal} signal */
  async refused(id, error, failures, signal) {
    const since = this.letters.get(id)?.since || 0;
    // A session that ended is opened anew by the next attempt.
    const final = error instanceof ServiceError && !error.temporary && error.code !== "INVALID_SESSION";
    if (error instanceof ServiceError && error.code === "CONVERSATION_CLOSED") this.closed();
    if (final || Date.now() - since > LONGEST_WAIT) return this.mark(id, "failed");
    // Who got an answer has a network.
    const waits = error instanceof ServiceError && error.status ? "held" : "waiting";
    for (const [other, { state }] of this.letters) if (state !== "failed") this.mark(other, waits);
    await backOff(failures, error, signal);
  }

  /** @param {string} id @param {string} text @param {AbortSignal} signal */
  async post(id, text, signal) {
    const response = await this.session.call(({ conversation }) => ({
      method: "POST",
      path: `/v1/conversations/${encodeURIComponent(conversation.id)}/messages`,
      body: { client_message_id: id, text },
      signal,
    }));
    await response.json();
  }
}
