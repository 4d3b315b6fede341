"""Outbound events to the AI agent: what they say, and their way into the outbox.

Written in the same transaction as what they tell of. Format: Standard Webhooks; delivery is the worker's.
"""

import json
from collections.abc import Mapping
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
    "conversation.closed",
    "session.revoked",
    "helpdesk.identified",
    "helpdesk.mismatch",
]


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
    content = {
        "conversation": conversation.public(),
        "player": conversation.event_player(),
        "attributes": conversation.attributes(),
        **(more or {}),
    }
    body = json.dumps({"type": event_type, "timestamp": iso(now), "data": content}, ensure_ascii=False)
    store.add_outbound_event(
        OutboundEvent(new_id("evt"), conversation.workspace_id, conversation.id, event_type, body, now)
    )
