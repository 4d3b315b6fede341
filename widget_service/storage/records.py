"""Verbs on the records around the conversations: audit, counts, avatars, last uses."""

from widget_service.audit import AuditEvent
from widget_service.storage.connection import Verbs

COUNT_KEYS = "workspace_id, minute, kind, code, reason, origin, key_id, address_prefix"


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
