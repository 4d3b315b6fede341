"""Threads: what a helpdesk's webhook means for identity.

A thread is the vendor's ticket or chat. It becomes a player's only through a live reference of ours, bound to the first
thread that brings it. Whatever else stands in a helpdesk's fields (ids, names, e-mail addresses) identifies nobody,
however genuine the webhook that carries it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from widget_service.audit import AuditEvent
from widget_service.conversations import Conversation, ConversationStore, close_conversation
from widget_service.encryption import Cipher
from widget_service.events import emit
from widget_service.helpdesk_connections import HelpdeskConnection, names_another_player, reference_context
from widget_service.ids import digest, new_id
from widget_service.references import (
    InvalidReference,
    Reference,
    ReferenceSigner,
    ReferenceStore,
    require_reference,
)
from widget_service.workspaces import Workspace

#: Longer than any vendor tries a delivery again (hours at most).
REMEMBERED = 86_400  # seconds

EventKind = Literal["identity", "customer_changed", "closed"]
Status = Literal["unverified", "verified", "mismatch", "closed"]
Result = Literal["duplicate", "settled", "unchanged", "identified", "refreshed", "unverified", "mismatch", "closed"]


@dataclass(frozen=True, slots=True)
class HelpdeskEvent:
    """One thing that a vendor told, in our words; every id is a string.

    ``delivery_key`` names the event however often it is delivered. ``occurred_at`` is nanoseconds, ``position`` orders
    within them. ``reference`` is the text in the field, which anybody may have written; None where it is empty.
    ``customer_external_id`` counts only as a contradiction.
    """

    kind: EventKind
    thread_id: str
    delivery_key: str
    occurred_at: int
    position: int = 0
    reference: str | None = None
    customer_id: str | None = None
    customer_external_id: str | None = None
    actor_id: str | None = None


@dataclass(frozen=True, slots=True)
class HelpdeskThread:
    """A vendor's ticket or chat as we know it; ``customer_id`` is the vendor's id of whoever asks in it."""

    connection_id: str
    thread_id: str
    status: Status
    last_time: int
    last_position: int
    updated_at: int
    reference_id: str | None = None
    conversation_id: str | None = None
    player_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What the events of one webhook are judged with; ``now`` is Unix seconds."""

    connection: HelpdeskConnection
    workspace: Workspace
    signer: ReferenceSigner
    cipher: Cipher
    now: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event came to; ``conversation_id`` is set where that conversation's streams should look."""

    result: Result
    reason: str = "-"
    conversation_id: str | None = None


class ThreadStore(ConversationStore, ReferenceStore, Protocol):
    """What threads need kept."""

    def claim_delivery(self, connection_id: str, delivery_hash: bytes, until: int) -> bool: ...

    def find_thread(self, connection_id: str, thread_id: str) -> HelpdeskThread | None: ...

    def open_thread(self, connection_id: str, thread_id: str, now: int) -> HelpdeskThread: ...

    def update_thread(self, thread: HelpdeskThread) -> None: ...

    def claim_reference(self, reference_id: str, thread_id: str, conversation_id: str) -> bool: ...

    def find_conversation(self, conversation_id: str) -> Conversation | None: ...

    def next_seq(self, conversation_id: str, *, from_player: bool) -> int | None: ...


def take_event(store: ThreadStore, desk: Desk, event: HelpdeskEvent) -> Outcome:
    """The effect of one event, once however often it comes: one unit of work."""
    connection_id = desk.connection.id
    if not store.claim_delivery(connection_id, digest(event.delivery_key), desk.now + REMEMBERED):
        return Outcome("duplicate")
    if (
        event.kind == "identity"
        and event.reference is None
        and store.find_thread(connection_id, event.thread_id) is None
    ):
        return Outcome("unchanged", "no_reference")
    thread = store.open_thread(connection_id, event.thread_id, desk.now)
    if thread.status in ("closed", "mismatch"):
        return Outcome("settled", thread.status)
    if event.kind == "closed":
        return _close(store, desk, thread, "thread_ended")
    if thread.status == "verified" and _customer_differs(thread, event) and not _is_late(thread, event):
        return _close(store, desk, thread, "customer_changed")
    if event.reference is None:
        store.update_thread(_noted(thread, event, desk.now))
        return Outcome("unchanged", event.kind)
    return _take_reference(store, desk, thread, event)


