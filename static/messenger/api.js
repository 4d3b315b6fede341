/** Requests to our own origin, each with a fresh proof of possession. */

import { correctClock, now } from "./clock.js";
import { makeProof } from "./proof.js";

/** An answer of the service that is not a success, or no answer at all (`UNREACHABLE`). */
export class ServiceError extends Error {
  /** @param {number} status @param {any} body @param {number} retryAfter seconds */
  constructor(status, body, retryAfter = 0) {
    const error = body?.error || {};
    super(typeof error.message === "string" ? error.message : `the service answered ${status}`);
    /** @type {string} */ this.code = typeof error.code === "string" ? error.code : status ? "INTERNAL_ERROR" : "UNREACHABLE";
    /** @type {string} */ this.requestId = String(error.request_id || "");
    /** @type {string | undefined} */ this.reason = error.details?.reason;
    /** What the page gave in the place of a player token. @type {string | undefined} */ this.given = undefined;
    /** The page has to be loaded anew. */ this.stale = false;
    this.status = status;
    this.retryAfter = retryAfter;
    const time = error.details?.server_time;
    if (typeof time === "number") correctClock(time);
    /** A fresh proof will do: the clock is right now, or the browser itself had sent the same request twice. */
    this.repairable = this.code === "PROOF_REUSED" || (this.code === "INVALID_PROOF" && typeof time === "number");
  }

  /** Whether the same request may do better later. */
  get temporary() {
    // An answer that broke off has no code of the service's: then it is INTERNAL_ERROR.
    return this.repairable || (/^(UNREACHABLE|INTERNAL_ERROR|RATE_LIMITED|UNAVAILABLE|PLAYER_TOKEN_UNAVAILABLE)$/.test(this.code) && !this.stale) || navigator.onLine === false;
  }
}

/** A failure that arose here. @param {string} code @param {string} message */
export const localError = (code, message) => new ServiceError(0, { error: { code, message } });

const SESSION_TOKEN = /^[\w.~+/-]{16,512}$/;

/** @param {unknown} error */
export const isOver = (error) => error instanceof ServiceError && (error.code === "INVALID_SESSION" || error.code === "CONVERSATION_NOT_FOUND");

/** @param {any} session as the service answers it @returns {{token: string, expires_at: number}} */
export function sessionIn(session) {
  if (!SESSION_TOKEN.test(session?.token) || !(session?.expires_in > 0)) throw localError("INTERNAL_ERROR", "the service's answer holds no session");
  return { token: session.token, expires_at: now() + session.expires_in * 1000 };
}

/** A network that swallows a request must not hold the messenger up. */
const REQUEST_PATIENCE = 20_000;

/** @param {AbortSignal} [signal] */
function impatient(signal) {
  const cut = new AbortController();
  const end = () => cut.abort();
  setTimeout(end, REQUEST_PATIENCE);
  signal?.addEventListener("abort", end, { signal: cut.signal });
  if (signal?.aborted) end();
  return cut.signal;
}

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string | undefined>} [query]
 * @property {unknown} [body]
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive]
 * @property {boolean} [lasting] an answer that goes on
 */

/** @param {string} serviceOrigin @param {CryptoKeyPair} keys @param {string} token @param {Call} call @returns {Promise<Response>} */
async function send(serviceOrigin, keys, token, call) {
  const query = new URLSearchParams(Object.entries(call.query || {}).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...call.headers };
  headers.Authorization = `DPoP ${token}`;
  headers.DPoP = await makeProof(keys, call.method, serviceOrigin + call.path, token);
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(call.path + (query.size ? `?${query}` : ""), {
    method: call.method,
    headers,
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    signal: call.lasting ? call.signal : impatient(call.signal),
    keepalive: call.keepalive,
  });
}

/**
 * The answer, or a ServiceError. A wrong clock and a proof that was seen before are repaired once, here.
 * @param {string} serviceOrigin @param {CryptoKeyPair} keys @param {string} token @param {Call} call @returns {Promise<Response>}
 */
export async function request(serviceOrigin, keys, token, call) {
  for (let attempt = 1; ; attempt++) {
    const response = await send(serviceOrigin, keys, token, call).catch((error) => {
      throw call.signal?.aborted ? error : new ServiceError(0, null);
    });
    if (response.ok) return response;
    const error = new ServiceError(response.status, await response.json().catch(() => null), Number(response.headers.get("Retry-After")) || 0);
    if (attempt > 1 || !error.repairable) throw error;
  }
}
