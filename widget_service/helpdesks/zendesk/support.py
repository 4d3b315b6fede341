"""Support's webhooks: event subscriptions, and our trigger template.

Source: developer.zendesk.com, "Verifying webhook authenticity", "Webhook event types". Signature:
base64(HMAC-SHA256(secret as it is shown, timestamp header + raw body)).
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from widget_service import damaged_json, strict_json
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_events import EventKind, HelpdeskEvent
from widget_service.helpdesks import PUBLIC_SECRETS, Ignored, Verdict, WebhookRequest, parse_time
from widget_service.helpdesks.zendesk.settings import ZendeskSettings, normal_id

SKEW = 300  # seconds that a webhook's timestamp may be off our clock, to either side
LONGEST_TIMESTAMP = 40
LONGEST_TEXT = 1024  # of a field's value: what is longer is no reference of ours, and is cut
LONGEST_EVENT_ID = 128
SECOND = 1_000_000_000

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=")
_SUBJECT = re.compile(r"zen:ticket:(\d{1,20})", re.ASCII)

TICKET = "zen:event-type:ticket."
EVENT_KINDS: Mapping[str, EventKind] = {
    f"{TICKET}custom_field_changed": "identity",
    f"{TICKET}requester_changed": "customer_changed",
    f"{TICKET}merged": "closed",
    f"{TICKET}soft_deleted": "closed",
    f"{TICKET}permanently_deleted": "closed",
    f"{TICKET}marked_as_spam": "closed",
    f"{TICKET}brand_changed": "closed",
    f"{TICKET}status_changed": "closed",
}
#: Endings that Zendesk cannot undo; a deletion or a mark as spam it can.
FINAL = frozenset({f"{TICKET}{name}" for name in ("merged", "permanently_deleted", "brand_changed", "status_changed")})
#: The members of our trigger template. Free text stands in none, and whatever else is found came from a player.
TEMPLATE = frozenset({"type", "v", "ticket_id", "requester_id", "requester_external_id", "via", "ref", "actor_id"})
TEMPLATE_NEEDS = frozenset({"type", "ticket_id", "ref"})


def authenticate(request: WebhookRequest, settings: ZendeskSettings) -> Verdict:
    """Signature, then freshness, then content, then whose it is."""
    key = _verify_signature(request, settings)
    sent_at = _require_fresh(request)
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
    _require_account(settings, request.headers, document)
    return Verdict(key, sent_at, document, quarantined, damaged)


def read(verdict: Verdict, settings: ZendeskSettings) -> HelpdeskEvent | Ignored:
    """What the one event says: Support sends each by itself."""
    is_trigger = verdict.document.get("type") == "identity"
    return _read_trigger(verdict, settings) if is_trigger else _read_event(verdict, settings)


def _verify_signature(request: WebhookRequest, settings: ZendeskSettings) -> str:
    """Which secret signed the request: ``current`` or ``previous``. Raises InvalidWebhook."""
    given = request.headers.get("x-zendesk-webhook-signature", "")
    timestamp = request.headers.get("x-zendesk-webhook-signature-timestamp", "")
    if not given or not timestamp:
        raise InvalidWebhook("missing_signature")
    if _SIGNATURE.fullmatch(given) is None or not timestamp.isascii() or len(timestamp) > LONGEST_TIMESTAMP:
        raise InvalidWebhook("malformed_signature")
    message, found = timestamp.encode() + request.raw, ""
    secrets = {"current": settings.webhook_secret, "previous": settings.webhook_secret_previous}
    for name, secret in secrets.items():  # all of them: the time tells nothing
        if secret is not None and secret not in PUBLIC_SECRETS and _is_signed(message, given, secret):
            found = found or name
    if not found:
        public = any(_is_signed(message, given, secret) for secret in PUBLIC_SECRETS)
        raise InvalidWebhook("public_test_secret" if public else "bad_signature")
    return found


def _is_signed(message: bytes, given: str, secret: str) -> bool:
    expected = b64encode(hmac.digest(secret.encode(), message, hashlib.sha256))
    return hmac.compare_digest(expected, given.encode())


def _require_fresh(request: WebhookRequest) -> int:
    """When it was signed, in nanoseconds; asked only once the signature is known to be right."""
    try:
        sent_at = parse_time(request.headers["x-zendesk-webhook-signature-timestamp"])
    except ValueError as error:
        raise InvalidWebhook("bad_timestamp") from error
    if abs(sent_at - request.now * SECOND) > SKEW * SECOND:
        raise InvalidWebhook("stale" if sent_at < request.now * SECOND else "from_the_future")
    return sent_at


def _require_account(settings: ZendeskSettings, headers: Mapping[str, str], document: Mapping[str, Any]) -> None:
    told = (headers.get("x-zendesk-account-id"), document.get("account_id"))
    if settings.account_id is not None and any(
        normal_id(one) != settings.account_id for one in told if one is not None
    ):
        raise InvalidWebhook("other_account", status=403)
    webhook_id = headers.get("x-zendesk-webhook-id")
    if settings.webhook_id is not None and webhook_id not in (None, settings.webhook_id):
        raise InvalidWebhook("other_webhook", status=403)


def _read_trigger(verdict: Verdict, settings: ZendeskSettings) -> HelpdeskEvent | Ignored:
    """Our template. A player's text can break it or add members: then nothing of it counts."""
    members = verdict.document
    if verdict.damaged:
        return Ignored(f"quarantined:{verdict.damaged}")
    if not members.keys() <= TEMPLATE or not members.keys() >= TEMPLATE_NEEDS:
        return Ignored("quarantined:members")
    if not all(isinstance(value, str) for name, value in members.items() if name != "v"):
        return Ignored("quarantined:types")
    ticket_id = normal_id(members["ticket_id"])
    if ticket_id is None:
        return Ignored("no_ticket")
    if settings.api_user_id is not None and normal_id(members.get("actor_id")) == settings.api_user_id:
        return Ignored("own_change")
    body = repr(sorted(members.items()))
    return HelpdeskEvent(
        kind="identity",
        thread_id=ticket_id,
        delivery_key=f"trigger:{hashlib.sha256(body.encode()).hexdigest()}",
        occurred_at=verdict.sent_at,
        reference=members["ref"] or None,
        customer_id=normal_id(members.get("requester_id")),
        customer_external_id=members.get("requester_external_id"),
        actor_id=normal_id(members.get("actor_id")),
    )


