"""Webhooks: where the AI agent hears of events (Standard Webhooks)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.ids import new_id
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.workspaces import lock_workspace, require_workspace
from widget_service.storage.schema import webhooks


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """A webhook as lists show it. Times are Unix seconds."""

    id: str
    url: str
    allow_private: bool
    created_at: int
    disabled_at: int | None


def create_webhook(
    change: Change, cipher: Cipher, workspace_id: str, url: str, *, allow_private: bool = False
) -> tuple[str, str]:
    """(webhook id, secret ``whsec_…``, shown once). ``url`` was checked by destinations.require_url."""
    lock_workspace(change, workspace_id)
    webhook_id = new_id("wh")
    # The prefix and padded base64 are what Standard Webhooks libraries expect.
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    change.connection.execute(
        insert(webhooks).values(
            id=webhook_id,
            workspace_id=workspace_id,
            url=url,
            secret=cipher.seal(secret.encode(), webhook_context(webhook_id)),
            allow_private=int(allow_private),
            created_at=change.now,
        )
    )
    change.record(workspace_id, "webhook.created", webhook_id, url=url, allow_private=allow_private)
    return webhook_id, secret


def disable_webhook(change: Change, webhook_id: str) -> None:
    """Sends it nothing new. Raises ConfigurationError when it is unknown."""
    this = webhooks.c.id == webhook_id
    row = change.connection.execute(select(webhooks.c.workspace_id, webhooks.c.disabled_at).where(this)).first()
    if row is None:
        raise ConfigurationError(f"There is no webhook {webhook_id}.")
    if row.disabled_at is None:
        change.connection.execute(update(webhooks).where(this).values(disabled_at=change.now))
        change.record(row.workspace_id, "webhook.disabled", webhook_id)


def list_webhooks(connection: Connection, workspace_id: str) -> Sequence[WebhookEntry]:
    """The workspace's webhooks, oldest first. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    rows = connection.execute(select(webhooks).where(webhooks.c.workspace_id == workspace_id).order_by(webhooks.c.id))
    return [WebhookEntry(row.id, row.url, bool(row.allow_private), row.created_at, row.disabled_at) for row in rows]


def webhook_context(webhook_id: str) -> str:
    """The context that a webhook's secret is sealed with."""
    return f"webhooks:{webhook_id}"
