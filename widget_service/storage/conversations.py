"""Verbs on conversations."""

import json
from collections.abc import Mapping
from typing import Any

from widget_service.conversations import Conversation
from widget_service.storage.connection import Verbs

COLUMNS = (
    "id, workspace_id, brand_id, player_id, jkt, status, created_at, closed_at, last_seq, player_messages,"
    " profile, claimed, page, locale"
)


class ConversationVerbs(Verbs):
    """Find, add, change and remove conversations; the events that their streams tell."""

    __slots__ = ()

    def lock_player(self, workspace_id: str, player_id: str) -> None:
        """Keeps the player's starts waiting until this unit of work ends."""
        if self.connection.dialect == "postgresql":
            self.connection.run(
                "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (f"{workspace_id}/{player_id}",)
            )

    def hold_conversation(self, conversation_id: str) -> None:
        """Whoever makes or ends sessions of the conversation takes turns: none is made unseen beside an end of all."""
        if self.connection.dialect == "postgresql":
            self.connection.run("SELECT 1 FROM conversations WHERE id = ? FOR UPDATE", (conversation_id,))

    def find_conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation of that id, or None."""
        row = self.connection.one(f"SELECT {COLUMNS} FROM conversations WHERE id = ?", (conversation_id,))  # noqa: S608
        return None if row is None else as_conversation(row)

    def find_conversations(
        self,
        workspace_id: str,
        *,
        status: str | None,
        player_id: str | None,
        before: str | None,
        limit: int,
        include_empty: bool,
        waiting: bool = False,
    ) -> list[Conversation]:
        """Newest first; without ``include_empty`` only those in which the player has written.

        ``waiting``: those alone in which a person is wanted, written in or not.
        """
        filters, values = ["workspace_id = ?"], [workspace_id]
        for clause, value in (("status = ?", status), ("player_id = ?", player_id), ("id < ?", before)):
            if value is not None:
                filters.append(clause)
                values.append(value)
        if waiting:
            filters.append("id IN (SELECT conversation_id FROM handovers WHERE workspace_id = ?)")
            values.append(workspace_id)
        elif not include_empty:
            filters.append("player_messages > 0")
        sql = f"SELECT {COLUMNS} FROM conversations WHERE {' AND '.join(filters)} ORDER BY id DESC LIMIT ?"  # noqa: S608
        return [as_conversation(row) for row in self.connection.all(sql, (*values, limit))]

    def find_conversations_with_sessions(self, workspace_id: str, player_id: str) -> list[Conversation]:
        """The player's conversations that have a session not yet revoked."""
        sql = (
            f"SELECT {COLUMNS} FROM conversations c WHERE workspace_id = ? AND player_id = ? AND EXISTS"  # noqa: S608
            " (SELECT 1 FROM sessions s WHERE s.conversation_id = c.id AND s.revoked_at IS NULL) ORDER BY id"
        )
        return [as_conversation(row) for row in self.connection.all(sql, (workspace_id, player_id))]

    def find_conversations_by_operator_sid(self, operator_sid: bytes) -> list[Conversation]:
        """The conversations with a live session whose player token had that session id of the operator."""
        sql = (
            f"SELECT {COLUMNS} FROM conversations WHERE id IN (SELECT conversation_id FROM sessions"  # noqa: S608
            " WHERE operator_sid = ? AND revoked_at IS NULL) ORDER BY id"
        )
        return [as_conversation(row) for row in self.connection.all(sql, (operator_sid,))]

    def add_conversation(self, conversation: Conversation, contact: bytes | None) -> None:
        """A new, open conversation."""
        self.connection.run(
            "INSERT INTO conversations (id, workspace_id, brand_id, player_id, jkt, status, created_at, last_seq,"
            " player_messages, profile, contact, claimed, page, locale)"
            " VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                conversation.id,
                conversation.workspace_id,
                conversation.brand_id,
                conversation.player_id,
                conversation.jkt,
                conversation.created_at,
                conversation.last_seq,
                conversation.player_messages,
                _json(conversation.profile),
                contact,
                _json(conversation.claimed),
                _json(conversation.page),
                conversation.locale,
            ),
        )

    def update_conversation(self, conversation: Conversation, contact: bytes | None) -> None:
        """Writes what a start or a close may change; contact details only when there are new ones."""
        self.connection.run(
            "UPDATE conversations SET player_id = ?, status = ?, closed_at = ?, profile = ?,"
            " contact = COALESCE(?, contact), claimed = ?, page = ?, locale = ? WHERE id = ?",
            (
                conversation.player_id,
                conversation.status,
                conversation.closed_at,
                _json(conversation.profile),
                contact,
                _json(conversation.claimed),
                _json(conversation.page),
                conversation.locale,
                conversation.id,
            ),
        )


def as_conversation(row: tuple[Any, ...]) -> Conversation:
    """A row of COLUMNS as the value."""
    (number, workspace_id, brand_id, player_id, jkt, status, created_at, closed_at, last_seq, written, *texts) = row
    profile, claimed, page, locale = texts
    return Conversation(
        number,
        workspace_id,
        brand_id,
        player_id,
        jkt,
        status,
        created_at,
        closed_at,
        last_seq,
        written,
        json.loads(profile) if profile else {},
        json.loads(claimed) if claimed else {},
        json.loads(page) if page else None,
        locale,
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)
