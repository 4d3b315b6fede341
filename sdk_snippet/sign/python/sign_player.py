"""Signs the logged-in player for the support messenger. Runs on your server, never in the page. Needs PyJWT.

Keep secret:     ``secret``. It stays in your server's secret store: not in the page, the repository, a URL or a log.
Where from:      ``widget-service workspace create`` prints ``secret``, ``kid`` and ``workspace_id``;
                 ``service_url`` is the address the messenger is loaded from, such as https://support.example.
How to serve it: one new token per request, only for the player of the current login session, from an endpoint
                 that answers ``Cache-Control: no-store``. A token is spent once, so never cache or share one.
ES256:           pass ``algorithm="ES256"`` and the P-256 private key as PEM text in ``secret``
                 (install ``pyjwt[crypto]``).
"""

import secrets
import time

import jwt


def sign_player(
    player: dict, *, secret, kid, workspace_id, service_url, lifetime=120, now=None, jti=None, algorithm="HS256"
) -> str:
    """A player token for ``{"player_id": …, "name": …, "email": …}``; members that are None are left out."""
    claims = {name: value for name, value in player.items() if value is not None}
    player_id = claims.pop("player_id", None)
    if isinstance(player_id, bool) or not isinstance(player_id, str | int) or player_id == "":
        raise ValueError("player_id must be the logged-in player's id: a string or a whole number")
    # A file usually ends with a line end that is no part of the secret. Otherwise the text is used as it is:
    # it may look like hex or base64, but it is never decoded.
    secret = secret.removesuffix("\n").removesuffix("\r")
    if len(secret.encode()) < 32:
        raise ValueError("the secret is empty or cut off: it has at least 32 bytes")
    issued_at = int(time.time() if now is None else now)  # whole seconds, not milliseconds
    claims |= {
        "iss": workspace_id,
        "aud": service_url.rstrip("/"),
        "sub": str(player_id),
        "iat": issued_at,
        "exp": issued_at + int(lifetime),
        "jti": jti or secrets.token_urlsafe(16),
    }
    return jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": kid})
