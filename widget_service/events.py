"""Outbound events to the AI agent: what they say, and their way into the outbox.

Written in the same transaction as what they tell of. Format: Standard Webhooks; delivery is the worker's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

from widget_service.ids import new_id

if TYPE_CHECKING:
    from widget_service.conversations import Conversation

EventType = Literal[
    "conversation.started",
    "conversation.identified",
    "message.created",
    "conversation.handover",
    "conversation.closed",
    "session.revoked",
    "helpdesk.identified",
    "helpdesk.mismatch",
]
_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class OutboundEvent:
    """One event before it is fanned out to the workspace's webhooks."""

    id: str
    workspace_id: str
    conversation_id: str
    type: EventType
    body: str
    created_at: int


class OutboxStore(Protocol):
    """What emitting needs."""

    def add_outbound_event(self, event: OutboundEvent) -> None: ...

    def add_outbound_events(self, events: Sequence[OutboundEvent]) -> None: ...


@lru_cache(maxsize=1024)
def iso(seconds: int) -> str:
    """ISO 8601 in UTC with ``Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_none(seconds: int | None) -> str | None:
    """As iso(), or None."""
    return None if seconds is None else iso(seconds)


def emit(
    store: OutboxStore,
    event_type: EventType,
    conversation: "Conversation",
    now: int,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Writes the event for every webhook of the workspace, in the caller's transaction."""
    store.add_outbound_event(_written(event_type, conversation, now, _content(conversation, more or {})))


def emit_together(
    store: OutboxStore,
    event_types: Sequence[EventType],
    conversation: "Conversation",
    now: int,
    more: Mapping[str, Any],
) -> None:
    """As emit() for each type in turn, which all tell the same, with one statement."""
    content = _content(conversation, more)
    store.add_outbound_events([_written(one, conversation, now, content) for one in event_types])


def _content(conversation: "Conversation", more: Mapping[str, Any]) -> str:
    content = {
        "conversation": conversation.public(),
        "player": conversation.event_player(),
        "attributes": conversation.attributes(),
        **more,
    }
    return _JSON.encode(content)


def _written(event_type: EventType, conversation: "Conversation", now: int, content: str) -> OutboundEvent:
    body = f'{{"type": "{event_type}", "timestamp": "{iso(now)}", "data": {content}}}'
    return OutboundEvent(new_id("evt"), conversation.workspace_id, conversation.id, event_type, body, now)
