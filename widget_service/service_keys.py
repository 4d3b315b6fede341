"""Our own signing keys: ES256, for session JWTs and ``/.well-known/jwks.json``.

Source: RFC 7517 (JWK Set), RFC 7638 (the kid is the key's thumbprint), RFC 9068 (``typ: at+jwt``).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.ids import base64url
from widget_service.signing_keys import decode_base64url

#: Seconds that a retired key stays published: longer than any session JWT lives and any key set is cached.
PUBLISHED_AFTER_RETIREMENT = 86_400
_ES256 = jwt.get_algorithm_by_name("ES256")


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """One of our keys, parsed. Times are Unix seconds."""

    kid: str
    private_key: EllipticCurvePrivateKey = field(repr=False)
    public_jwk: Mapping[str, str]
    created_at: int
    retired_at: int | None = None


def new_service_key(now: int) -> ServiceKey:
    """A fresh P-256 key."""
    private_key = generate_private_key(SECP256R1())
    numbers = private_key.public_key().public_numbers()
    members = {"crv": "P-256", "kty": "EC", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}
    kid = base64url(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())
    return ServiceKey(kid, private_key, {**members, "kid": kid, "alg": "ES256", "use": "sig"}, now)


def sign_session_jwt(key: ServiceKey, claims: Mapping[str, Any]) -> str:
    """A session JWT of exactly these claims: header ``alg`` ES256, ``typ`` at+jwt and the key's ``kid``."""
    return jwt.encode(
        dict(claims), key.private_key, algorithm="ES256", headers={"typ": "at+jwt", "kid": key.kid}, sort_headers=True
    )


def is_signed_by(keys: Iterable[ServiceKey], text: str) -> bool:
    """Whether a text is a compact JWS (RFC 7515 §3.1) of one of these keys, whatever it says and however old it is."""
    signing_input, _, last = text.rpartition(".")
    try:
        signature, signed = decode_base64url(last), signing_input.encode("ascii")
    except ValueError:
        return False
    return any(_ES256.verify(signed, key.private_key.public_key(), signature) for key in keys)


def require_signing_key(keys: Sequence[ServiceKey]) -> ServiceKey:
    """The newest key that is not retired. Raises ConfigurationError when there is none."""
    live = [key for key in keys if key.retired_at is None]
    if not live:
        raise ConfigurationError("There is no service key. Run: widget-service service-key rotate")
    return max(live, key=lambda key: (key.created_at, key.kid))


def public_key_set(keys: Iterable[ServiceKey], now: int) -> dict[str, Any]:
    """The JWK Set to publish: keys that sign, and those retired less than a day ago."""
    published = (key for key in keys if key.retired_at is None or now < key.retired_at + PUBLISHED_AFTER_RETIREMENT)
    return {"keys": [dict(key.public_jwk) for key in published]}


def seal_service_key(cipher: Cipher, key: ServiceKey) -> tuple[bytes, str]:
    """(sealed private key, public JWK): what the store keeps."""
    der = key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return cipher.seal(der, service_key_context(key.kid)), json.dumps(dict(key.public_jwk))


def open_service_key(cipher: Cipher, row: tuple[Any, ...]) -> ServiceKey:
    """The key of a row (kid, sealed private key, public JWK, created_at, retired_at). Raises ConfigurationError."""
    kid, sealed, public_jwk, created_at, retired_at = row
    private_key = load_der_private_key(cipher.open(sealed, service_key_context(kid)), password=None)
    if not isinstance(private_key, EllipticCurvePrivateKey):
        raise ConfigurationError(f"The service key {kid} is no P-256 key.")
    return ServiceKey(kid, private_key, json.loads(public_jwk), created_at, retired_at)


def service_key_context(kid: str) -> str:
    """The context that a private key is sealed with."""
    return f"service_keys:{kid}"


def _coordinate(number: int) -> str:
    return base64url(number.to_bytes(32))
