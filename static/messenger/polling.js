/** Events asked for one answer at a time. Loaded where a proxy holds streams back. */

/** @typedef {import("./stream.js").EventStream} EventStream */

/** @param {EventStream} stream @param {AbortSignal} signal */
export async function poll(stream, signal) {
  const blind = !stream.last;
  for (let more = true; more; ) {
    const response = await stream.fetchEvents({ headers: { Accept: "application/json" }, query: { after: stream.last }, signal, lasting: false });
    const { events, next } = await response.json();
    // Without a number to begin at, the answers tell all that ever happened: only the end of it is news, and that is read elsewhere.
    if (!blind) for (const event of events) stream.take(event);
    stream.last = String(next);
    more = blind && events.length > 0;
  }
  stream.failures = 0;
  stream.listener.alive(blind);
}
