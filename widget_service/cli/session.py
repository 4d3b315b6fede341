"""``session revoke``."""

import click
from sqlalchemy import select

from widget_service.cli.answers import Answer, in_lines
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import ACTOR, Installation, open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.ids import digest
from widget_service.storage.schema import sessions


@click.group(cls=Noun)
def command() -> None:
    """Sessions of players and agents."""


@command.command()
@click.argument("session", metavar="SID")
def revoke(session: str) -> Answer:
    """End one session at once, everywhere: by its sid, or by its token as a value, - or @file."""
    from widget_service.app import open_storage
    from widget_service.logouts import revoke_session

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
    is_token = text.startswith(("wst_", "sess_"))
    this = sessions.c.token_hash == digest(text) if is_token else sessions.c.sid == text
    with installation.reading() as connection:
        # A refreshed session has a row for each of its tokens; they share the sid that is revoked.
        found = connection.execute(select(sessions.c.token_hash).where(this).limit(1)).scalar()
    if found is None:
        raise ConfigurationError("There is no such session." if is_token else f"There is no session {text}.")
    return bytes(found)
