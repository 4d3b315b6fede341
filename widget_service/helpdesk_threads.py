"""Threads: what a helpdesk's webhook means for identity.

A thread is the vendor's ticket or chat. It becomes a player's only through a live reference of ours, bound to the first
thread that brings it. Whatever else stands in a helpdesk's fields (ids, names, e-mail addresses) identifies nobody,
however genuine the webhook that carries it.
"""

from dataclasses import dataclass, replace
from typing import Any

from widget_service.conversations import Conversation, close_conversation
from widget_service.events import emit, emit_together
from widget_service.helpdesk_connections import (
    find_named_player,
    names_another_player,
)
from widget_service.helpdesk_customers import HelpdeskCustomer, find_anchored
from widget_service.helpdesk_desks import (
    REMEMBERED,
    Desk,
    Opening,
    Outcome,
    ThreadStore,
    audit,
    described,
    nobody,
    seal_again,
    write_down,
)
from widget_service.helpdesk_events import HelpdeskEvent, HelpdeskThread, customer_differs, hear, is_late, note
from widget_service.helpdesk_grants import Grantor, grant_again
from widget_service.ids import digest, new_id
from widget_service.references import (
    InvalidReference,
    Reference,
    require_reference,
    require_standing_reference,
)


@dataclass(frozen=True, slots=True)
class _Brought:
    """The reference whose text an event carried, or why the text is none of ours."""

    reference: Reference | None
    reason: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class _Binding:
    """A reference that may bind a thread; one that is held is as it was read until the unit of work ends."""

    reference: Reference
    is_held: bool


def take_event(store: ThreadStore, desk: Desk, event: HelpdeskEvent) -> Outcome:
    """The effect of one event, once however often it comes: one unit of work."""
    connection_id = desk.connection.id
    is_empty = event.kind == "identity" and event.reference is None and event.vendor_authenticated is None
    is_empty = is_empty and not event.is_anchored
    if is_empty and store.find_thread(connection_id, event.thread_id) is None:
        return Outcome("unchanged", "no_reference")
    reference_id, reason = _verify_text(desk, event)
    holds = not event.is_anchored and not event.vendor_authenticated
    opening = Opening(connection_id, event.thread_id, digest(event.delivery_key), reference_id, desk.now, holds)
    opened = store.open_delivery(opening, desk.now + REMEMBERED)
    if opened is None:
        return Outcome("duplicate")
    thread, reference = opened
    return _judge(store, desk, thread, event, _Brought(reference, reason, holds))


def _verify_text(desk: Desk, event: HelpdeskEvent) -> tuple[str | None, str]:
    """The id of the reference that the event's text is, or None and why it is none."""
    try:
        return desk.signer.verify(event.reference or "", desk.workspace.id, desk.connection.id), ""
    except InvalidReference as refused:
        return None, refused.reason


def _judge(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, brought: _Brought) -> Outcome:
    if thread.status in ("closed", "mismatch"):
        return Outcome("settled", thread.status)
    if event.part_id is not None and store.has_mark(desk.connection.id, _part_mark(event)):
        return Outcome("settled", "part_ended")
    if event.kind == "closed":
        return _end(store, desk, thread, event)
    if thread.status == "verified" and customer_differs(thread, event) and not is_late(thread, event):
        if not _is_logged_in(desk, thread, event):
            return _close(store, desk, thread, "customer_changed")
        thread = replace(thread, customer_id=event.customer_id)
    may_stand = event.is_anchored and thread.status == "unverified"
    if event.reference is None and not event.vendor_authenticated and not may_stand:
        store.update_thread(hear(thread, event, desk.now))
        return Outcome("unchanged", event.kind)
    return _take_reference(store, desk, thread, event, brought)


