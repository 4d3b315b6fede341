"""Verbs on what may be used once: player tokens, logout tokens, proofs."""

from widget_service.assertions import LogoutToken
from widget_service.ids import digest
from widget_service.storage.connection import Verbs

CLAIM_PROOF = "INSERT INTO proofs (proof_hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING expires_at"


class SpentVerbs(Verbs):
    """Claims that exactly one caller wins."""

    __slots__ = ()

    def kill_tokens(self, conversation_id: str, now: int) -> None:
        """The player tokens brought to this conversation are refused from now on."""
        self.connection.run(
            "UPDATE spent_tokens SET killed_at = ? WHERE conversation_id = ? AND killed_at IS NULL",
            (now, conversation_id),
        )

    def kill_tokens_of_player(self, workspace_id: str, player_id: str, now: int) -> None:
        """The same for every conversation of the player, the closed ones too."""
        self.connection.run(
            "UPDATE spent_tokens SET killed_at = ? WHERE killed_at IS NULL AND conversation_id IN"
            " (SELECT id FROM conversations WHERE workspace_id = ? AND player_id = ?)",
            (now, workspace_id, player_id),
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
        return self.connection.one(CLAIM_PROOF, (proof_hash, expires_at)) is not None
