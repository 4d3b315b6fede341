"""The verb of a start: what it spends and what it meets, claimed and asked at once."""

from widget_service.assertions import PlayerAssertion
from widget_service.conversations import Pin, StartClaims, StartRequest
from widget_service.ids import digest
from widget_service.sessions import operator_session_name, operator_sid_hash
from widget_service.storage.connection import Answer, Verbs
from widget_service.storage.conversations import COLUMNS, as_conversation
from widget_service.storage.spent import CLAIM_PROOF

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0)), pg_advisory_xact_lock(hashtextextended(?, 1))"
_OF_KEY = f"SELECT {COLUMNS} FROM conversations WHERE brand_id = ? AND jkt = ? AND status = 'open'"  # noqa: S608
_OF_PLAYER = (
    f"SELECT {COLUMNS} FROM conversations"  # noqa: S608 - constants only
    " WHERE workspace_id = ? AND player_id = ? AND brand_id = ? AND status = 'open' AND jkt NOT LIKE 'helpdesk:%'"
    " ORDER BY id DESC LIMIT 1"
)
# One statement, so that exactly one key wins, and whoever comes later reads the winner's row.
_PIN = (
    "INSERT INTO spent_tokens AS p (workspace_id, jti_hash, jkt, expires_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, jti_hash) DO UPDATE SET expires_at = p.expires_at"
    " RETURNING jkt, killed_at, (SELECT MAX(logged_out_at) FROM player_logouts l"
    " WHERE l.workspace_id = ? AND l.player_id IN (?, ?))"
)


class StartVerbs(Verbs):
    """Everything is sent before the first row is fetched: on PostgreSQL that is one round trip."""

    __slots__ = ()

    def claim_start(self, start: StartRequest, pin_until: int) -> StartClaims:
        """Claims the proof, pins the token's jti to the key, and finds the open conversations of key and player.

        Found conversations are held until the unit of work ends, so that none is closed beside it.
        """
        brand, assertion = start.brand, start.assertion
        self._take_turns(start)
        proof = (
            self.connection.ask(CLAIM_PROOF, (start.claim.proof_hash, start.claim.expires_at)) if start.claim else None
        )
        of_key = self.connection.ask(_OF_KEY + self._held(), (brand.id, start.jkt))
        of_player = self._ask_of_player(start) if brand.history == "player" and assertion else None
        pin = self._ask_pin(start, assertion, pin_until) if assertion else None
        newest = of_player.fetchone() if of_player else None
        return StartClaims(
            proof_is_new=proof is None or proof.fetchone() is not None,
            of_key=tuple(as_conversation(row) for row in of_key.fetchall()),
            of_player=as_conversation(newest) if newest else None,
            pin=_as_pin(pin) if pin else None,
        )

    def pin_token(self, start: StartRequest, assertion: PlayerAssertion, pin_until: int) -> Pin:
        """Pins the token's jti to the key, where no conversation is started with it."""
        return _as_pin(self._ask_pin(start, assertion, pin_until))

    def bind_token(self, workspace_id: str, assertion: PlayerAssertion, conversation_id: str) -> None:
        """Says which conversation the pinned token was brought to: its logout kills the token."""
        self.connection.run(
            "UPDATE spent_tokens SET conversation_id = ? WHERE workspace_id = ? AND jti_hash = ?",
            (conversation_id, workspace_id, digest(assertion.jti)),
        )

    def _take_turns(self, start: StartRequest) -> None:
        # Starts of one player, and of one key, take turns. SQLite's writers take turns anyway.
        if self.connection.dialect == "postgresql":
            key = f"{start.brand.id}/{start.jkt}"
            player = f"{start.brand.workspace_id}/{start.assertion.player_id}" if start.assertion else key
            self.connection.run(_LOCK, (player, key))

    def _ask_of_player(self, start: StartRequest) -> Answer:
        assert start.assertion is not None  # noqa: S101 - asked for verified players only
        parameters = (start.brand.workspace_id, start.assertion.player_id, start.brand.id)
        return self.connection.ask(_OF_PLAYER + self._held(), parameters)

    def _ask_pin(self, start: StartRequest, assertion: PlayerAssertion, until: int) -> Answer:
        workspace_id = start.brand.workspace_id
        sid = operator_sid_hash(workspace_id, assertion.session_id)
        names = (assertion.player_id, operator_session_name(sid) if sid else assertion.player_id)
        return self.connection.ask(_PIN, (workspace_id, digest(assertion.jti), start.jkt, until, workspace_id, *names))

    def _held(self) -> str:
        return " FOR UPDATE" if self.connection.dialect == "postgresql" else ""


def _as_pin(answer: Answer) -> Pin:
    row = answer.fetchone()
    assert row is not None  # noqa: S101 - RETURNING always gives the row in place
    return Pin(row[0], row[1] is not None, row[2])
