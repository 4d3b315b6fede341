"""Verbs on what may be used once: player tokens, logout tokens, proofs."""

from widget_service.assertions import LogoutToken, PlayerAssertion
from widget_service.conversations import Pin
from widget_service.ids import digest
from widget_service.storage.connection import Verbs

# One statement, so that exactly one key wins, and whoever comes later reads the winner's row.
_PIN = (
    "INSERT INTO spent_tokens AS p (workspace_id, jti_hash, jkt, conversation_id, expires_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, jti_hash) DO UPDATE SET conversation_id ="
    " CASE WHEN p.jkt = excluded.jkt THEN excluded.conversation_id ELSE p.conversation_id END"
    " RETURNING jkt, killed_at, (SELECT logged_out_at FROM player_logouts l"
    " WHERE l.workspace_id = ? AND l.player_id = ?)"
)


class SpentVerbs(Verbs):
    """Claims that exactly one caller wins."""

    __slots__ = ()

    def pin_token(
        self, assertion: PlayerAssertion, workspace_id: str, jkt: str, conversation_id: str, expires_at: int
    ) -> Pin:
        """Pins the token's jti to the key, unless another key has it; tells whose it now is."""
        parameters = (workspace_id, digest(assertion.jti), jkt, conversation_id, expires_at)
        row = self.connection.one(_PIN, (*parameters, workspace_id, assertion.player_id))
        assert row is not None  # noqa: S101 - RETURNING always gives the row in place
        return Pin(row[0], row[1] is not None, row[2])

    def kill_tokens(self, conversation_id: str, now: int) -> None:
        """The player tokens brought to this conversation are refused from now on."""
        self.connection.run(
            "UPDATE spent_tokens SET killed_at = ? WHERE conversation_id = ? AND killed_at IS NULL",
            (now, conversation_id),
        )

    def claim_logout_token(self, workspace_id: str, token: LogoutToken) -> bool:
        """True for the first bringer of this logout token."""
        row = self.connection.one(
            "INSERT INTO spent_tokens (workspace_id, jti_hash, jkt, expires_at) VALUES (?, ?, 'logout', ?)"
            " ON CONFLICT DO NOTHING RETURNING jkt",
            (workspace_id, digest(f"logout\0{token.jti}"), token.expires_at + 60),
        )
        return row is not None

    def note_logout(self, workspace_id: str, player_id: str, now: int) -> None:
        """Refuses the player's tokens issued before this second."""
        self.connection.run(
            "INSERT INTO player_logouts AS l (workspace_id, player_id, logged_out_at) VALUES (?, ?, ?)"
            " ON CONFLICT (workspace_id, player_id) DO UPDATE SET logged_out_at = excluded.logged_out_at"
            " WHERE l.logged_out_at < excluded.logged_out_at",
            (workspace_id, player_id, now),
        )

    def claim_proof(self, proof_hash: bytes, expires_at: int) -> bool:
        """True for exactly one bringer of the proof."""
        row = self.connection.one(
            "INSERT INTO proofs (proof_hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING expires_at",
            (proof_hash, expires_at),
        )
        return row is not None
