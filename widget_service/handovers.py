"""Handover: a person is wanted in a conversation, until somebody hands it back or it is closed."""

from dataclasses import dataclass
from typing import Any, Protocol

from widget_service.audit import AuditEvent
from widget_service.conversations import Conversation, ConversationStore
from widget_service.errors import ConversationClosed
from widget_service.events import emit, iso


@dataclass(frozen=True, slots=True)
class Handover:
    """``by`` is the id of the API token that asked. ``note`` is for colleagues alone: no player, stream or webhook."""

    conversation_id: str
    workspace_id: str
    at: int
    by: str
    note: str | None = None

    def public(self) -> dict[str, Any]:
        """The shape of the wire contract."""
        return {"at": iso(self.at), "by": self.by}


class HandoverStore(ConversationStore, Protocol):
    """What handovers need kept."""

    def add_handover(self, handover: Handover) -> bool: ...

    def find_handover(self, conversation_id: str) -> Handover | None: ...

    def change_handover_note(self, conversation_id: str, note: str) -> None: ...


def shown_to_agents(conversation: Conversation, handover: Handover | None) -> dict[str, Any]:
    """The conversation as the agent side reads it, with who waits for a person and the colleagues' note."""
    return {
        **conversation.for_agents(),
        "handover": handover.public() if handover else None,
        "handover_note": handover.note if handover else None,
    }


def hand_over(
    store: HandoverStore, conversation: Conversation, note: str | None, *, now: int, actor: str
) -> tuple[Handover, bool]:
    """What holds now, and whether it is new: while one waits, ``at`` and ``by`` stay, and a new note replaces the old.

    The conversation is to be held, so that none is handed over beside its close. Raises ConversationClosed.
    """
    _require_open(conversation)
    asked = Handover(conversation.id, conversation.workspace_id, now, actor, note)
    if store.add_handover(asked):
        _tell(store, conversation, asked, now=now, actor=actor)
        return asked, True
    if note is not None:
        store.change_handover_note(conversation.id, note)
    return store.find_handover(conversation.id) or asked, False


def hand_back(store: HandoverStore, conversation: Conversation, *, now: int, actor: str) -> None:
    """No person is wanted any more; nothing happens where none was. Raises ConversationClosed."""
    _require_open(conversation)
    if store.end_handover(conversation.id):
        _tell(store, conversation, None, now=now, actor=actor)


def _tell(store: HandoverStore, conversation: Conversation, handover: Handover | None, *, now: int, actor: str) -> None:
    if handover is not None:
        store.add_conversation_event(conversation.id, "handover", {"at": iso(now)}, now)
    action = "conversation.handover" if handover else "conversation.handed_back"
    store.add_audit(AuditEvent(conversation.workspace_id, now, actor, action, conversation.id))
    told = {"handover": handover.public() if handover else None}
    emit(store, "conversation.handover", conversation, now, told)


def _require_open(conversation: Conversation) -> None:
    if conversation.status != "open":
        raise ConversationClosed
