"""Helpdesk connections: made, changed, ended, listed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.helpdesk_connections import HelpdeskConnection, connection_context
from widget_service.ids import new_id
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.workspaces import lock_workspace, require_workspace
from widget_service.storage.helpdesk_schema import helpdesk_connections, helpdesk_writebacks


@dataclass(frozen=True, slots=True)
class HelpdeskEntry:
    """A connection as lists show it: no secret. Times are Unix seconds.

    ``waiting`` and ``failed`` count its threads that are still to be written back, and those that were given up.
    """

    id: str
    vendor: str
    settings: Mapping[str, Any]
    created_at: int
    disabled_at: int | None
    waiting: int
    failed: int


def connect_helpdesk(
    change: Change, cipher: Cipher, workspace_id: str, vendor: str, *, settings: Mapping[str, Any], secrets: Any
) -> str:
    """The new connection's id. What the vendor takes was checked by its adapter. Raises ConfigurationError."""
    lock_workspace(change, workspace_id)
    connection_id = new_id("hd")
    change.connection.execute(
        insert(helpdesk_connections).values(
            id=connection_id,
            workspace_id=workspace_id,
            vendor=vendor,
            settings=json.dumps(settings),
            secrets=_seal(cipher, connection_id, secrets),
            created_at=change.now,
        )
    )
    change.record(workspace_id, "helpdesk.connected", connection_id, vendor=vendor, **settings)
    return connection_id


def find_helpdesk(connection: Connection, cipher: Cipher, connection_id: str) -> HelpdeskConnection:
    """The connection with its secrets. Raises ConfigurationError when it is unknown or disconnected."""
    row = _require_row(connection, connection_id)
    if row.disabled_at is not None:
        raise ConfigurationError(f"The helpdesk connection {connection_id} is disconnected.")
    secrets = json.loads(cipher.open(row.secrets, connection_context(connection_id)))
    settings, mapping = json.loads(row.settings), json.loads(row.mapping)
    return HelpdeskConnection(row.id, row.workspace_id, row.vendor, settings, secrets, mapping)


def change_helpdesk_secrets(
    change: Change, cipher: Cipher, connection: HelpdeskConnection, secrets: Mapping[str, Any]
) -> None:
    """Replaces all secrets of a connection."""
    this = helpdesk_connections.c.id == connection.id
    sealed = _seal(cipher, connection.id, secrets)
    change.connection.execute(update(helpdesk_connections).where(this).values(secrets=sealed))
    change.record(connection.workspace_id, "helpdesk.rotated", connection.id, names=sorted(secrets))


def change_helpdesk_settings(
    change: Change,
    cipher: Cipher,
    connection: HelpdeskConnection,
    settings: Mapping[str, Any],
    secrets: Mapping[str, Any],
) -> None:
    """Replaces what a connection was given, all but its mapping."""
    this = helpdesk_connections.c.id == connection.id
    values = {"settings": json.dumps(settings), "secrets": _seal(cipher, connection.id, secrets)}
    change.connection.execute(update(helpdesk_connections).where(this).values(values))
    change.record(connection.workspace_id, "helpdesk.changed", connection.id, secrets=sorted(secrets), **settings)


def change_helpdesk_mapping(
    change: Change, connection: HelpdeskConnection, settings: Mapping[str, Any], mapping: Sequence[Mapping[str, str]]
) -> None:
    """Replaces what a connection passes to the page, and the setting that says where the reference goes."""
    this = helpdesk_connections.c.id == connection.id
    values = {"settings": json.dumps(settings), "mapping": json.dumps(mapping)}
    change.connection.execute(update(helpdesk_connections).where(this).values(values))
    change.record(connection.workspace_id, "helpdesk.mapped", connection.id, mapping=mapping, **settings)


def disconnect_helpdesk(change: Change, connection_id: str) -> None:
    """Refuses its webhooks and references from now on. Raises ConfigurationError when it is unknown."""
    row = _require_row(change.connection, connection_id)
    if row.disabled_at is None:
        this = helpdesk_connections.c.id == connection_id
        change.connection.execute(update(helpdesk_connections).where(this).values(disabled_at=change.now))
        change.record(row.workspace_id, "helpdesk.disconnected", connection_id)


def list_helpdesks(connection: Connection, workspace_id: str) -> Sequence[HelpdeskEntry]:
    """The workspace's connections, oldest first. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    table = helpdesk_connections
    rows = connection.execute(select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.id))
    return [
        HelpdeskEntry(
            row.id,
            row.vendor,
            json.loads(row.settings),
            row.created_at,
            row.disabled_at,
            *_count_write_backs(connection, row.id),
        )
        for row in rows
    ]


def _count_write_backs(connection: Connection, connection_id: str) -> tuple[int, int]:
    jobs = helpdesk_writebacks
    of_connection = select(func.count()).where(jobs.c.connection_id == connection_id, jobs.c.done_at.is_(None))
    waiting = connection.execute(of_connection.where(jobs.c.failed_at.is_(None))).scalar_one()
    failed = connection.execute(of_connection.where(jobs.c.failed_at.is_not(None))).scalar_one()
    return waiting, failed


def _require_row(connection: Connection, connection_id: str) -> Row[Any]:
    table = helpdesk_connections
    row = connection.execute(select(table).where(table.c.id == connection_id)).first()
    if row is None:
        raise ConfigurationError(f"There is no helpdesk connection {connection_id}.")
    return row


def _seal(cipher: Cipher, connection_id: str, secrets: Mapping[str, Any]) -> bytes:
    return cipher.seal(json.dumps(secrets).encode(), connection_context(connection_id))
