"""What ends what: logout by the messenger, by the operator's backend, and by a back-channel logout token."""

from collections.abc import Sequence
from typing import Protocol

from widget_service.assertions import LogoutToken
from widget_service.audit import AuditEvent
from widget_service.conversations import Conversation, ConversationStore
from widget_service.errors import InvalidPlayerToken
from widget_service.events import emit
from widget_service.sessions import Session, operator_session_name, operator_sid_hash


class LogoutStore(ConversationStore, Protocol):
    """What logouts need kept."""

    def find_conversation(self, conversation_id: str) -> Conversation | None: ...

    def find_conversations_with_sessions(self, workspace_id: str, player_id: str) -> Sequence[Conversation]: ...

    def find_conversations_by_operator_sid(self, operator_sid: bytes) -> Sequence[Conversation]: ...

    def kill_tokens(self, conversation_id: str, now: int) -> None: ...

    def kill_tokens_of_player(self, workspace_id: str, player_id: str, now: int) -> None: ...

    def lock_player(self, workspace_id: str, player_id: str) -> None: ...

    def revoke_references_of_player(self, workspace_id: str, player_id: str, now: int) -> None: ...

    def revoke_references_of_operator_sid(self, operator_sid: bytes, now: int) -> None: ...

    def revoke_references_of_conversation(self, conversation_id: str, now: int) -> None: ...

    def note_logout(self, workspace_id: str, player_id: str, now: int) -> None: ...

    def claim_logout_token(self, workspace_id: str, token: LogoutToken) -> bool: ...


def log_out_conversation(store: LogoutStore, conversation: Conversation, *, now: int, actor: str) -> int:
    """Ends every session of the conversation and kills the player tokens that were brought to it."""
    # References before conversations, everywhere: a helpdesk's webhook takes their rows in this order too.
    store.revoke_references_of_conversation(conversation.id, now)
    store.hold_conversation(conversation.id)
    # The tokens first: a start that runs beside this holds its token's row, so its session is seen below.
    store.kill_tokens(conversation.id, now)
    ended = store.end_sessions(conversation.id, now)
    store.add_audit(
        AuditEvent(conversation.workspace_id, now, actor, "session.revoked", conversation.id, {"sessions": ended})
    )
    emit(store, "session.revoked", conversation, now, {"session": {"reason": "logout", "ended": ended}})
    return ended


def log_out_player(store: LogoutStore, workspace_id: str, player_id: str, *, now: int, actor: str) -> list[str]:
    """Ends all of a player's sessions and refuses the player's tokens issued before this second.

    Returns the ids of the conversations whose sessions ended.
    """
    store.lock_player(workspace_id, player_id)
    store.revoke_references_of_player(workspace_id, player_id, now)
    conversations = store.find_conversations_with_sessions(workspace_id, player_id)
    for conversation in conversations:
        log_out_conversation(store, conversation, now=now, actor=actor)
    store.kill_tokens_of_player(workspace_id, player_id, now)
    store.note_logout(workspace_id, player_id, now)
    store.add_audit(AuditEvent(workspace_id, now, actor, "player.logged_out", player_id))
    return [conversation.id for conversation in conversations]


def log_out_by_token(store: LogoutStore, workspace_id: str, token: LogoutToken, now: int) -> list[str]:
    """OIDC Back-Channel Logout 1.0: ``sub`` ends all of the player's sessions, ``sid`` those of that operator session.

    Raises InvalidPlayerToken (``reused``) when the token was used before. Returns the conversations concerned.
    """
    if not store.claim_logout_token(workspace_id, token):
        raise InvalidPlayerToken("reused")
    sid = operator_sid_hash(workspace_id, token.sid)
    of_sid = store.find_conversations_by_operator_sid(sid) if sid else ()
    if sid is not None:  # also for tokens of that session that no browser has brought yet
        store.lock_player(workspace_id, operator_session_name(sid))
        store.note_logout(workspace_id, operator_session_name(sid), now)
        store.revoke_references_of_operator_sid(sid, now)
    for conversation in of_sid:
        _log_out_operator_session(store, conversation, sid or b"", now)
    ended = [conversation.id for conversation in of_sid]
    if token.player_id is None:
        return ended
    return ended + log_out_player(store, workspace_id, token.player_id, now=now, actor="back_channel")


def _log_out_operator_session(store: LogoutStore, conversation: Conversation, sid: bytes, now: int) -> None:
    """Ends the sessions that came with that operator session; a later login in the same conversation lives on."""
    store.hold_conversation(conversation.id)
    store.kill_tokens(conversation.id, now)
    ended = store.end_sessions(conversation.id, now, sid)
    store.note_logout(conversation.workspace_id, conversation.player_id or "", now)
    store.add_audit(
        AuditEvent(
            conversation.workspace_id, now, "back_channel", "session.revoked", conversation.id, {"sessions": ended}
        )
    )
    emit(store, "session.revoked", conversation, now, {"session": {"reason": "logout", "ended": ended}})


def revoke_session(store: LogoutStore, session: Session, *, now: int, actor: str) -> None:
    """RFC 7009: ends this one session only."""
    store.hold_conversation(session.conversation_id)
    store.revoke_session(session.sid, now)
    store.add_audit(AuditEvent(session.workspace_id, now, actor, "session.revoked", session.sid))
    conversation = store.find_conversation(session.conversation_id)
    if conversation is not None:
        emit(store, "session.revoked", conversation, now, {"session": {"reason": "revoked", "sid": session.sid}})
