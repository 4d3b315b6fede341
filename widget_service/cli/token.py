"""``token create``, ``revoke``, ``list``."""

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.events import iso, iso_or_none
from widget_service.storage.administration.api_tokens import create_api_token, list_api_tokens, revoke_api_token


@click.group(cls=Noun)
def command() -> None:
    """API tokens: the machine credentials of AI agents, support tools and back offices."""


@command.command()
@click.argument("workspace_id", metavar="WS")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do; several may follow.")
@click.option("--allow", "networks", multiple=True, help="From where, as CIDR; several may follow. Else anywhere.")
def create(workspace_id: str, scopes: tuple[str, ...], networks: tuple[str, ...]) -> Answer:
    """Create a token, which is shown once."""
    with open_installation().changing() as change:
        token_id, token = create_api_token(change, workspace_id, scopes, networks)
    return in_lines(token=token, token_id=token_id)


@command.command()
@click.argument("token_id", metavar="TOKEN_ID")
def revoke(token_id: str) -> Answer:
    """Refuse a token from now on, within seconds. A token itself, - or @file do too."""
    with open_installation().changing() as change:
        return in_lines(token_id=revoke_api_token(change, read_secret(token_id).strip()))


@command.command("list")
@click.argument("workspace_id", metavar="WS")
def list_command(workspace_id: str) -> Answer:
    """List a workspace's tokens."""
    with open_installation().reading() as connection:
        rows = [
            {
                "token_id": entry.id,
                "scopes": list(entry.scopes),
                "networks": list(entry.networks),
                "created_at": iso(entry.created_at),
                "last_used_at": iso_or_none(entry.last_used_at),
                "revoked_at": iso_or_none(entry.revoked_at),
            }
            for entry in list_api_tokens(connection, workspace_id)
        ]
    return in_rows("tokens", rows, ("token_id", "created_at", "last_used_at", "revoked_at", "scopes", "networks"))