def require_live_reference(store: ReferenceStore, desk: Desk, text: str) -> Reference:
    """The reference that a text stands for, its origin still allowed. Raises InvalidReference."""
    reference_id = desk.signer.verify(text, desk.workspace.id, desk.connection.id)
    reference = require_reference(store.find_reference(reference_id), desk.connection.id, desk.now)
    return require_standing_reference(reference, desk.workspace)


def require_standing_reference(reference: Reference, workspace: Workspace) -> Reference:
    """The reference, if its brand still allows the origin that it was given out to. Raises InvalidReference."""
    brand = workspace.find_brand(reference.brand_id)
    if brand is None or not brand.allowed_origins.allows(reference.origin):
        raise InvalidReference("origin_removed")
    return reference


def _take_reference(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> Outcome:
    noted = _noted(thread, event, desk.now)
    try:
        reference = require_live_reference(store, desk, event.reference or "")
    except InvalidReference as refused:
        store.update_thread(noted)
        return Outcome("unverified", refused.reason)
    if thread.player_id is not None and reference.player_id != thread.player_id:
        return _mismatch(store, desk, noted, "other_player", actor_id=event.actor_id)
    if names_another_player(event.customer_external_id, desk.workspace.id, reference.player_id):
        return _mismatch(store, desk, noted, "other_external_id", actor_id=event.actor_id)
    if _customer_differs(thread, event) and _is_late(thread, event):
        return _close(store, desk, thread, "customer_changed")
    if thread.reference_id == reference.id:
        store.update_thread(noted)
        return Outcome("unchanged", "same_reference")
    return _bind(store, desk, noted, reference, late=thread.status == "verified" and _is_late(thread, event))


def _bind(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reference: Reference, *, late: bool) -> Outcome:
    """The first reference opens the thread's conversation; a newer one of the same player renews what is known."""
    # The reference's row before the conversation's: a logout takes them in this order too.
    current = store.find_conversation(thread.conversation_id) if thread.conversation_id is not None else None
    conversation_id = current.id if current is not None and current.status == "open" else new_id("conv")
    if not store.claim_reference(reference.id, thread.thread_id, conversation_id):
        store.update_thread(thread)
        return _tell_copied(store, desk, thread, reference)
    conversation = _hold_open_conversation(store, conversation_id) if current is not None else None
    if late or (conversation is None and current is not None and current.id == conversation_id):
        store.update_thread(thread)
        return Outcome("unchanged", "late")
    bound = replace(
        thread,
        status="verified",
        reference_id=reference.id,
        conversation_id=conversation_id,
        player_id=reference.player_id,
    )
    store.update_thread(bound)
    return _identify(store, desk, bound, reference, resumed=conversation)


def _identify(
    store: ThreadStore,
    desk: Desk,
    thread: HelpdeskThread,
    reference: Reference,
    *,
    resumed: Conversation | None,
) -> Outcome:
    contact = _seal_again(desk.cipher, reference, thread.conversation_id or "")
    if reference.profile.get("rg_closed"):
        store.drop_scope(reference.workspace_id, reference.player_id, "bonuses:write")
    if resumed is not None:
        store.update_conversation(replace(resumed, profile=reference.profile), contact)
        return Outcome("refreshed")
    _open_conversation(store, desk, thread, reference, contact=contact)
    return Outcome("identified")


def _open_conversation(
    store: ThreadStore, desk: Desk, thread: HelpdeskThread, reference: Reference, *, contact: bytes | None
) -> None:
    # Named by the thread, never by the page's key: two threads of one page are two conversations, and no messenger
    # resumes one of them.
    key = f"helpdesk:{thread.connection_id}:{thread.thread_id}"
    conversation = Conversation(
        id=thread.conversation_id or "",
        workspace_id=reference.workspace_id,
        brand_id=reference.brand_id,
        player_id=reference.player_id,
        jkt=key,
        status="open",
        created_at=desk.now,
        profile=reference.profile,
    )
    store.add_conversation(conversation, contact)
    # The player has written there, with the vendor: the conversation is none of the empty ones.
    store.next_seq(conversation.id, from_player=True)
    told = {"helpdesk": _described(desk, thread)}
    emit(store, "conversation.started", conversation, desk.now, told)
    emit(store, "helpdesk.identified", conversation, desk.now, told)
    _audit(store, desk, "helpdesk.identified", conversation.id, thread_id=thread.thread_id)


def _mismatch(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reason: str, **more: Any) -> Outcome:
    """Two players in one thread: nobody's any more, for good."""
    ended = replace(thread, status="mismatch")
    store.update_thread(ended)
    conversation = _hold_open_conversation(store, thread.conversation_id)
    if conversation is not None:
        emit(store, "helpdesk.mismatch", conversation, desk.now, _nobody(desk, ended, reason))
        close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    _audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason=reason, **more)
    return Outcome("mismatch", reason, thread.conversation_id)


