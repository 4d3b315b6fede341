"""``workspace create``, ``list``, ``disable``, ``enable``."""

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.events import iso, iso_or_none
from widget_service.storage.administration.brands import BrandDraft
from widget_service.storage.administration.onboarding import create_workspace
from widget_service.storage.administration.workspaces import disable_workspace, enable_workspace, list_workspaces


@click.group(cls=Noun)
def command() -> None:
    """Operators: the tenants of this service."""


@command.command()
@click.option("--name", required=True, help="The operator's name.")
@click.option("--origin", "origins", multiple=True, required=True, help="Where its site is; several may follow.")
@click.option("--anonymous", is_flag=True, help="Take visitors without a player token too.")
def create(name: str, origins: tuple[str, ...], anonymous: bool) -> Answer:
    """Create a workspace with a first brand and a first HS256 key, whose secret is shown once."""
    installation = open_installation()
    with installation.changing() as change:
        made = create_workspace(change, installation.cipher, BrandDraft(name, origins, anonymous))
    return in_lines(
        workspace_id=made.workspace_id,
        brand_id=made.brand_id,
        kid=made.kid,
        algorithm=made.algorithm,
        secret=made.secret,
    )


@command.command("list")
def list_command() -> Answer:
    """List all workspaces."""
    with open_installation().reading() as connection:
        rows = [
            {
                "workspace_id": entry.id,
                "name": entry.name,
                "brands": list(entry.brand_ids),
                "disabled": entry.disabled_at is not None,
                "created_at": iso(entry.created_at),
                "disabled_at": iso_or_none(entry.disabled_at),
            }
            for entry in list_workspaces(connection)
        ]
    return in_rows("workspaces", rows, ("workspace_id", "name", "brands", "disabled", "created_at"))


@command.command()
@click.argument("workspace_id", metavar="WS")
def disable(workspace_id: str) -> Answer:
    """Refuse everything of a workspace, within seconds."""
    with open_installation().changing() as change:
        disable_workspace(change, workspace_id)
    return in_lines(workspace_id=workspace_id, disabled=True)


@command.command()
@click.argument("workspace_id", metavar="WS")
def enable(workspace_id: str) -> Answer:
    """Take a disabling back."""
    with open_installation().changing() as change:
        enable_workspace(change, workspace_id)
    return in_lines(workspace_id=workspace_id, disabled=False)
