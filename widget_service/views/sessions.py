"""The messenger's own session: refresh and logout."""

from flask import Blueprint, Response, jsonify

from widget_service.logouts import log_out_conversation
from widget_service.sessions import refresh_session
from widget_service.storage.store import Store
from widget_service.views.authentication import require_messenger
from widget_service.views.conversations import public_session
from widget_service.views.messages import require_conversation
from widget_service.views.requests import read_optional_body
from widget_service.views.runtime import clock, runtime
from widget_service.views.shapes import EmptyBody

blueprint = Blueprint("sessions", __name__)


@blueprint.post("/v1/session/refresh")
def refresh() -> Response:
    """A fresh token for the same session, up to its absolute limit; the old one dies after the grace."""
    parts, now = runtime(), clock()
    caller = require_messenger()
    parts.limits.require("refreshes_per_session", caller.session.workspace_id, caller.session.sid)
    read_optional_body(EmptyBody)
    session, token = parts.storage.write(lambda store: refresh_session(store, caller.token_hash, now, parts.settings))
    return jsonify(success=True, session=public_session(session, token))


@blueprint.delete("/v1/session")
def log_out() -> Response:
    """Ends the conversation's sessions at once, everywhere, and kills the player tokens brought to it."""
    parts, now = runtime(), clock()
    caller = require_messenger()
    read_optional_body(EmptyBody)
    conversation_id = caller.session.conversation_id

    def work(store: Store) -> None:
        conversation = require_conversation(store, conversation_id)
        log_out_conversation(store, conversation, now=now, actor="player")

    parts.storage.write(work)
    parts.fanout.wake(conversation_id)
    return jsonify(success=True)
