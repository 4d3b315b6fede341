"""LiveChat: webhooks, the session variable that carries the reference, and customer tokens.

Source: platform.text.com, "Extending Chat Widget", "Custom Identity Provider", and what the other rooms name.
"""

from collections.abc import Sequence
from typing import Any

from widget_service.assertions import PlayerAssertion
from widget_service.helpdesk_calls import Access, Errand
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_write_backs import ThreadIdentity
from widget_service.helpdesks import Acknowledgement, Ignored, UserToken, Verdict, WebhookRequest
from widget_service.helpdesks.livechat import api, webhooks
from widget_service.helpdesks.livechat.settings import LiveChatSettings


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
        """By the secret inside the body."""
        return webhooks.authenticate(request, LiveChatSettings.of(connection))

    def events(self, verdict: Verdict, connection: HelpdeskConnection) -> Sequence[HelpdeskEvent | Ignored]:
        """One webhook, one event."""
        return webhooks.read(verdict, LiveChatSettings.of(connection))

    def acknowledge(self) -> Acknowledgement:
        """Exactly 200: whatever else is success elsewhere is delivered again."""
        return Acknowledgement(200)

    def writes_back(self, connection: HelpdeskConnection) -> bool:
        """Into a private property, where one is named."""
        return LiveChatSettings.of(connection).player_property is not None

    def log_in(self, connection: HelpdeskConnection, kept: Access, now: int) -> Errand[Access]:
        """As the app that owns the properties."""
        return api.log_in(LiveChatSettings.of(connection), kept, now)

    def write_back(self, connection: HelpdeskConnection, identity: ThreadIdentity, access: Access) -> Errand[None]:
        """Properties of the chat."""
        return api.write_back(LiveChatSettings.of(connection), identity, access)

    def customer_token(
        self, connection: HelpdeskConnection, customer_id: str | None, access: Access, now: int
    ) -> Errand[UserToken] | None:
        """For the widget's custom identity provider."""
        settings = LiveChatSettings.of(connection)
        return api.customer_token(settings, customer_id, access, now) if settings.customer_tokens else None


HELPDESK = LiveChat()
