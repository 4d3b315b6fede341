/** What happens in the conversation, as it happens: server-sent events over fetch, and polling where a proxy holds them back. */

import { backOff, pause } from "./clock.js";

/** @typedef {import("./types.d.ts").ServiceEvent} ServiceEvent */
/** @typedef {{headers: Record<string, string>, query: Record<string, string | undefined>, signal: AbortSignal, lasting: boolean}} Ask */

/** Noticed at the watch's first round. */
const FIRST_BYTE = 4_900;
/** The service's heartbeat is 12 s. */
const SILENCE = 40_000;
const WATCH = 5_000;
const POLL = 3_000;
const STREAM_AGAIN = 60_000;
/** A connection that lasted so long was a good one. */
const GOOD = 10_000;

/** Cuts a stream's text into events, as our own service writes them: one line per field, a blank line behind each event. */
export class EventParser {
  constructor() {
    this.rest = "";
    /** The number of the last event that came whole. */
    this.last = "";
  }

  /** @param {string} text @returns {ServiceEvent[]} */
  push(text) {
    const events = (this.rest + text).split("\n\n");
    this.rest = events.pop() || "";
    return events.flatMap((event) => this.read(event));
  }

  /** @param {string} event @returns {ServiceEvent[]} */
  read(event) {
    const { id, event: type = "", data } = Object.fromEntries(event.split("\n").map((line) => line.split(/: ?(.*)/s)));
    if (id) this.last = id;
    return data ? [{ id, type, data: JSON.parse(data) }] : [];
  }
}

export class EventStream {
  /**
   * @param {(ask: Ask) => Promise<Response>} fetchEvents rejects when the session is over
   * @param {{event: (event: ServiceEvent, after: string) => void, alive: (blind: boolean) => void, waiting: (failures: number) => void, blocked: () => Promise<boolean>}} listener
   *   `alive` is a sign of life; `blind`: what happened before was not heard; `blocked` reads the chat without events, if that can be
   */
  constructor(fetchEvents, listener) {
    this.fetchEvents = fetchEvents;
    this.listener = listener;
    /** The number of the last event that was heard. */
    this.last = "";
    this.failures = 0;
    this.pollUntil = 0;
  }

  /** Runs until `signal` ends it. @param {AbortSignal} signal */
  async run(signal) {
    while (!signal.aborted) {
      const cut = new AbortController();
      const own = { signal: cut.signal };
      signal.addEventListener("abort", () => cut.abort(), own);
      window.addEventListener("online", () => this.anew(cut), own);
      try {
        await (Date.now() < this.pollUntil ? this.poll(cut.signal) : this.stream(cut));
      } catch (error) {
        if (signal.aborted) return;
        // A blocker may stop nothing but the events: then the chat itself is read until they come again.
        if (++this.failures > 1 && (await this.listener.blocked())) await pause(2 * POLL, signal);
        else {
          this.listener.waiting(this.failures);
          await backOff(this.failures, error, signal);
        }
      }
      cut.abort();
    }
  }

  /** Cuts a connection for another one, at once. @param {AbortController} cut @param {number} [pollUntil] */
  anew(cut, pollUntil = 0) {
    this.pollUntil = pollUntil;
    this.failures = -1;
    cut.abort();
  }

  /** One connection; it ends with an error, however it ends. @param {AbortController} cut @returns {Promise<void>} */
  async stream(cut) {
    const began = Date.now();
    let heard = began;
    let patience = FIRST_BYTE;
    // By the clock on the wall, so that a computer that slept notices when it wakes up.
    const check = () => {
      if (Math.abs(Date.now() - heard) > patience) this.anew(cut, patience === FIRST_BYTE ? Date.now() + STREAM_AGAIN : 0);
    };
    const watch = setInterval(check, WATCH);
    document.addEventListener("visibilitychange", check, { signal: cut.signal });
    try {
      let blind = !this.last;
      const headers = { Accept: "text/event-stream", ...(blind ? {} : { "Last-Event-ID": this.last }) };
      const response = await this.fetchEvents({ headers, query: {}, signal: cut.signal, lasting: true });
      const parser = new EventParser();
      const body = /** @type {ReadableStream} */ (response.body);
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the stream ended");
        heard = Date.now();
        patience = SILENCE;
        if (heard - began > GOOD) this.failures = 0;
        this.listener.alive(blind);
        blind = false;
        for (const event of parser.push(value)) this.take(event);
        if (+parser.last > +this.last) this.last = parser.last;
      }
    } finally {
      clearInterval(watch);
    }
  }

  /** @param {AbortSignal} signal */
  async poll(signal) {
    const { poll } = await import("./polling.js");
    await poll(this, signal);
    await pause(POLL, signal);
  }

  /** @param {ServiceEvent} event */
  take(event) {
    const after = this.last;
    if (+event.id <= +after) return;
    this.last = event.id;
    this.listener.event(event, after);
  }
}
