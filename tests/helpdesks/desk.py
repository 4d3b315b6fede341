"""A casino with a Zendesk: its pages fetch references, its tickets bring them, its agent hears of it."""

import json
import secrets
from typing import Any

from tests.helpdesks.zendesk_simulator import FIELD_ID, Ticket, ZendeskAccount
from tests.support.browser import ConfirmationKey
from tests.support.operator import CASINO
from tests.support.service import InProcessService
from tests.views.casino import Casino

MESSAGING_KEY_ID = "app_65f1a2b3c4d5e6f708192a3b"
MESSAGING_SECRET = "mSgK3y-Vd8QhZ2nT5wXrB7uLpE1jF9cA0yGtNiOoHkRzMxWvUb"
MESSAGING = ("--messaging-key-id", MESSAGING_KEY_ID, "--messaging-secret", MESSAGING_SECRET)


class ZendeskDesk:
    """One workspace of an application inside the test, connected to one simulated account."""

    def __init__(self, service: InProcessService, *options: str, casino: Casino | None = None) -> None:
        self.casino = casino or Casino(service)
        self.casino.connect_webhook()
        self.account = ZendeskAccount("zs_" + secrets.token_urlsafe(32))
        self.connection_id, self.webhook_url = self.connect(*options)
        self.client = service.client()

    def connect(self, *options: str) -> tuple[str, str]:
        """Another connection of the workspace, by the command line."""
        fixed = (
            "--webhook-secret",
            self.account.secret,
            "--field-id",
            FIELD_ID,
            "--account-id",
            self.account.account_id,
        )
        made = self.casino.cli("helpdesk", "connect", self.casino.id, "zendesk", *fixed, *options)
        return made["connection_id"], made["webhook_url"]

    def ask(
        self,
        what: str,
        sub: str = "5832",
        *,
        key: ConfirmationKey | None = None,
        player_token: str | None = None,
        connection_id: str | None = None,
        origin: str | None = CASINO,
        claims: dict[str, Any] | None = None,
        **body: Any,
    ) -> Any:
        """What the page asks: ``attributes`` or ``user-token``; with a key, a proof goes along."""
        path = f"/v1/workspaces/{self.casino.id}/helpdesks/{connection_id or self.connection_id}/{what}"
        token = player_token or self.casino.operator.player_token(sub, **(claims or {}))
        headers = {"Origin": origin} if origin else {}
        if key is not None:
            headers["DPoP"] = key.proof("POST", self.casino.service.url + path, token)
        return self.client.post(path, json={"player_token": token, **body}, headers=headers)

    def reference(self, sub: str = "5832", **options: Any) -> str:
        """A live reference to that player."""
        answer = self.ask("attributes", sub, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()["reference"]

    def post(self, content: Any, **options: Any) -> Any:
        """Delivers what the account tells, signed."""
        return self.account.deliver(content, **options).post(self.client, self.webhook_url)

    def bring(self, ticket: Ticket, text: Any, **more: Any) -> Any:
        """The ticket's field is set to a text, and the account tells so."""
        answer = self.post(self.account.field_changed(ticket, text, **more))
        assert answer.status_code == 200, answer.text
        return answer

    def identified(self, sub: str = "5832", **options: Any) -> Ticket:
        """A ticket that has brought a live reference to that player."""
        ticket = self.account.open_ticket()
        self.bring(ticket, self.reference(sub, **options))
        assert self.status(ticket) == "verified"
        return ticket

    def thread(self, ticket: Any) -> dict[str, Any] | None:
        """What is known of the ticket."""
        names = ("status", "player_id", "conversation_id", "reference_id", "customer_id")
        row = self.casino.row(
            f"SELECT {', '.join(names)} FROM helpdesk_threads WHERE connection_id = ? AND thread_id = ?",  # noqa: S608
            self.connection_id,
            ticket.id,
        )
        return None if row is None else dict(zip(names, row, strict=True))

    def status(self, ticket: Any) -> str | None:
        thread = self.thread(ticket)
        return thread and thread["status"]

    def bindings(self) -> int:
        row = self.casino.row("SELECT COUNT(*) FROM helpdesk_threads WHERE player_id IS NOT NULL")
        return row[0] if row else 0

    def told(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """The events that wait for the agent, oldest first."""
        with self.casino.storage.reading() as store:
            rows = store.connection.all("SELECT body FROM outbox ORDER BY id")
        events = [json.loads(body) for (body,) in rows]
        return [one for one in events if event_type in (None, one["type"])]

    def counted(self) -> dict[tuple[str, str], int]:
        """(result, reason) of what webhooks came to."""
        self.casino.service.app.extensions["widget-service"].recorder.flush()
        with self.casino.storage.reading() as store:
            rows = store.connection.all(
                "SELECT code, reason, SUM(count) FROM counts WHERE kind = 'helpdesk' GROUP BY 1, 2"
            )
        return {(row[0], row[1]): int(row[2]) for row in rows}
