/** What the page's developer can do about a refusal; shown in the browser's console, in English, to nobody else. */

/** @type {Record<string, string>} */
const HINTS = {
  INVALID_PLAYER_TOKEN: "Check the signing key (kid), iss, aud, sub, iat/exp and jti; `widget-service doctor` names the cause, or switch the brand's debug on.",
  PLAYER_TOKEN_EXPIRED: "Give getPlayerToken, so that a fresh token can be fetched at each start, and check the backend's clock.",
  PLAYER_TOKEN_REUSED: "A player token is good for one browser, once: sign one per page view, never cache the page that carries it, or give getPlayerToken.",
  PLAYER_TOKEN_UNAVAILABLE: "getPlayerToken threw or did not answer: return a token, or null when nobody is logged in.",
  IDENTITY_REQUIRED: "This brand takes no anonymous visitors: pass player.token or getPlayerToken, or allow them with `brand set … anonymous=true`.",
  ORIGIN_NOT_ALLOWED: "Add this page's origin to the brand's allowed origins.",
  INVALID_PROOF: "The service's public URL and apiBase must be the same origin, and the clock within a minute.",
  RATE_LIMITED: "Too many starts; it works again in a moment.",
  UNREACHABLE: "The request did not arrive: check the network and the page's CSP (connect-src must name the service).",
  UNAVAILABLE: "The service's store is away; it tells when to come back.",
};

/** @param {{code: string, reason?: string, message: string, request_id: string}} error */
export function lineFor({ code, reason, message, request_id }) {
  const hint = HINTS[code] || "See the service's docs/errors.md.";
  return `${[code, reason, request_id].filter(Boolean).join(", ")}: ${message} ${hint}`;
}
