"""What a connection to a Zendesk account takes."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from widget_service.helpdesks import HelpdeskSettings, Secret, secret_field, url_field

_ID = re.compile(r"\d{1,20}", re.ASCII)


def normal_id(value: Any) -> str | None:
    """A Zendesk id as its exact decimal text; None for anything else, floats and booleans too."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    return (text.lstrip("0") or "0") if _ID.fullmatch(text) else None


def _require_id(text: str) -> str:
    found = normal_id(text)
    if found is None:
        raise ValueError("must be a number")
    return found


NumericId = Annotated[str, BeforeValidator(str), AfterValidator(_require_id)]


class ZendeskSettings(HelpdeskSettings):
    """One Zendesk account."""

    largest_fields: ClassVar[int] = 4096

    webhook_secret: Secret = secret_field(description="the webhook's secret, as Zendesk shows it")
    webhook_secret_previous: Secret | None = secret_field(None, description="the one before, while it is being changed")
    field_id: NumericId = Field(description="the custom ticket field that carries the reference")
    account_id: NumericId | None = Field(None, description="webhooks of other accounts are refused")
    webhook_id: Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{26}|[0-9a-f]{24})$")] | None = Field(
        None, description="other webhooks of the account are refused"
    )
    sunshine_app_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")] | None = Field(
        None, description="the webhook is Sunshine Conversations', of this app, and not Support's"
    )
    api_user_id: NumericId | None = Field(
        None, description="the user whose changes of fields are our own: they are ignored"
    )
    messaging_key_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")] | None = Field(
        None, description="the id (app_…) of the messaging signing key"
    )
    messaging_secret: Secret | None = secret_field(None, description="its shared secret")
    share_email: bool = Field(False, description="the login token carries the player's verified e-mail address")

    api_url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#]+$")] | None = url_field(
        None, description="https://SUBDOMAIN.zendesk.com: where verified players are written back to"
    )
    player_field_id: NumericId | None = Field(
        None, description="the custom ticket field, not for customers to edit, that gets the verified player's id"
    )
    verified_tag: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")] = Field(
        "id_verified", description="the tag that a verified player's tickets get"
    )
    oauth_client_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")] | None = Field(
        None, description="the API's OAuth client: its unique identifier"
    )
    oauth_client_secret: Secret | None = secret_field(None, description="its secret")
    oauth_scope: Annotated[str, StringConstraints(pattern=r"^[a-z_:]+( [a-z_:]+)*$", max_length=255)] = Field(
        "tickets:read tickets:write", description="what is asked for: read tickets:write, to look at fields too"
    )
    oauth_refresh_token: Secret | None = secret_field(
        None, description="a refresh token, instead of the client's own credentials"
    )
    api_email: Annotated[str, StringConstraints(pattern=r"^[!-.0-~]+@[!-.0-~]+$", max_length=255)] | None = Field(
        None, description="the agent of an API token (Zendesk withdraws these: use OAuth)"
    )
    api_token: Secret | None = secret_field(None, description="the API token")

    @model_validator(mode="after")
    def _require_whole_api(self) -> "ZendeskSettings":
        oauth, token = (self.oauth_client_id, self.oauth_client_secret), (self.api_email, self.api_token)
        if (None in oauth) != (oauth == (None, None)) or (None in token) != (token == (None, None)):
            raise ValueError("oauth_client_id and oauth_client_secret, or api_email and api_token, belong together")
        if self.player_field_id is None:
            return self
        if self.api_url is None or (None in oauth) == (None in token):
            raise ValueError("player_field_id needs api_url, and an OAuth client or an API token")
        if self.player_field_id == self.field_id:
            raise ValueError("player_field_id is the field that players write")
        if self.sunshine_app_id is not None:
            raise ValueError("player_field_id needs webhooks of Support")
        return self

    @model_validator(mode="after")
    def _require_whole_key(self) -> "ZendeskSettings":
        if (self.messaging_key_id is None) != (self.messaging_secret is None):
            raise ValueError("messaging_key_id and messaging_secret belong together")
        return self
