/** What happens in the conversation, as it happens: server-sent events over fetch, and polling where a proxy holds them back. */

/** @typedef {import("./types.d.ts").ServiceEvent} ServiceEvent */
/** @typedef {{headers: Record<string, string>, query: Record<string, string | undefined>, signal: AbortSignal}} Ask */

const FIRST_BYTE = 5_000;
/** The service's heartbeat is 15 s. */
const SILENCE = 40_000;
const POLL = 3_000;
const STREAM_AGAIN = 60_000;
const LONGEST_PAUSE = 30_000;

/** @param {number} time @param {AbortSignal} signal @returns {Promise<void>} */
export function pause(time, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, time);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Cuts a stream's text into events (HTML §9.2.6). */
export class EventParser {
  constructor() {
    this.rest = "";
    this.id = "";
  }

  /** @param {string} text @returns {ServiceEvent[]} */
  push(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() || "";
    return lines.flatMap((line) => this.line(line));
  }

  /** @type {string[]} */ data = [];
  type = "";

  /** @param {string} line @returns {ServiceEvent[]} */
  line(line) {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return [];
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    if (field === "event") this.type = value;
    if (field === "id" && !value.includes("\0")) this.id = value;
    return [];
  }

  /** @returns {ServiceEvent[]} */
  dispatch() {
    const { data, type, id } = this;
    this.data = [];
    this.type = "";
    if (!data.length) return [];
    try {
      return [{ id, type, data: JSON.parse(data.join("\n")) }];
    } catch {
      return [];
    }
  }
}

export class EventStream {
  /**
   * @param {(ask: Ask) => Promise<Response>} fetchEvents rejects when the session is over
   * @param {{event: (event: ServiceEvent) => void, connected: () => void, waiting: () => void}} listener
   */
  constructor(fetchEvents, listener) {
    this.fetchEvents = fetchEvents;
    this.listener = listener;
    this.last = "";
    this.failures = 0;
    this.pollUntil = 0;
  }

  /** Runs until `signal` ends it. @param {AbortSignal} signal */
  async run(signal) {
    while (!signal.aborted) {
      try {
        if (Date.now() < this.pollUntil) await this.poll(signal);
        else await this.stream(signal);
      } catch {
        if (signal.aborted) return;
        this.failures++;
        this.listener.waiting();
        await pause(Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(this.failures, 6)) * (0.5 + Math.random() / 2), signal);
      }
    }
  }

  /** @param {AbortSignal} signal */
  async stream(signal) {
    const cut = new AbortController();
    const abort = () => cut.abort();
    signal.addEventListener("abort", abort);
    let timer = setTimeout(() => {
      this.pollUntil = Date.now() + STREAM_AGAIN;
      cut.abort();
    }, FIRST_BYTE);
    try {
      const headers = { Accept: "text/event-stream", ...(this.last ? { "Last-Event-ID": this.last } : {}) };
      const response = await this.fetchEvents({ headers, query: {}, signal: cut.signal });
      if (!response.body) throw new Error("no stream");
      const parser = new EventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let first = true;
      for (;;) {
        const { done, value } = await reader.read();
        clearTimeout(timer);
        if (done) break;
        timer = setTimeout(abort, SILENCE);
        if (first) this.connected();
        first = false;
        for (const event of parser.push(value)) this.take(event);
        if (parser.id) this.last = parser.id;
      }
      await pause(first ? 2000 : 300, signal);
    } catch (error) {
      if (signal.aborted || Date.now() >= this.pollUntil) throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** @param {AbortSignal} signal */
  async poll(signal) {
    const response = await this.fetchEvents({ headers: { Accept: "application/json" }, query: { after: this.last }, signal });
    const { events, next } = await response.json();
    this.connected();
    // Without a cursor the answer tells everything again: of that, only messages are news, and known ones do no harm.
    for (const event of events || []) if (this.last || event.type === "message") this.listener.event(event);
    if (typeof next === "string") this.last = next;
    await pause(POLL, signal);
  }

  connected() {
    this.failures = 0;
    this.listener.connected();
  }

  /** @param {ServiceEvent} event */
  take(event) {
    if (event.id) this.last = String(event.id);
    this.listener.event(event);
  }
}
