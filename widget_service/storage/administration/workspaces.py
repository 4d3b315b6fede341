"""Workspaces: found, listed, disabled, enabled."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from widget_service.errors import ConfigurationError
from widget_service.storage.administration.change import Change
from widget_service.storage.schema import brands, workspaces


@dataclass(frozen=True, slots=True)
class WorkspaceEntry:
    """A workspace as lists show it. Times are Unix seconds."""

    id: str
    name: str
    brand_ids: tuple[str, ...]
    created_at: int
    disabled_at: int | None


def list_workspaces(connection: Connection) -> Sequence[WorkspaceEntry]:
    """All workspaces, oldest first."""
    brand_ids: dict[str, list[str]] = {}
    for workspace_id, brand_id in connection.execute(select(brands.c.workspace_id, brands.c.id).order_by(brands.c.id)):
        brand_ids.setdefault(workspace_id, []).append(brand_id)
    rows = connection.execute(select(workspaces).order_by(workspaces.c.id)).all()
    return [
        WorkspaceEntry(row.id, row.name, tuple(brand_ids.get(row.id, ())), row.created_at, row.disabled_at)
        for row in rows
    ]


def require_workspace(connection: Connection, workspace_id: str) -> WorkspaceEntry:
    """The workspace of that id. Raises ConfigurationError."""
    for workspace in list_workspaces(connection):
        if workspace.id == workspace_id:
            return workspace
    raise ConfigurationError(f"There is no workspace {workspace_id}.")


def lock_workspace(change: Change, workspace_id: str) -> None:
    """Makes the change alone with the workspace until its end, so that what it checks stays so.

    Raises ConfigurationError when there is no such workspace.
    """
    # SQLite has no FOR UPDATE and needs none: there a change is alone with the database.
    found = select(workspaces.c.id).where(workspaces.c.id == workspace_id).with_for_update()
    if change.connection.execute(found).first() is None:
        raise ConfigurationError(f"There is no workspace {workspace_id}.")


def disable_workspace(change: Change, workspace_id: str) -> None:
    """Refuses everything of the workspace from now on."""
    lock_workspace(change, workspace_id)
    enabled = update(workspaces).where(workspaces.c.id == workspace_id, workspaces.c.disabled_at.is_(None))
    if change.connection.execute(enabled.values(disabled_at=change.now)).rowcount:
        change.record(workspace_id, "workspace.disabled", workspace_id)


def enable_workspace(change: Change, workspace_id: str) -> None:
    """Takes a disabling back."""
    lock_workspace(change, workspace_id)
    disabled = update(workspaces).where(workspaces.c.id == workspace_id, workspaces.c.disabled_at.is_not(None))
    if change.connection.execute(disabled.values(disabled_at=None)).rowcount:
        change.record(workspace_id, "workspace.enabled", workspace_id)
