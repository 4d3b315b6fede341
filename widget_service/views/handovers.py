"""Handover: the agent side asks for a person, and hands back."""

from flask import Blueprint, Response, jsonify

from widget_service.conversations import Conversation
from widget_service.handovers import Handover, hand_back, hand_over
from widget_service.storage.store import Store
from widget_service.views.authentication import require_own_conversation, require_writer
from widget_service.views.requests import read_optional_body
from widget_service.views.runtime import clock, runtime
from widget_service.views.shapes import EmptyBody, HandoverBody
from widget_service.workspaces import ApiToken

blueprint = Blueprint("handovers", __name__)


@blueprint.post("/v1/conversations/<conversation_id>/handover")
def begin(conversation_id: str) -> Response:
    """A person is wanted; again while one is: the first time and caller stay."""
    parts, now = runtime(), clock()
    token = require_writer("handover", "conversations:write")
    body = read_optional_body(HandoverBody)

    def work(store: Store) -> tuple[Handover, bool]:
        conversation = _held(store, token, conversation_id)
        return hand_over(store, conversation, body.note, now=now, actor=token.id)

    handover, is_new = parts.storage.write(work)
    if is_new:
        parts.fanout.wake(conversation_id)
    return jsonify(success=True, handover=handover.public())


@blueprint.delete("/v1/conversations/<conversation_id>/handover")
def end(conversation_id: str) -> Response:
    """No person is wanted any more; none was: the same answer."""
    parts, now = runtime(), clock()
    token = require_writer("handover", "conversations:write")
    read_optional_body(EmptyBody)

    def work(store: Store) -> None:
        hand_back(store, _held(store, token, conversation_id), now=now, actor=token.id)

    parts.storage.write(work)
    return jsonify(success=True, handover=None)


def _held(store: Store, token: ApiToken, conversation_id: str) -> Conversation:
    """As it stands once a close beside this is done."""
    require_own_conversation(store, token, conversation_id)  # a stranger's call holds nothing up
    store.hold_conversation(conversation_id)
    return require_own_conversation(store, token, conversation_id)
