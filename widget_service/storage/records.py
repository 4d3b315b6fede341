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

    def lock_avatars(self, workspace_id: str) -> None:
        """Keeps the workspace's other uploads waiting until this unit of work ends: each counts what the last added."""
        if self.connection.dialect == "postgresql":
            self.connection.run("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (f"{workspace_id} avatars",))

    def find_avatar_id(self, workspace_id: str, media_type: str, content: bytes) -> str | None:
        """The picture of that workspace with these very bytes, or None."""
        row = self.connection.one(
            "SELECT id FROM avatars WHERE workspace_id = ? AND media_type = ? AND LENGTH(content) = ? AND content = ?",
            (workspace_id, media_type, len(content), content),
        )
        return row[0] if row is not None else None

    def sum_avatar_bytes(self, workspace_id: str) -> int:
        """What the workspace's pictures take, in bytes."""
        row = self.connection.one(
            "SELECT COALESCE(SUM(LENGTH(content)), 0) FROM avatars WHERE workspace_id = ?", (workspace_id,)
        )
        return int(row[0]) if row is not None else 0

    def remove_avatar(self, avatar_id: str, workspace_id: str) -> bool:
        """Whether there was such a picture of the workspace."""
        row = self.connection.one(
            "DELETE FROM avatars WHERE id = ? AND workspace_id = ? RETURNING id", (avatar_id, workspace_id)
        )
        return row is not None

    def find_avatar(self, avatar_id: str) -> tuple[str, str, bytes] | None:
        """(workspace id, media type, bytes), or None."""
        row = self.connection.one("SELECT workspace_id, media_type, content FROM avatars WHERE id = ?", (avatar_id,))
        return None if row is None else (row[0], row[1], bytes(row[2]))
