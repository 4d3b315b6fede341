"""The demo's pretend vendors: as strict and as untidy as the real ones."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook

from tests.support.servers import wait_until
from widget_service.demo.helpdesk.livechat import CALLS_PER_MINUTE
from widget_service.demo.helpdesk.site import create_helpdesk
from widget_service.demo.helpdesk.zendesk_account import FIELD_ID, SIGNATURE, TIMESTAMP

SECRET, MESSAGING, KEY_ID = "zs_made_up_for_this_test", "a messaging secret of more than 32 bytes", "app_1"
HOOK = "whsec_" + base64.b64encode(b"k" * 32).decode()


class Service:
    """Where webhooks go: notes them, and answers as told, then with 200."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for _, raw in self.taken]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                service.taken.append(({name.lower(): value for name, value in self.headers.items()}, raw))
                status, headers = service.answers.pop(0) if service.answers else (200, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


@pytest.fixture
def helpdesk(service: Service) -> FlaskClient:
    part = {
        "service_url": "http://127.0.0.1:1",
        "casino_url": "http://casino.localhost:1",
        "webhook_secret": HOOK,
        "zendesk_secret": SECRET,
        "zendesk_key_id": KEY_ID,
        "zendesk_messaging_secret": MESSAGING,
        "zendesk_webhook_url": service.url,
        "livechat_secret": "lc_made_up_for_this_test",
        "livechat_organization_id": "org-1",
        "livechat_variable": "player_ref",
        "livechat_refresh_token": "dal:refresh",
        "livechat_webhook_url": service.url,
    }
    return create_helpdesk(part).test_client()


def call(helpdesk: FlaskClient, path: str, **members: Any) -> Any:
    return helpdesk.post(path, data=json.dumps(members))


def write(helpdesk: FlaskClient, value: str = "ref_1", **members: Any) -> str:
    metadata = {f"zen:ticket_field:{FIELD_ID}": value}
    answer = call(helpdesk, "/zendesk/messages", text="Hi", metadata=metadata, **members)
    assert answer.status_code == 200
    return str(answer.json["conversation"])


def states(helpdesk: FlaskClient) -> dict[str, tuple[str, str]]:
    entries = helpdesk.get("/inbox.json").json["entries"]
    return {one["thread_id"]: (one["state"], (one["player"] or {}).get("player_id", "")) for one in entries}


def tell(helpdesk: FlaskClient, thread_id: str, status: str, *, secret: str = HOOK, **more: Any) -> int:
    event_type = "helpdesk.identified" if status == "verified" else "helpdesk.mismatch"
    told = {
        "conversation": {"id": "conv_1"},
        "player": {"player_id": "5832"} if status == "verified" else None,
        "attributes": {"name": {"value": "Ana", "source": "signed"}},
        "helpdesk": {"thread_id": thread_id, "status": status, **more},
    }
    raw, now = json.dumps({"type": event_type, "data": told}), datetime.now(UTC)
    signature = Webhook(secret).sign("evt_1", now, raw)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return helpdesk.post("/events", data=raw, headers=headers).status_code


def test_zendesks_webhooks_are_signed_and_one_of_them_comes_twice(helpdesk: FlaskClient, service: Service) -> None:
    ticket = write(helpdesk)
    wait_until(lambda: len(service.taken) == 4, "four webhooks", seconds=20)

    for headers, raw in service.taken:
        message = headers[TIMESTAMP.lower()].encode() + raw
        expected = base64.b64encode(hmac.digest(SECRET.encode(), message, hashlib.sha256)).decode()
        assert headers[SIGNATURE.lower()] == expected
    assert len({body["id"] for body in service.bodies()}) == 3
    changed = [body["event"] for body in service.bodies() if body["type"].endswith("custom_field_changed")]
    assert {(one["custom_field"]["id"], one["current"]) for one in changed} == {(FIELD_ID, "ref_1")}
    assert {body["detail"]["id"] for body in service.bodies()} == {ticket}


def test_a_webhook_is_tried_again_when_the_answer_asks_for_it(helpdesk: FlaskClient, service: Service) -> None:
    service.answers = [(503, {"Retry-After": "0"}), (409, {}), (401, {})]
    write(helpdesk)
    wait_until(lambda: len(service.taken) == 6, "two more attempts", seconds=20)

    def heard() -> bool:
        return helpdesk.get("/inbox.json").json["entries"][0]["heard"] == {"200": 3, "401": 1}

    wait_until(heard, "every answer", seconds=20)


@pytest.mark.parametrize(
    ("claims", "secret", "kid"),
    [
        ({}, "another secret, which is no less than 32 bytes long", KEY_ID),
        ({}, MESSAGING, "app_2"),
        ({"exp": 1}, MESSAGING, KEY_ID),
        ({"scope": "app"}, MESSAGING, KEY_ID),
        ({"external_id": 5832}, MESSAGING, KEY_ID),
    ],
)
def test_zendesk_logs_nobody_in_by_another_token(
    helpdesk: FlaskClient, claims: dict[str, Any], secret: str, kid: str
) -> None:
    good = {"scope": "user", "external_id": "ws_1:5832", "exp": int(time.time()) + 60, "name": "Ana Ruiz"}
    token = jwt.encode({**good, **claims}, secret, algorithm="HS256", headers={"kid": kid})
    refused = call(helpdesk, "/zendesk/login", token=token)

    assert refused.status_code == 401
    assert refused.json["type"] == "LoginFailedError"
    right = jwt.encode(good, MESSAGING, algorithm="HS256", headers={"kid": KEY_ID})
    assert call(helpdesk, "/zendesk/login", token=right).json["name"] == "Ana Ruiz"


def test_livechat_makes_customers_tokens_for_the_app_alone(helpdesk: FlaskClient) -> None:
    assert helpdesk.post("/v2/token", json={"refresh_token": "guessed"}).status_code == 400
    access = helpdesk.post("/v2/token", json={"refresh_token": "dal:refresh"}).json["access_token"]
    assert helpdesk.post("/v2/customer/token", json={}).status_code == 401
    headers = {"Authorization": f"Bearer {access}"}
    first = helpdesk.post("/v2/customer/token", json={}, headers=headers).json
    again = helpdesk.post("/v2/customer/token", json={"entity_id": first["entity_id"]}, headers=headers).json

    assert again["entity_id"] == first["entity_id"]
    said = call(helpdesk, "/livechat/messages", key=again["access_token"], text="Hi")
    assert said.json["customer"] == first["entity_id"]
    assert helpdesk.post("/v2/customer/token", json={"entity_id": "nobody"}, headers=headers).status_code == 404


def test_the_inbox_believes_what_widget_service_has_signed(helpdesk: FlaskClient) -> None:
    ticket = write(helpdesk)
    assert states(helpdesk) == {ticket: ("unverified", "")}
    assert tell(helpdesk, ticket, "verified", secret="whsec_" + base64.b64encode(b"x" * 32).decode()) == 401
    assert states(helpdesk) == {ticket: ("unverified", "")}
    assert [tell(helpdesk, ticket, "verified") for _ in range(2)] == [204, 204]
    assert states(helpdesk) == {ticket: ("verified", "5832")}
    assert tell(helpdesk, ticket, "mismatch", reason="other_player") == 204
    assert states(helpdesk) == {ticket: ("mismatch", "")}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"key": 1, "text": "Hi"}', b'{"text": ""}', b'{"text": 1}'])
def test_a_call_that_is_none_is_refused(helpdesk: FlaskClient, body: bytes) -> None:
    for path in ("/zendesk/messages", "/livechat/messages"):
        assert helpdesk.post(path, data=body).status_code == 400


def test_the_accounts_service_takes_so_many_calls_a_minute(helpdesk: FlaskClient) -> None:
    answers = [helpdesk.post("/v2/customer/token", json={}) for _ in range(CALLS_PER_MINUTE + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
