"""The doctor on a player token: what is wrong with it, in words, and how it probably came to be so."""

import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jwt import get_algorithm_by_name

from widget_service.assertions import PlayerAssertion, verify_assertion
from widget_service.cli.findings import Finding, good, note, problem
from widget_service.cli.installation import Installation
from widget_service.errors import InvalidPlayerToken, PlayerTokenExpired
from widget_service.events import iso
from widget_service.sessions import operator_session_name, operator_sid_hash
from widget_service.storage.administration.spent import find_logout, find_use
from widget_service.storage.directory import Directory
from widget_service.workspaces import SigningKey, Workspace

#: Beyond this our clocks disagree, though the leeway (30 s) may still hide it.
NOTABLE_SKEW = 5
REGISTERED = ("iss", "aud", "sub", "iat", "exp", "nbf", "jti")
ABOUT_THE_PLAYER = (
    "name",
    "email",
    "email_verified",
    "phone",
    "currency",
    "language",
    "country",
    "vip_level",
    "segments",
)
KNOWN_CLAIMS = frozenset((*REGISTERED, *ABOUT_THE_PLAYER, "session_id", "auth_time", "acr", "rg", "custom"))


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What a token is held against."""

    installation: Installation
    directory: Directory
    workspace: Workspace

    def find_key(self, kid: str) -> SigningKey | None:
        """The key as a request would find it."""
        return self.directory.find_signing_key(self.workspace.id, kid, self.installation.now)


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself; nothing of it is believed."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    @classmethod
    def read(cls, text: str) -> "UnverifiedToken":
        """Reads as much as can be read."""
        header, _, rest = text.partition(".")
        claims, _, signature = rest.partition(".")
        return cls(_read_object(header), _read_object(claims), f"{header}.{claims}".encode(), _read_bytes(signature))

    @property
    def kid(self) -> str:
        """The key id, as text whatever it is."""
        return str(self.header.get("kid"))


def check_token(check: TokenCheck, token: str) -> Iterator[Finding]:
    """What a start would say to the token, with the causes that can be told apart."""
    unverified = UnverifiedToken.read(token)
    yield from _check_clock(unverified, check.installation.now)
    try:
        assertion = verify_assertion(
            token,
            workspace_id=check.workspace.id,
            audience=check.installation.settings.public_url,
            find_key=check.find_key,
            now=check.installation.now,
            max_lifetime=check.installation.settings.player_token_lifetime,
        )
    except InvalidPlayerToken as error:
        yield problem("token", f"INVALID_PLAYER_TOKEN, {error.reason}: {_explain(check, unverified, error.reason)}")
        return
    except PlayerTokenExpired:
        late = check.installation.now - int(unverified.claims["exp"])
        yield problem("token", f"PLAYER_TOKEN_EXPIRED: it expired {late} s ago; sign one per page load, not per login")
        return
    yield good("token", f"it is valid: player {assertion.player_id}, signed with {assertion.kid}")
    yield from _check_claims(unverified)
    yield from _check_use(check, assertion)


def _check_clock(unverified: UnverifiedToken, now: int) -> Iterator[Finding]:
    issued_at = unverified.claims.get("iat")
    if not isinstance(issued_at, int | float) or not 0 <= issued_at < 2**53:
        return
    ahead = int(issued_at) - now
    if ahead > 10**9:
        yield problem("clock", "iat is in milliseconds; a JWT counts seconds")
    elif ahead > NOTABLE_SKEW:
        yield note("clock", f"the signer's clock is {ahead} s ahead of ours; more than 30 s is refused")
    else:
        yield good("clock", f"the token was issued {max(0, -ahead)} s ago; our time is {iso(now)}")


def _check_claims(unverified: UnverifiedToken) -> Iterator[Finding]:
    ignored = sorted(set(unverified.claims) - KNOWN_CLAIMS)
    if ignored:
        yield note("token", f"ignored claims: {', '.join(ignored)}; what agents should see goes into custom")


def _check_use(check: TokenCheck, assertion: PlayerAssertion) -> Iterator[Finding]:
    workspace_id = check.workspace.id
    with check.installation.reading() as connection:
        spent, killed = find_use(connection, workspace_id, assertion.jti)
        logouts = [find_logout(connection, workspace_id, name) for name in _logged_out_names(check, assertion)]
    if killed or assertion.issued_at < max(logouts):
        yield problem("token", "INVALID_PLAYER_TOKEN, logged_out: the player has logged out since; sign a new one")
    elif spent:
        yield note("token", "it was used already: only the browser that brought it may bring it again")


def _logged_out_names(check: TokenCheck, assertion: PlayerAssertion) -> Iterator[str]:
    """Under which a logout of this token's player is noted: the player's id, and the operator's own session."""
    yield assertion.player_id
    operator_sid = operator_sid_hash(check.workspace.id, assertion.session_id)
    if operator_sid is not None:
        yield operator_session_name(operator_sid)


