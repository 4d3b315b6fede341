/** What the page's developer can do about a refusal; shown in the browser's console, in English, to nobody else. */

/** @type {Record<string, string>} */
const HINTS = {
  INVALID_PLAYER_TOKEN: "Check the signing key (kid), iss, aud, sub, iat/exp and jti; `widget-service doctor` names the cause, or switch the brand's debug on.",
  PLAYER_TOKEN_EXPIRED: "Give getPlayerToken, so that a fresh token can be fetched at each start, and check the backend's clock.",
  PLAYER_TOKEN_REUSED: "A player token is good for one browser, once: sign one per page view, never cache the page that carries it, or give getPlayerToken.",
  PLAYER_TOKEN_UNAVAILABLE: "Only null says that nobody is logged in: getPlayerToken has to give the token's text, or null, and may throw when it cannot tell. What runs goes on, and it is asked again.",
  IDENTITY_REQUIRED: "This brand takes no anonymous visitors: pass player.token or getPlayerToken, or allow them with `brand set … anonymous=true`.",
  ORIGIN_NOT_ALLOWED: "Add this page's origin to the brand's allowed origins.",
  INVALID_PROOF: "The service's public URL and apiBase must be the same origin, and the clock within a minute.",
  RATE_LIMITED: "Too many starts; it works again in a moment.",
  UNREACHABLE:
    "The request did not arrive: check the network, the page's CSP (connect-src must name the service), and whether a script of the page adds headers (traceparent) or credentials to every fetch, which a preflight refuses.",
  UNAVAILABLE: "The service's store is away; it tells when to come back.",
};

const SETTINGS =
  "workspaceId brandId apiBase player getPlayerToken alignment verticalPadding horizontalPadding primaryColor theme zIndex locale sound defer attributes unavailable reopen".split(" ");

/** A line about settings that nobody knows, or nothing. @param {string[]} [names] */
export function unknown(names = []) {
  const strange = names.filter((name) => !SETTINGS.includes(name));
  return strange.length && `UNKNOWN_SETTING ${strange.join(", ")}: known are ${SETTINGS.join(", ")}.`;
}

/** What a text that is no player token looks like. @param {string} text */
export function looks(text) {
  if (/^\s*<(!doctype|html|\?xml|head|body|[a-z]+[\s>])/i.test(text)) return "an HTML page: your endpoint sent its login page or an error page";
  if (/^\s*[{[]/.test(text)) return "JSON: give the token's text alone (answer.text(), or the member that holds it)";
  if (/^\s*"/.test(text)) return "a token in quotes: read the answer as JSON, or send it as plain text";
  if (/^\s*(bearer|dpop)\s/i.test(text)) return "a token with the word before it that belongs into a header";
  if (/^\s|\s$/.test(text)) return "a text with spaces or line ends around it";
  return "a text that is no JWT";
}

/** @param {{code: string, reason?: string, message: string, request_id: string}} error */
export function lineFor({ code, reason, message, request_id }) {
  const hint = HINTS[code] || "See the service's docs/errors.md.";
  return `${[code, reason, request_id].filter(Boolean).join(", ")}: ${message} ${hint}`;
}
