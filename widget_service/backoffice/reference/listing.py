"""Lists: filtered, counted, newest first, and one page of them."""

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from typing import Any

from widget_service.backoffice.reference.asked import Asked

#: Of an offset too: SQLite counts no further.
LARGEST = 2**62


@dataclass(slots=True)
class Listing:
    """Rows of one player in a table of ours; ``at`` is the column that says when."""

    asked: Asked
    table: str
    at: str
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def where(self, column: str, wanted: Any) -> "Listing":
        """Only rows with that value; None is no wish."""
        return self if wanted is None else self._add(f"{column} = ?", wanted)

    def between(self, first: datetime | None, last: datetime | None) -> "Listing":
        """Only rows of those seconds, both inclusive."""
        if first is not None:
            self._add(f"{self.at} >= ?", ceil(first.timestamp()))
        if last is not None:
            self._add(f"{self.at} <= ?", floor(last.timestamp()))
        return self

    def page(self) -> tuple[list[sqlite3.Row], int]:
        """The rows that the query asks for, and how many there are of them all."""
        books, query = self.asked.books, self.asked.query
        chosen = " AND ".join(["player_id = ?", *self.conditions])
        source, given = f"FROM {self.table} WHERE {chosen}", (self.asked.player_id, *self.values)
        total = books.number(f"SELECT count(*) {source}", *given)
        paged = f"SELECT * {source} ORDER BY {self.at} DESC, id DESC LIMIT ? OFFSET ?"
        return books.all(paged, *given, query.limit, min(query.offset, LARGEST)), total

    def _add(self, condition: str, value: Any) -> "Listing":
        self.conditions.append(condition)
        self.values.append(value)
        return self
