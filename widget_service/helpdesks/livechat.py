"""LiveChat: webhooks of versions 3.5 and 3.6, and the session variable that carries the reference.

Source: platform.text.com, "Webhooks". A webhook is authenticated by a secret inside its JSON and by nothing else, and
has neither a time nor an id of its own.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StringConstraints

from widget_service import strict_json
from widget_service.assertions import PlayerAssertion
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_mappings import FieldType
from widget_service.helpdesks import (
    PUBLIC_SECRETS,
    SHORTEST_SECRET,
    Acknowledgement,
    HelpdeskSettings,
    Ignored,
    Secret,
    UserToken,
    Verdict,
    WebhookRequest,
    parse_time,
    require_webhook_secret,
    secret_field,
)

SECOND = 1_000_000_000
LONGEST_TEXT = 1024  # of a variable's value: what is longer is no reference of ours, and is cut
_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}", re.ASCII)

Members = Mapping[str, Any]


def _read_map(value: Any) -> Any:
    """``ID=SECRET,ID=SECRET`` as a dict of them."""
    if not isinstance(value, str):
        return value
    pairs = [one.strip().partition("=") for one in value.split(",") if one.strip()]
    if not all(_ID.fullmatch(webhook_id) and equals for webhook_id, equals, _ in pairs):
        raise ValueError("must be ID=SECRET,ID=SECRET")
    found = {webhook_id: require_webhook_secret(secret) for webhook_id, _, secret in pairs}
    if len(found) != len(pairs):
        raise ValueError("has an id twice")
    return found


class LiveChatSettings(HelpdeskSettings):
    """One organization with LiveChat."""

    carrier: ClassVar[str] = "variable"
    field_types: ClassVar[frozenset[FieldType]] = frozenset({"text"})
    webhook_secret: Secret = secret_field(description="the secret_key that the webhooks are registered with")
    webhook_secret_previous: Secret | None = secret_field(None, description="the one before, while it is being changed")
    webhook_secrets: Annotated[dict[str, str] | None, BeforeValidator(_read_map)] = secret_field(
        None, description="ID=SECRET,…: webhooks that have a secret of their own"
    )
    organization_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$", to_lower=True)] = Field(
        description="webhooks of other organizations are refused"
    )
    license_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")] | None = Field(
        None, description="the licence that webhooks up to version 3.3 name instead of an organization"
    )
    variable: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = Field(
        "player_ref", description="the session variable that carries the reference"
    )


class LiveChat:
    """The adapter."""

    name = "livechat"
    settings = LiveChatSettings

    def attributes(self, connection: HelpdeskConnection, reference: str) -> dict[str, Any]:
        """For ``LiveChatWidget.call('update_session_variables', …)``."""
        return {LiveChatSettings.of(connection).variable: reference}

    def user_token(self, connection: HelpdeskConnection, player: PlayerAssertion, now: int) -> UserToken | None:
        """None: LiveChat's own accounts service mints customers' tokens, not we."""

    def authenticate(self, request: WebhookRequest, connection: HelpdeskConnection) -> Verdict:
        """A bounded, strict reading, the secret, then whose it is. The secret goes no further."""
        settings = LiveChatSettings.of(connection)
        try:
            document = strict_json.parse_object(request.raw)
        except strict_json.MalformedJson as error:
            raise InvalidWebhook(error.reason) from error
        key = _verify_secret(document, settings)
        _require_json_type(request.headers)
        _require_organization(document, settings)
        told = {name: value for name, value in document.items() if name != "secret_key"}
        return Verdict(key, request.now * SECOND, told)

    def events(self, verdict: Verdict, connection: HelpdeskConnection) -> Sequence[HelpdeskEvent | Ignored]:
        """One webhook, one event."""
        action, payload = verdict.document.get("action"), _members(verdict.document.get("payload"))
        read = READERS.get(action) if isinstance(action, str) else None
        return [Ignored("unknown_action") if read is None else read(payload, verdict, LiveChatSettings.of(connection))]

    def acknowledge(self) -> Acknowledgement:
        """Exactly 200: whatever else is success elsewhere is delivered again."""
        return Acknowledgement(200)


HELPDESK = LiveChat()


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
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


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
    return f"told:{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"
