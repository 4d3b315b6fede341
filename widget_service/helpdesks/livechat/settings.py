"""What a connection to an organization with LiveChat takes."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from widget_service.helpdesk_mappings import FieldType
from widget_service.helpdesks import HelpdeskSettings, Secret, require_webhook_secret, secret_field, url_field

#: What is an id with LiveChat: chats, threads, customers, agents' addresses.
ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}", re.ASCII)
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#]+$")]
PropertyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]


def _read_map(value: Any) -> Any:
    """``ID=SECRET,ID=SECRET`` as a dict of them."""
    if not isinstance(value, str):
        return value
    pairs = [one.strip().partition("=") for one in value.split(",") if one.strip()]
    if not all(ID.fullmatch(webhook_id) and equals for webhook_id, equals, _ in pairs):
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
    owner_client_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$")] | None = Field(
        None, description="the Client Id of your app, which owns the properties and the login"
    )
    oauth_client_secret: Secret | None = secret_field(None, description="its Client Secret")
    oauth_refresh_token: Secret | None = secret_field(None, description="a refresh token of the app's login")
    player_property: PropertyName | None = Field(
        None, description="the chat property, not for customers to write, that gets the verified player's id"
    )
    identity_property: PropertyName | None = Field(None, description="the chat property that gets: verified")
    customer_tokens: bool = Field(False, description="players are logged in to LiveChat by its customer tokens")
    api_url: Url = url_field("https://api.livechatinc.com", description="LiveChat's API")
    accounts_url: Url = url_field("https://accounts.livechat.com", description="LiveChat's accounts service")

    @model_validator(mode="after")
    def _require_whole_api(self) -> "LiveChatSettings":
        needs_api = self.player_property is not None or self.customer_tokens
        if needs_api and None in (self.owner_client_id, self.oauth_client_secret, self.oauth_refresh_token):
            raise ValueError(
                "player_property and customer_tokens need owner_client_id, oauth_client_secret, oauth_refresh_token"
            )
        if self.identity_property is not None and self.identity_property == self.player_property:
            raise ValueError("identity_property is the property of the player's id")
        if self.identity_property is not None and self.player_property is None:
            raise ValueError("identity_property needs player_property")
        if self.customer_tokens and self.license_id is None:
            raise ValueError("customer_tokens needs license_id")
        return self
