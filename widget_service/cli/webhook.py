"""``webhook create``, ``disable``, ``list``."""

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.events import iso, iso_or_none
from widget_service.storage.administration.webhooks import create_webhook, disable_webhook, list_webhooks


@click.group(cls=Noun)
def command() -> None:
    """Where the AI agent hears of events."""


@command.command()
@click.argument("workspace_id", metavar="WS")
@click.argument("url", metavar="URL")
@click.option("--allow-private", is_flag=True, help="The address may be in a private network.")
def create(workspace_id: str, url: str, allow_private: bool) -> Answer:
    """Create a webhook, whose secret is shown once (Standard Webhooks)."""
    from widget_service.destinations import require_url  # loads an HTTP client

    installation = open_installation()
    require_url(url, public_url=installation.settings.public_url, allow_private=allow_private)
    with installation.changing() as change:
        webhook_id, secret = create_webhook(change, installation.cipher, workspace_id, url, allow_private=allow_private)
    return in_lines(webhook_id=webhook_id, secret=secret)


@command.command()
@click.argument("webhook_id", metavar="WEBHOOK_ID")
def disable(webhook_id: str) -> Answer:
    """Send it nothing new."""
    with open_installation().changing() as change:
        disable_webhook(change, webhook_id)
    return in_lines(webhook_id=webhook_id, disabled=True)


@command.command("list")
@click.argument("workspace_id", metavar="WS")
def list_command(workspace_id: str) -> Answer:
    """List a workspace's webhooks."""
    with open_installation().reading() as connection:
        rows = [
            {
                "webhook_id": entry.id,
                "url": entry.url,
                "allow_private": entry.allow_private,
                "created_at": iso(entry.created_at),
                "disabled_at": iso_or_none(entry.disabled_at),
            }
            for entry in list_webhooks(connection, workspace_id)
        ]
    return in_rows("webhooks", rows, ("webhook_id", "url", "created_at", "disabled_at"))
