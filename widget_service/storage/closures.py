"""Verbs on closures for responsible gaming: one row for each player of whom a signed token has spoken."""

from collections.abc import Iterable

from widget_service.assertions import PlayerAssertion
from widget_service.storage.connection import Verbs

# Signed later wins; of two signed in the same second the one that closes.
_NOTE = (
    "INSERT INTO player_closures AS c (workspace_id, player_id, closed, type, signed_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, player_id) DO UPDATE SET closed = excluded.closed, type = excluded.type,"
    " signed_at = excluded.signed_at WHERE c.signed_at < excluded.signed_at"
    " OR (c.signed_at = excluded.signed_at AND c.closed < excluded.closed)"
)
_DROP = (
    "UPDATE sessions SET scope = trim(replace(' ' || scope || ' ', ' ' || CAST(? AS TEXT) || ' ', ' '))"
    " WHERE token_use = 'session_id' AND revoked_at IS NULL AND conversation_id IN"
    " (SELECT id FROM conversations WHERE workspace_id = ? AND player_id = ?) AND EXISTS"
    " (SELECT 1 FROM player_closures WHERE workspace_id = ? AND player_id = ? AND closed = 1)"
)


class ClosureVerbs(Verbs):
    """Note a closure, ask for it, and take from live session ids what a closed player may not have."""

    __slots__ = ()

    def note_closure(self, workspace_id: str, assertion: PlayerAssertion) -> None:
        """Keeps what the token says, unless one signed later has spoken already."""
        values = (workspace_id, assertion.player_id, int(bool(assertion.rg_closed)), assertion.rg_type)
        self.connection.run(_NOTE, (*values, assertion.issued_at))

    def is_closed(self, workspace_id: str, player_id: str) -> bool:
        """Whether the player is closed for responsible gaming."""
        row = self.connection.one(
            "SELECT closed FROM player_closures WHERE workspace_id = ? AND player_id = ?", (workspace_id, player_id)
        )
        return row is not None and row[0] == 1

    def drop_scopes_if_closed(self, workspace_id: str, player_id: str, scopes: Iterable[str]) -> None:
        """Takes the scopes from every live session id of a closed player, in every conversation."""
        player = (workspace_id, player_id)
        for scope in scopes:
            self.connection.run(_DROP, (scope, *player, *player))
