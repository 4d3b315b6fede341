"""The player token: a JWT that the operator's backend signs for the logged-in player (RFC 7519, RFC 8725).

Everything is parsed once, strictly, by us; PyJWT lends the signature algorithms alone. Used the ordinary way it
accepts tokens without ``exp``, duplicate members, padding, and reads its own clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unicodedata import category

from jwt import get_algorithm_by_name

from widget_service import strict_json
from widget_service.errors import InvalidPlayerToken, PlayerTokenExpired
from widget_service.signing_keys import decode_base64url
from widget_service.workspaces import SigningKey

FindKey = Callable[[str], SigningKey | None]

LARGEST_TOKEN = 8192
LONGEST_LIFETIME = 900
LONGEST_LOGOUT_LIFETIME = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

#: Header members that would let a token bring its own key or change what is signed (RFC 8725 §3.10, RFC 7797).
_REFUSED_HEADERS = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c"})
#: Only a player token may leave its type unsaid.
_UNSAID = object()
_PLAYER_TYPES = (_UNSAID, "JWT", "player+jwt")
_LOGOUT_TYPES = ("logout+jwt",)
_ALGORITHMS = {name: get_algorithm_by_name(name) for name in ("HS256", "RS256", "ES256", "EdDSA")}
#: Past this, a JSON number is no exact second any more (RFC 7493 §2.2).
_LATEST_TIME = 2**53


@dataclass(frozen=True, slots=True)
class PlayerAssertion:
    """What an operator's backend said about its player. Times are Unix seconds; None means that it did not say."""

    player_id: str
    jti: str
    kid: str
    issued_at: int
    expires_at: int
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    email_verified: bool | None = None
    phone: str | None = field(default=None, repr=False)
    currency: str | None = None
    language: str | None = None
    country: str | None = None
    vip_level: str | int | None = None
    segments: tuple[str, ...] = ()
    session_id: str | None = field(default=None, repr=False)
    auth_time: int | None = None
    acr: str | None = None
    rg_closed: bool | None = None
    rg_type: str | None = None
    custom: dict[str, str | int | float | bool | None] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """Who an operator's backend says has logged out: a player, one of the operator's own sessions, or both."""

    player_id: str | None
    sid: str | None = field(repr=False)
    jti: str
    issued_at: int
    expires_at: int


def verify_assertion(
    token: str,
    *,
    workspace_id: str,
    audience: str,
    find_key: FindKey,
    now: int,
    max_lifetime: int,
    leeway: int = 30,
) -> PlayerAssertion:
    """The player that a token speaks of, once everything about it has been checked.

    ``max_lifetime`` and ``leeway`` are seconds; more than 900 s of lifetime is never accepted. ``find_key`` gives the
    workspace's key of that id. Raises InvalidPlayerToken with a stable reason, or, when nothing but the time is
    wrong, PlayerTokenExpired. Source: the wire contract §3.
    """
    claims = _verify_signed(token, _PLAYER_TYPES, workspace_id, find_key, now)
    claims.require_addressed(workspace_id, audience)
    if "events" in claims.members:
        raise claims.refused("logout_token")
    issued_at, expires_at = claims.require_lifetime(min(max_lifetime, LONGEST_LIFETIME), now + leeway)
    assertion = _read_assertion(claims, int(issued_at), int(expires_at))
    if now >= expires_at + leeway:
        raise PlayerTokenExpired("expired", details={"server_time": now}, key_id=claims.kid)
    if expires_at < issued_at:  # only the leeway would carry it
        raise claims.refused("bad_claim:exp")
    return assertion