def _tell_copied(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reference: Reference) -> Outcome:
    """The reference belongs to another thread, whose binding stays; or it was revoked a moment ago."""
    bound = store.find_reference(reference.id)
    if bound is None or bound.thread_id is None or bound.revoked_at is not None:
        return Outcome("unverified", "revoked")
    first = _hold_open_conversation(store, bound.conversation_id)
    if first is not None and thread.status != "verified":
        emit(store, "helpdesk.mismatch", first, desk.now, _nobody(desk, thread, "copied"))
    _audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason="copied", first_thread=bound.thread_id)
    return Outcome("mismatch", "copied")


def _close(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reason: str) -> Outcome:
    """The thread is over or somebody else's: what was given out for it ends."""
    store.update_thread(replace(thread, status="closed", updated_at=desk.now))
    conversation = _hold_open_conversation(store, thread.conversation_id)
    if conversation is None:
        return Outcome("closed", reason)
    close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    _audit(store, desk, "helpdesk.closed", thread.thread_id, reason=reason)
    return Outcome("closed", reason, conversation.id)


def _hold_open_conversation(store: ThreadStore, conversation_id: str | None) -> Conversation | None:
    """The conversation as it stands once everything beside this is done; None unless it is open."""
    if conversation_id is None:
        return None
    store.hold_conversation(conversation_id)
    conversation = store.find_conversation(conversation_id)
    return conversation if conversation is not None and conversation.status == "open" else None


def _noted(thread: HelpdeskThread, event: HelpdeskEvent, now: int) -> HelpdeskThread:
    """The thread with what the event says of time and customer; an older event never replaces what a newer one said."""
    if _is_late(thread, event):
        return replace(thread, customer_id=thread.customer_id or event.customer_id, updated_at=now)
    return replace(
        thread,
        last_time=event.occurred_at,
        last_position=event.position,
        customer_id=event.customer_id or thread.customer_id,
        updated_at=now,
    )


def _is_late(thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    return (event.occurred_at, event.position) < (thread.last_time, thread.last_position)


def _customer_differs(thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    return None not in (thread.customer_id, event.customer_id) and thread.customer_id != event.customer_id


def _described(desk: Desk, thread: HelpdeskThread) -> dict[str, Any]:
    return {
        "connection_id": desk.connection.id,
        "vendor": desk.connection.vendor,
        "thread_id": thread.thread_id,
        "status": thread.status,
    }


def _nobody(desk: Desk, thread: HelpdeskThread, reason: str) -> Mapping[str, Any]:
    """What a mismatch tells: the thread, and no player that anybody could take for its own."""
    return {"player": None, "attributes": {}, "helpdesk": {**_described(desk, thread), "reason": reason}}


def _seal_again(cipher: Cipher, reference: Reference, conversation_id: str) -> bytes | None:
    if reference.contact is None:
        return None
    contact = cipher.open(reference.contact, reference_context(reference.id))
    return cipher.seal(contact, f"conversations:{conversation_id}")


def _audit(store: ThreadStore, desk: Desk, action: str, subject: str, **details: Any) -> None:
    actor = f"helpdesk:{desk.connection.id}"
    store.add_audit(AuditEvent(desk.workspace.id, desk.now, actor, action, subject, details))
