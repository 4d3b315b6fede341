"""Verbs on handovers: a row for each conversation in which a person is wanted, and none for the others."""

import json
from collections.abc import Sequence

from widget_service.handovers import Handover
from widget_service.storage.connection import Verbs

COLUMNS = "conversation_id, workspace_id, handed_over_at, handed_over_by, note"
#: A JSON list's members: one parameter, one statement.
LISTED = {"postgresql": "SELECT json_array_elements_text(CAST(? AS json))", "sqlite": "SELECT value FROM json_each(?)"}


class HandoverVerbs(Verbs):
    """Begin, find and end; which conversations wait is a filter of their list."""

    __slots__ = ()

    def add_handover(self, handover: Handover) -> bool:
        """False where one waits already: that one stays."""
        row = self.connection.one(
            f"INSERT INTO handovers ({COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - constants only
            " ON CONFLICT (conversation_id) DO NOTHING RETURNING conversation_id",
            (handover.conversation_id, handover.workspace_id, handover.at, handover.by, handover.note),
        )
        return row is not None

    def change_handover_note(self, conversation_id: str, note: str) -> None:
        """What colleagues read from now on."""
        self.connection.run("UPDATE handovers SET note = ? WHERE conversation_id = ?", (note, conversation_id))

    def end_handover(self, conversation_id: str) -> bool:
        """False where none waits."""
        row = self.connection.one(
            "DELETE FROM handovers WHERE conversation_id = ? RETURNING conversation_id", (conversation_id,)
        )
        return row is not None

    def find_handover(self, conversation_id: str) -> Handover | None:
        """The one that waits, or None."""
        return self.find_handovers([conversation_id]).get(conversation_id)

    def find_handovers(self, conversation_ids: Sequence[str]) -> dict[str, Handover]:
        """Those that wait, by conversation; asked with one parameter however many they are."""
        listed = LISTED[self.connection.dialect]
        rows = self.connection.all(
            f"SELECT {COLUMNS} FROM handovers WHERE conversation_id IN ({listed})",  # noqa: S608
            (json.dumps(list(conversation_ids)),),
        )
        return {row[0]: Handover(*row) for row in rows}