def verify_logout_token(
    token: str, *, workspace_id: str, audience: str, find_key: FindKey, now: int, leeway: int = 30
) -> LogoutToken:
    """Whom a back-channel logout token logs out.

    Raises InvalidPlayerToken with a stable reason. Source: OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6.
    """
    claims = _verify_signed(token, _LOGOUT_TYPES, workspace_id, find_key, now)
    claims.require_addressed(workspace_id, audience)
    events = claims.require("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise claims.refused("bad_claim:events")
    if "nonce" in claims.members:
        raise claims.refused("bad_claim:nonce")
    issued_at, expires_at = claims.require_lifetime(LONGEST_LOGOUT_LIFETIME, now + leeway)
    player_id = claims.require_player_id() if "sub" in claims.members else None
    sid = claims.find_text("sid", shortest=1)
    if player_id is None and sid is None:
        raise claims.refused("missing_claim:sub")
    jti = claims.require_text("jti", shortest=1)
    if now >= expires_at + leeway:
        raise claims.refused("expired")
    if expires_at < issued_at:  # only the leeway would carry it
        raise claims.refused("bad_claim:exp")
    return LogoutToken(player_id, sid, jti, int(issued_at), int(expires_at))


@dataclass(frozen=True, slots=True)
class _Claims:
    """The members of a token whose signature was checked; every refusal carries the key's id."""

    kid: str
    members: dict[str, Any]

    def refused(self, reason: str) -> InvalidPlayerToken:
        return InvalidPlayerToken(reason, key_id=self.kid)

    def require(self, name: str) -> Any:
        if name not in self.members:
            raise self.refused(f"missing_claim:{name}")
        return self.members[name]

    def require_text(self, name: str, *, shortest: int = 0, longest: int = 255) -> str:
        text = self.require(name)
        if not isinstance(text, str) or not shortest <= len(text) <= longest:
            raise self.refused(f"bad_claim:{name}")
        return text

    def find_text(self, name: str, *, shortest: int = 0) -> str | None:
        return self.require_text(name, shortest=shortest) if name in self.members else None

    def require_time(self, name: str) -> int | float:
        time: int | float = self.require(name)
        # By type, not isinstance: a bool is an int to Python.
        if type(time) not in (int, float) or not 0 <= time < _LATEST_TIME:
            raise self.refused(f"bad_claim:{name}")
        return time

    def find_flag(self, name: str) -> bool | None:
        flag = self.members.get(name)
        if name in self.members and not isinstance(flag, bool):
            raise self.refused(f"bad_claim:{name}")
        return flag

    def require_addressed(self, workspace_id: str, audience: str) -> None:
        if self.require("iss") != workspace_id:
            raise self.refused("wrong_issuer")
        if self.require("aud") not in (audience, [audience]):
            raise self.refused("wrong_audience")

    def require_lifetime(self, longest: int, latest_start: int) -> tuple[int | float, int | float]:
        issued_at, expires_at = self.require_time("iat"), self.require_time("exp")
        if expires_at - issued_at > longest:
            raise self.refused("lifetime_too_long")
        not_before = self.require_time("nbf") if "nbf" in self.members else 0
        if max(issued_at, not_before) > latest_start:
            raise self.refused("clock_skew")
        return issued_at, expires_at

    def require_player_id(self) -> str:
        player_id = self.require_text("sub", shortest=1)
        if player_id != player_id.strip():
            raise self.refused("bad_claim:sub")
        if not player_id.isprintable() and any(category(character) == "Cc" for character in player_id):
            raise self.refused("bad_claim:sub")
        return player_id


def _verify_signed(token: str, types: tuple[object, ...], workspace_id: str, find_key: FindKey, now: int) -> _Claims:
    """The claims of a token that one of the workspace's live keys signed, whatever they say."""
    header_segment, payload_segment, signature = _split(token)
    header = _read_object(header_segment)
    kid = _require_header(header, types)
    key = _require_live_key(kid, workspace_id, find_key, now)
    # The algorithm is the key's own; what the token says can only agree (RFC 8725 §3.1).
    if header.get("alg") != key.algorithm:
        raise InvalidPlayerToken("wrong_algorithm", key_id=kid)
    signing_input = token[: token.rindex(".")].encode("ascii")
    if not _ALGORITHMS[key.algorithm].verify(signing_input, key.verifying_key, signature):
        raise InvalidPlayerToken("bad_signature", key_id=kid)
    return _Claims(kid, _read_object(payload_segment, kid))


def _split(token: str) -> tuple[bytes, bytes, bytes]:
    if not isinstance(token, str):
        raise InvalidPlayerToken("malformed_token")
    if len(token) > LARGEST_TOKEN:
        raise InvalidPlayerToken("token_too_large")
    segments = token.split(".")
    if len(segments) != 3:
        raise InvalidPlayerToken("malformed_token")
    try:
        header, payload, signature = map(decode_base64url, segments)
    except ValueError as error:
        raise InvalidPlayerToken("malformed_token") from error
    return header, payload, signature


def _read_object(segment: bytes, kid: str | None = None) -> dict[str, Any]:
    try:
        return strict_json.parse_object(segment)
    except strict_json.MalformedJson as error:
        raise InvalidPlayerToken("malformed_token", key_id=kid) from error


def _require_header(header: dict[str, Any], types: tuple[object, ...]) -> str:
    kid = header.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= 128 or not kid.isprintable():
        raise InvalidPlayerToken("bad_header")
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise InvalidPlayerToken("bad_header")  # the key is not known yet: its id may be a stranger's text
    if header.get("typ", _UNSAID) not in types:
        raise InvalidPlayerToken("bad_header")
    return kid


def _require_live_key(kid: str, workspace_id: str, find_key: FindKey, now: int) -> SigningKey:
    key = find_key(kid)
    if key is None or key.workspace_id != workspace_id:
        raise InvalidPlayerToken("unknown_kid")
    if key.retired_at is not None:
        raise InvalidPlayerToken("key_retired", key_id=kid)
    if key.not_after is not None and now > key.not_after:
        raise InvalidPlayerToken("key_expired", key_id=kid)
    return key


def _read_assertion(claims: _Claims, issued_at: int, expires_at: int) -> PlayerAssertion:
    rg_closed, rg_type = _read_responsible_gaming(claims)
    return PlayerAssertion(
        player_id=claims.require_player_id(),
        jti=claims.require_text("jti", shortest=8),
        kid=claims.kid,
        issued_at=issued_at,
        expires_at=expires_at,
        name=claims.find_text("name"),
        email=claims.find_text("email"),
        email_verified=claims.find_flag("email_verified"),
        phone=claims.find_text("phone"),
        currency=claims.find_text("currency"),
        language=claims.find_text("language"),
        country=claims.find_text("country"),
        vip_level=_read_vip_level(claims),
        segments=_read_segments(claims),
        session_id=claims.find_text("session_id"),
        auth_time=int(claims.require_time("auth_time")) if "auth_time" in claims.members else None,
        acr=claims.find_text("acr"),
        rg_closed=rg_closed,
        rg_type=rg_type,
        custom=_read_custom(claims),
    )


def _read_vip_level(claims: _Claims) -> str | int | None:
    level = claims.members.get("vip_level")
    if type(level) is int:
        return level
    return claims.find_text("vip_level")


def _read_segments(claims: _Claims) -> tuple[str, ...]:
    segments = claims.members.get("segments", [])
    if not isinstance(segments, list) or len(segments) > 50:
        raise claims.refused("bad_claim:segments")
    if not all(isinstance(segment, str) and len(segment) <= 255 for segment in segments):
        raise claims.refused("bad_claim:segments")
    return tuple(segments)


def _read_responsible_gaming(claims: _Claims) -> tuple[bool | None, str | None]:
    if "rg" not in claims.members:
        return None, None
    rg = claims.members["rg"]
    if not isinstance(rg, dict) or not isinstance(rg.get("closed"), bool):
        raise claims.refused("bad_claim:rg")
    kind = rg.get("type")
    if "type" in rg and (not isinstance(kind, str) or len(kind) > 255):
        raise claims.refused("bad_claim:rg")
    return rg["closed"], kind


def _read_custom(claims: _Claims) -> dict[str, str | int | float | bool | None]:
    custom = claims.members.get("custom", {})
    if not isinstance(custom, dict) or len(custom) > 50:
        raise claims.refused("bad_claim:custom")
    for name, value in custom.items():
        if len(name) > 255 or isinstance(value, dict | list) or (isinstance(value, str) and len(value) > 1024):
            raise claims.refused("bad_claim:custom")
    return custom
