"""Zendesk: webhooks of Support or of Sunshine Conversations, and the messaging widget's login token.

Source: developer.zendesk.com, "Authenticating end users for messaging", and what the two rooms of webhooks name.
"""

from collections.abc import Sequence
from typing import Any

from widget_service.assertions import PlayerAssertion
from widget_service.helpdesk_calls import Access, Errand
from widget_service.helpdesk_connections import HelpdeskConnection, find_shared_email, mint_external_id
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_write_backs import ThreadIdentity
from widget_service.helpdesks import (
    Acknowledgement,
    Ignored,
    UserToken,
    Verdict,
    WebhookRequest,
    WithoutApi,
    sign_user_token,
)
from widget_service.helpdesks.zendesk import api, sunshine, support
from widget_service.helpdesks.zendesk.settings import ZendeskSettings

USER_TOKEN_LIFETIME = 600  # seconds; the widget asks for a fresh one when it has ended


class Zendesk(WithoutApi):
    """The adapter."""

    name = "zendesk"
    settings = ZendeskSettings

    def attributes(self, connection: HelpdeskConnection, reference: str) -> dict[str, Any]:
        """For ``zE('messenger:set', 'conversationFields', …)``."""
        return {ZendeskSettings.of(connection).field_id: reference}

    def user_token(self, connection: HelpdeskConnection, player: PlayerAssertion, now: int) -> UserToken | None:
        """For ``zE('messenger', 'loginUser', …)``: names the player of this workspace, for minutes."""
        settings = ZendeskSettings.of(connection)
        if settings.messaging_key_id is None or settings.messaging_secret is None:
            return None
        expires_at = now + USER_TOKEN_LIFETIME
        claims: dict[str, Any] = {
            "scope": "user",
            "external_id": mint_external_id(connection.workspace_id, player.player_id),
            "iat": now,
            "exp": expires_at,
        }
        if player.name is not None:
            claims["name"] = player.name
        email = find_shared_email(player.email, is_verified=player.email_verified is True)
        if settings.share_email and email is not None:
            claims.update(email=email, email_verified=True)
        token = sign_user_token(claims, settings.messaging_key_id, settings.messaging_secret)
        return UserToken(token, "JWT", expires_at)

    def authenticate(self, request: WebhookRequest, connection: HelpdeskConnection) -> Verdict:
        """A connection is to one kind of webhook: both would tell of one chat under two ids."""
        settings = ZendeskSettings.of(connection)
        if settings.sunshine_app_id is not None:
            return sunshine.authenticate(request, settings)
        return support.authenticate(request, settings)

    def events(self, verdict: Verdict, connection: HelpdeskConnection) -> Sequence[HelpdeskEvent | Ignored]:
        """One of Support's, a batch of Sunshine Conversations'."""
        if verdict.quarantined:
            return [Ignored(f"quarantined:{verdict.quarantined}")]
        settings = ZendeskSettings.of(connection)
        if settings.sunshine_app_id is not None:
            return sunshine.read(verdict, settings)
        return [support.read(verdict, settings)]

    def acknowledge(self) -> Acknowledgement:
        """Any 2xx."""
        return Acknowledgement()

    def writes_back(self, connection: HelpdeskConnection) -> bool:
        """Into an agents' field, where one is named."""
        return ZendeskSettings.of(connection).player_field_id is not None

    def log_in(self, connection: HelpdeskConnection, kept: Access, now: int) -> Errand[Access]:
        """OAuth, unless an API token was given."""
        return api.log_in(ZendeskSettings.of(connection), kept, now)

    def write_back(self, connection: HelpdeskConnection, identity: ThreadIdentity, access: Access) -> Errand[None]:
        """Player id and tag on the ticket."""
        return api.write_back(ZendeskSettings.of(connection), identity, access)


HELPDESK = Zendesk()
