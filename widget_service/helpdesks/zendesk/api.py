"""Support's API: the verified player's id and a tag, in a field and with a name that customers cannot edit.

Source: developer.zendesk.com, "Tickets", "Protecting against ticket update collisions", "OAuth tokens for grant types".
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from widget_service.helpdesk_calls import Access, Errand, Never, NotYet, VendorCall, ask_for_access, require_good
from widget_service.helpdesk_write_backs import ThreadIdentity
from widget_service.helpdesks import CREDENTIALS_LAST
from widget_service.helpdesks.zendesk.settings import ZendeskSettings, normal_id

#: Seconds, where Zendesk does not say: its access tokens live half an hour.
TOKEN_LIFETIME = 1500
#: Seconds after which a field that was found open is looked at again.
LOOK_AGAIN = 120
#: How often a ticket that others change at the same time is read again before it is left for later.
CONFLICTS = 3

Members = Mapping[str, Any]


def log_in(settings: ZendeskSettings, kept: Access, now: int) -> Errand[Access]:
    """Access, and a look at who may write the field: what everybody can write proves nothing."""
    access = yield from _ask_for_access(settings, kept, now)
    soon = replace(access, expires_at=min(access.expires_at, now + LOOK_AGAIN))
    url = f"{settings.api_url}/api/v2/ticket_fields/{settings.player_field_id}.json"
    try:
        answer = yield VendorCall("GET", url, {"authorization": _authorization(settings, access)})
    except NotYet:  # kept all the same: a refresh token counts once
        return replace(soon, flaw="field_not_seen")
    if answer.status == 429 or answer.status >= 500:
        return replace(soon, flaw="field_not_seen")
    field = answer.document.get("ticket_field")
    if answer.status == 200 and isinstance(field, dict) and field.get("editable_in_portal") is not False:
        return replace(soon, flaw="field_open_to_customers")
    return access  # without the scope to look, Zendesk does not tell


def _ask_for_access(settings: ZendeskSettings, kept: Access, now: int) -> Errand[Access]:
    """By a refresh token, if there is one, or by the client's own credentials."""
    if settings.oauth_client_id is None:
        return Access(expires_at=now + CREDENTIALS_LAST)
    url = f"{settings.api_url}/oauth/tokens"
    client = {
        "client_id": settings.oauth_client_id,
        "client_secret": settings.oauth_client_secret,
        "scope": settings.oauth_scope,
    }
    refresh = kept.refresh_token or settings.oauth_refresh_token
    grant = {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else {}
    access: Access = yield from ask_for_access(
        url, {"grant_type": "client_credentials", **client, **grant}, now, TOKEN_LIFETIME
    )
    return access


def write_back(settings: ZendeskSettings, identity: ThreadIdentity, access: Access) -> Errand[None]:
    """Reads the ticket, writes what differs, only if nobody has changed it since."""
    if access.flaw and identity.player_id is not None:
        raise NotYet(access.flaw, pauses=True)
    url = f"{settings.api_url}/api/v2/tickets/{identity.thread_id}.json"
    headers = {"authorization": _authorization(settings, access)}
    for _ in range(CONFLICTS):
        answer = yield VendorCall("GET", url, headers)
        ticket = _ticket(require_good(answer))
        changes = _find_changes(settings, identity, ticket)
        if not changes:
            return
        if ticket.get("status") == "closed":
            raise Never("ticket_closed")
        safely = {"safe_update": True, "updated_stamp": ticket.get("updated_at")}
        answer = yield VendorCall("PUT", url, headers, {"ticket": {**changes, **safely}})
        if answer.status != 409:
            _require_written(settings, identity, _ticket(require_good(answer)))
            return
    raise NotYet("conflict")


def _authorization(settings: ZendeskSettings, access: Access) -> str:
    if settings.oauth_client_id is not None:
        return f"Bearer {access.token}"
    plain = f"{settings.api_email}/token:{settings.api_token}"
    return "Basic " + b64encode(plain.encode()).decode("ascii")


def _ticket(document: Members) -> Members:
    ticket = document.get("ticket")
    if not isinstance(ticket, dict):
        raise NotYet("unknown_answer")
    return ticket


def _find_changes(settings: ZendeskSettings, identity: ThreadIdentity, ticket: Members) -> dict[str, Any]:
    requester = normal_id(ticket.get("requester_id"))
    is_another = None not in (identity.customer_id, requester) and requester != identity.customer_id
    if is_another and identity.player_id is not None:
        raise Never("other_requester")
    changes: dict[str, Any] = {}
    if (_value(settings, ticket) or None) != identity.player_id:
        field_id = int(settings.player_field_id or "0")
        changes["custom_fields"] = [{"id": field_id, "value": identity.player_id}]
    tags = [tag for tag in _list(ticket.get("tags")) if isinstance(tag, str)]
    if identity.player_id is not None and settings.verified_tag not in tags:
        changes["additional_tags"] = [settings.verified_tag]
    if identity.player_id is None and settings.verified_tag in tags:
        changes["tags"] = [tag for tag in tags if tag != settings.verified_tag]
    return changes


def _value(settings: ZendeskSettings, ticket: Members) -> Any:
    fields = _list(ticket.get("custom_fields")) or _list(ticket.get("fields"))
    found = [one for one in fields if isinstance(one, dict) and normal_id(one.get("id")) == settings.player_field_id]
    return found[0].get("value") if found else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _require_written(settings: ZendeskSettings, identity: ThreadIdentity, ticket: Members) -> None:
    """Zendesk drops in silence what a field does not take."""
    if (_value(settings, ticket) or None) != identity.player_id:
        raise Never("value_dropped")