def _read_event(verdict: Verdict, settings: ZendeskSettings) -> HelpdeskEvent | Ignored:
    document = verdict.document
    name, event, detail = document.get("type"), _members(document.get("event")), _members(document.get("detail"))
    kind = EVENT_KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        return Ignored("unknown_type")
    if kind == "identity" and verdict.damaged:
        return Ignored(f"quarantined:{verdict.damaged}")
    ticket_id = _ticket_id(document, detail)
    if ticket_id is None:
        return Ignored("no_ticket")
    actor_id = normal_id(detail.get("actor_id"))
    # We write fields and tags. That user may be somebody's too, and whoever merges a ticket or hands it on, it is over.
    if kind == "identity" and settings.api_user_id is not None and actor_id == settings.api_user_id:
        return Ignored("own_change")
    if kind == "identity" and _field_id(event) != settings.field_id:
        return Ignored("other_field")
    if name == f"{TICKET}status_changed" and str(event.get("current")).upper() != "CLOSED":
        return Ignored("other_status")
    occurred_at, position = _place(document, event, verdict.sent_at)
    return HelpdeskEvent(
        kind=kind,
        thread_id=ticket_id,
        delivery_key=_delivery_key(document),
        occurred_at=occurred_at,
        position=position,
        reference=_text(event.get("current")) if kind == "identity" else None,
        customer_id=normal_id(detail.get("requester_id")),
        actor_id=actor_id,
        is_final=name in FINAL,
    )


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _ticket_id(document: Mapping[str, Any], detail: Mapping[str, Any]) -> str | None:
    subject = document.get("subject")
    named = _SUBJECT.fullmatch(subject) if isinstance(subject, str) else None
    return normal_id(detail.get("id")) or (normal_id(named[1]) if named else None)


def _field_id(event: Mapping[str, Any]) -> str | None:
    """By id, never by title; an older form of the event calls the member ``field``."""
    return normal_id(_members(event.get("custom_field") or event.get("field")).get("id"))


def _place(document: Mapping[str, Any], event: Mapping[str, Any], sent_at: int) -> tuple[int, int]:
    told = document.get("time")
    try:
        occurred_at = parse_time(told) if isinstance(told, str) else sent_at
    except ValueError:
        occurred_at = sent_at
    # Dated ahead it would make everything after it late.
    occurred_at = min(occurred_at, sent_at + SKEW * SECOND)
    position = _members(_members(event.get("meta")).get("sequence")).get("position")
    return occurred_at, position if type(position) is int else 0


def _delivery_key(document: Mapping[str, Any]) -> str:
    """The event's own id: the invocation's is not signed, and another one at a repetition."""
    event_id = document.get("id")
    if isinstance(event_id, str) and 0 < len(event_id) <= LONGEST_EVENT_ID:
        return f"event:{event_id}"
    return f"body:{hashlib.sha256(repr(document).encode('utf-8', 'surrogatepass')).hexdigest()}"


def _text(current: Any) -> str | None:
    """A field's value: a scalar, or an object around it. What is no text can be no reference, but is not empty."""
    value = current.get("value") if isinstance(current, dict) else current
    if value is None or value == "" or value == []:
        return None
    return value[:LONGEST_TEXT] if isinstance(value, str) else f"({type(value).__name__})"
