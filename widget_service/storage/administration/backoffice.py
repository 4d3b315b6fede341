"""Connections to back offices: made, ended, listed. A new one takes the place of the one before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from widget_service.backoffice_connections import BackOfficeConnection, back_office_context
from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.ids import new_id
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.workspaces import lock_workspace, require_workspace
from widget_service.storage.schema import backoffice_connections as table


@dataclass(frozen=True, slots=True)
class BackOfficeEntry:
    """A connection as lists show it: no secret. Times are Unix seconds."""

    id: str
    kind: str
    preset: str | None
    url: str
    settings: Mapping[str, Any]
    allow_private: bool
    cache_seconds: int
    created_at: int
    disabled_at: int | None


def new_back_office_id() -> str:
    """``bo_…``."""
    return new_id("bo")


def connect_back_office(change: Change, cipher: Cipher, connection: BackOfficeConnection) -> None:
    """Keeps a connection, in place of the workspace's one before. Raises ConfigurationError."""
    lock_workspace(change, connection.workspace_id)
    live = (table.c.workspace_id == connection.workspace_id) & table.c.disabled_at.is_(None)
    change.connection.execute(update(table).where(live).values(disabled_at=change.now))
    sealed = cipher.seal(json.dumps(dict(connection.secrets)).encode(), back_office_context(connection.id))
    change.connection.execute(
        insert(table).values(
            id=connection.id,
            workspace_id=connection.workspace_id,
            kind=connection.kind,
            preset=connection.preset,
            url=connection.url,
            document=connection.document,
            secrets=sealed,
            settings=json.dumps(dict(connection.settings)),
            allow_private=int(connection.allow_private),
            cache_seconds=connection.cache_seconds,
            created_at=change.now,
        )
    )
    shown = {"kind": connection.kind, "preset": connection.preset, "url": connection.url}
    change.record(connection.workspace_id, "backoffice.connected", connection.id, **shown)


def find_back_office(connection: Connection, cipher: Cipher, workspace_id: str) -> BackOfficeConnection:
    """The workspace's live connection with its secrets. Raises ConfigurationError when there is none."""
    require_workspace(connection, workspace_id)
    live = (table.c.workspace_id == workspace_id) & table.c.disabled_at.is_(None)
    row = connection.execute(select(table).where(live).order_by(table.c.id.desc()).limit(1)).first()
    if row is None:
        raise ConfigurationError(
            f"The workspace {workspace_id} has no back office. Run: widget-service backoffice connect"
        )
    return _as_connection(row, cipher)


def disconnect_back_office(change: Change, connection_id: str) -> None:
    """Asks it nothing from now on. Raises ConfigurationError when it is unknown."""
    row = change.connection.execute(select(table).where(table.c.id == connection_id)).first()
    if row is None:
        raise ConfigurationError(f"There is no back office connection {connection_id}.")
    if row.disabled_at is None:
        change.connection.execute(update(table).where(table.c.id == connection_id).values(disabled_at=change.now))
        change.record(row.workspace_id, "backoffice.disconnected", connection_id)


def list_back_offices(connection: Connection, workspace_id: str) -> Sequence[BackOfficeEntry]:
    """The workspace's connections, oldest first. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    rows = connection.execute(select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.id))
    return [
        BackOfficeEntry(
            row.id,
            row.kind,
            row.preset,
            row.url,
            json.loads(row.settings),
            bool(row.allow_private),
            row.cache_seconds,
            row.created_at,
            row.disabled_at,
        )
        for row in rows
    ]


def _as_connection(row: Row[Any], cipher: Cipher) -> BackOfficeConnection:
    return BackOfficeConnection(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=row.kind,
        preset=row.preset,
        url=row.url,
        document=row.document,
        secrets=json.loads(cipher.open(row.secrets, back_office_context(row.id))),
        settings=json.loads(row.settings),
        allow_private=bool(row.allow_private),
        cache_seconds=row.cache_seconds,
    )
