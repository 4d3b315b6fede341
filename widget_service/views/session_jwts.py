"""Session JWTs: a session id's content, signed, for back offices that verify offline by our key set."""

from typing import Any

from widget_service.service_keys import sign_session_jwt
from widget_service.sessions import Session
from widget_service.views.runtime import runtime
from widget_service.views.service_keys import current_service_key


def issue_session_jwt(session: Session, now: int) -> str:
    """For the connected back office, by its URL; for us while there is none. Unavailable while we have no key."""
    connection = runtime().directory.find_back_office(session.workspace_id)
    audience = connection.url if connection is not None else runtime().settings.public_url
    return sign_session_jwt(current_service_key(), _claims(session, audience, now))


def _claims(session: Session, audience: str, now: int) -> dict[str, Any]:
    settings = runtime().settings
    return {
        "iss": settings.public_url,
        "aud": audience,
        "sub": session.player_id,
        "sid": session.sid,
        "client_id": session.client_id,
        "conversation_id": session.conversation_id,
        "workspace_id": session.workspace_id,
        "scope": session.scope,
        "iat": now,
        "exp": now + settings.session_jwt_lifetime,
        "jti": session.sid,
    }
