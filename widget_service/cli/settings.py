"""``settings``: every setting, its default and help. Needs no environment and no database."""

from typing import Any

import click

from widget_service.cli.answers import Answer, as_table
from widget_service.cli.program import Verb
from widget_service.settings import PREFIX, Settings, is_secret


@click.command(cls=Verb)
def command() -> Answer:
    """List every setting with its default and help."""
    described = describe_settings()
    return Answer(
        {"settings": described},
        as_table(
            [("NAME", "DEFAULT", "HELP")]
            + [(entry["name"], _shown_default(entry), _shown_help(entry)) for entry in described]
        ),
    )


def describe_settings() -> list[dict[str, Any]]:
    """``{name, default, help, secret, required}`` of each setting, in the order of ``settings.py``."""
    return [
        {
            "name": PREFIX + name.upper(),
            "default": None if field.is_required() else field.default,
            "help": field.description,
            "secret": is_secret(name),
            "required": field.is_required(),
        }
        for name, field in Settings.model_fields.items()
    ]


def _shown_default(entry: dict[str, Any]) -> str:
    return "(required)" if entry["required"] else str(entry["default"]) or "(none)"


def _shown_help(entry: dict[str, Any]) -> str:
    return f"{entry['help']} (or {entry['name']}_FILE)" if entry["secret"] else str(entry["help"])
