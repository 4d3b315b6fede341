"""Conversations: one thread between one player (or one anonymous visitor) and support, and how it is started."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from widget_service.assertions import PlayerAssertion
from widget_service.audit import AuditEvent, AuditStore
from widget_service.closures import ClosureStore, take_closure
from widget_service.confirmation import ProofClaim
from widget_service.encryption import Cipher
from widget_service.errors import (
    ConversationClosed,
    InvalidPlayerToken,
    PlayerTokenReused,
    ProofReused,
    ServiceError,
)
from widget_service.events import OutboxStore, emit, iso, iso_or_none
from widget_service.ids import digest, new_id
from widget_service.sessions import MESSENGER_SCOPE, Session, SessionStore, issue_session_token, operator_sid_hash
from widget_service.settings import Settings
from widget_service.workspaces import Brand

PIN_GRACE = 60  # seconds a spent token is remembered beyond its expiry
SIGNED_ATTRIBUTES = ("name", "currency", "language", "country", "vip_level", "segments", "email_verified")


@dataclass(frozen=True, slots=True)
class Conversation:
    """``profile`` holds signed claims, ``claimed`` what the page said unsigned: never mixed."""

    id: str
    workspace_id: str
    brand_id: str
    player_id: str | None
    jkt: str
    status: str
    created_at: int
    closed_at: int | None = None
    last_seq: int = 0
    player_messages: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)
    claimed: Mapping[str, Any] = field(default_factory=dict)
    page: Mapping[str, Any] | None = None
    locale: str | None = None

    def public(self) -> dict[str, Any]:
        """The shape of the wire contract."""
        return {
            "id": self.id,
            "brand_id": self.brand_id,
            "status": self.status,
            "created_at": iso(self.created_at),
        }

    def player(self) -> dict[str, Any] | None:
        """``{"player_id", "name", "verified"}``, or None for an anonymous visitor."""
        if self.player_id is None:
            return None
        return {"player_id": self.player_id, "name": self.profile.get("name"), "verified": True}

    def event_player(self) -> dict[str, Any] | None:
        """The player as events name them."""
        return None if self.player_id is None else {"player_id": self.player_id, "verified": True}

    def attributes(self) -> dict[str, Any]:
        """``{name: {value, source, at}}``; a signed attribute is never replaced by a claimed one of its name."""
        claimed_at = iso(self.created_at)
        signed_at = iso(self.profile["at"]) if "at" in self.profile else claimed_at
        signed = {name: self.profile[name] for name in SIGNED_ATTRIBUTES if self.profile.get(name) is not None}
        signed = {**self.profile.get("custom", {}), **signed} if self.player_id is not None else {}
        shown = {name: {"value": v, "source": "claimed", "at": claimed_at} for name, v in self.claimed.items()}
        shown.update({name: {"value": v, "source": "signed", "at": signed_at} for name, v in signed.items()})
        return shown

    def for_agents(self) -> dict[str, Any]:
        """What the agent side reads: who, where from, and which attribute came from where."""
        return {
            **self.public(),
            "closed_at": iso_or_none(self.closed_at),
            "player": self.player(),
            "attributes": self.attributes(),
            "page": self.page,
            "locale": self.locale,
        }


@dataclass(frozen=True, slots=True)
class StartRequest:
    """Everything a start was verified to be. ``assertion`` is None for an anonymous visitor."""

    brand: Brand
    origin: str
    jkt: str
    bound: bool
    assertion: PlayerAssertion | None
    claim: ProofClaim | None = None
    claimed: Mapping[str, Any] | None = None
    page: Mapping[str, Any] | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The outcome of a start; ``token`` is the only place where the session token ever stands in clear."""

    conversation: Conversation
    session: Session
    token: str
    resumed: bool
    ended_conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """Which key a player token belongs to, and whether a logout has killed it."""

    jkt: str
    killed: bool
    logged_out_at: int | None