def _explain(check: TokenCheck, unverified: UnverifiedToken, reason: str) -> str:
    claims, settings = unverified.claims, check.installation.settings
    known = ", ".join(key.kid for key in check.workspace.signing_keys.values() if key.retired_at is None) or "none"
    said = {
        "malformed_token": "it is not three base64url segments of strict JSON",
        "token_too_large": "it is larger than 8 KiB",
        "bad_header": f"it needs a kid, typ JWT or none, no crit, jwk or jku; it is {json.dumps(unverified.header)}",
        "unknown_kid": f"no key has the id {unverified.kid}; live keys: {known}",
        "key_retired": f"the key {unverified.kid} is retired; live keys: {known}",
        "key_expired": f"the key {unverified.kid} has expired; live keys: {known}",
        "wrong_algorithm": _explain_algorithm(check, unverified),
        "bad_signature": _explain_signature(check, unverified),
        "wrong_issuer": f"iss must be {check.workspace.id}, it is {claims.get('iss')!r}",
        "wrong_audience": f"aud must be {settings.public_url}, it is {claims.get('aud')!r}",
        "lifetime_too_long": f"exp − iat may be {settings.player_token_lifetime} s at most",
        "clock_skew": "iat or nbf is in the future: set the signer's clock by NTP",
        "logout_token": "it has events: it is a logout token",
    }
    kind, _, claim = reason.partition(":")
    if claim:
        return f"the claim {claim} is missing" if kind == "missing_claim" else f"{claim} is {claims.get(claim)!r}"
    return said.get(reason, "see docs/signing.md")


def _explain_algorithm(check: TokenCheck, unverified: UnverifiedToken) -> str:
    key = check.find_key(unverified.kid)
    return f"the header says {unverified.header.get('alg')!r}, the key {unverified.kid} is {key and key.algorithm}"


def _explain_signature(check: TokenCheck, unverified: UnverifiedToken) -> str:
    key = check.find_key(unverified.kid)
    if key is None:
        return "no key fits"
    for other in check.workspace.signing_keys.values():
        if other.kid != key.kid and _verifies(other, unverified):
            return f"it was signed with the key {other.kid}, but its header says {key.kid}"
    if key.algorithm == "HS256":
        return _guess_encoding(bytes(key.verifying_key), unverified)
    if key.algorithm == "ES256" and len(unverified.signature) != 64:
        return "the signature is not 64 bytes: a JWT takes r and s (IEEE P1363), not DER"
    return "it was signed with another private key than the one whose public half is registered"


def _guess_encoding(secret: bytes, unverified: UnverifiedToken) -> str:
    for how, variant in _secret_variants(secret):
        if hmac.compare_digest(hmac.digest(variant, unverified.signing_input, "sha256"), unverified.signature):
            return f"the signer {how}: the secret is used as its text, exactly as shown"
    return "it was signed with another secret, or changed on its way"


def _secret_variants(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The secret as signers get it wrong."""
    text = secret.decode("utf-8", "replace").strip()
    padded = text + "=" * (-len(text) % 4)
    variants: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("decodes the secret from base64", lambda: b64decode(padded, validate=True)),
        ("decodes the secret from base64url", lambda: urlsafe_b64decode(padded)),
        ("decodes the secret from hex", lambda: bytes.fromhex(text)),
        ("encodes the secret as base64", lambda: b64encode(secret)),
        ("encodes the secret as hex", lambda: secret.hex().encode()),
        ("puts quotation marks around the secret", lambda: b'"' + secret + b'"'),
        ("leaves a line end after the secret", lambda: secret + b"\n"),
        ("leaves a line end (CR LF) after the secret", lambda: secret + b"\r\n"),
        ("leaves a space after the secret", lambda: secret + b" "),
        ("cuts white space off the secret", lambda: secret.strip()),
    )
    for how, variant in variants:
        with suppress(ValueError):
            yield how, variant()


def _verifies(key: SigningKey, unverified: UnverifiedToken) -> bool:
    if key.retired_at is not None or key.verifying_key is None:
        return False
    algorithm = get_algorithm_by_name(key.algorithm)
    return bool(algorithm.verify(unverified.signing_input, key.verifying_key, unverified.signature))


def _read_bytes(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (Base64Error, ValueError):
        return b""


def _read_object(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(_read_bytes(segment) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
