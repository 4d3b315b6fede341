// DPoP proofs (RFC 9449) with a P-256 key that cannot leave this tab.

const encoder = new TextEncoder();

function base64url(/** @type {ArrayBuffer | Uint8Array} */ bytes) {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function sha256(/** @type {string} */ text) {
  return base64url(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
}

export class ConfirmationKey {
  /** @param {CryptoKeyPair} pair @param {{[member: string]: unknown}} jwk @param {string} thumbprint */
  constructor(pair, jwk, thumbprint) {
    this.pair = pair;
    this.jwk = jwk;
    this.thumbprint = thumbprint;
  }

  static async make() {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    const jwk = { crv, kty, x, y };
    return new ConfirmationKey(pair, jwk, await sha256(JSON.stringify(jwk))); // this order of members is RFC 7638's
  }

  /** A proof for one request; `credential` is what `ath` names, `now` is Unix seconds. */
  async prove(/** @type {{method: string, url: string, credential: string | null, now: number}} */ request) {
    const url = new URL(request.url);
    const payload = {
      jti: crypto.randomUUID(),
      htm: request.method,
      htu: url.origin + url.pathname,
      iat: Math.floor(request.now),
      ...(request.credential ? { ath: await sha256(request.credential) } : {}),
    };
    const parts = [{ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk }, payload];
    const signed = parts.map((part) => base64url(encoder.encode(JSON.stringify(part)))).join('.');
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    return `${signed}.${base64url(await crypto.subtle.sign(algorithm, this.pair.privateKey, encoder.encode(signed)))}`;
  }
}
