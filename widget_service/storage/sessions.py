"""Verbs on sessions and API tokens: found by the SHA-256 of what the caller holds."""

from collections.abc import Sequence
from dataclasses import fields
from ipaddress import ip_network
from operator import attrgetter

from widget_service.sessions import Session
from widget_service.storage.connection import Verbs
from widget_service.workspaces import ApiToken

_NAMES = [field.name for field in fields(Session)]
COLUMNS = ", ".join(_NAMES)
_VALUES = attrgetter(*_NAMES)
_FIND = f"SELECT {COLUMNS} FROM sessions WHERE token_hash = ?"  # noqa: S608 - constants only
_FIND_MANY = f"SELECT token_hash, {COLUMNS} FROM sessions WHERE token_hash = ANY(?)"  # noqa: S608 - PostgreSQL's alone
_ADD = f"INSERT INTO sessions (token_hash, {COLUMNS}) VALUES (?{', ?' * len(_NAMES)})"  # noqa: S608


class SessionVerbs(Verbs):
    """Find, add, shorten and revoke sessions."""

    __slots__ = ()

    def find_session(self, token_hash: bytes) -> Session | None:
        """The session of that credential, live or not."""
        row = self.connection.one(_FIND, (token_hash,))
        return None if row is None else Session(*row)

    def find_sessions(self, token_hashes: Sequence[bytes]) -> dict[bytes, Session]:
        """Those of the sessions that there are, with one statement where many ask at once."""
        if len(token_hashes) == 1:
            found = self.find_session(token_hashes[0])
            return {} if found is None else {token_hashes[0]: found}
        return {row[0]: Session(*row[1:]) for row in self.connection.all(_FIND_MANY, (token_hashes,))}

    def add_session(self, token_hash: bytes, session: Session) -> None:
        """Keeps a session under its credential's hash."""
        self.connection.run(_ADD, (token_hash, *_VALUES(session)))

    def shorten_session(self, token_hash: bytes, expires_at: int) -> None:
        """Lets one credential end sooner; never later."""
        self.connection.run(
            "UPDATE sessions SET expires_at = ? WHERE token_hash = ? AND expires_at > ?",
            (expires_at, token_hash, expires_at),
        )

    def revoke_session(self, sid: str, now: int) -> list[str]:
        """Revokes every credential of that sid; the conversations concerned."""
        rows = self.connection.all(
            "UPDATE sessions SET revoked_at = ? WHERE sid = ? AND revoked_at IS NULL RETURNING conversation_id",
            (now, sid),
        )
        for (conversation_id,) in set(rows):
            self.connection.run("UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ?", (conversation_id,))
        return [row[0] for row in rows]

    def end_sessions(self, conversation_id: str, now: int, operator_sid: bytes | None = None) -> int:
        """Revokes the conversation's sessions, or those of one session of the operator; how many."""
        sql = "UPDATE sessions SET revoked_at = ? WHERE conversation_id = ? AND revoked_at IS NULL"
        if operator_sid is None:
            rows = self.connection.all(sql + " RETURNING sid", (now, conversation_id))
        else:
            rows = self.connection.all(
                sql + " AND operator_sid = ? RETURNING sid", (now, conversation_id, operator_sid)
            )
        if rows:
            # A new number wakes the conversation's streams in every process: they see that their session is gone.
            self.connection.run("UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ?", (conversation_id,))
        return len({row[0] for row in rows})

    def note_use(self, token_hash: bytes, at: int) -> None:
        """Records the last use; never goes back."""
        self.connection.run(
            "UPDATE sessions SET last_used_at = ? WHERE token_hash = ? AND last_used_at < ?", (at, token_hash, at)
        )

    def hold_api_token(self, token_id: str) -> bool:
        """Whether the API token stands; its revocation waits for this unit of work, and then sees what it made."""
        held = " FOR SHARE" if self.connection.dialect == "postgresql" else ""
        sql = "SELECT 1 FROM api_tokens WHERE id = ? AND revoked_at IS NULL" + held  # noqa: S608 - constants only
        return self.connection.one(sql, (token_id,)) is not None

    def find_api_token(self, token_hash: bytes) -> ApiToken | None:
        """The API token with that hash, unless it is revoked or its workspace disabled."""
        row = self.connection.one(
            "SELECT t.id, t.workspace_id, t.scopes, n.networks FROM api_tokens t"
            " JOIN workspaces w ON w.id = t.workspace_id LEFT JOIN api_token_networks n ON n.token_id = t.id"
            " WHERE t.token_hash = ? AND t.revoked_at IS NULL AND w.disabled_at IS NULL",
            (token_hash,),
        )
        if row is None:
            return None
        networks = tuple(map(ip_network, row[3].split(" "))) if row[3] else ()
        return ApiToken(row[0], row[1], frozenset(row[2].split(" ")), networks)
