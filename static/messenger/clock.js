/** The service's time, so that a proof is right although this computer's clock is wrong. */

let offset = 0;

/** @param {number} serverTime Unix seconds, as the frame's document carried them */
export function startClock(serverTime) {
  const [document] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  offset = serverTime * 1000 - performance.timeOrigin - (document?.responseStart || 0);
}

/** @param {number} serverTime Unix seconds, of an answer that has just arrived */
export function correctClock(serverTime) {
  offset = serverTime * 1000 - Date.now();
}

/** Milliseconds since 1970, by the service's clock. */
export function now() {
  return Date.now() + offset;
}

/**
 * Waits; `signal` and, unless the wait is `firm`, a network that is back end it early.
 * @param {number} time @param {AbortSignal} [signal] @param {boolean} [firm] @returns {Promise<void>}
 */
export function pause(time, signal, firm = false) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const own = { signal: over.signal };
    const done = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(done, time);
    if (!firm) window.addEventListener("online", done, own);
    signal?.addEventListener("abort", done, own);
    if (signal?.aborted) done();
  });
}

/**
 * How long to wait before the next attempt: longer each time, never for all browsers at once, and as long as the service asks.
 * @param {number} failures @param {unknown} [error] @param {AbortSignal} [signal]
 */
export function backOff(failures, error, signal) {
  const asked = /** @type {{retryAfter?: number}} */ (error)?.retryAfter || 0;
  const own = failures && Math.min(30_000, 500 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2);
  return pause(Math.max(own, asked * 1000 * (1 + Math.random() / 4)), signal, asked > 0);
}
