"""Verbs on the records around the conversations: audit, counts, avatars, and what housekeeping removes."""

from widget_service.audit import AuditEvent
from widget_service.storage.connection import Verbs

COUNT_KEYS = "workspace_id, minute, kind, code, reason, origin, key_id, address_prefix"
DAY = 86400
#: Expired rows are kept for a day longer, so that whoever asks why can still see it.
REMOVALS = (
    ("DELETE FROM proofs WHERE expires_at < ?", 0),
    ("DELETE FROM spent_tokens WHERE expires_at < ?", 0),
    ("DELETE FROM sessions WHERE absolute_expires_at < ?", DAY),
    ("DELETE FROM conversation_events WHERE type = 'typing' AND created_at < ?", 300),
    ("DELETE FROM outbox_lanes WHERE held_until < ?", DAY),
    ("DELETE FROM player_logouts WHERE logged_out_at < ?", DAY),
)


class RecordVerbs(Verbs):
    """Written beside the work; read by the dashboard and the operators."""

    __slots__ = ()

    def add_audit(self, event: AuditEvent) -> None:
        """One row of the audit trail."""
        self.connection.run(
            "INSERT INTO audit (id, workspace_id, at, actor, action, subject, details) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (event.id, event.workspace_id, event.at, event.actor, event.action, event.subject, event.details_json()),
        )

    def add_count(self, key: tuple[str, int, str, str, str, str, str, str], count: int) -> None:
        """Adds to a per-minute count."""
        self.connection.run(
            f"INSERT INTO counts AS c ({COUNT_KEYS}, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            f" ON CONFLICT ({COUNT_KEYS}) DO UPDATE SET count = c.count + excluded.count",
            (*key, count),
        )

    def note_key_use(self, workspace_id: str, kid: str, at: int) -> None:
        """Records when a signing key last verified a token."""
        self.connection.run(
            "INSERT INTO key_uses AS k (workspace_id, kid, last_used_at) VALUES (?, ?, ?)"
            " ON CONFLICT (workspace_id, kid) DO UPDATE SET last_used_at = excluded.last_used_at"
            " WHERE k.last_used_at < excluded.last_used_at",
            (workspace_id, kid, at),
        )

    def note_token_use(self, token_id: str, at: int) -> None:
        """Records when an API token was last used."""
        self.connection.run(
            "UPDATE api_tokens SET last_used_at = ? WHERE id = ? AND COALESCE(last_used_at, 0) < ?", (at, token_id, at)
        )

    def add_avatar(self, avatar_id: str, workspace_id: str, media_type: str, content: bytes, now: int) -> None:
        """Keeps a picture."""
        self.connection.run(
            "INSERT INTO avatars (id, workspace_id, media_type, content, created_at) VALUES (?, ?, ?, ?, ?)",
            (avatar_id, workspace_id, media_type, content, now),
        )

    def find_avatar(self, avatar_id: str) -> tuple[str, str, bytes] | None:
        """(workspace id, media type, bytes), or None."""
        row = self.connection.one("SELECT workspace_id, media_type, content FROM avatars WHERE id = ?", (avatar_id,))
        return None if row is None else (row[0], row[1], bytes(row[2]))

    def remove_expired(self, now: int) -> None:
        """Removes what has ended."""
        for sql, grace in REMOVALS:
            self.connection.run(sql, (now - grace,))

    def remove_empty_conversations(self, now: int, age: int, limit: int = 200) -> int:
        """Removes conversations that old in which the player never wrote and nobody is; how many."""
        rows = self.connection.all(
            "SELECT id FROM conversations c WHERE player_messages = 0 AND created_at < ? AND NOT EXISTS (SELECT 1"
            " FROM sessions s WHERE s.conversation_id = c.id AND s.revoked_at IS NULL AND s.expires_at > ?) LIMIT ?",
            (now - age, now, limit),
        )
        for conversation in rows:
            self.connection.run("DELETE FROM sessions WHERE conversation_id = ?", conversation)
            self.connection.run("DELETE FROM messages WHERE conversation_id = ?", conversation)
            self.connection.run("DELETE FROM conversation_events WHERE conversation_id = ?", conversation)
            self.connection.run("DELETE FROM conversations WHERE id = ? AND player_messages = 0", conversation)
        return len(rows)

    def remove_settled_deliveries(self, before: int) -> None:
        """Removes delivered or failed events older than that, with their attempts."""
        settled = "created_at < ? AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL)"
        self.connection.run(
            f"DELETE FROM delivery_attempts WHERE outbox_id IN (SELECT id FROM outbox WHERE {settled})",  # noqa: S608
            (before,),
        )
        self.connection.run(f"DELETE FROM outbox WHERE {settled}", (before,))  # noqa: S608
