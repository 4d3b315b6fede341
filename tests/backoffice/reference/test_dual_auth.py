"""Both credentials, every time: the API token, then the session; and the session's player is the only one there is."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from tests.backoffice.hostile_upstream import HostileUpstream
from tests.support.back_office import TOLD_AT, BackOffice
from widget_service.backoffice.canonical import BACK_OFFICE_ONLY, CAPABILITIES, WITHOUT_SCOPE, Capability
from widget_service.backoffice.reference.examples import BODIES

PLAYERS_ENDPOINTS = [*CAPABILITIES.values(), *WITHOUT_SCOPE.values()]
ALL = [*PLAYERS_ENDPOINTS, *BACK_OFFICE_ONLY.values()]
TOKEN = "wat_of-the-back-office-that-introspects"


def call(office: BackOffice, capability: Capability, player_id: str, headers: dict[str, str], **options: Any) -> Any:
    path = capability.path.format(player_id=player_id, withdrawal_id="wd_20931")
    body = options.pop("json", BODIES.get(capability.name))
    return office.client().open(path, method=capability.method, headers=headers, json=body, **options)


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.get_json()["success"] is False
    return answer.status_code, answer.get_json()["error"]["code"]


@pytest.mark.parametrize("capability", ALL, ids=lambda capability: capability.name)
def test_no_endpoint_answers_without_the_api_token(told: BackOffice, capability: Capability) -> None:
    session = {"X-Session-ID": told.session_id("40217")}

    for authorization in (None, "", "Bearer", "Bearer wrong", f"Basic {told.api_token}", f"Bearer {told.api_token}x"):
        headers = session if authorization is None else {**session, "Authorization": authorization}
        answer = call(told, capability, "40217", headers)

        assert refusal(answer) == (401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("capability", PLAYERS_ENDPOINTS, ids=lambda capability: capability.name)
def test_no_player_is_answered_without_a_live_session(told: BackOffice, capability: Capability) -> None:
    token = told.headers()
    for session_id in (None, "", "sess_unknown", "nonsense with spaces", "é", "sess_" + "a" * 300):
        headers = token if session_id is None else {**token, "X-Session-ID": session_id}
        assert refusal(call(told, capability, "40217", headers)) == (401, "INVALID_SESSION")


@pytest.mark.parametrize("capability", PLAYERS_ENDPOINTS, ids=lambda capability: capability.name)
def test_an_unknown_player_and_somebody_elses_are_refused_alike(told: BackOffice, capability: Capability) -> None:
    headers = told.headers("40217")
    others = (
        "5832",
        "61904",
        "nobody",
        "040217",
        "40217 ",
        " 40217",
        "40217\u200b",
        "４０２１７",
        "40217/x",
        "x" * 255,
    )
    answers = {player_id: call(told, capability, player_id, headers, json={"junk": 1}) for player_id in others}
    bodies = [{**answer.get_json()["error"], "request_id": "…"} for answer in answers.values()]

    assert {refusal(answer) for answer in answers.values()} == {(404, "PLAYER_NOT_FOUND")}
    assert all(body == bodies[0] for body in bodies)
    assert {tuple(answer.headers.keys()) for answer in answers.values()} == {tuple(answers["5832"].headers.keys())}


def test_a_repeated_session_header_opens_nothing(told: BackOffice) -> None:
    sessions = [("X-Session-ID", told.session_id("40217")), ("X-Session-ID", told.session_id("5832"))]
    headers = [*told.headers().items(), *sessions]

    for player_id in ("40217", "5832"):
        answer = told.client().get(f"/v1/players/{player_id}", headers=headers)
        assert refusal(answer) == (401, "INVALID_SESSION")


def test_the_checks_come_in_the_order_of_the_contract(told: BackOffice) -> None:
    good, path = told.headers("40217"), "/v1/players/5832/withdrawals/wd_1/cancel?junk=1"
    post = told.client().post

    assert refusal(post(path, headers={"X-Session-ID": "junk"}, data=b"{")) == (401, "UNAUTHORIZED")
    assert refusal(post(path, headers={**good, "X-Session-ID": "sess_x"}, data=b"{")) == (401, "INVALID_SESSION")
    assert refusal(post(path, headers=good, data=b"{")) == (404, "PLAYER_NOT_FOUND")
    own = path.replace("5832", "40217")
    assert refusal(post(own, headers=good, data=b"{")) == (422, "INVALID_REQUEST")


def test_an_ended_session_is_ended_everywhere(office: BackOffice) -> None:
    headers, client = office.headers("40217"), office.client()
    assert client.delete("/v1/auth/player/session", headers=headers).status_code == 200

    assert refusal(client.get("/v1/auth/player/session", headers=headers)) == (401, "INVALID_SESSION")
    assert refusal(client.get("/v1/players/40217", headers=headers)) == (401, "INVALID_SESSION")
    assert refusal(client.delete("/v1/auth/player/session", headers=headers)) == (401, "INVALID_SESSION")


def test_a_session_ends_by_itself_and_asking_never_extends_it(tmp_path: Path) -> None:
    times = [TOLD_AT]
    office = BackOffice(tmp_path, lambda: times[0])
    headers, client = office.headers("40217"), office.client()
    times[0] += 3599

    assert client.get("/v1/auth/player/session", headers=headers).get_json()["expires_in"] == 1
    times[0] += 1
    assert refusal(client.get("/v1/auth/player/session", headers=headers)) == (401, "INVALID_SESSION")


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("ana.ruiz@player.example", (200, "40217")),
        ("ANA.Ruiz@PLAYER.example", (200, "40217")),
        ("nobody@player.example", (404, "PLAYER_NOT_FOUND")),
        ("not an address", (422, "INVALID_REQUEST")),
        ("", (422, "INVALID_REQUEST")),
        (7, (422, "INVALID_REQUEST")),
        (None, (422, "INVALID_REQUEST")),
    ],
)
def test_a_login_takes_an_address_of_somebody(told: BackOffice, email: Any, expected: tuple[int, str]) -> None:
    answer = told.client().post("/v1/auth/player/login", json={"email": email}, headers=told.headers())
    said = answer.get_json()

    assert (answer.status_code, said.get("player_id") or said["error"]["code"]) == expected


class Introspector:
    """The service's introspection endpoint, as RFC 7662 has it, with what it is told to say."""

    def __init__(self) -> None:
        self.sessions: dict[str, Any] = {}
        self.status, self.asked = 200, 0
        app = Flask("introspector")
        app.add_url_rule("/v1/oauth/introspect", "introspect", self._answer, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/oauth/introspect"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self) -> Response:
        self.asked += 1
        if request.headers["Authorization"] != f"Bearer {TOKEN}" or self.status != 200:
            return Response("<html>", 401 if self.status == 200 else self.status)
        return jsonify(self.sessions.get(request.form["token"], {"active": False}))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def introspector() -> Iterator[Introspector]:
    made = Introspector()
    yield made
    made.stop()


def live(player_id: Any, **members: Any) -> dict[str, Any]:
    return {"active": True, "token_use": "session_id", "sub": player_id, "exp": TOLD_AT + 600, **members}


@pytest.fixture
def asking(tmp_path: Path, introspector: Introspector) -> BackOffice:
    settings = {"introspection_url": introspector.url, "introspection_token": TOKEN}
    return BackOffice(tmp_path, lambda: TOLD_AT, **settings)


def test_the_services_sessions_open_their_player_and_nobody_else(
    asking: BackOffice, introspector: Introspector
) -> None:
    introspector.sessions["sess_of_the_service"] = live("40217")
    headers = {**asking.headers(), "X-Session-ID": "sess_of_the_service"}
    client = asking.client()

    assert client.get("/v1/players/40217", headers=headers).get_json()["id"] == "40217"
    assert client.get("/v1/auth/player/session", headers=headers).get_json()["expires_in"] == 600
    assert refusal(client.get("/v1/players/5832", headers=headers)) == (404, "PLAYER_NOT_FOUND")
    assert introspector.asked == 1  # the answer is kept for some seconds

    assert client.delete("/v1/auth/player/session", headers=headers).status_code == 200
    assert refusal(client.get("/v1/players/40217", headers=headers)) == (401, "INVALID_SESSION")


@pytest.mark.parametrize(
    "said",
    [
        {"active": False},
        live("40217", active="true"),
        live("40217", active=1),
        live("40217", token_use="session_token"),
        live("40217", token_use="reference"),
        {name: value for name, value in live("40217").items() if name != "token_use"},
        live(40217),
        live(""),
        live(None),
        live("40217", exp=TOLD_AT),
        live("40217", exp="2030-01-01"),
        live("40217", exp=None),
    ],
)
def test_nothing_but_a_live_session_id_is_a_session(
    asking: BackOffice, introspector: Introspector, said: dict[str, Any]
) -> None:
    introspector.sessions["sess_of_the_service"] = said
    headers = {**asking.headers(), "X-Session-ID": "sess_of_the_service"}

    assert refusal(asking.client().get("/v1/players/40217", headers=headers)) == (401, "INVALID_SESSION")


def test_a_session_of_somebody_without_an_account_finds_no_player(
    asking: BackOffice, introspector: Introspector
) -> None:
    introspector.sessions["sess_of_the_service"] = live("stranger")
    headers = {**asking.headers(), "X-Session-ID": "sess_of_the_service"}

    assert refusal(asking.client().get("/v1/players/stranger", headers=headers)) == (404, "PLAYER_NOT_FOUND")


def test_introspection_that_drips_is_not_waited_for(tmp_path: Path) -> None:
    dripping = HostileUpstream()
    settings = {"introspection_url": f"{dripping.url}/drips", "introspection_token": TOKEN}
    office = BackOffice(tmp_path, lambda: TOLD_AT, **settings)
    headers = {**office.headers(), "X-Session-ID": "sess_of_the_service"}

    # 200 s of bytes, each of them in time; a loaded machine adds some to the five of the deadline.
    begun = time.monotonic()
    assert refusal(office.client().get("/v1/players/40217", headers=headers)) == (503, "UNAVAILABLE")
    assert time.monotonic() - begun < 100
    dripping.close()


def test_while_the_service_cannot_be_asked_its_sessions_open_nothing(
    asking: BackOffice, introspector: Introspector
) -> None:
    introspector.sessions["sess_of_the_service"] = live("40217")
    headers = {**asking.headers(), "X-Session-ID": "sess_of_the_service"}
    own = asking.headers("40217")

    for status in (500, 401, 302):
        introspector.status = status
        answer = asking.client().get("/v1/players/40217", headers=headers)
        assert refusal(answer) == (503, "UNAVAILABLE")
        assert answer.headers["Retry-After"]
    introspector.stop()
    assert refusal(asking.client().get("/v1/players/40217", headers=headers)) == (503, "UNAVAILABLE")
    assert asking.client().get("/v1/players/40217", headers=own).status_code == 200
