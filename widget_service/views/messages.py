"""What the messenger does with its conversation: read, write, follow, close. Same origin only, no CORS.

Reading is shared with the support tools, who come with an API token instead.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from widget_service.conversations import Conversation, close_conversation
from widget_service.errors import ConversationNotFound, InvalidRequest
from widget_service.handovers import shown_to_agents
from widget_service.messages import Draft, add_message, player_author
from widget_service.storage.store import Store
from widget_service.views.authentication import (
    is_messenger,
    require_agent,
    require_messenger,
    require_own_conversation,
    require_writer,
)
from widget_service.views.requests import read_body, read_optional_body, read_query
from widget_service.views.runtime import clock, runtime
from widget_service.views.shapes import EmptyBody, MessageBody, MessagesQuery

blueprint = Blueprint("messages", __name__)
NEWEST = 2**62


@blueprint.get("/v1/conversations/<conversation_id>")
def read_conversation(conversation_id: str) -> Response:
    """The conversation and its player; to support tools with attributes and where they came from."""
    conversation = _readable_conversation(conversation_id)
    if is_messenger():
        return jsonify(success=True, conversation=conversation.public(), player=conversation.player())
    with runtime().storage.reading() as store:
        shown = shown_to_agents(conversation, store.find_handover(conversation_id))
    return jsonify(success=True, conversation=shown, player=conversation.player())


@blueprint.get("/v1/conversations/<conversation_id>/messages")
def list_messages(conversation_id: str) -> Response:
    """A page of the transcript, oldest first."""
    conversation = _readable_conversation(conversation_id)
    query = read_query(MessagesQuery)
    with runtime().storage.reading() as store:
        page, has_more = _page(store, conversation.id, query)
    return jsonify(messages=page, has_more=has_more)


@blueprint.post("/v1/conversations/<conversation_id>/messages")
def send_message(conversation_id: str) -> tuple[Response, int]:
    """The player writes; the same client id again is the first message again."""
    parts, now = runtime(), clock()
    caller = require_messenger(conversation_id)
    parts.limits.require("messages_per_session", caller.session.workspace_id, caller.session.sid)
    body = read_body(MessageBody)

    def work(store: Store) -> tuple[dict[str, Any], bool]:
        conversation = require_conversation(store, conversation_id)
        draft = Draft("player", body.text, player_author(conversation), body.client_message_id)
        message, is_new = add_message(store, conversation, draft, now)
        return message.public(), is_new

    message, is_new = parts.storage.write(work)
    parts.fanout.wake(conversation_id)
    return jsonify(success=True, message=message), 201 if is_new else 200


@blueprint.post("/v1/conversations/<conversation_id>/close")
def close(conversation_id: str) -> Response:
    """Ends the chat, by the player or by support; every session of it ends too."""
    parts, now = runtime(), clock()
    if is_messenger():
        require_messenger(conversation_id)
        workspace_id, actor = None, "player"
    else:
        token = require_writer("close", "conversations:write")
        workspace_id, actor = token.workspace_id, token.id
    read_optional_body(EmptyBody)

    def work(store: Store) -> dict[str, Any]:
        store.hold_conversation(conversation_id)
        conversation = require_conversation(store, conversation_id, workspace_id)
        return close_conversation(store, conversation, now=now, actor=actor).public()

    closed = parts.storage.write(work)
    parts.fanout.wake(conversation_id)
    return jsonify(success=True, conversation=closed)


def require_conversation(store: Store, conversation_id: str, workspace_id: str | None = None) -> Conversation:
    """The conversation, of that workspace where one is named; else ConversationNotFound."""
    conversation = store.find_conversation(conversation_id)
    if conversation is None or workspace_id not in (None, conversation.workspace_id):
        raise ConversationNotFound("unknown_conversation")
    return conversation


def _readable_conversation(conversation_id: str) -> Conversation:
    if is_messenger():
        require_messenger(conversation_id)
        with runtime().storage.reading() as store:
            return require_conversation(store, conversation_id)
    token = require_agent("conversations:read")
    with runtime().storage.reading() as store:
        return require_own_conversation(store, token, conversation_id)


def _page(store: Store, conversation_id: str, query: MessagesQuery) -> tuple[list[dict[str, Any]], bool]:
    before = _seq(store, conversation_id, query.before, NEWEST, "before")
    if query.after is not None:
        after = _seq(store, conversation_id, query.after, 0, "after")
        found = store.find_messages_after(conversation_id, after, before, query.limit + 1)
        return [message.public() for message in found[: query.limit]], len(found) > query.limit
    found = store.find_messages_before(conversation_id, before, query.limit + 1)
    return [message.public() for message in reversed(found[: query.limit])], len(found) > query.limit


def _seq(store: Store, conversation_id: str, message_id: str | None, default: int, name: str) -> int:
    if message_id is None:
        return default
    seq = store.find_message_seq(conversation_id, message_id)
    if seq is None:
        raise InvalidRequest(f"member:{name}", status=422, details={"field": name, "reason": "no such message"})
    return seq
