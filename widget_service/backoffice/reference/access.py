"""Dual auth: the calling system's API token, then the player's session. Neither is enough alone."""

import hmac
import re

from widget_service.backoffice.canonical.profiles import Login
from widget_service.backoffice.reference.asked import moment
from widget_service.backoffice.reference.database import Books, Database
from widget_service.backoffice.reference.introspection import Introspection, PlayerSession
from widget_service.errors import InvalidSession, PlayerNotFound, Unauthorized
from widget_service.ids import digest, new_secret

SESSION_LIFETIME = 3600
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_SESSION_ID = re.compile(r"[A-Za-z0-9._~-]{8,255}")


class Access:
    """Who may call, and about whom."""

    def __init__(self, api_token: str, database: Database, introspection: Introspection) -> None:
        self._api_token = digest(api_token)
        self._database = database
        self._introspection = introspection

    def require_api_token(self, authorization: str) -> None:
        """The header's text. Raises Unauthorized."""
        found = _BEARER.fullmatch(authorization.strip())
        if found is None:
            raise Unauthorized("missing")
        if not hmac.compare_digest(digest(found[1]), self._api_token):
            raise Unauthorized("unknown")

    def require_session(self, session_id: str, now: int) -> PlayerSession:
        """The live session: of a login here, or as introspection says. Raises InvalidSession and Unavailable."""
        # A header that is repeated comes as one text with a comma, which no session id has.
        if not _SESSION_ID.fullmatch(session_id):
            raise InvalidSession("malformed")
        with self._database.reading() as books:
            if books.find("SELECT 1 FROM ended_sessions WHERE digest = ?", digest(session_id)) is not None:
                raise InvalidSession("ended")
            own = books.find("SELECT player_id, expires_at FROM sessions WHERE digest = ?", digest(session_id))
        if own is not None and own["expires_at"] <= now:
            raise InvalidSession("expired")
        session = PlayerSession(*own) if own is not None else self._introspection.find(session_id)
        if session is None:
            raise InvalidSession("unknown")
        return session


def require_player(session: PlayerSession, player_id: str) -> None:
    """The session's player, byte for byte: any other is not looked up, so that unknown and forbidden cost the same."""
    if not hmac.compare_digest(session.player_id.encode(), player_id.encode("utf-8", "surrogatepass")):
        raise PlayerNotFound("other_player")


def log_in(books: Books, email: str, now: int) -> Login:
    """A new session from an e-mail address alone, as the public mock does it. Raises PlayerNotFound."""
    player = books.find("SELECT player_id FROM players WHERE email = ?", email)
    if player is None:
        raise PlayerNotFound("unknown_email")
    session_id, ends = new_secret("sess"), now + SESSION_LIFETIME
    books.change("DELETE FROM sessions WHERE expires_at <= ?", now)
    books.add("sessions", {"digest": digest(session_id), "player_id": player[0], "expires_at": ends})
    return Login(session_id=session_id, player_id=player[0], expires_at=moment(ends), expires_in=SESSION_LIFETIME)


def end_session(books: Books, session_id: str, session: PlayerSession, now: int) -> None:
    """From now on it opens nothing here, whoever issued it."""
    books.change("DELETE FROM sessions WHERE digest = ?", digest(session_id))
    books.change("DELETE FROM ended_sessions WHERE until <= ?", now)
    books.change(
        "INSERT OR REPLACE INTO ended_sessions (digest, until) VALUES (?, ?)", digest(session_id), session.expires_at
    )
