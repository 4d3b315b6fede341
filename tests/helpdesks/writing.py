"""Desks whose vendors are written back to, and the worker's hand that does it."""

import time
from typing import Any

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.livechat_desk import LiveChatDesk
from tests.helpdesks.vendor_apis import (
    CLIENT_ID,
    CLIENT_SECRET,
    FIRST_REFRESH_TOKEN,
    LiveChatApi,
    ZendeskApi,
)
from tests.support.service import InProcessService
from widget_service.helpdesk_writer import HelpdeskWriter

OAUTH = ("--oauth-client-id", CLIENT_ID, "--oauth-client-secret", CLIENT_SECRET)
LICENSE_ID = "12345678"


class Hand:
    """The worker's, without the worker: does what is due, once."""

    def __init__(self, desk: ZendeskDesk) -> None:
        parts = desk.casino.service.app.extensions["widget-service"]
        self._desk = desk
        self.writer = HelpdeskWriter(parts.storage, parts.settings, lambda: time.time(), 2)

    def work(self) -> int:
        """How many connections had something to do."""
        due = self.writer.find_due()
        for connection_id in due:
            self.writer.write_back(connection_id)
        return len(due)

    def jobs(self) -> list[tuple[Any, ...]]:
        """(thread, state, error, attempts) of every job."""
        with self._desk.casino.storage.reading() as store:
            rows = store.connection.all(
                "SELECT thread_id, CASE WHEN done_at IS NOT NULL THEN 'done' WHEN failed_at IS NOT NULL THEN 'failed'"
                " ELSE 'pending' END, error, attempts FROM helpdesk_writebacks WHERE connection_id = ? ORDER BY 1",
                (self._desk.connection_id,),
            )
        return [tuple(row) for row in rows]

    def counted(self) -> dict[tuple[str, str], int]:
        with self._desk.casino.storage.reading() as store:
            rows = store.connection.all(
                "SELECT code, reason, SUM(count) FROM counts WHERE kind = 'write_back' GROUP BY 1, 2"
            )
        return {(row[0], row[1]): int(row[2]) for row in rows}


def forget_jobs(desk: ZendeskDesk) -> None:
    """Nothing is left of what an earlier test has done."""
    for table in ("helpdesk_writebacks", "helpdesk_accesses", "outbox_lanes", "counts"):
        desk.casino.storage.write(lambda store, table=table: store.connection.run(f"DELETE FROM {table}"))  # noqa: S608


def zendesk(service: InProcessService, api: ZendeskApi, *options: str) -> ZendeskDesk:
    """A desk whose verified tickets get a player's id; by OAuth unless told."""
    fixed = ("--api-url", api.url, "--player-field-id", api.field_id)
    return ZendeskDesk(service, *fixed, *(options or OAUTH))


def verified(desk: ZendeskDesk, api: ZendeskApi, sub: str = "5832") -> tuple[Any, Any]:
    """A verified ticket, with the account and in the API."""
    ticket = desk.identified(sub)
    return ticket, api.add(ticket)


def livechat(service: InProcessService, api: LiveChatApi, *options: str) -> LiveChatDesk:
    login = ("--owner-client-id", CLIENT_ID, "--oauth-client-secret", CLIENT_SECRET)
    urls = ("--api-url", api.url, "--accounts-url", api.url, "--oauth-refresh-token", FIRST_REFRESH_TOKEN)
    return LiveChatDesk(service, *login, *urls, *options)
