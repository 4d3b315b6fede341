/** The chat without a stream: events one answer at a time where a proxy holds streams back, messages alone where events are blocked. */

/** @typedef {import("./history.js").History} History */
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

/**
 * What is new in the chat, for want of its events; who writes, or that a colleague joined, is not told this way.
 * @param {History} history @param {() => void} closed @returns {Promise<boolean>} whether this chat is still the one that is shown
 */
export async function readWithoutEvents(history, closed) {
  const { id } = history;
  await history.queue(async () => {
    while (await history.missed(id));
  });
  const { conversation } = await history.read(id, "");
  if (conversation.status === "closed") closed();
  return true;
}
