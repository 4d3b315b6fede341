"""The dual-auth rule: whose data a call is about is said by its session, never by the call."""

from collections.abc import Iterable

from widget_service.errors import InsufficientScope, InvalidSession, PlayerNotFound
from widget_service.sessions import Session, require_active
from widget_service.settings import Settings
from widget_service.workspaces import ApiToken


def require_session_id(session: Session | None, token: ApiToken, now: int, settings: Settings) -> Session:
    """The live session id (``sess_…``) of the API token's own workspace, with its player. InvalidSession."""
    live = require_active(session, now, settings)
    if live.token_use != "session_id":
        raise InvalidSession("not_a_session_id")
    if live.workspace_id != token.workspace_id:
        raise InvalidSession("other_workspace")
    if live.player_id is None:
        raise InvalidSession("anonymous")
    return live


def require_player(session: Session, named: Iterable[str]) -> str:
    """The session's player, which everybody who is named must be, byte for byte. PlayerNotFound, whatever the cause."""
    player_id = session.player_id
    if player_id is None or any(name != player_id for name in named):
        raise PlayerNotFound("other_player")
    return player_id


def require_scope(scope: str | None, session: Session, token: ApiToken) -> None:
    """Both hold the scope; nobody holds one that is not defined. InsufficientScope."""
    if scope is None:
        raise InsufficientScope("not_through_the_gateway")
    if scope not in token.scopes:
        raise InsufficientScope("missing_scope")
    if scope not in session.scope.split(" "):
        raise InsufficientScope("session_scope")
