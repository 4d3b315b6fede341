"""What vendors tell, in our words, and what is known of their threads."""

from dataclasses import dataclass, replace
from typing import Literal

EventKind = Literal["identity", "customer_changed", "customer_removed", "closed"]
Status = Literal["unverified", "verified", "mismatch", "closed"]


@dataclass(frozen=True, slots=True)
class HelpdeskEvent:
    """One thing that a vendor told, in our words; every id is a string.

    ``delivery_key`` names the event however often it is delivered. ``occurred_at`` is nanoseconds, ``position`` orders
    within them. ``reference`` is the text in the field, which anybody may have written; None where it is empty.
    ``customer_external_id`` counts only as a contradiction, unless the vendor says that it has authenticated this
    customer, in this conversation, by a login token of ours: ``vendor_authenticated``. That is None where the vendor
    has said neither; False is remembered of whoever has been heard.
    ``is_anchored`` says that the vendor alone gives ``customer_id`` to a browser, and no page can choose it.
    ``part_id`` names the vendor's part of a thread that is ended and taken up again in parts. ``is_final`` says of an
    ending that the vendor has no way back from it. ``customer_removed`` is about all threads of its customer, and has
    no ``thread_id``.
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
    vendor_authenticated: bool | None = None
    is_anchored: bool = False
    part_id: str | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class HelpdeskThread:
    """A vendor's ticket or chat as we know it; ``customer_id`` is the vendor's id of whoever asks in it.

    A closed one that ``is_over`` stays closed; any other can be its player's again, by a fresh proof.
    """

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
    is_over: bool = False


def note(thread: HelpdeskThread, event: HelpdeskEvent, now: int) -> HelpdeskThread:
    """The thread with what the event says of time and customer; an older event never replaces what a newer one said."""
    if is_late(thread, event):
        return replace(thread, customer_id=thread.customer_id or event.customer_id, updated_at=now)
    return replace(
        thread,
        last_time=event.occurred_at,
        last_position=event.position,
        customer_id=event.customer_id or thread.customer_id,
        updated_at=now,
    )


def end(thread: HelpdeskThread, event: HelpdeskEvent, now: int) -> HelpdeskThread:
    """The thread as closed by the event; who asked in it before stays known."""
    ended = note(thread, event, now)
    return replace(ended, status="closed", customer_id=thread.customer_id, is_over=event.is_final)


def hear(thread: HelpdeskThread, event: HelpdeskEvent, now: int) -> HelpdeskThread:
    """The thread after what binds nobody: where customers may log in later, whoever was heard first stays known."""
    noted = note(thread, event, now)
    if event.vendor_authenticated is None:
        return noted
    return replace(noted, customer_id=thread.customer_id or noted.customer_id)


def is_late(thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    """Whether something newer has been told of the thread."""
    return (event.occurred_at, event.position) < (thread.last_time, thread.last_position)


def customer_differs(thread: HelpdeskThread, event: HelpdeskEvent) -> bool:
    """Whether another one asks in the thread than before; a change of whom nobody knows is one."""
    if None in (thread.customer_id, event.customer_id):
        return event.kind == "customer_changed"
    return thread.customer_id != event.customer_id
