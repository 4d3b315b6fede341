"""Sunshine Conversations as a webhook's receiver meets it: batches with a shared key in a header."""

import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.helpdesks.zendesk_simulator import FIELD_ID, Delivery, written_exactly


def new_object_id() -> str:
    return secrets.token_hex(12)


@dataclass
class User:
    """Somebody with the vendor: anonymous until a login token has named them."""

    id: str = field(default_factory=new_object_id)
    external_id: str | None = None
    authenticated: bool | None = None

    def shown(self) -> dict[str, Any]:
        more = {"externalId": self.external_id, "authenticated": self.authenticated}
        return {"id": self.id, **{name: value for name, value in more.items() if value is not None}}


@dataclass
class Chat:
    """One conversation; ``id`` is what tickets have too, so that a desk finds its thread."""

    user: User = field(default_factory=User)
    id: str = field(default_factory=new_object_id)
    metadata: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "type": "personal", "brandId": "360003481917", "metadata": dict(self.metadata)}


@dataclass
class SunshineApp:
    """One app with one custom integration and its webhook."""

    secret: str
    app_id: str = field(default_factory=new_object_id)
    webhook_id: str = field(default_factory=new_object_id)
    moments: itertools.count = field(default_factory=itertools.count)

    def deliver(self, *events: Any, key: str | None = None, **envelope: Any) -> Delivery:
        content = {
            "app": {"id": self.app_id},
            "webhook": {"id": self.webhook_id, "version": "v2"},
            "events": list(events),
            **envelope,
        }
        return self.deliver_raw(json.dumps(content).encode(), self.secret if key is None else key)

    def deliver_raw(self, raw: bytes, key: str | None) -> Delivery:
        headers = {"Content-Type": "application/json"}
        return Delivery(raw, headers if key is None else {**headers, "X-API-Key": key})

    def event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        at = time.time() + next(self.moments) / 1000
        return {"id": new_object_id(), "type": name, "createdAt": written_exactly(at), "payload": payload}

    def created(self, chat: Chat) -> dict[str, Any]:
        payload = {"creationReason": "message", "conversation": chat.shown(), "user": chat.user.shown()}
        return self.event("conversation:create", {**payload, "source": {"type": "web"}})

    def said(self, chat: Chat, text: str = "Hi", *, author: dict[str, Any] | None = None) -> dict[str, Any]:
        spoken = author or {"type": "user", "userId": chat.user.id, "displayName": "Maria", "user": chat.user.shown()}
        message = {"id": new_object_id(), "author": spoken, "content": {"type": "text", "text": text}}
        return self.event("conversation:message", {"conversation": chat.shown(), "message": message})

    def merged(self, surviving: Chat, discarded: Chat) -> dict[str, Any]:
        def pair(first: Any, second: Any) -> dict[str, Any]:
            return {"surviving": first, "discarded": second}

        return self.event(
            "user:merge",
            {
                "mergedUsers": pair(surviving.user.shown(), {"id": discarded.user.id}),
                "mergedConversations": pair({"id": surviving.id}, {"id": discarded.id}),
                "reason": "sdkLogin",
            },
        )


def carrying(text: Any, **more: Any) -> Chat:
    """A chat whose page has set the field."""
    return Chat(metadata={f"zen:ticket_field:{FIELD_ID}": text, "zen:ticket:tags": "casino_eu,vip"}, **more)
