"""Values to store: each new and valid, unless told otherwise."""

from typing import Any

from widget_service.assertions import PlayerAssertion
from widget_service.conversations import Conversation, StartRequest
from widget_service.events import OutboundEvent
from widget_service.ids import new_id
from widget_service.messages import Message
from widget_service.origins import AllowedOrigins
from widget_service.sessions import MESSENGER_SCOPE, Session
from widget_service.storage.store import Store
from widget_service.workspaces import Brand

NOW = 1_800_000_000
BRAND = Brand("br_1", "ws_1", "Casino", AllowedOrigins(["https://casino.example"]))


def a_conversation(jkt: str | None = None, **more: Any) -> Conversation:
    values = {"player_id": None, "status": "open", "created_at": NOW, **more}
    return Conversation(
        id=new_id("conv"), workspace_id=BRAND.workspace_id, brand_id=BRAND.id, jkt=jkt or new_id("key"), **values
    )


def a_session(**more: Any) -> Session:
    values = {
        "sid": new_id("sid"),
        "token_use": "session_token",
        "workspace_id": BRAND.workspace_id,
        "brand_id": BRAND.id,
        "conversation_id": "conv_1",
        "player_id": "5832",
        "origin": "https://casino.example",
        "scope": MESSENGER_SCOPE,
        "jkt": "key",
        "client_id": BRAND.id,
        "issued_at": NOW,
        "expires_at": NOW + 900,
        "absolute_expires_at": NOW + 28800,
        "last_used_at": NOW,
    }
    return Session(**{**values, **more})


def a_start(jkt: str, jti: str, player_id: str = "5832") -> StartRequest:
    assertion = PlayerAssertion(player_id, jti, "key_1", NOW, NOW + 300)
    return StartRequest(BRAND, "https://casino.example", jkt, True, assertion, None)


def a_message(conversation_id: str, seq: int, text: str = "hello") -> Message:
    return Message(new_id("msg"), conversation_id, seq, "player", {"name": "Ana"}, text, NOW)


def an_event(conversation_id: str, number: int) -> OutboundEvent:
    return OutboundEvent(
        new_id("evt"), BRAND.workspace_id, conversation_id, "message.created", f'{{"n": {number}}}', NOW
    )


def with_webhook(store: Store) -> None:
    store.connection.run(
        "INSERT INTO webhooks (id, workspace_id, url, secret, created_at) VALUES (?, ?, ?, ?, ?)",
        ("wh_1", BRAND.workspace_id, "https://agent.example", b"sealed", NOW),
    )
