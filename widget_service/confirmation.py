"""The confirmation key: a DPoP proof shows that the caller holds the browser's private key (RFC 9449, RFC 7800)."""

import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt import get_algorithm_by_name

from widget_service import strict_json
from widget_service.errors import ConfigurationError, InvalidProof
from widget_service.ids import base64url
from widget_service.signing_keys import decode_base64url, import_p256_jwk

LARGEST_PROOF = 4096
#: Seconds that a proof's ``iat`` may be off our clock, to either side.
WINDOW = 60

_ES256 = get_algorithm_by_name("ES256")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_VISIBLE_ASCII = re.compile(r"[!-~]+")
#: RFC 7638 §3.2: what a thumbprint is made of, per kind of key.
_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was checked: ``jkt`` names the key (RFC 7638), ``jti`` is to be remembered for 120 s."""

    jkt: str
    jti: str
    issued_at: int


@dataclass(frozen=True, slots=True)
class ProofClaim:
    """A proof still to be spent: what names it, and until when (Unix seconds) it is remembered."""

    proof_hash: bytes
    expires_at: int


def verify_proof(proof: str | None, *, method: str, url: str, credential: str | None, now: int) -> Proof:
    """The checks of RFC 9449 §4.3 on one ``DPoP`` header, all but the replay of its ``jti``.

    ``url`` is this request's own; ``credential`` is the token that the proof must name by ``ath``, None where there is
    none. Raises InvalidProof with a stable reason and ``details.server_time``.
    """
    if proof is None:
        raise InvalidProof("missing_proof", details={"server_time": now})
    try:
        return _verify(proof, method, url, credential, now)
    except _Refused as refused:
        raise InvalidProof(str(refused), details={"server_time": now}) from refused


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The SHA-256 thumbprint of a public JWK, base64url (RFC 7638). Raises ValueError for an incomplete key."""
    kty = jwk.get("kty")
    names = _THUMBPRINT_MEMBERS.get(kty, ()) if isinstance(kty, str) else ()
    members = {name: jwk.get(name) for name in names}
    if not members or not all(isinstance(value, str) for value in members.values()):
        raise ValueError("not a public key with a thumbprint")
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(canonical.encode("utf-8")).digest())


class _Refused(Exception):
    """A reason, on its way to the one place that knows the time."""


def _verify(proof: str, method: str, url: str, credential: str | None, now: int) -> Proof:
    header_segment, payload_segment, signature = _split(proof)
    key, jkt = _require_key(_read_object(header_segment))
    if not _ES256.verify(proof[: proof.rindex(".")].encode("ascii"), key, signature):
        raise _Refused("bad_signature")
    claims = _read_object(payload_segment)
    if claims.get("htm") != method:
        raise _Refused("wrong_method")
    if not _is_same_url(claims.get("htu"), url):
        raise _Refused("wrong_url")
    if credential is not None and claims.get("ath") != _credential_hash(credential):
        raise _Refused("wrong_credential")
    return Proof(jkt, _require_jti(claims), _require_issued_at(claims, now))


def _split(proof: str) -> tuple[bytes, bytes, bytes]:
    if len(proof) > LARGEST_PROOF:
        raise _Refused("proof_too_large")
    segments = proof.split(".")
    if len(segments) != 3:
        raise _Refused("malformed_proof")
    try:
        # Two headers joined by a comma fail here: a comma is no base64url.
        header, payload, signature = map(decode_base64url, segments)
    except ValueError as error:
        raise _Refused("malformed_proof") from error
    return header, payload, signature


def _read_object(segment: bytes) -> dict[str, Any]:
    try:
        return strict_json.parse_object(segment)
    except strict_json.MalformedJson as error:
        raise _Refused("malformed_proof") from error


def _require_key(header: dict[str, Any]) -> tuple[EllipticCurvePublicKey, str]:
    if header.get("typ") != "dpop+jwt" or "crit" in header or "b64" in header:
        raise _Refused("bad_header")
    if header.get("alg") != "ES256":
        raise _Refused("wrong_algorithm")
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or "d" in jwk or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise _Refused("bad_key")
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise _Refused("bad_key")
    try:
        return _parsed_key(x, y)
    except ConfigurationError as error:
        raise _Refused("bad_key") from error


@functools.lru_cache(maxsize=4096)
def _parsed_key(x: str, y: str) -> tuple[EllipticCurvePublicKey, str]:
    """A pure function's memory: a browser proves with the same key at each request, and parsing costs 50 µs."""
    key = import_p256_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    # The canonical form of RFC 7638 by hand: x and y are checked base64url, so nothing needs escaping.
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return key, base64url(hashlib.sha256(canonical.encode("ascii")).digest())


def _is_same_url(claimed: Any, url: str) -> bool:
    if not isinstance(claimed, str):
        return False
    return claimed == url or _normal_url(claimed) == _normal_url(url) != ()


def _normal_url(url: str) -> tuple[str, str, int | None, bytes] | tuple[()]:
    """Scheme, host, port and path after the normalisation of RFC 3986 §6.2.2 and §6.2.3, or () for no URL of ours.

    The path is decoded whole: WSGI routes by the decoded one, so that no two resources of ours differ by an escape.
    """
    # urlsplit drops control characters in silence.
    if _VISIBLE_ASCII.fullmatch(url) is None:
        return ()
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return ()
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return ()
    return parts.scheme, parts.hostname, port, unquote_to_bytes(parts.path or "/")


def _credential_hash(credential: str) -> str:
    return base64url(hashlib.sha256(credential.encode("utf-8", "surrogatepass")).digest())


def _require_jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 255:
        raise _Refused("bad_claim:jti")
    return jti


def _require_issued_at(claims: dict[str, Any], now: int) -> int:
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float) or isinstance(issued_at, bool):
        raise _Refused("bad_claim:iat")
    if not now - WINDOW <= issued_at <= now + WINDOW:
        raise _Refused("clock_skew")
    return int(issued_at)
