"""A casino in front of one running application, and how an answer is checked against the catalogue."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.browser import Browser
from tests.support.operator import CASINO, Agent, Operator
from tests.support.service import InProcessService

EVIL = "https://evil.example"
EVERY_SCOPE = (
    "conversations:read",
    "conversations:write",
    "sessions:issue",
    "sessions:introspect",
    "sessions:revoke",
    "player:read",
    "withdrawals:cancel",
    "bonuses:write",
    "notes:write",
)


class Casino:
    """One workspace of an application inside the test: its operator, its browsers, its agents, its rows."""

    def __init__(self, service: InProcessService, *options: str, origins: tuple[str, ...] = (CASINO,)) -> None:
        self.service = service
        self.operator = Operator.create(service, *options, origins=origins)
        self.id = self.operator.workspace_id
        self.start_path = f"/v1/workspaces/{self.id}/conversations"

    def browser(self, **options: Any) -> Browser:
        return Browser(self.service, **options)

    def visit(self, sub: str = "5832", browser: Browser | None = None, **claims: Any) -> Browser:
        """A browser in which that player has just started (or resumed) a conversation."""
        browser = browser or self.browser()
        browser.started(self.id, player_token=self.operator.player_token(sub, **claims))
        return browser

    def agent(self, *scopes: str) -> Agent:
        return Agent.create(self.service, self.id, *(scopes or EVERY_SCOPE))

    def neighbour(self, *options: str, **more: Any) -> "Casino":
        """Another workspace of the same installation."""
        return Casino(self.service, *options, **more)

    def cli(self, *arguments: str, **options: Any) -> Any:
        """A command; returns when the application no longer answers from what it read a moment before (50 ms)."""
        answer = self.service.cli(*arguments, **options)
        time.sleep(0.06)
        return answer

    def set_brand(self, *assignments: str, brand_id: str | None = None) -> None:
        self.cli("brand", "set", brand_id or self.operator.brand_id, *assignments)

    def row(self, sql: str, *parameters: Any) -> tuple[Any, ...] | None:
        with self.storage.reading() as store:
            return store.connection.one(sql, parameters)

    def count(self, table: str) -> int:
        row = self.row(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - the tests' own word
        return row[0] if row else 0

    def outbox(self, conversation_id: str) -> list[dict[str, Any]]:
        """The events waiting for the webhook, oldest first."""
        with self.storage.reading() as store:
            rows = store.connection.all(
                "SELECT body FROM outbox WHERE conversation_id = ? ORDER BY id", (conversation_id,)
            )
        return [json.loads(body) for (body,) in rows]

    def connect_webhook(self) -> None:
        self.cli("webhook", "create", self.id, "http://127.0.0.1:9/events")

    @property
    def storage(self) -> Any:
        return self.service.app.extensions["widget-service"].storage


def assert_refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The one shape of the catalogue, exactly; gives the ``error`` member."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    body = answer.json()
    assert set(body) == {"success", "error"}
    assert body["success"] is False
    error = body["error"]
    assert {"code", "message", "request_id"} <= set(error) <= {"code", "message", "request_id", "details"}
    assert error["code"] == code, error
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    assert error["request_id"].startswith("req_")
    assert error.get("details", {"some": 1}), "details are left out rather than empty"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return error


def assert_oauth_refused(answer: Any, status: int, error: str) -> None:
    """The shape of RFC 6749 §5.2."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.json()["error"] == error
    assert set(answer.json()) <= {"error", "error_description"}
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"


def varies_by_origin(answer: Any) -> bool:
    return "origin" in [name.strip().lower() for name in answer.headers.get("Vary", "").split(",")]


def is_time(text: Any) -> bool:
    """ISO 8601 in UTC with Z."""
    return isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text) is not None


def in_parallel(works: list[Callable[[], Any]], threads: int = 16) -> list[Any]:
    """What each work returned, run at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]
