"""``service-key rotate``, ``list``."""

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.events import iso, iso_or_none
from widget_service.service_keys import public_key_set
from widget_service.storage.administration.service_keys import list_service_keys, rotate_service_key


@click.group(cls=Noun)
def command() -> None:
    """Our own keys: they sign session JWTs and stand in /.well-known/jwks.json."""


@command.command()
def rotate() -> Answer:
    """Make a new key that signs at once; the old one stays published for a day."""
    installation = open_installation()
    with installation.changing() as change:
        key = rotate_service_key(change, installation.cipher)
    return in_lines(kid=key.kid, algorithm="ES256")


@command.command("list")
def list_command() -> Answer:
    """List the keys, the newest first."""
    installation = open_installation()
    with installation.reading() as connection:
        keys = list_service_keys(connection, installation.cipher)
    published = {jwk["kid"] for jwk in public_key_set(keys, installation.now)["keys"]}
    rows = [
        {
            "kid": key.kid,
            "algorithm": "ES256",
            "created_at": iso(key.created_at),
            "retired_at": iso_or_none(key.retired_at),
            "published": key.kid in published,
        }
        for key in keys
    ]
    return in_rows("keys", rows, ("kid", "algorithm", "created_at", "retired_at", "published"))