@dataclass(frozen=True, slots=True)
class StartClaims:
    """What a start has spent, and the open conversations it meets: its key's, and its player's on any key."""

    proof_is_new: bool
    of_key: Sequence[Conversation]
    of_player: Conversation | None
    pin: Pin | None


class ConversationStore(SessionStore, ClosureStore, OutboxStore, AuditStore, Protocol):
    """What conversations need kept."""

    def claim_start(self, start: StartRequest, pin_until: int) -> StartClaims: ...

    def bind_token(self, workspace_id: str, assertion: PlayerAssertion, conversation_id: str) -> None: ...

    def add_conversation(self, conversation: Conversation, contact: bytes | None) -> None: ...

    def update_conversation(self, conversation: Conversation, contact: bytes | None) -> None: ...

    def add_conversation_event(
        self, conversation_id: str, event_type: str, content: Mapping[str, Any], now: int
    ) -> int: ...

    def end_sessions(self, conversation_id: str, now: int, operator_sid: bytes | None = None) -> int: ...

    def end_handover(self, conversation_id: str) -> bool: ...


def start_conversation(
    store: ConversationStore, start: StartRequest, *, now: int, settings: Settings, cipher: Cipher
) -> Started | ServiceError:
    """Spends proof and player token, opens or resumes the conversation, issues its session: one unit of work.

    A refusal is returned, not raised, so that what was spent stays spent: ProofReused, PlayerTokenReused (another key
    brought this token first) or InvalidPlayerToken (``logged_out``). Then no conversation and no session was written.
    """
    claims = store.claim_start(start, start.assertion.expires_at + PIN_GRACE if start.assertion else now)
    refusal = find_refusal(start, claims)
    if start.assertion is not None:
        take_closure(store, start.brand.workspace_id, start.assertion, accepted=refusal is None)
    if refusal is not None:
        return refusal
    found, anonymous = _find_open(start, claims)
    conversation = _draft(start, found or anonymous, now)
    if start.assertion is not None:
        store.bind_token(conversation.workspace_id, start.assertion, conversation.id)
    contact = seal_contact(start.assertion, conversation.id, cipher)
    ended = _keep(store, conversation, found, anonymous, contact=contact, now=now)
    session = _new_session(start, conversation, now, settings)
    token = issue_session_token(session)
    store.add_session(digest(token), session)
    store.add_audit(
        AuditEvent(session.workspace_id, now, f"origin:{start.origin}", "session.granted", session.sid, _grant(session))
    )
    return Started(conversation, session, token, resumed=bool(found or anonymous), ended_conversation=ended)


def find_refusal(start: StartRequest, claims: StartClaims) -> ServiceError | None:
    """Each proof once; a token for one key only, which may bring it again until a logout kills it."""
    if not claims.proof_is_new:
        return ProofReused()
    assertion, pin = start.assertion, claims.pin
    if assertion is None or pin is None:
        return None
    if pin.jkt != start.jkt:
        return PlayerTokenReused("other_key", key_id=assertion.kid)
    if pin.killed or (pin.logged_out_at is not None and assertion.issued_at < pin.logged_out_at):
        return InvalidPlayerToken("logged_out", key_id=assertion.kid)
    return None


def _find_open(start: StartRequest, claims: StartClaims) -> tuple[Conversation | None, Conversation | None]:
    """The open conversation that this start meets in, and this key's anonymous one that it takes along."""
    anonymous = next((one for one in claims.of_key if one.player_id is None), None)
    if start.assertion is None:
        return anonymous, None
    player_id = start.assertion.player_id
    found = next((one for one in claims.of_key if one.player_id == player_id), None)
    return found or claims.of_player, anonymous


def _draft(start: StartRequest, existing: Conversation | None, now: int) -> Conversation:
    """The conversation as it will stand after this start."""
    base = existing or Conversation(
        new_id("conv"), start.brand.workspace_id, start.brand.id, None, start.jkt, "open", now
    )
    return replace(
        base,
        player_id=start.assertion.player_id if start.assertion else base.player_id,
        profile=signed_profile(start.assertion, base.workspace_id) if start.assertion else base.profile,
        claimed=base.claimed if start.claimed is None else start.claimed,
        page=start.page or base.page,
        locale=start.locale or base.locale,
    )


