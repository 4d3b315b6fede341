"""What a connection to a Zendesk account takes."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from widget_service.helpdesks import HelpdeskSettings, Secret, secret_field

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
    api_user_id: NumericId | None = Field(None, description="the user whose changes are our own: they are ignored")
    messaging_key_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")] | None = Field(
        None, description="the id (app_…) of the messaging signing key"
    )
    messaging_secret: Secret | None = secret_field(None, description="its shared secret")
    share_email: bool = Field(False, description="the login token carries the player's verified e-mail address")

    @model_validator(mode="after")
    def _require_whole_key(self) -> "ZendeskSettings":
        if (self.messaging_key_id is None) != (self.messaging_secret is None):
            raise ValueError("messaging_key_id and messaging_secret belong together")
        return self
