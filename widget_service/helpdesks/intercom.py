"""Intercom: signed notifications of conversations, and the Messenger's user JWT.

Source: developers.intercom.com, "Webhooks" and "Authenticating users with JWTs". Signature: ``sha1=`` and the hex
HMAC-SHA1 of the raw body under the app's client secret; it has no time.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator

from widget_service import damaged_json, strict_json
from widget_service.assertions import PlayerAssertion
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_calls import Access, Errand, NotYet, VendorCall, require_good
from widget_service.helpdesk_connections import HelpdeskConnection, find_shared_email, mint_external_id
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_write_backs import ThreadIdentity
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
    WithoutApi,
    secret_field,
    sign_user_token,
    url_field,
)

SECOND = 1_000_000_000
LATEST = 2**33  # seconds
USER_TOKEN_LIFETIME = 3600  # seconds
LONGEST_TEXT = 1024
_SIGNATURE = re.compile(r"sha1=[0-9a-f]{40}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
API_VERSION = "2.11"
CUSTOMERS = ("user", "lead", "contact")

Members = Mapping[str, Any]


class IntercomSettings(HelpdeskSettings):
    """One Intercom workspace."""

    carrier: ClassVar[str] = "attribute"
    webhook_secret: Secret = secret_field(description="the app's client secret")
    webhook_secret_previous: Secret | None = secret_field(None, description="the one before, while it is being changed")
    app_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")] = Field(
        description="notifications of other workspaces are refused"
    )
    attribute: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_ -]{1,64}$")] = Field(
        "player_ref", description="the conversation's custom attribute that carries the reference"
    )
    messenger_secret: Secret | None = secret_field(None, description="the Messenger API secret: for login tokens")
    share_email: bool = Field(False, description="the login token carries the player's verified e-mail address")
    api_url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#]+$")] = url_field(
        "https://api.intercom.io", description="Intercom's API, in the region of your workspace"
    )
    player_attribute: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_ -]{1,64}$")] | None = Field(
        None, description="the conversation's custom attribute that gets the verified player's id"
    )
    access_token: Secret | None = secret_field(None, description="an access token of the app, for that attribute")

    @model_validator(mode="after")
    def _require_whole_api(self) -> "IntercomSettings":
        if self.player_attribute is not None and self.access_token is None:
            raise ValueError("player_attribute needs access_token")
        if self.player_attribute == self.attribute:
            raise ValueError("player_attribute is the attribute that players write")
        return self


class Intercom(WithoutApi):
    """The adapter."""

    name = "intercom"
    settings = IntercomSettings

    def attributes(self, connection: HelpdeskConnection, reference: str) -> dict[str, Any]:
        """For ``Intercom('update', …)``."""
        return {IntercomSettings.of(connection).attribute: reference}

    def user_token(self, connection: HelpdeskConnection, player: PlayerAssertion, now: int) -> UserToken | None:
        """For ``intercom_user_jwt``: names the player of this workspace."""
        settings = IntercomSettings.of(connection)
        if settings.messenger_secret is None:
            return None
        expires_at = now + USER_TOKEN_LIFETIME
        claims: dict[str, Any] = {
            "user_id": mint_external_id(connection.workspace_id, player.player_id),
            "iat": now,
            "exp": expires_at,
        }
        if player.name is not None:
            claims["name"] = player.name
        email = find_shared_email(player.email, is_verified=player.email_verified is True)
        if settings.share_email and email is not None:
            claims["email"] = email
        return UserToken(sign_user_token(claims, None, settings.messenger_secret), "JWT", expires_at)

    def authenticate(self, request: WebhookRequest, connection: HelpdeskConnection) -> Verdict:
        """Signature, then content, then whose it is."""
        settings = IntercomSettings.of(connection)
        key = _verify_signature(request, settings)
        sent_at = request.now * SECOND
        try:
            document, damaged = damaged_json.read_object(request.raw)
        except strict_json.MalformedJson as error:
            if error.reason == "not_object" or not request.raw.strip():
                raise InvalidRequest(error.reason) from error
            return Verdict(key, sent_at, quarantined=error.reason)
        if document.get("app_id") != settings.app_id:
            if damaged:
                return Verdict(key, sent_at, quarantined=damaged)
            raise InvalidWebhook("other_app", status=403)
        return Verdict(key, sent_at, document, damaged=damaged)

    def events(self, verdict: Verdict, connection: HelpdeskConnection) -> Sequence[HelpdeskEvent | Ignored]:
        """One notification, one event."""
        if verdict.quarantined:
            return [Ignored(f"quarantined:{verdict.quarantined}")]
        return [_read(verdict, IntercomSettings.of(connection))]

    def acknowledge(self) -> Acknowledgement:
        """Any 2xx."""
        return Acknowledgement()

    def writes_back(self, connection: HelpdeskConnection) -> bool:
        """Into an attribute of the conversation, where one is named."""
        return IntercomSettings.of(connection).player_attribute is not None

    def write_back(self, connection: HelpdeskConnection, identity: ThreadIdentity, access: Access) -> Errand[None]:
        """Reads the conversation, writes what differs."""
        return _write_back(IntercomSettings.of(connection), identity)


HELPDESK = Intercom()


def _verify_signature(request: WebhookRequest, settings: IntercomSettings) -> str:
    given = request.headers.get("x-hub-signature", "")
    if not given:
        raise InvalidWebhook("missing_signature")
    if _SIGNATURE.fullmatch(given) is None:
        raise InvalidWebhook("malformed_signature")
    found = ""
    secrets = {"current": settings.webhook_secret, "previous": settings.webhook_secret_previous}
    for name, secret in secrets.items():  # all of them: the time tells nothing
        if not secret or len(secret) < SHORTEST_SECRET or secret in PUBLIC_SECRETS:
            continue
        expected = "sha1=" + hmac.digest(secret.encode(), request.raw, hashlib.sha1).hex()
        if hmac.compare_digest(expected, given):
            found = found or name
    if not found:
        raise InvalidWebhook("bad_signature")
    return found


def _read(verdict: Verdict, settings: IntercomSettings) -> HelpdeskEvent | Ignored:
    document, item = verdict.document, _members(_members(verdict.document.get("data")).get("item"))
    topic = document.get("topic")
    if item.get("type") == "ping" or topic == "ping":
        return Ignored("ping")
    if not isinstance(topic, str) or not topic.startswith("conversation.") or item.get("type") != "conversation":
        return Ignored("unknown_topic")
    conversation_id = _id(item.get("id")) or _id(item.get("conversation_id"))
    if conversation_id is None:
        return Ignored("no_conversation")
    is_deleted = topic == "conversation.deleted"
    if verdict.damaged and not is_deleted:
        return Ignored(f"quarantined:{verdict.damaged}")
    author = _members(_members(item.get("source")).get("author"))
    return HelpdeskEvent(
        kind="closed" if is_deleted else "identity",
        thread_id=conversation_id,
        delivery_key=_delivery_key(document),
        occurred_at=_time(document.get("created_at"), verdict.sent_at),
        reference=None if is_deleted else _text(_members(item.get("custom_attributes")).get(settings.attribute)),
        customer_id=_id(author.get("id")) if author.get("type") in CUSTOMERS else None,
        customer_external_id=_external_id(item),
        is_final=is_deleted,
    )


def _write_back(settings: IntercomSettings, identity: ThreadIdentity) -> Errand[None]:
    url = f"{settings.api_url}/conversations/{quote(identity.thread_id, safe='')}"
    headers = {"authorization": f"Bearer {settings.access_token}", "intercom-version": API_VERSION}
    answer = yield VendorCall("GET", url, headers)
    found = require_good(answer).get("custom_attributes")
    if not isinstance(found, dict):
        raise NotYet("unknown_answer")
    if (found.get(settings.player_attribute) or None) == identity.player_id:
        return
    changes = {settings.player_attribute: identity.player_id}
    answer = yield VendorCall("PUT", url, headers, {"custom_attributes": changes})
    require_good(answer)


def _members(value: Any) -> Members:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str | None:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def _external_id(item: Members) -> str | None:
    contacts = _members(item.get("contacts")).get("contacts")
    if not isinstance(contacts, list) or len(contacts) != 1:
        return None
    external_id = _members(contacts[0]).get("external_id")
    return external_id if isinstance(external_id, str) else None


def _time(created_at: Any, sent_at: int) -> int:
    told = type(created_at) is int and 0 <= created_at < LATEST
    return min(created_at * SECOND, sent_at) if told else sent_at


def _delivery_key(document: Members) -> str:
    """The notification's id; a repetition counts its attempts, so that the bodies differ."""
    told = _id(document.get("id"))
    if told is not None:
        return f"event:{told}"
    rest = repr(sorted((name, repr(value)) for name, value in document.items() if name != "delivery_attempts"))
    return f"body:{hashlib.sha256(rest.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _text(value: Any) -> str | None:
    """An attribute's value. What is no text can be no reference, but is not empty."""
    if value is None or value == "":
        return None
    return value[:LONGEST_TEXT] if isinstance(value, str) else f"({type(value).__name__})"
