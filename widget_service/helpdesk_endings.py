"""Endings: what makes a helpdesk's thread nobody's any more, and what its agents are told of that, once."""

from dataclasses import replace
from typing import Any

from widget_service.conversations import Conversation, close_conversation
from widget_service.events import emit
from widget_service.helpdesk_desks import REMEMBERED, Desk, Outcome, ThreadStore, audit, nobody, write_down
from widget_service.helpdesk_events import HelpdeskEvent, HelpdeskThread, end
from widget_service.ids import digest
from widget_service.references import Reference


def tell_mismatch(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reason: str, **more: Any) -> Outcome:
    """Two players in one thread: nobody's any more, for good."""
    ended = replace(thread, status="mismatch")
    store.update_thread(ended)
    conversation = hold_open_conversation(store, thread.conversation_id)
    if conversation is not None:
        emit(store, "helpdesk.mismatch", conversation, desk.now, nobody(desk, ended, reason))
        close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason=reason, **more)
    write_down(store, desk, ended)
    return Outcome("mismatch", reason, thread.conversation_id)


def tell_copied(store: ThreadStore, desk: Desk, thread: HelpdeskThread, reference: Reference) -> Outcome:
    """The reference belongs to another thread, whose binding stays; or it was revoked a moment ago."""
    bound = store.find_reference(reference.id)
    if bound is None or bound.thread_id is None or bound.revoked_at is not None:
        return Outcome("unverified", "revoked")
    first_thread = store.find_thread(desk.connection.id, bound.thread_id)
    # Vendors copy fields into follow-ups, and widgets keep them: with the same customer nothing was stolen.
    if first_thread is not None and None is not thread.customer_id == first_thread.customer_id:
        return Outcome("unverified", "same_customer")
    mark = digest(f"copied:{thread.thread_id}/{reference.id}")
    if store.has_mark(desk.connection.id, mark):
        return Outcome("mismatch", "copied")
    # Beyond its end the reference is refused before it comes here.
    store.keep_mark(desk.connection.id, mark, max(reference.expires_at, desk.now + REMEMBERED))
    first = hold_open_conversation(store, bound.conversation_id)
    if first is not None:
        emit(store, "helpdesk.mismatch", first, desk.now, nobody(desk, thread, "copied"))
    audit(store, desk, "helpdesk.mismatch", thread.thread_id, reason="copied", first_thread=bound.thread_id)
    return Outcome("mismatch", "copied")


def end_thread(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent) -> Outcome:
    """The thread is over; or a part of it, and the next one is to show its player again."""
    if event.part_id is None:
        return close_thread(store, desk, thread, event, "thread_ended")
    store.keep_mark(desk.connection.id, part_mark(event), desk.now + REMEMBERED)
    outcome = close_thread(store, desk, thread, event, "part_ended")
    rest = replace(thread, status="unverified", reference_id=None, conversation_id=None, updated_at=desk.now)
    store.update_thread(rest)
    if thread.status == "verified":
        write_down(store, desk, rest)
    return outcome


def part_mark(event: HelpdeskEvent) -> bytes:
    """What is remembered of a part that has ended."""
    return digest(f"ended:{event.thread_id}/{event.part_id}")


def close_thread(store: ThreadStore, desk: Desk, thread: HelpdeskThread, event: HelpdeskEvent, reason: str) -> Outcome:
    """The thread is over or somebody else's: what was given out for it ends."""
    store.update_thread(end(thread, event, desk.now))
    if reason == "customer_changed":
        write_down(store, desk, thread)
    conversation = hold_open_conversation(store, thread.conversation_id)
    if conversation is None:
        return Outcome("closed", reason)
    close_conversation(store, conversation, now=desk.now, actor=f"helpdesk:{thread.connection_id}")
    audit(store, desk, "helpdesk.closed", thread.thread_id, reason=reason)
    return Outcome("closed", reason, conversation.id)


def remove_customer(store: ThreadStore, desk: Desk, event: HelpdeskEvent) -> Outcome:
    """The vendor has removed somebody, with all that they wrote."""
    threads = store.find_threads_of_customer(desk.connection.id, event.customer_id or "")
    living = [thread for thread in threads if thread.status in ("verified", "unverified")]
    for thread in living:
        close_thread(store, desk, thread, event, "customer_removed")
    return Outcome("closed", "customer_removed") if living else Outcome("unchanged", "no_thread")


def hold_open_conversation(store: ThreadStore, conversation_id: str | None) -> Conversation | None:
    """The conversation as it stands once everything beside this is done; None unless it is open."""
    if conversation_id is None:
        return None
    store.hold_conversation(conversation_id)
    conversation = store.find_conversation(conversation_id)
    return conversation if conversation is not None and conversation.status == "open" else None
