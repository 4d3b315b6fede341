/** One conversation's events, heard once in the whole browser: one tab streams and tells the others. */

import { EventStream } from "./stream.js";

/** @typedef {import("./types.d.ts").ServiceEvent} ServiceEvent */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tabs.js").Tabs} Tabs */
/** @typedef {{event: (event: ServiceEvent) => void, missed: () => void, alive: () => void, waiting: (failures: number) => void, blocked: () => Promise<boolean>}} Hearer */

export class Following {
  /**
   * @param {string} id the conversation
   * @param {Session} session @param {Tabs} tabs @param {Hearer} hearer `missed`: something may have happened unheard
   */
  constructor(id, session, tabs, hearer) {
    this.id = id;
    this.tabs = tabs;
    this.hearer = hearer;
    /** @type {AbortController | null} */ this.wish = null;
    /** Whether it is known where to begin. */ this.begun = false;
    this.stream = new EventStream(
      (ask) => {
        if (!session.live) return Promise.reject(new Error("no session"));
        return session.call(({ conversation }) => ({ method: "GET", path: `/v1/conversations/${encodeURIComponent(conversation.id)}/events`, ...ask }));
      },
      {
        event: (event, after) => {
          tabs.tell("event", { id, event, after });
          hearer.event(event);
        },
        alive: (blind) => {
          tabs.tell("event");
          hearer.alive();
          if (blind) hearer.missed();
        },
        waiting: (failures) => {
          tabs.tell("event");
          hearer.waiting(failures);
        },
        blocked: async () => {
          const read = await hearer.blocked();
          if (read) tabs.tell("event", { id });
          return read;
        },
      },
    );
  }

  /** @param {string} last the number of the last event of which nothing is unknown, or nothing */
  begin(last) {
    this.stream.last ||= last;
    this.begun = true;
  }

  /** @param {boolean} wanted whether somebody may look */
  follow(wanted) {
    if (!wanted || !this.begun) {
      this.wish?.abort();
      this.wish = null;
    } else if (!this.wish) {
      this.wish = new AbortController();
      void this.tabs.lead(this.wish.signal, (signal) => this.stream.run(signal));
    }
  }

  /** What the leading tab has heard; no event: it has read the chat without them. @param {ServiceEvent | undefined} event @param {string} after the number of the event before it */
  hear(event, after) {
    const { stream, hearer } = this;
    if (!event) return void hearer.blocked();
    if (+event.id <= +stream.last) return;
    if (!stream.last || +after > +stream.last) hearer.missed();
    stream.last = event.id;
    hearer.event(event);
  }
}
