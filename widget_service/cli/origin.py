"""``origin add``, ``remove``, ``list``."""

from collections.abc import Sequence

import click

from widget_service.cli.answers import Answer
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.storage.administration.brands import choose_brand
from widget_service.storage.administration.origins import add_origin, list_origins, remove_origin

_workspace = click.argument("workspace_id", metavar="WS")
_origin = click.argument("origin", metavar="ORIGIN")
_brand = click.option("--brand", "brand_id", metavar="BR", help="Which brand, where there are several.")


@click.group(cls=Noun)
def command() -> None:
    """Where a brand may be embedded."""


@command.command()
@_workspace
@_origin
@_brand
def add(workspace_id: str, origin: str, brand_id: str | None) -> Answer:
    """Allow an origin; adding it again changes nothing."""
    with open_installation().changing() as change:
        brand = choose_brand(change.connection, workspace_id, brand_id)
        add_origin(change, workspace_id, brand.id, origin)
        return _listed(list_origins(change.connection, brand.id))


@command.command()
@_workspace
@_origin
@_brand
def remove(workspace_id: str, origin: str, brand_id: str | None) -> Answer:
    """Allow an origin no longer, within seconds."""
    with open_installation().changing() as change:
        brand = choose_brand(change.connection, workspace_id, brand_id)
        remove_origin(change, workspace_id, brand.id, origin)
        return _listed(list_origins(change.connection, brand.id))


@command.command("list")
@_workspace
@_brand
def list_command(workspace_id: str, brand_id: str | None) -> Answer:
    """List a brand's origins."""
    with open_installation().reading() as connection:
        return _listed(choose_brand(connection, workspace_id, brand_id).origins)


def _listed(origins: Sequence[str]) -> Answer:
    return Answer({"origins": list(origins)}, list(origins))
