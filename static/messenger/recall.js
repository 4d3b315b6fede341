/** What a resumed chat's events tell beside its messages. Loaded with a chat that goes on: most begin anew. */

/** @typedef {import("./history.js").History} History */

/** @param {History} history @param {AbortSignal} signal @returns {Promise<string>} the number of the last event of which nothing is unknown now */
export async function recall(history, signal) {
  let known = "";
  await history.queue(async (id) => {
    const { events, next } = await history.read(id, "/events", {}, signal);
    let last = "";
    for (const { type, data } of events) {
      if (type === "message" && (last = data.id) > (history.newest || "")) history.take(data);
      if (type === "handover") history.transcript.notice("handover", last);
    }
    known = String(next);
  });
  return known;
}
