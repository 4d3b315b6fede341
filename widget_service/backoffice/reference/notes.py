"""Notes (player API §11)."""

import sqlite3

from widget_service.backoffice.canonical.notes import Note, NoteCreated, Notes
from widget_service.backoffice.reference.asked import Asked, moment
from widget_service.backoffice.reference.ledger import note_operation, operation_id
from widget_service.backoffice.reference.listing import Listing


def list_notes(asked: Asked) -> Notes:
    """§11.1."""
    rows, total = Listing(asked, "notes", "created_at").page()
    return Notes(player_id=asked.player_id, notes=[_note(row) for row in rows], total=total)


def add_note(asked: Asked) -> NoteCreated:
    """§11.2."""
    wanted, number = asked.body, asked.books.next("note")
    asked.books.add(
        "notes",
        {
            "id": number,
            "player_id": asked.player_id,
            "content": wanted.content,
            "author": wanted.author,
            "category": wanted.category,
            "pinned": 0,
            "created_at": asked.now,
        },
    )
    operation = note_operation(asked, "note.added", {"note_id": f"note_{number}"})
    return NoteCreated(message="Note created", transaction_id=operation_id(operation), note_id=f"note_{number}")


def _note(row: sqlite3.Row) -> Note:
    return Note(
        note_id=f"note_{row['id']}",
        content=row["content"],
        author=row["author"],
        category=row["category"],
        pinned=bool(row["pinned"]),
        created_at=moment(row["created_at"]),
    )
