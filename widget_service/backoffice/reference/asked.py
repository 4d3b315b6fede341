"""What an endpoint is asked, once the caller and the request are checked."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from widget_service.backoffice.canonical import Answer
from widget_service.backoffice.reference.database import Books
from widget_service.backoffice.reference.money import from_minor


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, inside its transaction. ``query`` and ``body`` are the capability's models."""

    books: Books
    player: sqlite3.Row
    query: Any
    body: Any
    path: dict[str, str]
    now: int

    @property
    def player_id(self) -> str:
        """Whose data it is about."""
        return str(self.player["player_id"])

    @property
    def currency(self) -> str:
        """The player's."""
        return str(self.player["currency"])

    def money(self, minor: int) -> Decimal:
        """An amount of the player's currency."""
        return from_minor(minor, self.currency)

    def money_or_none(self, minor: int | None) -> Decimal | None:
        """The same, for what may be null."""
        return None if minor is None else self.money(minor)


Endpoint = Callable[[Asked], Answer]


def moment(at: int) -> datetime:
    """Unix seconds as the shapes take them."""
    return datetime.fromtimestamp(at, UTC)


def moment_or_none(at: int | None) -> datetime | None:
    """The same, for what may be null."""
    return None if at is None else moment(at)
