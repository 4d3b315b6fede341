"""Sunshine Conversations' webhooks: batches, authenticated by a shared key alone.

Source: developer.zendesk.com, "Sunshine Conversations webhooks". The key binds no body and no time: what is trusted is
that Zendesk sent it, once per event id.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from widget_service import damaged_json, strict_json
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_connections import LONGEST_EXTERNAL_ID
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesks import PUBLIC_SECRETS, Ignored, Verdict, WebhookRequest, parse_time
from widget_service.helpdesks.zendesk.settings import ZendeskSettings

SECOND = 1_000_000_000
LONGEST_ID = 128
LONGEST_TEXT = 1024
FIELD = "zen:ticket_field:"
SPOKEN = frozenset({"conversation:create", "conversation:message", "conversation:postback", "conversation:referral"})

Members = Mapping[str, Any]


def authenticate(request: WebhookRequest, settings: ZendeskSettings) -> Verdict:
    """Key, then content, then whose it is."""
    key = _verify_key(request.headers.get("x-api-key", ""), settings)
    if not request.raw.strip():
        raise InvalidRequest("empty_body")
    document: dict[str, Any] = {}
    damaged = quarantined = ""
    try:
        document, damaged = damaged_json.read_object(request.raw)
    except strict_json.MalformedJson as error:
        if error.reason == "not_object":
            raise InvalidRequest(error.reason) from error
        quarantined = error.reason
    # What is damaged outside its events tells nothing of whose it is.
    if damaged and not isinstance(document.get("events"), list):
        document, quarantined = {}, damaged
    if not quarantined:
        _require_app(document, settings)
    return Verdict(key, request.now * SECOND, document, quarantined, damaged)


def read(verdict: Verdict, settings: ZendeskSettings) -> Sequence[HelpdeskEvent | Ignored]:
    """Each event of the batch for itself."""
    events = verdict.document.get("events")
    if not isinstance(events, list):
        return [Ignored("no_events")]
    return [_read(event, verdict, settings) for event in events]


def _verify_key(given: str, settings: ZendeskSettings) -> str:
    if not given:
        raise InvalidWebhook("missing_key")
    found = ""
    secrets = {"current": settings.webhook_secret, "previous": settings.webhook_secret_previous}
    for name, secret in secrets.items():  # all of them: the time tells nothing
        if secret is None or secret in PUBLIC_SECRETS:
            continue
        if hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode()):
            found = found or name
    if not found:
        raise InvalidWebhook("public_test_secret" if given in PUBLIC_SECRETS else "bad_key")
    return found


def _require_app(document: Members, settings: ZendeskSettings) -> None:
    if _members(document.get("app")).get("id") != settings.sunshine_app_id:
        raise InvalidWebhook("other_app", status=403)
    if settings.webhook_id is not None and _members(document.get("webhook")).get("id") != settings.webhook_id:
        raise InvalidWebhook("other_webhook", status=403)


def _read(event: Any, verdict: Verdict, settings: ZendeskSettings) -> HelpdeskEvent | Ignored:
    told = _members(event)
    event_id, name, payload = _id(told.get("id")), told.get("type"), _members(told.get("payload"))
    if event_id is None or not isinstance(name, str):
        return Ignored("malformed")
    conversation = _members(payload.get("conversation"))
    # What one player types, or a page sets, damages one event of a batch: the others count, and so does an ending.
    if name in SPOKEN and verdict.damaged and not damaged_json.is_whole(event):
        return Ignored(f"quarantined:{verdict.damaged}")
    occurred_at = _time(told.get("createdAt"), verdict.sent_at)
    if name == "user:remove":
        user_id = _id(_members(payload.get("user")).get("id"))
        removed = HelpdeskEvent(
            "customer_removed", "", f"event:{event_id}", occurred_at, customer_id=user_id, is_final=True
        )
        return removed if user_id is not None else Ignored("no_user")
    if name not in (*SPOKEN, "conversation:remove", "user:merge"):
        return Ignored("unknown_type")
    thread_id = _discarded(payload) if name == "user:merge" else _id(conversation.get("id"))
    if thread_id is None:
        return Ignored("no_conversation")
    if name not in SPOKEN:
        return HelpdeskEvent("closed", thread_id, f"event:{event_id}", occurred_at, is_final=True)
    if conversation.get("type", "personal") != "personal":
        return Ignored("group_conversation")
    user = _user(payload)
    return HelpdeskEvent(
        kind="identity",
        thread_id=thread_id,
        delivery_key=f"event:{event_id}",
        occurred_at=occurred_at,
        reference=_text(_members(conversation.get("metadata")).get(FIELD + settings.field_id)),
        customer_id=_id(user.get("id")),
        customer_external_id=_id(user.get("externalId"), LONGEST_EXTERNAL_ID),
        vendor_authenticated=_is_authenticated(user, settings),
    )


def _is_authenticated(user: Members, settings: ZendeskSettings) -> bool | None:
    """None where it makes no difference: nobody is known, or nobody can log in."""
    if user.get("authenticated") is True:
        return True
    return None if _id(user.get("id")) is None or settings.messaging_secret is None else False


def _discarded(payload: Members) -> str | None:
    """The conversation that a merge has emptied; what survives says by itself, from now on, whose it is."""
    merged = _members(payload.get("mergedConversations"))
    surviving, discarded = (_id(_members(merged.get(name)).get("id")) for name in ("surviving", "discarded"))
    return discarded if discarded != surviving else None


def _user(payload: Members) -> Members:
    """Who asks: the conversation's user, or the author of a message; an agent or a bot is neither."""
    author = _members(_members(payload.get("message")).get("author"))
    if not author:
        return _members(payload.get("user"))
    if author.get("type") != "user":
        return {}
    return {"id": author.get("userId"), **_members(author.get("user"))}


def _members(value: Any) -> Members:
    return value if isinstance(value, dict) else {}


def _id(value: Any, longest: int = LONGEST_ID) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= longest else None


def _time(value: Any, otherwise: int) -> int:
    try:
        return parse_time(value) if isinstance(value, str) else otherwise
    except ValueError:
        return otherwise


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value[:LONGEST_TEXT] if isinstance(value, str) else f"({type(value).__name__})"
