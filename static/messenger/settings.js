/** The frame's settings, written by the service into the document. */

/** @typedef {import("./types.d.ts").FrameSettings} FrameSettings */

/** @returns {FrameSettings} */
export function readSettings() {
  const meta = document.querySelector('meta[name="messenger-settings"]');
  return JSON.parse(meta?.getAttribute("content") || "{}");
}
