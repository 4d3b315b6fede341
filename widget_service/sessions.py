"""Sessions: the messenger's key-bound token (``wst_``) and the agent's session id (``sess_``).

Both are opaque, stored as SHA-256 only, and scoped to one player and one conversation.
Source: RFC 7662 (introspection), RFC 7009 (revocation), RFC 9449 (DPoP-bound tokens).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from widget_service.errors import InsufficientScope, InvalidSession
from widget_service.ids import digest, new_id, new_secret
from widget_service.settings import Settings
from widget_service.workspaces import PLAYER_SCOPES, ApiToken

TokenUse = Literal["session_token", "session_id"]
MESSENGER_SCOPE = "conversation:read conversation:write"
CLOSED_PLAYER_SCOPES = frozenset({"bonuses:write"})


@dataclass(frozen=True, slots=True)
class Session:
    """One credential as stored. Times are Unix seconds; ``jkt`` is the confirmation key's thumbprint (RFC 7638)."""

    sid: str
    token_use: TokenUse
    workspace_id: str
    brand_id: str
    conversation_id: str
    player_id: str | None
    origin: str | None
    scope: str
    jkt: str | None
    client_id: str
    issued_at: int
    expires_at: int
    absolute_expires_at: int
    last_used_at: int
    revoked_at: int | None = None
    auth_time: int | None = None
    acr: str | None = None
    operator_sid: bytes | None = None


class SessionStore(Protocol):
    """What sessions need kept."""

    def find_session(self, token_hash: bytes) -> Session | None: ...

    def add_session(self, token_hash: bytes, session: Session) -> None: ...

    def shorten_session(self, token_hash: bytes, expires_at: int) -> None: ...

    def hold_conversation(self, conversation_id: str) -> None: ...

    def revoke_session(self, sid: str, now: int) -> Iterable[str]: ...


def operator_sid_hash(workspace_id: str, operator_sid: str | None) -> bytes | None:
    """How the operator's own session id is kept for back-channel logout: findable, not readable."""
    return None if operator_sid is None else digest(f"{workspace_id}\0{operator_sid}")


def operator_session_name(operator_sid: bytes) -> str:
    """Under which a logout of that operator session is noted: no player id, as those hold no control characters."""
    return f"\x01sid:{operator_sid.hex()}"


def issue_session_token(session: Session) -> str:
    """A fresh ``wst_`` for the session. Pure: storing it is the caller's."""
    return new_secret("wst" if session.token_use == "session_token" else "sess")


def require_active(session: Session | None, now: int, settings: Settings) -> Session:
    """The session, or InvalidSession when it is unknown, revoked, expired or idle for too long."""
    if session is None:
        raise InvalidSession("unknown_session")
    if session.revoked_at is not None:
        raise InvalidSession("revoked")
    if now >= session.expires_at:
        raise InvalidSession("expired")
    if session.token_use == "session_token" and now - session.last_used_at >= settings.session_idle_lifetime:
        raise InvalidSession("idle")
    return session


def refresh_session(store: SessionStore, token_hash: bytes, now: int, settings: Settings) -> tuple[Session, str]:
    """A new token for the same session; the old one dies after the grace. InvalidSession at the absolute limit.

    For a caller who was just checked not to be idle: that use need not be written yet.
    """
    found = store.find_session(token_hash)
    if found is not None:
        store.hold_conversation(found.conversation_id)
        found = store.find_session(token_hash)
    session = require_active(found and replace(found, last_used_at=now), now, settings)
    expires_at = min(now + settings.session_token_lifetime, session.absolute_expires_at)
    if expires_at <= now:
        raise InvalidSession("absolute_limit")
    fresh = replace(session, issued_at=now, expires_at=expires_at, last_used_at=now)
    token = issue_session_token(fresh)
    store.add_session(digest(token), fresh)
    store.shorten_session(token_hash, min(session.expires_at, now + settings.session_refresh_grace))
    return fresh, token


def grant_scope(requested: str | None, token: ApiToken, *, rg_closed: bool) -> str:
    """The player scopes of a new session id.

    Asked scopes must be among the API token's own (else InsufficientScope). A player closed for responsible gaming
    loses the bonus scopes, whatever was asked.
    """
    asked = set((requested if requested is not None else "player:read").split(" "))
    if not asked or not asked <= set(PLAYER_SCOPES) or not asked <= token.scopes:
        raise InsufficientScope("scope_not_held")
    granted = asked - CLOSED_PLAYER_SCOPES if rg_closed else asked
    if not granted:
        raise InsufficientScope("player_closed")
    return " ".join(scope for scope in PLAYER_SCOPES if scope in granted)


def new_session_id(origin_of: Session, settings: Settings) -> tuple[Session, str]:
    """A ``sess_`` like the given draft, with its lifetime from the settings."""
    lifetime = settings.session_id_lifetime
    session = replace(
        origin_of,
        sid=new_id("sid"),
        token_use="session_id",
        expires_at=origin_of.issued_at + lifetime,
        absolute_expires_at=origin_of.issued_at + lifetime,
    )
    return session, new_secret("sess")


def describe(session: Session, issuer: str) -> dict[str, Any]:
    """The RFC 7662 answer for a live session: never a name, an e-mail or a phone number."""
    answer: dict[str, Any] = {
        "active": True,
        "token_use": session.token_use,
        "sub": session.player_id,
        "sid": session.sid,
        "workspace_id": session.workspace_id,
        "conversation_id": session.conversation_id,
        "scope": session.scope,
        "token_type": "DPoP" if session.jkt else "Bearer",
        "client_id": session.client_id,
        "iss": issuer,
        "iat": session.issued_at,
        "exp": session.expires_at,
    }
    optional = {
        "cnf": {"jkt": session.jkt} if session.jkt else None,
        "auth_time": session.auth_time,
        "acr": session.acr,
    }
    answer.update({name: value for name, value in optional.items() if value is not None})
    if session.player_id is None:
        del answer["sub"]
    return answer
