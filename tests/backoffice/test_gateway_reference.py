"""The gateway in front of the reference back office: the same bytes, whichever of the two is asked."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.back_office import PLAYERS, BackOffice
from tests.support.service import InProcessService, free_port
from tests.views.casino import EVERY_SCOPE, Casino
from widget_service.backoffice.canonical import CAPABILITIES

SCOPES = "player:read withdrawals:cancel bonuses:write notes:write"
READS = [capability for capability in CAPABILITIES.values() if not capability.writes]
QUERIES: dict[str, list[str]] = {
    "transactions": [
        "",
        "limit=2&offset=1",
        "from_date=2026-01-01&to_date=2026-12-31&event_type=deposit",
        "offset=9999",
    ],
    "transactions.summary": ["", "from_date=2026-02-01", "from_date=2026-02-01T00:00:00Z&to_date=2026-02-28"],
    "withdrawals": ["", "status=paid", "limit=1"],
    "deposits": ["", "status=completed&limit=3"],
    "bonuses": ["", "status=active"],
    "bonuses.eligible": ["", "criteria_type=LOYALTY"],
}
WRONG = [
    ("transactions", "limit=0"),
    ("transactions", "limit=201"),
    ("transactions", "offset=-1"),
    ("transactions", "colour=red"),
    ("transactions", "limit=1&limit=2"),
    ("transactions", "event_type=theft"),
    ("transactions", "from_date=2026-03-02&to_date=2026-03-01"),
    ("transactions", "from_date=yesterday"),
    ("balances", "player_id=40217"),
    ("withdrawals.pending", "status=paid"),
]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_arguments: Any) -> None:
        return


class Both:
    """One back office and one gateway, which asks it; it asks the service who a session belongs to."""

    def __init__(self, casino: Casino, office: BackOffice) -> None:
        self.casino, self.office = casino, office
        self.agent = casino.agent(*EVERY_SCOPE, "player:contact")
        self.direct = httpx.Client(base_url=office.url, timeout=20, trust_env=False)
        self._sessions: dict[str, str] = {}

    def session_id(self, player_id: str) -> str:
        if player_id not in self._sessions:
            conversation_id = self.casino.visit(player_id).conversation_id
            issued = self.agent.issue_session(conversation_id, scope=SCOPES)
            self._sessions[player_id] = issued.json()["session_id"]
        return self._sessions[player_id]

    def ask(self, method: str, path: str, player_id: str, **options: Any) -> tuple[httpx.Response, httpx.Response]:
        """(what the back office answers by itself, what the gateway answers)."""
        session = {"X-Session-ID": self.session_id(player_id)}
        headers = {**session, "Authorization": f"Bearer {self.office.api_token}"}
        direct = self.direct.request(method, path, headers=headers, **options)
        return direct, self.agent.request(method, path, headers=session, **options)


@pytest.fixture(scope="module")
def both(databases, tmp_path_factory) -> Iterator[Both]:
    port = free_port()
    service = InProcessService(databases.new("sqlite"), public_url=f"http://127.0.0.1:{port}")
    casino = Casino(service)
    server = make_server("127.0.0.1", port, service.app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    introspection = {
        "introspection_url": f"{service.url}/v1/oauth/introspect",
        "introspection_token": casino.agent("sessions:introspect").token,
    }
    office = BackOffice(tmp_path_factory.mktemp("office"), **introspection)
    with office.served():
        casino.cli("backoffice", "connect", casino.id, "--url", office.url, "--api-token", office.api_token)
        both = Both(casino, office)
        yield both
        both.direct.close()
    office.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("player_id", PLAYERS)
def test_every_read_is_the_same_bytes_directly_and_through_the_gateway(both: Both, player_id: str) -> None:
    for capability in READS:
        for query in QUERIES.get(capability.name, [""]):
            path = capability.path.format(player_id=player_id) + (f"?{query}" if query else "")
            direct, through = both.ask("GET", path, player_id)
            assert direct.status_code == 200, (path, direct.text)
            assert through.content == direct.content, path


@pytest.mark.parametrize(("name", "query"), WRONG)
def test_a_wrong_query_is_refused_alike(both: Both, name: str, query: str) -> None:
    direct, through = both.ask("GET", CAPABILITIES[name].path.format(player_id="5832") + f"?{query}", "5832")
    refused = [(answer.status_code, answer.json()["error"]["code"]) for answer in (direct, through)]

    assert refused == [(422, "INVALID_REQUEST")] * 2
    assert direct.json()["error"].get("details") == through.json()["error"].get("details")


def test_a_cancelled_withdrawal_is_cancelled_for_both_and_once(both: Both) -> None:
    pending = both.ask("GET", "/v1/players/40217/withdrawals/pending", "40217")[1].json()["withdrawals"]
    withdrawal_id = next(one["withdrawal_id"] for one in pending if one["cancellable"])
    path = f"/v1/players/40217/withdrawals/{withdrawal_id}/cancel"
    session = {"X-Session-ID": both.session_id("40217")}
    before = both.ask("GET", "/v1/players/40217/balances", "40217")[1].json()
    first, again = (both.agent.post(path, headers=session, json={"reason": "Plays on"}) for _ in range(2))

    assert first.status_code == 200, first.text
    assert first.json()["status"] == "cancelled"
    assert (again.status_code, again.json()["error"]["code"]) == (400, "WITHDRAWAL_CANNOT_CANCEL")
    direct, through = both.ask("GET", "/v1/players/40217/balances", "40217")
    assert direct.content == through.content
    assert through.json()["cash_balance"] == before["cash_balance"] + first.json()["refunded_amount"]


def test_a_write_with_an_idempotency_key_is_made_once(both: Both) -> None:
    session = {"X-Session-ID": both.session_id("5832"), "Idempotency-Key": "note-1"}
    note = {"content": "Asked about payout times."}
    first, again = (both.agent.post("/v1/players/5832/notes", headers=session, json=note) for _ in range(2))
    other = both.agent.post("/v1/players/5832/notes", headers={"X-Session-ID": session["X-Session-ID"]}, json=note)

    assert (first.status_code, first.content) == (201, again.content)
    assert other.json()["note_id"] != first.json()["note_id"]


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/bonus", {"bonus_type_id": "bt_nobodys", "amount": 5}, "unknown_bonus_type"),
        ("/cancel-bonus", {"reason": "x", "bonus_id": "bon_nobodys"}, "not_active"),
    ],
)
def test_a_business_refusal_says_its_reason_through_the_gateway(
    both: Both, path: str, body: dict[str, Any], reason: str
) -> None:
    direct, through = both.ask("POST", f"/v1/players/5832{path}", "5832", json=body)

    assert [answer.status_code for answer in (direct, through)] == [422, 422]
    assert [answer.json()["error"]["details"]["reason"] for answer in (direct, through)] == [reason] * 2


def test_a_revoked_session_ends_in_both(both: Both) -> None:
    conversation_id = both.casino.visit("70011").conversation_id
    session_id = both.agent.issue_session(conversation_id, scope="player:read").json()["session_id"]
    assert both.agent.get("/v1/players/70011", headers={"X-Session-ID": session_id}).status_code == 200
    both.agent.revoke(session_id)
    refused = both.agent.get("/v1/players/70011", headers={"X-Session-ID": session_id})

    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_SESSION")
