"""Threads: what a helpdesk's webhook means for identity.

A thread is the vendor's ticket or chat. It becomes a player's only through a live reference of ours, bound to the first
thread that brings it. Whatever else stands in a helpdesk's fields (ids, names, e-mail addresses) identifies nobody,
however genuine the webhook that carries it.
"""

from dataclasses import dataclass, replace

from widget_service.conversations import Conversation
from widget_service.events import emit_together
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
    seal_again,
    write_down,
)
from widget_service.helpdesk_endings import (
    close_thread,
    end_thread,
    hold_open_conversation,
    part_mark,
    remove_customer,
    tell_copied,
    tell_mismatch,
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reference that is another thread's, and the customer that the event is anchored by, where one is known."""

    reference: Reference
    customer: HelpdeskCustomer | None


def take_event(store: ThreadStore, desk: Desk, event: HelpdeskEvent) -> Outcome:
    """The effect of one event, once however often it comes: one unit of work."""
    if event.kind == "customer_removed":
        return remove_customer(store, desk, event)
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
    is_undone = thread.status == "closed" and _is_undone(desk, thread, event, brought)
    if thread.status in ("closed", "mismatch") and not is_undone:
        return Outcome("settled", thread.status)
    if event.part_id is not None and store.has_mark(desk.connection.id, part_mark(event)):
        return Outcome("settled", "part_ended")
    if event.kind == "closed":
        return end_thread(store, desk, thread, event)
    if is_undone:
        thread = replace(thread, status="unverified", reference_id=None, conversation_id=None, customer_id=None)
    if thread.status == "verified" and customer_differs(thread, event) and not is_late(thread, event):
        if not _is_logged_in(desk, thread, event) and not _brings_proof(desk, thread, event, brought):
            return close_thread(store, desk, thread, event, "customer_changed")
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
        taken = _take_login(store, desk, thread, event) or _take_customer(store, desk, thread, event, brought)
        return taken or _leave(store, hear(thread, event, desk.now), event, refused.reason)
    customer = find_anchored(store, desk.workspace.id, desk.connection.id, event)
    contradiction = _find_contradiction(thread, event, reference, customer)
    if contradiction is not None:
        return tell_mismatch(store, desk, noted, contradiction, actor_id=event.actor_id)
    if customer_differs(thread, event) and is_late(thread, event):
        return close_thread(store, desk, thread, event, "customer_changed")
    if thread.reference_id == reference.id:
        store.update_thread(noted)
        return Outcome("unchanged", "same_reference")
    if reference.thread_id not in (None, thread.thread_id):
        taken = _take_kept(store, desk, thread, event, _Kept(reference, customer))
        if taken is not None:
            return taken
    binding = _Binding(reference, brought.is_held)
    outcome = _bind(store, desk, noted, binding, late=thread.status == "verified" and is_late(thread, event))
    return _with_customer(store, desk, event, reference, outcome)


def _take_kept(
    store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, kept: _Kept
) -> Outcome | None:
    """A reference that another thread has had: widgets set it until there is a newer one, and it is as good as none.

    None where nothing else says whose the thread is.
    """
    noted = note(thread, event, desk.now)
    if thread.status == "verified":
        store.update_thread(noted)
        return Outcome("unchanged", "known_player")
    if kept.customer is None:
        return _take_login(store, desk, thread, event)
    taken = _bind_again(store, desk, thread, event, kept.reference)
    return taken or _leave(store, noted, event, "same_customer")


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


def _take_customer(
    store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, brought: _Brought
) -> Outcome | None:
    """Binds a thread to the player whom the customer is known to be, while what showed it lives.

    Only without any text, or with a reference to the same player that has merely grown old.
    """
    customer = find_anchored(store, desk.workspace.id, desk.connection.id, event)
    if customer is None or thread.status != "unverified":
        return None
    if event.reference is not None and not _has_grown_old(brought, customer):
        return None
    if customer_differs(thread, event) or thread.player_id not in (None, customer.player_id):
        return None
    reference = store.find_reference(customer.reference_id)
    return None if reference is None else _bind_again(store, desk, thread, event, reference)


def _has_grown_old(brought: _Brought, customer: HelpdeskCustomer) -> bool:
    reference = brought.reference
    return reference is not None and reference.player_id == customer.player_id and reference.revoked_at is None


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
        return tell_copied(store, desk, thread, reference)
    conversation = hold_open_conversation(store, conversation_id) if current is not None else None
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


def _is_logged_in(desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    """Whether the other customer is the thread's player, who has logged in meanwhile."""
    player_id = find_named_player(event.customer_external_id, desk.workspace.id)
    return event.vendor_authenticated is True and player_id is not None and player_id == thread.player_id


def _brings_proof(desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, brought: _Brought) -> bool:
    """Whether the event has a live reference to the thread's player that no thread has had: only their page has it.

    The reference that the thread has already proves nothing of a newcomer: it stays in the field when an agent hands
    the ticket on.
    """
    try:
        reference = _require_brought(desk, brought)
    except InvalidReference:
        return False
    if names_another_player(event.customer_external_id, reference.workspace_id, reference.player_id):
        return False
    return reference.thread_id is None and thread.player_id in (None, reference.player_id)


def _is_undone(desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, brought: _Brought) -> bool:
    """Whether a closed thread goes on: the vendor can undo that, and something newer has a fresh proof."""
    if thread.is_over or event.kind != "identity" or is_late(thread, event):
        return False
    return _brings_proof(desk, thread, event, brought)
