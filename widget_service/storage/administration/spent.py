"""What is known of a session or a spent player token, for whoever asks by the command line."""

from sqlalchemy import Connection, select

from widget_service.ids import digest
from widget_service.storage.schema import player_logouts, sessions, spent_tokens


def find_token_hash(connection: Connection, text: str) -> bytes | None:
    """The stored hash of a session by its token or its sid; a refreshed session has one for each of its tokens."""
    is_token = text.startswith(("wst_", "sess_"))
    this = sessions.c.token_hash == digest(text) if is_token else sessions.c.sid == text
    found = connection.execute(select(sessions.c.token_hash).where(this).limit(1)).scalar()
    return None if found is None else bytes(found)


def find_use(connection: Connection, workspace_id: str, jti: str) -> tuple[bool, bool]:
    """(whether a player token was brought, whether a logout killed it)."""
    pin = select(spent_tokens.c.killed_at).where(
        spent_tokens.c.workspace_id == workspace_id, spent_tokens.c.jti_hash == digest(jti)
    )
    spent = connection.execute(pin).first()
    return spent is not None, spent is not None and spent.killed_at is not None


def find_logout(connection: Connection, workspace_id: str, player_id: str) -> int:
    """When the player last logged out; 0 if never."""
    logout = select(player_logouts.c.logged_out_at).where(
        player_logouts.c.workspace_id == workspace_id, player_logouts.c.player_id == player_id
    )
    return connection.execute(logout).scalar() or 0