def _take_reference(
    store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, brought: _Brought
) -> Outcome:
    noted = note(thread, event, desk.now)
    try:
        reference = _require_brought(desk, brought)
    except InvalidReference as refused:
        taken = _take_login(store, desk, thread, event) or _take_customer(store, desk, thread, event)
        return taken or _leave(store, hear(thread, event, desk.now), event, refused.reason)
    customer = find_anchored(store, desk.workspace.id, desk.connection.id, event)
    contradiction = _find_contradiction(thread, event, reference, customer)
    if contradiction is not None:
        return _mismatch(store, desk, noted, contradiction, actor_id=event.actor_id)
    if customer_differs(thread, event) and is_late(thread, event):
        return _close(store, desk, thread, "customer_changed")
    if thread.reference_id == reference.id:
        store.update_thread(noted)
        return Outcome("unchanged", "same_reference")
    was_verified = thread.status == "verified"
    if customer is not None and reference.thread_id not in (None, thread.thread_id):
        taken = None if was_verified else _bind_again(store, desk, thread, event, reference)
        return taken or _leave(store, noted, event, "same_customer")
    binding = _Binding(reference, brought.is_held)
    outcome = _bind(store, desk, noted, binding, late=was_verified and is_late(thread, event))
    return _with_customer(store, desk, event, reference, outcome)


def _find_contradiction(
    thread: HelpdeskThread, event: HelpdeskEvent, reference: Reference, customer: HelpdeskCustomer | None
) -> str | None:
    """What else names another player than the reference does."""
    if thread.player_id is not None and reference.player_id != thread.player_id:
        return "other_player"
    if names_another_player(event.customer_external_id, reference.workspace_id, reference.player_id):
        return "other_external_id"
    return "other_customer" if customer is not None and customer.player_id != reference.player_id else None


def _with_customer(
    store: ThreadStore, desk: Desk, event: HelpdeskEvent, reference: Reference, outcome: Outcome
) -> Outcome:
    """The outcome; from now on the customer is the player's."""
    if event.is_anchored and event.customer_id is not None and outcome.result in ("identified", "refreshed"):
        store.keep_customer(
            HelpdeskCustomer(desk.connection.id, event.customer_id, reference.player_id, reference.id, desk.now)
        )
    return outcome


def _take_customer(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> Outcome | None:
    """Binds a thread without any text to the player whom the customer is known to be, while what showed it lives."""
    customer = find_anchored(store, desk.workspace.id, desk.connection.id, event)
    if customer is None or event.reference is not None or thread.status != "unverified":
        return None
    if customer_differs(thread, event) or thread.player_id not in (None, customer.player_id):
        return None
    reference = store.find_reference(customer.reference_id)
    return None if reference is None else _bind_again(store, desk, thread, event, reference)


def _bind_again(
    store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, like: Reference
) -> Outcome | None:
    grantor = Grantor(desk.connection, desk.workspace, desk.cipher, desk.now)
    try:
        reference = grant_again(store, grantor, like.player_id, like.id)
    except InvalidReference:
        return None
    return _bind(store, desk, note(thread, event, desk.now), _Binding(reference, is_held=True), late=False)


def _require_brought(desk: Desk, brought: _Brought) -> Reference:
    if brought.reason:
        raise InvalidReference(brought.reason)
    return require_standing_reference(
        require_reference(brought.reference, desk.connection.id, desk.now), desk.workspace
    )


def _leave(store: ThreadStore, thread: HelpdeskThread, event: HelpdeskEvent, reason: str) -> Outcome:
    store.update_thread(thread)
    return Outcome("unchanged", event.kind) if event.reference is None else Outcome("unverified", reason)


def _take_login(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> Outcome | None:
    """Binds a thread to the player whom the vendor knows by our login token, for as long as that login lives with us.

    Not a thread in which somebody else has been heard: a merge hands an anonymous chat, of whoever used the device
    before, to the one who logs in. None where there is no such player.
    """
    named = find_named_player(event.customer_external_id, desk.workspace.id)
    if thread.status != "unverified" or not event.vendor_authenticated or named is None:
        return None
    if customer_differs(thread, event):
        store.update_thread(hear(thread, event, desk.now))
        return Outcome("unverified", "customer_changed")
    try:
        reference = grant_again(store, Grantor(desk.connection, desk.workspace, desk.cipher, desk.now), named)
    except InvalidReference:
        return None
    return _bind(store, desk, note(thread, event, desk.now), _Binding(reference, is_held=True), late=False)


def _bind(store: ThreadStore, desk: Desk, thread: HelpdeskThread, binding: _Binding, *, late: bool) -> Outcome:
    """The first reference opens the thread's conversation; a newer one of the same player renews what is known."""
    # The reference's row before the conversation's: a logout takes them in this order too.
    reference = binding.reference
    current = store.find_conversation(thread.conversation_id) if thread.conversation_id is not None else None
    conversation_id = current.id if current is not None and current.status == "open" else new_id("conv")
    if not _claim(store, binding, thread.thread_id, conversation_id):
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


def _claim(store: ThreadStore, binding: _Binding, thread_id: str, conversation_id: str) -> bool:
    """Whether the reference is this thread's from now on. One that is held needs no answer from the store."""
    reference = binding.reference
    if not binding.is_held:
        return store.claim_reference(reference.id, thread_id, conversation_id)
    if reference.thread_id not in (None, thread_id):
        return False
    store.bind_reference(reference.id, thread_id, conversation_id)
    return True


def _identify(
    store: ThreadStore,
    desk: Desk,
    thread: HelpdeskThread,
    reference: Reference,
    *,
    resumed: Conversation | None,
) -> Outcome:
    contact = seal_again(desk.cipher, reference, thread.conversation_id or "")
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
        # The player has written there, with the vendor: the conversation is none of the empty ones.
        last_seq=1,
        player_messages=1,
        profile=reference.profile,
    )
    store.add_conversation(conversation, contact)
    told = {"helpdesk": described(desk, thread)}
    emit_together(store, ("conversation.started", "helpdesk.identified"), conversation, desk.now, told)
    audit(store, desk, "helpdesk.identified", conversation.id, thread_id=thread.thread_id)
    write_down(store, desk, thread)


def _mismatch(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reason: str, **more: Any) -> Outcome:
    """Two players in one thread: nobody's any more, for good."""
    ended = replace(thread, status="mismatch")
    store.update_thread(ended)
    conversation = _hold_open_conversation(store, thread.conversation_id)
    if conversation is not None:
        emit(store, "helpdesk.mismatch", conversation, desk.now, nobody(desk, ended, reason))
        close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason=reason, **more)
    write_down(store, desk, ended)
    return Outcome("mismatch", reason, thread.conversation_id)