def _keep(
    store: ConversationStore,
    conversation: Conversation,
    found: Conversation | None,
    anonymous: Conversation | None,
    *,
    contact: bytes | None,
    now: int,
) -> str | None:
    """Writes the outcome and its events; the id of a conversation whose sessions ended by it, if any."""
    if found is None and anonymous is None:
        store.add_conversation(conversation, contact)
        emit(store, "conversation.started", conversation, now)
        return None
    if conversation != (found or anonymous) or contact is not None:
        store.update_conversation(conversation, contact)
    if found is None:
        store.end_sessions(conversation.id, now)
        emit(store, "conversation.identified", conversation, now)
        return conversation.id
    if anonymous is not None:
        close_conversation(store, anonymous, now=now, actor="identified")
        return anonymous.id
    return None


def close_conversation(store: ConversationStore, conversation: Conversation, *, now: int, actor: str) -> Conversation:
    """Closes it and ends every session of it, the messenger's and the agents'. ConversationClosed if it is."""
    if conversation.status != "open":
        raise ConversationClosed
    closed = replace(conversation, status="closed", closed_at=now)
    store.add_conversation_event(conversation.id, "closed", {}, now)
    store.update_conversation(closed, None)
    store.end_handover(conversation.id)
    store.end_sessions(conversation.id, now)
    store.add_audit(AuditEvent(conversation.workspace_id, now, actor, "conversation.closed", conversation.id))
    emit(store, "conversation.closed", closed, now)
    return closed


def _new_session(start: StartRequest, conversation: Conversation, now: int, settings: Settings) -> Session:
    assertion = start.assertion
    return Session(
        sid=new_id("sid"),
        token_use="session_token",
        workspace_id=conversation.workspace_id,
        brand_id=conversation.brand_id,
        conversation_id=conversation.id,
        player_id=conversation.player_id,
        origin=start.origin,
        scope=MESSENGER_SCOPE,
        jkt=start.jkt if start.bound else None,
        client_id=conversation.brand_id,
        issued_at=now,
        expires_at=now + min(settings.session_token_lifetime, settings.session_absolute_lifetime),
        absolute_expires_at=now + settings.session_absolute_lifetime,
        last_used_at=now,
        auth_time=assertion.auth_time if assertion else None,
        acr=assertion.acr if assertion else None,
        operator_sid=operator_sid_hash(conversation.workspace_id, assertion.session_id if assertion else None),
    )


def _grant(session: Session) -> dict[str, Any]:
    return {"conversation_id": session.conversation_id, "player_id": session.player_id, "jkt": session.jkt}


def signed_profile(assertion: PlayerAssertion, workspace_id: str) -> dict[str, Any]:
    """The signed claims that are kept in clear: no contact detail, no operator session."""
    profile: dict[str, Any] = {
        name: getattr(assertion, name) for name in SIGNED_ATTRIBUTES if getattr(assertion, name) not in (None, ())
    }
    operator_sid = operator_sid_hash(workspace_id, assertion.session_id)
    if "segments" in profile:
        profile["segments"] = list(profile["segments"])
    return {
        **profile,
        "custom": dict(assertion.custom),
        "auth_time": assertion.auth_time,
        "acr": assertion.acr,
        "operator_sid": operator_sid.hex() if operator_sid else None,
        "kid": assertion.kid,
        "at": int(assertion.issued_at),
    }


def seal_contact(assertion: PlayerAssertion | None, conversation_id: str, cipher: Cipher) -> bytes | None:
    """E-mail, phone and the operator's session id, encrypted for this conversation's row; None if there are none."""
    if assertion is None:
        return None
    contact = {name: getattr(assertion, name) for name in ("email", "phone", "session_id")}
    present = {name: value for name, value in contact.items() if value is not None}
    if not present:
        return None
    return cipher.seal(json.dumps(present).encode(), f"conversations:{conversation_id}")
