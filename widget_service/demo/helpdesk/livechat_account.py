"""LiveChat as a webhook's receiver meets it: a secret inside the body, no delivery ids, three more attempts.

Shapes follow the documentation of webhooks 3.6 and 3.5. It really posts: again until it hears 200, twice, in any order.
"""

import itertools
import json
import random
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ATTEMPTS = 4
VARIABLE = "player_ref"


def written(at: datetime | None = None) -> str:
    """A time as LiveChat writes it; now, unless told."""
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Customer:
    """A browser as LiveChat knows it; ``fields`` is what its page has set."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    fields: Any = field(default_factory=list)

    def shown(self, **more: Any) -> dict[str, Any]:
        """As a chat's user."""
        shown = {"id": self.id, "type": "customer", "name": "Maria Novak", "email": "maria@example.com"}
        return {**shown, "email_verified": True, "present": True, "session_fields": self.fields, **more}


@dataclass
class Chat:
    """One chat, in its latest thread; ``id`` is what tickets have too, so that a desk finds it."""

    customer: Customer
    id: str = field(default_factory=lambda: secrets.token_hex(5).upper())
    threads: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    thread_id: str = ""

    def __post_init__(self) -> None:
        self.take_up()

    def take_up(self) -> None:
        """The customer writes again: a new thread of the same chat."""
        self.thread_id = f"{self.id}T{next(self.threads)}"

    @property
    def place(self) -> dict[str, str]:
        """Where events happen."""
        return {"chat_id": self.id, "thread_id": self.thread_id}


@dataclass
class LiveChatAccount:
    """One organization with its webhooks, registered with one secret."""

    secret: str
    organization_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    webhook_id: str = field(default_factory=lambda: secrets.token_hex(16))

    def envelope(self, action: str, payload: Any, **more: Any) -> dict[str, Any]:
        """One webhook; the secret stands in it."""
        registered = {"webhook_id": self.webhook_id, "secret_key": self.secret, "action": action}
        return {
            **registered,
            "organization_id": self.organization_id,
            "payload": payload,
            "additional_data": {},
            **more,
        }

    def incoming_chat(self, chat: Chat, *users: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A new thread; without ``users``, the chat's customer alone."""
        thread = {"id": chat.thread_id, "active": True, "user_ids": [chat.customer.id], "events": []}
        thread.update(properties={}, access={"group_ids": [3]}, tags=[], created_at=written())
        told = {"id": chat.id, "users": list(users) or [chat.customer.shown()], "properties": {}, "thread": thread}
        return self.envelope("incoming_chat", {"chat": told}, **more)

    def variables(self, chat: Chat) -> dict[str, Any]:
        """The page has set its variables anew."""
        payload = {"id": chat.customer.id, "active_chat": chat.place, "session_fields": chat.customer.fields}
        return self.envelope("customer_session_fields_updated", payload)

    def joined(self, chat: Chat, user: dict[str, Any]) -> dict[str, Any]:
        """Somebody more in the chat."""
        return self.envelope("user_added_to_chat", {**chat.place, "user": user, "reason": "manual"})

    def said(self, chat: Chat, text: str = "Hi") -> dict[str, Any]:
        """What the customer wrote."""
        event = {"id": f"{chat.thread_id}_1", "type": "message", "text": text, "author_id": chat.customer.id}
        return self.envelope("incoming_event", {**chat.place, "event": {**event, "created_at": written()}})

    def ended(self, chat: Chat) -> dict[str, Any]:
        """The thread is over."""
        return self.envelope("chat_deactivated", chat.place)

    def post(self, client: Any, url: str, content: Any, **headers: str) -> Any:
        """One attempt."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return client.post(url, content=raw, headers={"Content-Type": "application/json", **headers})

    def deliver(self, client: Any, url: str, content: Any) -> list[int]:
        """Attempts until one hears exactly 200; the codes that it heard."""
        heard: list[int] = []
        while len(heard) < ATTEMPTS and 200 not in heard:
            heard.append(self.post(client, url, content).status_code)
        return heard

    def deliver_wildly(self, client: Any, url: str, contents: list[Any], seed: int) -> None:
        """Each twice, in an order of its own."""
        waiting = contents * 2
        random.Random(seed).shuffle(waiting)  # noqa: S311 - an order, no secret
        for content in waiting:
            heard = self.deliver(client, url, content)
            if heard != [200]:
                raise AssertionError(f"a webhook heard {heard}")


def carrying(text: Any, name: str = VARIABLE, **more: Any) -> Customer:
    """A browser whose page has set the variable."""
    return Customer(fields=[{name: text}, {"vip level": "gold"}], **more)
