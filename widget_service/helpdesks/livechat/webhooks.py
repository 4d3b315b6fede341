"""LiveChat's webhooks of versions 3.5 and 3.6: authenticated by a secret inside their JSON and by nothing else.

Source: platform.text.com, "Webhooks". They have neither a time nor an id of their own.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from widget_service import damaged_json, strict_json
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesks import PUBLIC_SECRETS, SHORTEST_SECRET, Ignored, Verdict, WebhookRequest, parse_time
from widget_service.helpdesks.livechat.settings import ID, LiveChatSettings

SECOND = 1_000_000_000
LONGEST_TEXT = 1024  # of a variable's value: what is longer is no reference of ours, and is cut
#: How many members called ``secret_key`` are looked at; a page can name its variables so, up to 100 of them.
MOST_SECRETS = 128
# Within a JSON text the name cannot follow a quote that is not its own: there a quote has a backslash before it.
_SECRET = re.compile(rb'"secret_key"[ \t\r\n]*:[ \t\r\n]*("(?:[^"\\]|\\.){1,1024}+")')

Members = Mapping[str, Any]


def authenticate(request: WebhookRequest, settings: LiveChatSettings) -> Verdict:
    """Whether the secret is in the body at all, before that is read; then the secret's place, and whose it is.

    The secret goes no further. What cannot be read beside it costs no more than itself: each value is judged alone.
    """
    _require_secret_within(request.raw, settings)
    try:
        document, damaged = damaged_json.read_object(request.raw)
    except strict_json.MalformedJson as error:
        raise InvalidWebhook(error.reason) from error
    key = _verify_secret(document, settings)
    _require_json_type(request.headers)
    _require_organization(document, settings)
    told = {name: value for name, value in document.items() if name != "secret_key"}
    return Verdict(key, request.now * SECOND, told, damaged=damaged)


def read(verdict: Verdict, settings: LiveChatSettings) -> Sequence[HelpdeskEvent | Ignored]:
    """One webhook, one event."""
    action, payload = verdict.document.get("action"), _members(verdict.document.get("payload"))
    reader = READERS.get(action) if isinstance(action, str) else None
    return [Ignored("unknown_action") if reader is None else reader(payload, verdict, settings)]


def _require_secret_within(raw: bytes, settings: LiveChatSettings) -> None:
    """Whether any member called ``secret_key`` is a secret of ours: a stranger's body costs one pass and no reading."""
    secrets = (settings.webhook_secret, settings.webhook_secret_previous, *(settings.webhook_secrets or {}).values())
    found = [
        hmac.compare_digest(given, secret.encode()) for given in _secrets_within(raw) for secret in secrets if secret
    ]
    if not any(found):
        raise InvalidWebhook("bad_secret" if found else "missing_secret")


def _secrets_within(raw: bytes) -> Iterator[bytes]:
    for match in islice(_SECRET.finditer(raw), MOST_SECRETS):
        try:
            yield json.loads(match[1]).encode("utf-8", "surrogatepass")
        except ValueError:
            continue


def _verify_secret(document: Members, settings: LiveChatSettings) -> str:
    """Which secret the body has: ``current``, ``previous``, or that webhook's own. Raises InvalidWebhook."""
    given, webhook_id = document.get("secret_key"), document.get("webhook_id")
    if not isinstance(given, str) or not given:
        raise InvalidWebhook("missing_secret")
    own = (settings.webhook_secrets or {}).get(webhook_id) if isinstance(webhook_id, str) else None
    shared = {"current": settings.webhook_secret, "previous": settings.webhook_secret_previous}
    found = ""
    for name, secret in ({"own": own} if own is not None else shared).items():  # all of them: the time tells nothing
        if not secret or len(secret) < SHORTEST_SECRET or secret in PUBLIC_SECRETS:
            continue
        if hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode()):
            found = found or name
    if not found:
        raise InvalidWebhook("bad_secret")
    return found


