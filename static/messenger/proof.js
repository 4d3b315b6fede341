/** DPoP proofs (RFC 9449): a JWT that shows possession of the confirmation key for one request. */

import { now } from "./clock.js";

const utf8 = new TextEncoder();

/** @param {ArrayBuffer | Uint8Array} bytes */
function base64url(bytes) {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {unknown} value */
const encoded = (value) => base64url(utf8.encode(JSON.stringify(value)));

/** A key's header is the same in each of its proofs. @type {WeakMap<CryptoKeyPair, string>} */
const proofHeaders = new WeakMap();

/** @param {CryptoKeyPair} keys */
async function headerOf(keys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const header = encoded({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
  proofHeaders.set(keys, header);
  return header;
}

/** A key that can be used in this browser and never copied, ready for its first proof. */
export async function newKeys() {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  await headerOf(keys);
  return keys;
}

/**
 * @param {CryptoKeyPair} keys
 * @param {string} method
 * @param {string} url without query and fragment
 * @param {string | null} token the access token, or the player token at conversation start
 */
export async function makeProof(keys, method, url, token) {
  const claims = {
    jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu: url,
    iat: Math.floor(now() / 1000),
    ...(token ? { ath: base64url(await crypto.subtle.digest("SHA-256", utf8.encode(token))) } : {}),
  };
  const signed = `${proofHeaders.get(keys) || (await headerOf(keys))}.${encoded(claims)}`;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, utf8.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

/**
 * What a player token says of itself, unverified: good for comparing and for timers, never for trust.
 * @param {string} token
 * @returns {{sub?: unknown, exp?: unknown}}
 */
export function unverifiedClaims(token) {
  try {
    const middle = (token.split(".")[1] || "").replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(middle), (letter) => letter.charCodeAt(0))));
    return claims && typeof claims === "object" ? claims : {};
  } catch {
    return {};
  }
}

/** The player a token names, unverified. A token that cannot be read belongs to nobody we know. @param {string | null} token */
export function subjectOf(token) {
  if (!token) return null;
  const { sub } = unverifiedClaims(token);
  return typeof sub === "string" ? sub : "";
}
