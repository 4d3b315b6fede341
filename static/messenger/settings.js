/** The frame's settings, written by the service into the document. */

/** @typedef {import("./types.d.ts").FrameSettings} FrameSettings */

/** @returns {FrameSettings} */
export function readSettings() {
  return JSON.parse(/** @type {HTMLMetaElement} */ (document.querySelector("[name=messenger-settings]")).content);
}
