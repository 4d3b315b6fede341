"""The casino's accounts at both pretend vendors: made up, and connected."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from widget_service.demo.helpdesk.livechat_account import VARIABLE
from widget_service.demo.helpdesk.zendesk_account import ACCOUNT_ID, FIELD_ID
from widget_service.encryption import Cipher
from widget_service.helpdesks import find_helpdesk
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.helpdesks import connect_helpdesk

LICENSE_ID = "18930412"


class HelpdeskAccounts:
    """What the helpdesk and the casino's pages are told of the connections."""

    def __init__(self, change: Change, cipher: Cipher, workspace_id: str, urls: Mapping[str, str]) -> None:
        self._change, self._cipher, self._workspace_id = change, cipher, workspace_id
        self._service_url, self._api_url = urls["service"], urls["helpdesk_api"]
        self._zendesk, self._livechat = _new_zendesk(), _new_livechat(self._api_url)
        self._zendesk_id = self._connect("zendesk", self._zendesk)
        self._livechat_id = self._connect("livechat", self._livechat)

    def of_helpdesk(self) -> dict[str, str]:
        """What a vendor knows of its account: the secrets that are shared with it, and where its webhooks go."""
        return {
            "zendesk_secret": self._zendesk["webhook_secret"],
            "zendesk_key_id": self._zendesk["messaging_key_id"],
            "zendesk_messaging_secret": self._zendesk["messaging_secret"],
            "zendesk_webhook_url": f"{self._service_url}/v1/helpdesks/{self._zendesk_id}/webhook",
            "livechat_secret": self._livechat["webhook_secret"],
            "livechat_organization_id": self._livechat["organization_id"],
            "livechat_variable": VARIABLE,
            "livechat_refresh_token": self._livechat["oauth_refresh_token"],
            "livechat_webhook_url": f"{self._service_url}/v1/helpdesks/{self._livechat_id}/webhook",
        }

    def of_casino(self) -> dict[str, str]:
        """What stands in the casino's pages."""
        return {
            "zendesk_connection_id": self._zendesk_id,
            "zendesk_field_id": FIELD_ID,
            "livechat_connection_id": self._livechat_id,
            "livechat_license_id": LICENSE_ID,
        }

    def _connect(self, vendor: str, given: Mapping[str, Any]) -> str:
        helpdesk = find_helpdesk(vendor)
        assert helpdesk is not None  # noqa: S101 - one of ours
        kind = helpdesk.settings
        checked = kind.model_validate(given).model_dump(exclude_none=True)
        sealed = {name: value for name, value in checked.items() if name in kind.secret_names()}
        settings = {name: value for name, value in checked.items() if name not in sealed}
        return connect_helpdesk(
            self._change, self._cipher, self._workspace_id, vendor, settings=settings, secrets=sealed
        )


def _new_zendesk() -> dict[str, str]:
    return {
        "webhook_secret": "zs_" + secrets.token_urlsafe(32),
        "field_id": FIELD_ID,
        "account_id": ACCOUNT_ID,
        "messaging_key_id": "app_" + secrets.token_hex(12),
        "messaging_secret": secrets.token_urlsafe(48),
    }


def _new_livechat(api_url: str) -> dict[str, Any]:
    return {
        "webhook_secret": "lc_" + secrets.token_urlsafe(32),
        "organization_id": str(uuid.uuid4()),
        "license_id": LICENSE_ID,
        "variable": VARIABLE,
        "owner_client_id": secrets.token_hex(16),
        "oauth_client_secret": secrets.token_urlsafe(32),
        "oauth_refresh_token": "dal:" + secrets.token_urlsafe(32),
        "customer_tokens": True,
        "accounts_url": api_url,
    }
