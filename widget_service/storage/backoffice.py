"""Verbs on back offices: the connection of a workspace, and the operator's own session of a conversation."""

from typing import Any

from widget_service.storage.connection import Verbs

_CONNECTION = (
    "SELECT id, workspace_id, kind, preset, url, document, secrets, settings, allow_private, cache_seconds"
    " FROM backoffice_connections WHERE workspace_id = ? AND disabled_at IS NULL ORDER BY id DESC LIMIT 1"
)


class BackOfficeVerbs(Verbs):
    """Rows as the store has them."""

    __slots__ = ()

    def find_back_office_row(self, workspace_id: str) -> tuple[Any, ...] | None:
        """The columns of BackOfficeConnection, secrets sealed, of the workspace's live connection; or None."""
        return self.connection.one(_CONNECTION, (workspace_id,))

    def find_contact(self, conversation_id: str) -> bytes | None:
        """What is sealed of a conversation's player: contact details and the operator's session id."""
        row = self.connection.one("SELECT contact FROM conversations WHERE id = ?", (conversation_id,))
        return None if row is None or row[0] is None else bytes(row[0])
