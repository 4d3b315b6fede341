"""Verbs on messages and on what a conversation's streams tell."""

import json
from collections.abc import Mapping
from typing import Any

from widget_service.messages import ConversationEvent, Message
from widget_service.storage.connection import Verbs

COLUMNS = "id, conversation_id, seq, author_type, author, text, created_at, client_message_id"
TYPING_LIFETIME = 15  # seconds after which a replay no longer tells that somebody was typing


class MessageVerbs(Verbs):
    """Messages are numbered within their conversation; the number is also the id of their event."""

    __slots__ = ()

    def next_seq(self, conversation_id: str, *, from_player: bool) -> int | None:
        """The next number in an open conversation, None in a closed one; others wait until this unit of work ends."""
        row = self.connection.one(
            "UPDATE conversations SET last_seq = last_seq + 1, player_messages = player_messages + ?"
            " WHERE id = ? AND status = 'open' RETURNING last_seq",
            (int(from_player), conversation_id),
        )
        return None if row is None else row[0]

    def find_message_by_client_id(
        self, conversation_id: str, author_type: str, client_message_id: str
    ) -> Message | None:
        """The message that was sent with this id of its client."""
        row = self.connection.one(
            f"SELECT {COLUMNS} FROM messages WHERE conversation_id = ? AND author_type = ?"  # noqa: S608
            " AND client_message_id = ?",
            (conversation_id, author_type, client_message_id),
        )
        return None if row is None else as_message(row)

    def add_message(self, message: Message) -> None:
        """Keeps a message in its place."""
        self.connection.run(
            f"INSERT INTO messages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                message.id,
                message.conversation_id,
                message.seq,
                message.author_type,
                json.dumps(message.author),
                message.text,
                message.created_at,
                message.client_message_id,
            ),
        )

    def find_message_seq(self, conversation_id: str, message_id: str) -> int | None:
        """Where a message stands in its conversation."""
        row = self.connection.one(
            "SELECT seq FROM messages WHERE id = ? AND conversation_id = ?", (message_id, conversation_id)
        )
        return None if row is None else row[0]

    def find_messages_after(self, conversation_id: str, after: int, before: int, limit: int) -> list[Message]:
        """Oldest first, between the two numbers (both excluded)."""
        rows = self.connection.all(
            f"SELECT {COLUMNS} FROM messages WHERE conversation_id = ? AND seq > ? AND seq < ?"  # noqa: S608
            " ORDER BY seq LIMIT ?",
            (conversation_id, after, before, limit),
        )
        return [as_message(row) for row in rows]

    def find_messages_before(self, conversation_id: str, before: int, limit: int) -> list[Message]:
        """The newest ones before the number, newest first."""
        rows = self.connection.all(
            f"SELECT {COLUMNS} FROM messages WHERE conversation_id = ? AND seq < ?"  # noqa: S608
            " ORDER BY seq DESC LIMIT ?",
            (conversation_id, before, limit),
        )
        return [as_message(row) for row in rows]

    def add_conversation_event(
        self, conversation_id: str, event_type: str, content: Mapping[str, Any], now: int
    ) -> int:
        """Tells the conversation's streams something that is not a message; its number."""
        row = self.connection.one(
            "UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq", (conversation_id,)
        )
        seq = 0 if row is None else int(row[0])
        self.connection.run(
            "INSERT INTO conversation_events (conversation_id, seq, type, content, created_at) VALUES (?, ?, ?, ?, ?)",
            (conversation_id, seq, event_type, json.dumps(content), now),
        )
        return seq

    def find_last_seq(self, conversation_id: str) -> int:
        """The number of the newest event of the conversation."""
        row = self.connection.one("SELECT last_seq FROM conversations WHERE id = ?", (conversation_id,))
        return 0 if row is None else int(row[0])

    def find_last_seqs(self, conversation_ids: list[str]) -> dict[str, int]:
        """The newest event's number of many conversations, asked with one parameter however many they are."""
        if self.connection.dialect == "postgresql":
            rows = self.connection.all("SELECT id, last_seq FROM conversations WHERE id = ANY(?)", (conversation_ids,))
        else:
            rows = self.connection.all(
                "SELECT c.id, c.last_seq FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value",
                (json.dumps(conversation_ids),),
            )
        return {row[0]: row[1] for row in rows}

    def find_events(self, conversation_id: str, after: int, limit: int, now: int) -> list[ConversationEvent]:
        """Messages and other events with a number above ``after``, in order; old typing is left out."""
        messages = self.find_messages_after(conversation_id, after, 2**62, limit)
        rows = self.connection.all(
            "SELECT seq, type, content FROM conversation_events WHERE conversation_id = ? AND seq > ?"
            " AND (type <> 'typing' OR created_at > ?) ORDER BY seq LIMIT ?",
            (conversation_id, after, now - TYPING_LIFETIME, limit),
        )
        events = [ConversationEvent(one.seq, "message", one.public()) for one in messages]
        events += [ConversationEvent(seq, kind, json.loads(content)) for seq, kind, content in rows]
        return sorted(events, key=lambda event: event.seq)[:limit]


def as_message(row: tuple[Any, ...]) -> Message:
    """A row of COLUMNS as the value."""
    message_id, conversation_id, seq, author_type, author, text, created_at, client_message_id = row
    return Message(
        message_id, conversation_id, seq, author_type, json.loads(author), text, created_at, client_message_id
    )
