"""The agent side: list, answer, and the session id that opens one player's data."""

from typing import Any

from flask import Blueprint, Response, jsonify

from widget_service.audit import AuditEvent
from widget_service.conversations import Conversation
from widget_service.errors import ConversationClosed, IdentityRequired, InvalidRequest, Unauthorized
from widget_service.events import iso
from widget_service.handovers import shown_to_agents
from widget_service.ids import digest
from widget_service.logouts import log_out_player
from widget_service.messages import Draft, add_message, show_typing
from widget_service.sessions import Session, grant_scope, new_session_id
from widget_service.settings import Settings
from widget_service.storage.store import Store
from widget_service.views.authentication import require_agent, require_own_conversation, require_writer
from widget_service.views.avatars import avatar_url
from widget_service.views.requests import read_body, read_optional_body, read_query
from widget_service.views.runtime import clock, runtime
from widget_service.views.service_keys import current_service_key
from widget_service.views.session_jwts import issue_session_jwt
from widget_service.views.shapes import (
    ConversationsQuery,
    EmptyBody,
    ReplyAuthor,
    ReplyBody,
    SessionBody,
    TypingBody,
)
from widget_service.workspaces import ApiToken

blueprint = Blueprint("agents", __name__)


@blueprint.get("/v1/conversations")
def list_conversations() -> Response:
    """The workspace's conversations, newest first; those without a player's message only when asked for."""
    token = require_agent("conversations:read")
    query = read_query(ConversationsQuery)
    with runtime().storage.reading() as store:
        found = store.find_conversations(
            token.workspace_id,
            status=query.status,
            player_id=query.player_id,
            before=query.cursor,
            limit=query.limit + 1,
            include_empty=query.include_empty == "true",
            waiting=query.handover == "waiting",
        )
        page = found[: query.limit]
        handovers = store.find_handovers([one.id for one in page])
    next_cursor = page[-1].id if len(found) > query.limit else None
    return jsonify(conversations=[shown_to_agents(one, handovers.get(one.id)) for one in page], next_cursor=next_cursor)


@blueprint.post("/v1/conversations/<conversation_id>/replies")
def reply(conversation_id: str) -> tuple[Response, int]:
    """Support answers; the same client id again is the first message again."""
    parts, now = runtime(), clock()
    token = require_writer("reply", "conversations:write")
    body = read_body(ReplyBody)

    def work(store: Store) -> tuple[dict[str, Any], bool]:
        conversation = require_own_conversation(store, token, conversation_id)
        draft = Draft("agent", body.text, _author(store, parts.settings, token, body.author), body.client_message_id)
        message, is_new = add_message(store, conversation, draft, now)
        return message.public(), is_new

    message, is_new = parts.storage.write(work)
    parts.fanout.wake(conversation_id)
    return jsonify(success=True, message=message), 201 if is_new else 200


@blueprint.post("/v1/conversations/<conversation_id>/typing")
def typing(conversation_id: str) -> Response:
    """Support is typing."""
    parts, now = runtime(), clock()
    token = require_writer("typing", "conversations:write")
    body = read_optional_body(TypingBody)

    def work(store: Store) -> None:
        conversation = require_own_conversation(store, token, conversation_id)
        author = _author(store, parts.settings, token, body.author) if body.author else {}
        show_typing(store, conversation, author, now)

    parts.storage.write(work, durable=False)
    parts.fanout.wake(conversation_id)
    return jsonify(success=True)


@blueprint.post("/v1/conversations/<conversation_id>/session")
def issue_session(conversation_id: str) -> Response:
    """The ``X-Session-ID`` of the dual-auth pattern: one player, one conversation, an hour."""
    parts, now = runtime(), clock()
    token = require_writer("session", "sessions:issue")
    body = read_optional_body(SessionBody)
    if body.format == "jwt":
        current_service_key()  # without one nothing is granted

    def work(store: Store) -> tuple[Session, str]:
        if not store.hold_api_token(token.id):  # what is remembered of tokens is seconds old
            raise Unauthorized("unknown_token")
        conversation = _hold_own_conversation(store, token, conversation_id)
        player_id = conversation.player_id
        closed = player_id is not None and store.is_closed(token.workspace_id, player_id)
        draft = _draft_session(conversation, token, body.scope, rg_closed=closed, now=now)
        session, secret = new_session_id(draft, parts.settings)
        store.add_session(digest(secret), session)
        granted = {"conversation_id": conversation.id, "player_id": session.player_id, "scope": session.scope}
        store.add_audit(AuditEvent(token.workspace_id, now, token.id, "session.granted", session.sid, granted))
        return session, secret

    session, secret = parts.storage.write(work)
    answer = {
        "session_id": secret,
        "player_id": session.player_id,
        "scope": session.scope,
        "expires_at": iso(session.expires_at),
        "expires_in": session.expires_at - session.issued_at,
    }
    if body.format == "jwt":
        answer["session_jwt"] = issue_session_jwt(session, now)
    return jsonify(answer)


@blueprint.post("/v1/players/<whole:player_id>/logout")
def log_out(player_id: str) -> Response:
    """Ends all of a player's sessions and refuses the tokens signed before."""
    parts, now = runtime(), clock()
    token = require_writer("logout", "sessions:revoke")
    read_optional_body(EmptyBody)
    ended = parts.storage.write(
        lambda store: log_out_player(store, token.workspace_id, player_id, now=now, actor=token.id)
    )
    for conversation_id in ended:
        parts.fanout.wake(conversation_id)
    return jsonify(success=True, conversations=len(ended))


def _hold_own_conversation(store: Store, token: ApiToken, conversation_id: str) -> Conversation:
    """As it stands once every logout and close beside this is done."""
    conversation = require_own_conversation(store, token, conversation_id)
    if conversation.player_id is not None:
        store.lock_player(conversation.workspace_id, conversation.player_id)
    store.hold_conversation(conversation_id)
    return require_own_conversation(store, token, conversation_id)


def _draft_session(
    conversation: Conversation, token: ApiToken, scope: str | None, *, rg_closed: bool, now: int
) -> Session:
    if conversation.player_id is None:
        raise IdentityRequired("anonymous_conversation")
    if conversation.status != "open":
        raise ConversationClosed
    return Session(
        sid="",
        token_use="session_id",
        workspace_id=conversation.workspace_id,
        brand_id=conversation.brand_id,
        conversation_id=conversation.id,
        player_id=conversation.player_id,
        origin=None,
        scope=grant_scope(scope, token, rg_closed=rg_closed),
        jkt=None,
        client_id=token.id,
        issued_at=now,
        expires_at=now,
        absolute_expires_at=now,
        last_used_at=now,
        auth_time=conversation.profile.get("auth_time"),
        acr=conversation.profile.get("acr"),
        operator_sid=bytes.fromhex(conversation.profile.get("operator_sid") or "") or None,
    )


def _author(store: Store, settings: Settings, token: ApiToken, author: ReplyAuthor) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": author.name}
    if author.kind is not None:
        shown["kind"] = author.kind
    if author.avatar_id is not None:
        avatar = store.find_avatar(author.avatar_id)
        if avatar is None or avatar[0] != token.workspace_id:
            raise InvalidRequest("avatar", status=422, details={"field": "author.avatar_id", "reason": "unknown"})
        shown["avatar_url"] = avatar_url(settings, author.avatar_id)
    return shown
