"""``db upgrade``."""

import click

from widget_service.cli.answers import Answer, in_lines
from widget_service.cli.installation import read_installation
from widget_service.cli.program import Noun
from widget_service.storage import migrate
from widget_service.storage.administration.service_keys import ensure_service_key


@click.group(cls=Noun)
def command() -> None:
    """The database's schema."""


@command.command()
def upgrade() -> Answer:
    """Bring the database to this version's schema; make the first service key."""
    installation = read_installation()
    migrate.upgrade(installation.settings.database_url)
    with installation.changing() as change:
        key = ensure_service_key(change, installation.cipher)
    return in_lines(revision=migrate.head(), service_key=key.kid)
