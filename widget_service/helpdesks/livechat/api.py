"""LiveChat's APIs: the verified player in a chat's private property, and customer tokens for players.

Source: platform.text.com, "Agent Chat API", "Configuration API", "Customer Accounts API". A private property is reached
only with a login of the app that owns it, and is worth something only while no customer may write it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from widget_service.helpdesk_calls import (
    Access,
    Errand,
    Never,
    NotYet,
    VendorAnswer,
    VendorCall,
    ask_for_access,
    require_good,
)
from widget_service.helpdesk_write_backs import ThreadIdentity
from widget_service.helpdesks import UserToken
from widget_service.helpdesks.livechat.settings import ID, LiveChatSettings

#: Seconds, where LiveChat does not say.
TOKEN_LIFETIME = 28_800
VERSION = "v3.6"
VERIFIED = "verified"

Members = Mapping[str, Any]


def log_in(settings: LiveChatSettings, kept: Access, now: int) -> Errand[Access]:
    """An access token by the newest refresh token, and a look at who may write the properties."""
    body = {
        "grant_type": "refresh_token",
        "refresh_token": kept.refresh_token or settings.oauth_refresh_token,
        "client_id": settings.owner_client_id,
        "client_secret": settings.oauth_client_secret,
    }
    access: Access = yield from ask_for_access(f"{settings.accounts_url}/v2/token", body, now, TOKEN_LIFETIME)
    # The region stands before the token: dal:… or fra-…:…
    region = access.token.partition(":")[0].partition("-")[0] if ":" in access.token else ""
    return replace(access, region=region if region.isalnum() and len(region) <= 8 else "")


def write_back(settings: LiveChatSettings, identity: ThreadIdentity, access: Access) -> Errand[None]:
    """Reads the chat, writes what differs."""
    answer = yield from _act(settings, access, "agent/action/get_chat", {"chat_id": identity.thread_id})
    chat = require_good(answer)
    if chat.get("id") != identity.thread_id:
        raise NotYet("unknown_answer")
    namespace = settings.owner_client_id or ""
    wanted = _wanted(settings, identity)
    found = _members(_members(chat.get("properties")).get(namespace))
    changed = {name: value for name, value in wanted.items() if found.get(name) != value}
    if not changed:
        return
    if identity.player_id is None:
        action, properties = "delete_chat_properties", {namespace: sorted(changed)}
    else:
        _require_customer(identity, chat)
        yield from _require_private(settings, access)
        action, properties = "update_chat_properties", {namespace: changed}  # type: ignore[dict-item]
    body = {"id": identity.thread_id, "properties": properties}
    answer = yield from _act(settings, access, f"agent/action/{action}", body)
    require_good(answer)


def customer_token(settings: LiveChatSettings, customer_id: str | None, access: Access, now: int) -> Errand[UserToken]:
    """A token for that customer or for a new one; LiveChat says which, and nobody else."""
    answer = yield from _ask_customer_token(settings, customer_id, access)
    if customer_id is not None and answer.status in (400, 404) and _is_unknown(answer.document):
        answer = yield from _ask_customer_token(settings, None, access)  # removed or merged there
        customer_id = None
    told = require_good(answer)
    token, entity_id, expires_in = told.get("access_token"), told.get("entity_id"), told.get("expires_in")
    if not isinstance(token, str) or not isinstance(entity_id, str) or ID.fullmatch(entity_id) is None:
        raise NotYet("unknown_answer")
    if customer_id is not None and entity_id.lower() != customer_id:
        raise NotYet("other_customer")
    if type(expires_in) is not int or expires_in <= 0:
        raise NotYet("unknown_answer")
    widget = {
        "accessToken": token,
        "entityId": entity_id,
        "expiresIn": expires_in * 1000,
        "tokenType": "Bearer",
        "creationDate": now * 1000,
        "licenseId": int(settings.license_id or "0"),
    }
    return UserToken(token, "Bearer", now + expires_in, entity_id.lower(), widget)


def _wanted(settings: LiveChatSettings, identity: ThreadIdentity) -> dict[str, str | None]:
    is_verified = identity.player_id is not None
    wanted: dict[str, str | None] = {settings.player_property or "": identity.player_id}
    if settings.identity_property is not None:
        wanted[settings.identity_property] = VERIFIED if is_verified else None
    return wanted


def _require_customer(identity: ThreadIdentity, chat: Members) -> None:
    """The chat's customer is the one whom we have verified."""
    users = chat.get("users")
    found = [_members(user) for user in users] if isinstance(users, list) else []
    ids = {str(user.get("id")).lower() for user in found if user.get("type") == "customer"}
    if identity.customer_id is not None and ids != {identity.customer_id}:
        raise Never("other_customer")


def _require_private(settings: LiveChatSettings, access: Access) -> Errand[None]:
    """No customer may write the properties: what everybody can write proves nothing, and nobody would notice."""
    body = {"owner_client_id": settings.owner_client_id}
    answer = yield from _act(settings, access, "configuration/action/list_properties", body)
    registered = require_good(answer)
    for name in filter(None, (settings.player_property, settings.identity_property)):
        places = _members(_members(registered.get(name)).get("access"))
        if not places:
            raise NotYet("property_not_registered")
        if not all(_is_closed(_members(place).get("customer", [])) for place in places.values()):
            raise NotYet("property_open_to_customers")


def _is_closed(customers_may: Any) -> bool:
    return isinstance(customers_may, list) and "write" not in customers_may


def _act(settings: LiveChatSettings, access: Access, action: str, body: Members) -> Errand[VendorAnswer]:
    """One action; once more in the region that LiveChat names."""
    url, region = f"{settings.api_url}/{VERSION}/{action}", access.region
    for _ in range(2):
        headers = {"authorization": f"Bearer {access.token}", **({"x-region": region} if region else {})}
        answer = yield VendorCall("POST", url, headers, body)
        error = _members(answer.document.get("error"))
        named = _members(error.get("data")).get("region")
        if error.get("type") != "misdirected_request" or not isinstance(named, str) or not named.isalnum():
            break
        region = named
    if error.get("type") in ("chat_inactive", "not_found"):
        raise Never(str(error["type"]))
    return answer


def _ask_customer_token(settings: LiveChatSettings, customer_id: str | None, access: Access) -> Errand[VendorAnswer]:
    body = {
        "grant_type": "agent_token",
        "client_id": settings.owner_client_id,
        "response_type": "token",
        "organization_id": settings.organization_id,
    }
    headers = {"authorization": f"Bearer {access.token}", **({"x-region": access.region} if access.region else {})}
    entity = {} if customer_id is None else {"entity_id": customer_id}
    answer = yield VendorCall("POST", f"{settings.accounts_url}/v2/customer/token", headers, {**body, **entity})
    return answer


def _is_unknown(document: Members) -> bool:
    """Whether LiveChat knows no such customer: ``identity_exception``, as against a refusal of the app."""
    return "identity_exception" in document


def _members(value: Any) -> Members:
    return value if isinstance(value, dict) else {}
