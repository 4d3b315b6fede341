"""What the conformance suite needs of a vendor: a connection, genuine requests, and webhooks that bring a text."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.helpdesks import sunshine_simulator
from tests.helpdesks.livechat_simulator import Chat, LiveChatAccount, carrying
from tests.helpdesks.zendesk_simulator import ZendeskAccount
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesks import Helpdesk, WebhookRequest, find_helpdesk

SECRET = "kT7-wQ2_zV9xLp4RbN6sYd1M"
URL = "https://support.example/v1/helpdesks/hd_1/webhook"


@dataclass(frozen=True)
class Kit:
    """One vendor. ``sign`` makes a content genuine, ``bring`` is a content whose field has a text."""

    vendor: str
    options: dict[str, Any]
    sign: Callable[[Any], tuple[bytes, dict[str, str]]]
    bring: Callable[[Any], Any]
    #: Members of a webhook's outside that name whose it is, with another one's value.
    stranger: dict[str, Any]

    @property
    def helpdesk(self) -> Helpdesk:
        found = find_helpdesk(self.vendor)
        assert found is not None
        return found

    @property
    def connection(self) -> HelpdeskConnection:
        settings = self.helpdesk.settings.model_validate({"webhook_secret": SECRET, **self.options})
        return HelpdeskConnection("hd_1", "ws_1", self.vendor, settings.model_dump())

    def request(self, content: Any) -> WebhookRequest:
        raw, headers = self.sign(content)
        return as_request(raw, headers)

    def read(self, content: Any) -> Any:
        return self.helpdesk.events(self.helpdesk.authenticate(self.request(content), self.connection), self.connection)


def as_request(raw: bytes, headers: dict[str, str]) -> WebhookRequest:
    lowered = {name.lower(): value for name, value in headers.items()}
    return WebhookRequest("POST", URL, lowered, raw, int(time.time()))


def _zendesk(content: Any) -> tuple[bytes, dict[str, str]]:
    delivery = ZendeskAccount(SECRET).deliver(content)
    return delivery.raw, delivery.headers


def _zendesk_bringing(text: Any) -> Any:
    account = ZendeskAccount(SECRET)
    return account.field_changed(account.open_ticket(), text)


LIVECHAT = LiveChatAccount(SECRET)


def _livechat(content: Any) -> tuple[bytes, dict[str, str]]:
    inside = {**LIVECHAT.envelope("none", None), **content} if isinstance(content, dict) else content
    raw = content if isinstance(content, bytes) else json.dumps(inside).encode()
    return raw, {"Content-Type": "application/json"}


def sign_intercom(secret: str, raw: bytes) -> str:
    return "sha1=" + hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()


def _intercom(content: Any) -> tuple[bytes, dict[str, str]]:
    inside = {"app_id": "abc12345", **content} if isinstance(content, dict) else content
    raw = content if isinstance(content, bytes) else json.dumps(inside).encode()
    return raw, {"Content-Type": "application/json", "X-Hub-Signature": sign_intercom(SECRET, raw)}


def notification(text: Any, conversation_id: str = "215468", **more: Any) -> dict[str, Any]:
    """Intercom's, of a conversation whose attribute has a text."""
    author = {"type": "user", "id": "66f2", "name": "5832", "email": "ana@example.com"}
    item = {"type": "conversation", "id": conversation_id, "source": {"author": author}}
    item["custom_attributes"] = {"player_ref": text}
    envelope = {"type": "notification_event", "app_id": "abc12345", "topic": "conversation.user.created"}
    data = {"type": "notification_event_data", "item": item}
    moments = {"id": f"notif_{time.time_ns()}", "created_at": int(time.time()), "delivery_attempts": 1}
    return {**envelope, "data": data, **moments, **more}


KITS = {
    "zendesk": Kit(
        "zendesk",
        {"field_id": "17826865089553", "account_id": "20510993"},
        _zendesk,
        _zendesk_bringing,
        {"account_id": 99999},
    ),
    "livechat": Kit(
        "livechat",
        {"organization_id": LIVECHAT.organization_id},
        _livechat,
        lambda text: LIVECHAT.incoming_chat(Chat(carrying(text))),
        {"organization_id": "another"},
    ),
    "intercom": Kit("intercom", {"app_id": "abc12345"}, _intercom, notification, {"app_id": "zzz99999"}),
}

SUNSHINE = sunshine_simulator.SunshineApp(SECRET)


def _sunshine(content: Any) -> tuple[bytes, dict[str, str]]:
    delivery = SUNSHINE.deliver_raw(json.dumps(content).encode(), SECRET)
    return delivery.raw, delivery.headers


def _sunshine_bringing(text: Any) -> Any:
    user = sunshine_simulator.User(external_id="ws_1:5832", authenticated=True)
    chats = [sunshine_simulator.carrying(text, user=user) for _ in range(2)]
    events = [SUNSHINE.created(chats[0]), SUNSHINE.said(chats[0]), SUNSHINE.merged(*chats)]
    return {"app": {"id": SUNSHINE.app_id}, "webhook": {"id": SUNSHINE.webhook_id}, "events": events}


#: Every form in which a vendor's webhooks come.
FORMS = {
    **KITS,
    "zendesk's trigger": replace(
        KITS["zendesk"], bring=lambda text: (account := ZendeskAccount(SECRET)).trigger(account.open_ticket(), text)
    ),
    "livechat's variables": replace(KITS["livechat"], bring=lambda text: LIVECHAT.variables(Chat(carrying(text)))),
    "sunshine": Kit(
        "zendesk",
        {
            "field_id": "17826865089553",
            "sunshine_app_id": SUNSHINE.app_id,
            "messaging_secret": SECRET,
            "messaging_key_id": "a",
        },
        _sunshine,
        _sunshine_bringing,
        {"app": {}},
    ),
}
