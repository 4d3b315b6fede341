"""``session revoke``."""

import click

from widget_service.cli.answers import Answer, in_lines
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import ACTOR, Installation, open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.storage.administration.spent import find_token_hash


@click.group(cls=Noun)
def command() -> None:
    """Sessions of players and agents."""


@command.command()
@click.argument("session", metavar="SID")
def revoke(session: str) -> Answer:
    """End one session at once, everywhere: by its sid, or by its token as a value, - or @file."""
    from widget_service.logouts import revoke_session
    from widget_service.storage.opening import open_storage

    installation = open_installation()
    token_hash = _require_token_hash(installation, read_secret(session).strip())
    storage = open_storage(installation.settings)
    try:
        with storage.reading() as store:
            found = store.find_session(token_hash)
        if found is None:
            raise ConfigurationError("There is no such session.")
        storage.write(lambda store: revoke_session(store, found, now=installation.now, actor=ACTOR))
    finally:
        storage.close()
    return in_lines(sid=found.sid, token_use=found.token_use, revoked=True)


def _require_token_hash(installation: Installation, text: str) -> bytes:
    with installation.reading() as connection:
        found = find_token_hash(connection, text)
    if found is None:
        is_token = text.startswith(("wst_", "sess_"))
        raise ConfigurationError("There is no such session." if is_token else f"There is no session {text}.")
    return found
