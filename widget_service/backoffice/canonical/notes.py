"""Notes (player API §11): the operator's internal text, for agents, never for the player's browser."""

from typing import Annotated

from pydantic import Field

from widget_service.backoffice.canonical.values import Answer, Extra, Id, Item, Moment, Request, Text, Written


class Note(Item):
    """A note."""

    note_id: Id
    content: str | None = None
    author: str | None = None
    category: str | None = None
    pinned: bool | None = None
    created_at: Moment | None = None
    extra: Extra = None


class Notes(Answer):
    """Notes, newest first."""

    player_id: Id
    notes: list[Note]
    total: int


class NoteRequest(Request):
    """A note to make."""

    content: Annotated[str, Field(min_length=1, max_length=4000)]
    author: Text | None = None
    category: Text | None = None


class NoteCreated(Written):
    """The note's id."""

    note_id: str | None = None
