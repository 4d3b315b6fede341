"""The shapes of what a page is given for a helpdesk's widget; see ``answers.py``."""

from pydantic import Field

from widget_service.views.answers import Answer, Scalar, Time


class HelpdeskAttributes(Answer):
    """What the page's bridge sets on the vendor's widget."""

    attributes: dict[str, Scalar] = Field(description="by the vendor's field id")
    reference: str = Field(description="stands for the player; says nothing by itself")
    expires_at: Time


class HelpdeskUserToken(Answer):
    """The vendor's own login token for the player."""

    token: str
    token_type: str = Field(examples=["JWT"])
    expires_at: Time
    widget_token: dict[str, Scalar] | None = Field(
        None, description="what the vendor's widget takes, where that is more than the token"
    )