def _require_json_type(headers: Mapping[str, str]) -> None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("not_json_type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise InvalidRequest("encoded")


def _require_organization(document: Members, settings: LiveChatSettings) -> None:
    told = document.get("organization_id")
    if told is None and settings.license_id is not None and type(document.get("license_id")) is int:
        matches = str(document["license_id"]) == settings.license_id
    else:
        matches = isinstance(told, str) and told.lower() == settings.organization_id
    if not matches:
        raise InvalidWebhook("other_organization", status=403)


def _read_chat(payload: Members, verdict: Verdict, settings: LiveChatSettings) -> HelpdeskEvent | Ignored:
    """``incoming_chat``: a chat's new thread."""
    chat = _members(payload.get("chat"))
    thread, customers = _members(chat.get("thread")), _customers(chat.get("users"))
    if len(customers) != 1:
        return Ignored("no_single_customer")
    if thread.get("active") is False:
        return Ignored("inactive")
    place = (chat.get("id"), thread.get("id"))
    return _identity(place, customers[0], verdict, settings, occurred_at=_time(thread, verdict))


def _read_joined(payload: Members, verdict: Verdict, settings: LiveChatSettings) -> HelpdeskEvent | Ignored:
    """``user_added_to_chat``: agents come and go; a customer is somebody."""
    customers = _customers([payload.get("user")])
    if not customers:
        return Ignored("no_customer")
    place = (payload.get("chat_id"), payload.get("thread_id"))
    return _identity(place, customers[0], verdict, settings, occurred_at=verdict.sent_at)


def _read_variables(payload: Members, verdict: Verdict, settings: LiveChatSettings) -> HelpdeskEvent | Ignored:
    """``customer_session_fields_updated``: once for each active chat."""
    chat = _members(payload.get("active_chat"))
    place = (chat.get("chat_id"), chat.get("thread_id"))
    return _identity(place, payload, verdict, settings, occurred_at=verdict.sent_at)


def _read_ended(payload: Members, verdict: Verdict, _settings: LiveChatSettings) -> HelpdeskEvent | Ignored:
    """``chat_deactivated``: the thread of the chat is over."""
    chat_id, thread_id = _id(payload.get("chat_id")), _id(payload.get("thread_id"))
    if chat_id is None:
        return Ignored("no_chat")
    return HelpdeskEvent("closed", chat_id, _delivery_key(verdict.document), verdict.sent_at, part_id=thread_id)


#: Whatever else LiveChat tells says nothing of who somebody is: ``incoming_customer`` of 3.5 names no chat.
READERS = {
    "incoming_chat": _read_chat,
    "user_added_to_chat": _read_joined,
    "customer_session_fields_updated": _read_variables,
    "chat_deactivated": _read_ended,
}


def _identity(
    place: tuple[Any, Any], customer: Members, verdict: Verdict, settings: LiveChatSettings, *, occurred_at: int
) -> HelpdeskEvent | Ignored:
    chat_id, thread_id, customer_id = _id(place[0]), _id(place[1]), _id(customer.get("id"))
    if chat_id is None or customer_id is None:
        return Ignored("no_chat")
    return HelpdeskEvent(
        kind="identity",
        thread_id=chat_id,
        delivery_key=_delivery_key(verdict.document),
        occurred_at=occurred_at,
        reference=_find_variable(customer.get("session_fields"), settings.variable),
        customer_id=customer_id.lower(),
        is_anchored=True,
        part_id=thread_id,
    )


def _members(value: Any) -> Members:
    return value if isinstance(value, dict) else {}


def _customers(users: Any) -> list[Members]:
    found = [_members(user) for user in users] if isinstance(users, list) else []
    return [user for user in found if user.get("type") == "customer"]


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and ID.fullmatch(value) else None


def _time(thread: Members, verdict: Verdict) -> int:
    told = thread.get("created_at")
    try:
        return min(parse_time(told), verdict.sent_at) if isinstance(told, str) else verdict.sent_at
    except ValueError:
        return verdict.sent_at


def _find_variable(fields: Any, name: str) -> str | None:
    """The value under exactly that name. Given twice, or not as text, it is nothing that counts, but is not empty."""
    pairs = [one for one in fields if isinstance(one, dict) and name in one] if isinstance(fields, list) else []
    if not pairs:
        return None
    value = pairs[0][name]
    if len(pairs) > 1 or len(pairs[0]) != 1:
        return "(ambiguous)"
    if value is None or value == "":
        return None
    return value[:LONGEST_TEXT] if isinstance(value, str) else f"({type(value).__name__})"


def _delivery_key(document: Members) -> str:
    """What is told, however and under which registration: LiveChat names no delivery."""
    told = [document.get("action"), document.get("payload")]
    return f"told:{hashlib.sha256(json.dumps(told, sort_keys=True, default=repr).encode()).hexdigest()}"
