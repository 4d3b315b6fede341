"""The installation that a command works on: settings from the environment, a database at this version."""

import os
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from widget_service.encryption import Cipher
from widget_service.settings import Settings, load_settings
from widget_service.storage import migrate
from widget_service.storage.administration.change import Change, changing
from widget_service.storage.engine import Connection, reading

ACTOR = "cli"


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, cipher and clock of one command."""

    settings: Settings
    cipher: Cipher
    now: int

    def changing(self) -> AbstractContextManager[Change]:
        """One transaction of changes by the command line."""
        return changing(self.settings.database_url, actor=ACTOR, now=self.now)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for reads."""
        return reading(self.settings.database_url)


def open_installation() -> Installation:
    """The installation that ``WIDGET_*`` names, its database ready. Raises ConfigurationError and Unavailable."""
    installation = read_installation()
    migrate.prepare(installation.settings.database_url)
    return installation


def read_installation() -> Installation:
    """As open_installation(), without looking at the database."""
    settings = load_settings(os.environ)
    return Installation(settings, Cipher(settings.secret_key, settings.secret_key_previous), int(time.time()))
