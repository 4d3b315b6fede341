/**
 * Signs the logged-in player for the support messenger. Runs on your server (Node 18 or later), never in the page. No dependencies.
 *
 * Keep secret:     `secret`. It stays in your server's secret store: not in the page, the bundle, the repository, a URL or a log.
 * Where from:      `widget-service workspace create` prints `secret`, `kid` and `workspace_id`;
 *                  `serviceUrl` is the address the messenger is loaded from, such as https://support.example.
 * How to serve it: one new token per request, only for the player of the current login session, from an endpoint
 *                  that answers `Cache-Control: no-store`. A token is spent once, so never cache or share one.
 * ES256:           pass `algorithm: 'ES256'` and the P-256 private key as PEM text in `secret`.
 */
import { createHmac, randomUUID, sign } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

/**
 * @param {{player_id: string | number | bigint, [claim: string]: unknown}} player  members that are null or undefined are left out
 * @param {{secret: string, kid: string, workspaceId: string, serviceUrl: string, lifetime?: number, now?: number,
 *          jti?: string, algorithm?: 'HS256' | 'ES256'}} options  `lifetime` and `now` in whole seconds
 * @returns {string} the player token
 */
export function signPlayer(player, { secret, kid, workspaceId, serviceUrl, lifetime = 120, now, jti, algorithm = 'HS256' }) {
  const { player_id: playerId, ...rest } = player;
  const whole = Number.isSafeInteger(playerId) || typeof playerId === 'bigint';
  if (!whole && (typeof playerId !== 'string' || playerId === '')) {
    throw new TypeError("player_id must be the logged-in player's id: a string or a whole number");
  }
  // A file usually ends with a line end that is no part of the secret. Otherwise the text is used as it is:
  // it may look like hex or base64, but it is never decoded.
  const key = secret.replace(/\r?\n$/, '');
  if (Buffer.byteLength(key, 'utf8') < 32) throw new TypeError('the secret is empty or cut off: it has at least 32 bytes');
  const issuedAt = Math.trunc(now ?? Date.now() / 1000); // whole seconds, not milliseconds
  const payload = {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined)),
    iss: workspaceId,
    aud: serviceUrl.replace(/\/+$/, ''),
    sub: String(playerId),
    iat: issuedAt,
    exp: issuedAt + Math.trunc(lifetime),
    jti: jti ?? randomUUID(),
  };
  const signed = `${encode({ alg: algorithm, typ: 'JWT', kid })}.${encode(payload)}`;
  return `${signed}.${signatures[algorithm](signed, key)}`;
}

const signatures = {
  HS256: (signed, secret) => createHmac('sha256', Buffer.from(secret, 'utf8')).update(signed).digest('base64url'),
  ES256: (signed, pem) => sign('sha256', Buffer.from(signed), { key: pem, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
};
