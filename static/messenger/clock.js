/** The service's time, so that a proof is right although this computer's clock is wrong. */

let offset = 0;

/** @param {number} serverTime Unix seconds, as the frame's document carried them */
export function startClock(serverTime) {
  const [navigation] = performance.getEntriesByType("navigation");
  const received = navigation ? performance.timeOrigin + /** @type {PerformanceNavigationTiming} */ (navigation).responseStart : Date.now();
  offset = serverTime * 1000 - received;
}

/** @param {number} serverTime Unix seconds, of an answer that has just arrived */
export function correctClock(serverTime) {
  offset = serverTime * 1000 - Date.now();
}

/** Milliseconds since 1970, by the service's clock. */
export function now() {
  return Date.now() + offset;
}
