"""Zendesk as a webhook's receiver meets it: its shapes, its headers, its signature, really computed.

Shapes and bytes follow Zendesk's documentation of webhook events and of webhook authenticity. A :class:`ZendeskAccount`
has no clock and no network of its own: it makes deliveries, and whoever holds them posts them, late, twice or altered.
"""

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

PUBLIC_TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELD_ID = "17826865089553"
ACCOUNT_ID = "20510993"
SIGNATURE = "X-Zendesk-Webhook-Signature"
TIMESTAMP = "X-Zendesk-Webhook-Signature-Timestamp"


def sign(secret: str, timestamp: str, raw: bytes) -> str:
    """base64(HMAC-SHA256(the secret as it is shown, timestamp + raw body))."""
    return base64.b64encode(hmac.digest(secret.encode(), timestamp.encode() + raw, hashlib.sha256)).decode()


def new_ulid() -> str:
    """An id as Zendesk's events have it."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))


def written(at: float) -> str:
    """A time as Zendesk writes it into headers."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written_exactly(at: float) -> str:
    """A time as it stands in events: nanoseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at % 1 * 1e9):09}Z"


@dataclass(frozen=True)
class Delivery:
    """One request as it goes out."""

    raw: bytes
    headers: dict[str, str]

    def with_headers(self, **headers: str | None) -> Self:
        """The same with other headers; None takes one away. An underscore stands for a hyphen."""
        changed = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return replace(self, headers={name: value for name, value in changed.items() if value is not None})

    def with_raw(self, raw: bytes) -> Self:
        """Another body under the same signature."""
        return replace(self, raw=raw)

    def post(self, client: Any, url: str) -> Any:
        """The answer to it."""
        return client.post(url, content=self.raw, headers=self.headers)


@dataclass
class Ticket:
    """One ticket of the account; ``reference`` is what stands in its field now."""

    id: str
    requester_id: str
    channel: str = "native_messaging"
    reference: Any = None
    position: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@dataclass
class ZendeskAccount:
    """An account with one webhook, which signs with ``secret``."""

    secret: str
    field_id: str = FIELD_ID
    account_id: str = ACCOUNT_ID
    webhook_id: str = field(default_factory=new_ulid)
    tickets: Iterator[int] = field(default_factory=lambda: itertools.count(48213))

    def open_ticket(self, **more: Any) -> Ticket:
        """A new one, of somebody new unless told."""
        number = next(self.tickets)
        return Ticket(str(number), **{"requester_id": str(19_845_567_000_000 + number), **more})

    def deliver(self, content: Any, *, at: float | None = None, timestamp: str | None = None) -> Delivery:
        """Signs what it is given: bytes as they are, anything else as compact JSON."""
        raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
        stamp = written(time.time() if at is None else at) if timestamp is None else timestamp
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Zendesk-Account-Id": self.account_id,
            "X-Zendesk-Webhook-Id": self.webhook_id,
            "X-Zendesk-Webhook-Invocation-Id": new_ulid(),
            TIMESTAMP: stamp,
            SIGNATURE: sign(self.secret, stamp, raw),
        }
        return Delivery(raw, headers)

    def event(self, ticket: Ticket, name: str, event: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The envelope of an event subscription."""
        at = more.pop("at", None) or time.time()
        detail = {**_detail(ticket, at), **more.pop("detail", {})}
        return {
            "account_id": int(self.account_id),
            "detail": detail,
            "event": event,
            "id": new_ulid(),
            "subject": f"zen:ticket:{ticket.id}",
            "time": written_exactly(at),
            "type": f"zen:event-type:{name}",
            "zendesk_event_version": "2022-11-06",
            **more,
        }

    def field_changed(self, ticket: Ticket, current: Any, **more: Any) -> dict[str, Any]:
        """``ticket.custom_field_changed`` of the field that carries the reference."""
        sequence = {"id": new_ulid(), "position": next(ticket.position)}
        event = {
            "current": current,
            "custom_field": {"id": self.field_id, "title": "Player session ref", "type": "text"},
            "meta": {"sequence": more.pop("sequence", sequence)},
            "previous": ticket.reference,
        }
        ticket.reference = current
        return self.event(ticket, "ticket.custom_field_changed", {**event, **more.pop("event", {})}, **more)

    def ticket_event(self, ticket: Ticket, name: str, **more: Any) -> dict[str, Any]:
        """Any other event of a ticket: ``created``, ``merged``, ``requester_changed`` …"""
        meta = {"meta": {"sequence": {"id": new_ulid(), "position": next(ticket.position)}}}
        return self.event(ticket, f"ticket.{name}", {**meta, **more.pop("event", {})}, **more)

    def message_added(self, ticket: Ticket, text: str) -> dict[str, Any]:
        """What the player wrote."""
        actor = {"id": ticket.requester_id, "name": "Maria Novak", "type": "end_user"}
        message = {
            "actor": actor,
            "conversation_id": secrets.token_hex(12),
            "message": {"body": text, "id": new_ulid()},
        }
        return {**self.event(ticket, "messaging_ticket.message_added", message), "detail": {"id": ticket.id}}

    def trigger(self, ticket: Ticket, reference: str, **more: Any) -> dict[str, Any]:
        """Our trigger template, rendered."""
        return {
            "type": "identity",
            "v": 1,
            "ticket_id": ticket.id,
            "requester_id": ticket.requester_id,
            "requester_external_id": "",
            "via": "Messaging",
            "ref": reference,
            "actor_id": ticket.requester_id,
            **more,
        }


def _detail(ticket: Ticket, at: float) -> dict[str, Any]:
    nothing = dict.fromkeys(("assignee_id", "custom_status", "external_id", "group_id", "organization_id"))
    return {
        **nothing,
        "actor_id": ticket.requester_id,
        "brand_id": "360003481917",
        "created_at": written(at),
        "description": "Conversation with Maria",
        "form_id": "360002190437",
        "id": ticket.id,
        "is_public": True,
        "priority": "NORMAL",
        "requester_id": ticket.requester_id,
        "status": "NEW",
        "subject": "Conversation with Maria",
        "submitter_id": ticket.requester_id,
        "tags": ["messaging"],
        "type": "QUESTION",
        "updated_at": written(at),
        "via": {"channel": ticket.channel},
    }
