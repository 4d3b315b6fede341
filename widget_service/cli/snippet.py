"""``snippet``: what the operator pastes into a page."""

import click

from widget_service.cli.answers import Answer
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Verb
from widget_service.snippet import Snippet
from widget_service.storage.administration.brands import choose_brand, list_brands


@click.command(cls=Verb)
@click.argument("workspace_id", metavar="WS")
@click.option("--brand", "brand_id", metavar="BR", help="One of its brands, if it is not the first.")
def command(workspace_id: str, brand_id: str | None) -> Answer:
    """Show the snippet for a page, its script pinned by a hash, and the three lines of Content-Security-Policy."""
    installation = open_installation()
    with installation.reading() as connection:
        first = list_brands(connection, workspace_id)[0].id
        brand = choose_brand(connection, workspace_id, brand_id or first)
    made = Snippet(installation.settings.public_url)
    text = made.fill_in(workspace_id, brand_id, brand.look).rstrip()
    return Answer(
        {"snippet": text, "pinned_script": made.messenger.script, "content_security_policy": made.policy},
        [
            text,
            "",
            "The last line, for a page that pins it by its hash. It changes with each release of the service:",
            made.messenger.script,
            "",
            "What such a page's Content-Security-Policy has to allow:",
            *made.policy,
        ],
    )
