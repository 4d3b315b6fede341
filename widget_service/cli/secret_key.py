"""``secret-key rewrap``."""

from dataclasses import asdict

import click

from widget_service.cli.answers import Answer, as_table
from widget_service.cli.installation import ACTOR, open_installation
from widget_service.cli.program import Noun
from widget_service.storage.administration.sealed import RewrapCount, rewrap


@click.group(cls=Noun)
def command() -> None:
    """WIDGET_SECRET_KEY, which encrypts secrets and contact details at rest."""


@command.command("rewrap")
def rewrap_command() -> Answer:
    """Seal everything readable with the current key, so that WIDGET_SECRET_KEY_PREVIOUS can go."""
    installation = open_installation()
    counts = rewrap(installation.settings.database_url, installation.cipher, actor=ACTOR, now=installation.now)
    total = asdict(sum(counts.values(), RewrapCount()))
    rows = [(name, *asdict(count).values()) for name, count in counts.items()]
    lines = as_table([("WHERE", *total), *rows, ("all", *total.values())])
    if total["unreadable"]:
        lines.append("Some open with neither key: keep the key that they were written with until you know why.")
    return Answer({**total, "columns": {name: asdict(count) for name, count in counts.items()}}, lines)
