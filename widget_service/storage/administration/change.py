"""A change: one transaction, who makes it, when, and the trail that it leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from widget_service.audit import AuditEvent
from widget_service.errors import ConfigurationError
from widget_service.storage import schema
from widget_service.storage.engine import writing

#: The workspace of an audit row that is about the whole installation.
NO_WORKSPACE = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction in which ``actor`` changes the configuration at ``now`` (Unix seconds)."""

    connection: Connection
    actor: str
    now: int

    def record(self, workspace_id: str, action: str, subject: str, **details: Any) -> None:
        """Adds a row to the audit trail. ``details`` hold no credential."""
        event = AuditEvent(workspace_id, self.now, self.actor, action, subject, details)
        self.connection.execute(
            insert(schema.audit).values(
                id=event.id,
                workspace_id=event.workspace_id,
                at=event.at,
                actor=event.actor,
                action=event.action,
                subject=event.subject,
                details=event.details_json(),
            )
        )


@contextmanager
def changing(database_url: str, *, actor: str, now: int) -> Iterator[Change]:
    """A Change, committed at the end, undone by any exception. Raises Unavailable when the database is away."""
    with writing(database_url) as connection:
        yield Change(connection, actor, now)


def require_name(text: str) -> str:
    """A name that people read: 1 to 255 printable characters. Raises ConfigurationError."""
    if not 1 <= len(text) <= 255 or not text.isprintable() or text != text.strip():
        raise ConfigurationError("A name has 1 to 255 printable characters, without white space at its ends.")
    return text
