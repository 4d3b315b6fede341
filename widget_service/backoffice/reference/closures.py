"""Closures for responsible gaming: whether one holds now."""

import sqlite3

from widget_service.backoffice.reference.asked import Asked


def find_closure(asked: Asked) -> sqlite3.Row | None:
    """The closure that holds; one whose time is over holds no longer."""
    return asked.books.find(
        "SELECT * FROM closures WHERE player_id = ? AND (end_date IS NULL OR end_date > ?)",
        asked.player_id,
        asked.now,
    )
