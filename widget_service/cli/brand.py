"""``brand create``, ``set``, ``list``."""

from typing import Any

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.inputs import read_assignments
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.events import iso
from widget_service.storage.administration.brands import BrandDraft, BrandEntry, create_brand, list_brands, set_brand


@click.group(cls=Noun)
def command() -> None:
    """Sites of an operator: where they are, how the messenger looks there, what it says."""


@command.command()
@click.argument("workspace_id", metavar="WS")
@click.option("--name", required=True, help="The site's name.")
@click.option("--origin", "origins", multiple=True, required=True, help="Where it is; several may follow.")
@click.option("--anonymous", is_flag=True, help="Take visitors without a player token too.")
def create(workspace_id: str, name: str, origins: tuple[str, ...], anonymous: bool) -> Answer:
    """Create a brand."""
    with open_installation().changing() as change:
        brand_id = create_brand(change, workspace_id, BrandDraft(name, origins, anonymous))
    return in_lines(brand_id=brand_id, workspace_id=workspace_id)


@command.command("set")
@click.argument("brand_id", metavar="BR")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_command(brand_id: str, assignments: tuple[str, ...]) -> Answer:
    """Set history, debug, session_binding, anonymous, name, look.* or texts.*; an empty look or text is its default."""
    with open_installation().changing() as change:
        return in_lines(**_described(set_brand(change, brand_id, read_assignments(assignments))))


@command.command("list")
@click.argument("workspace_id", metavar="WS")
def list_command(workspace_id: str) -> Answer:
    """List a workspace's brands; the first is its default."""
    with open_installation().reading() as connection:
        rows = [_described(entry) for entry in list_brands(connection, workspace_id)]
    return in_rows("brands", rows, ("brand_id", "name", "origins", "history", "debug", "session_binding", "anonymous"))


def _described(entry: BrandEntry) -> dict[str, Any]:
    return {
        "brand_id": entry.id,
        "workspace_id": entry.workspace_id,
        "name": entry.name,
        "origins": list(entry.origins),
        "history": entry.history,
        "debug": entry.debug,
        "session_binding": entry.session_binding,
        "anonymous": entry.anonymous,
        "look": dict(entry.look),
        "texts": dict(entry.texts),
        "created_at": iso(entry.created_at),
    }