def _tell_copied(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reference: Reference) -> Outcome:
    """The reference belongs to another thread, whose binding stays; or it was revoked a moment ago."""
    bound = store.find_reference(reference.id)
    if bound is None or bound.thread_id is None or bound.revoked_at is not None:
        return Outcome("unverified", "revoked")
    first = _hold_open_conversation(store, bound.conversation_id)
    if first is not None and thread.status != "verified":
        emit(store, "helpdesk.mismatch", first, desk.now, nobody(desk, thread, "copied"))
    audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason="copied", first_thread=bound.thread_id)
    return Outcome("mismatch", "copied")


def _end(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> Outcome:
    """The thread is over; or a part of it, and the next one is to show its player again."""
    if event.part_id is None:
        return _close(store, desk, thread, "thread_ended")
    store.keep_mark(desk.connection.id, _part_mark(event), desk.now + REMEMBERED)
    outcome = _close(store, desk, thread, "part_ended")
    rest = replace(thread, status="unverified", reference_id=None, conversation_id=None, updated_at=desk.now)
    store.update_thread(rest)
    if thread.status == "verified":
        write_down(store, desk, rest)
    return outcome


def _part_mark(event: HelpdeskEvent) -> bytes:
    return digest(f"ended:{event.thread_id}/{event.part_id}")


def _close(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reason: str) -> Outcome:
    """The thread is over or somebody else's: what was given out for it ends."""
    store.update_thread(replace(thread, status="closed", updated_at=desk.now))
    if reason == "customer_changed":
        write_down(store, desk, thread)
    conversation = _hold_open_conversation(store, thread.conversation_id)
    if conversation is None:
        return Outcome("closed", reason)
    close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    audit(store, desk, "helpdesk.closed", thread.thread_id, reason=reason)
    return Outcome("closed", reason, conversation.id)


def _hold_open_conversation(store: ThreadStore, conversation_id: str | None) -> Conversation | None:
    """The conversation as it stands once everything beside this is done; None unless it is open."""
    if conversation_id is None:
        return None
    store.hold_conversation(conversation_id)
    conversation = store.find_conversation(conversation_id)
    return conversation if conversation is not None and conversation.status == "open" else None


def _is_logged_in(desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    """Whether the other customer is the thread's player, who has logged in meanwhile."""
    player_id = find_named_player(event.customer_external_id, desk.workspace.id)
    return event.vendor_authenticated is True and player_id is not None and player_id == thread.player_id
