"""The gateway: one player's data for whoever has both proofs, and nothing for anybody else."""

from typing import Any

import pytest

from tests.backoffice.scripted_back_office import API_TOKEN, secret_of, truth
from tests.support.operator import Agent
from tests.views.casino import EVERY_SCOPE, Casino, assert_refused
from tests.views.player_caller import BODIES, HOME, OTHER, PLAYER, PLAYER_SCOPES, Caller
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE


@pytest.fixture(autouse=True)
def telling_the_truth(office) -> None:
    """Whatever the test before it has told the back office to say."""


def told(answer: Any) -> dict[str, Any]:
    """What an error says, but for the request's own id."""
    return {name: value for name, value in answer.json()["error"].items() if name != "request_id"}


# --- what is answered ---


@pytest.mark.parametrize("name", CAPABILITIES)
def test_every_capability_is_asked_of_the_back_office_in_the_players_name(caller, office, name) -> None:
    answer = caller.ask(name)
    ((method, path, headers, body),) = office.asked

    assert answer.status_code == CAPABILITIES[name].status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert method == CAPABILITIES[name].method
    assert path.partition("?")[0] == CAPABILITIES[name].path.format(player_id=PLAYER, withdrawal_id="wd_1")
    assert headers["authorization"] == f"Bearer {API_TOKEN}"
    assert headers["x-session-id"] == caller.session_id
    assert body == BODIES.get(name)


def test_every_member_is_there_and_unknown_ones_are_dropped(caller, office) -> None:
    office.answering = lambda player_id, rest: (200, {**truth(player_id, rest), "password_hash": "x", "extra": None})
    body = caller.ask("player").json()

    assert "password_hash" not in body
    assert "extra" not in body
    assert body["kpi"]["last_deposit"] is None
    assert body["segments"] == []


def test_contact_details_are_masked_unless_the_token_may_see_them(connected, caller) -> None:
    trusted = Caller(connected, "player:read", "player:contact")

    assert (caller.ask("player").json()["email"], caller.ask("player").json()["phone"]) == (
        "a•••@p•••.example",
        "•••17",
    )
    assert trusted.ask("player").json()["email"] == "ana.ruiz@player.example"
    assert trusted.ask("player").json()["phone"] == "+34 600 000 117"


def test_contact_details_are_masked_in_what_is_passed_through_too(caller, office) -> None:
    extra = {"Mobile": 34600000117, "nested": [{"contact_mail": None, "remark": "or ana@home.example"}], "vip": 3}
    withdrawals = [{"withdrawal_id": "wd_1", "extra": extra}]
    office.answering = lambda player_id, rest: (200, {"player_id": player_id, "withdrawals": withdrawals, "total": 1})
    (shown,) = caller.ask("withdrawals").json()["withdrawals"]

    assert shown["extra"] == {
        "Mobile": "•••17",
        "nested": [{"contact_mail": None, "remark": "or a•••@h•••.example"}],
        "vip": 3,
    }


def test_contact_details_in_other_texts_are_masked_too(connected, caller, office) -> None:
    item = {
        "withdrawal_id": "ana@player.example",
        "payment_method": "Wallet ana.ruiz@player.example",
        "rejection_reason": "Call +34 600 000 117, round 5510384117",
    }
    office.answering = lambda player_id, rest: (200, {"player_id": player_id, "withdrawals": [item], "total": 1})
    (shown,) = caller.ask("withdrawals").json()["withdrawals"]
    (clear,) = Caller(connected, "player:read", "player:contact").ask("withdrawals").json()["withdrawals"]

    assert (shown["payment_method"], shown["rejection_reason"], shown["withdrawal_id"]) == (
        "Wallet a•••@p•••.example",
        "Call •••17, round 5510384117",
        "ana@player.example",
    )
    assert item.items() <= clear.items()


def test_a_text_of_one_long_word_is_masked_as_quickly_as_any_other(caller, office) -> None:
    remark = "a" * 500_000 + " @ ana@player.example"
    office.answering = lambda player_id, rest: (200, {**truth(player_id, rest), "extra": {"remark": remark}})

    assert caller.ask("player").json()["extra"]["remark"].endswith("a @ a•••@p•••.example")


def test_the_query_is_passed_on_as_it_was_understood(caller, office) -> None:
    query = {"from_date": "2026-02-01", "to_date": "2026-02-28", "limit": "10", "event_type": "bet"}
    caller.ask("transactions", params=query)

    asked = (
        "event_type=bet&from_date=2026-02-01T00%3A00%3A00Z&limit=10&offset=0&to_date=2026-02-28T23%3A59%3A59.999999Z"
    )
    assert sorted(office.asked[0][1].partition("?")[2].split("&")) == asked.split("&")


def test_a_writers_idempotency_key_is_passed_on(caller, office) -> None:
    caller.ask("bonus.add", headers={"Idempotency-Key": "k-1"})
    caller.ask("bonus.add")

    assert [headers.get("idempotency-key") for _, _, headers, _ in office.asked] == ["k-1", None]
    assert_refused(caller.ask("bonus.add", headers={"Idempotency-Key": "k" * 256}), 422, "INVALID_REQUEST")


@pytest.mark.parametrize(("headers", "times"), [({}, 1), ({"Idempotency-Key": "k-2"}, 2)])
def test_a_write_is_tried_again_only_with_an_idempotency_key(connected, office, headers, times) -> None:
    office.answering = lambda _player, _rest: (503, {})
    writer = Caller(connected)

    assert_refused(writer.ask("bonus.add", headers=headers), 502, "BACK_OFFICE_UNAVAILABLE")
    assert len(office.asked) == times


def test_a_write_is_in_the_audit_trail(connected, caller) -> None:
    caller.ask("withdrawals.cancel")
    row = connected.row(
        "SELECT actor, details FROM audit WHERE action = 'player_data.write_sent' ORDER BY id DESC LIMIT 1"
    )

    assert row is not None
    assert row[0] == caller.agent.token_id
    assert '"withdrawals.cancel"' in row[1]


# --- who may ask ---


def test_unknown_and_forbidden_players_are_answered_alike_and_nobody_is_asked(connected, caller, office) -> None:
    connected.visit(OTHER)
    forbidden, unknown = (caller.ask("balances", player_id) for player_id in (OTHER, "nobody-of-this-id"))

    assert_refused(forbidden, 404, "PLAYER_NOT_FOUND")
    assert forbidden.status_code == unknown.status_code
    assert told(forbidden) == told(unknown)
    assert dict(forbidden.headers, **{"x-request-id": ""}) == dict(unknown.headers, **{"x-request-id": ""})
    assert office.asked == []


@pytest.mark.parametrize("wrong", [f"{PLAYER} ", f"0{PLAYER}", PLAYER[:-1], f"{PLAYER}/", "%35832x", f"{PLAYER}%00"])
def test_the_path_names_the_player_byte_for_byte(caller, office, wrong) -> None:
    assert caller.get(f"/v1/players/{wrong}").status_code == 404
    assert caller.get(f"/v1/players/{wrong}/balances").status_code == 404
    assert office.asked == []


def test_headers_that_name_another_player_are_refused_as_the_path_is(caller, office) -> None:
    for name in ("X-Player-ID", "X-User-ID", "X-Client-ID"):
        assert_refused(caller.ask("player", headers={name: OTHER}), 404, "PLAYER_NOT_FOUND")
    assert office.asked == []
    assert caller.ask("player", headers={"X-Player-ID": PLAYER}).status_code == 200


@pytest.mark.parametrize("name", ["player_id", "playerId", "client_id", "user_id", "id"])
def test_a_player_in_query_or_body_is_refused(caller, office, name) -> None:
    assert_refused(caller.ask("balances", params={name: PLAYER}), 422, "INVALID_REQUEST")
    body = {**BODIES["bonus.add"], name: PLAYER}
    assert_refused(caller.ask("bonus.add", json=body), 422, "INVALID_REQUEST")
    assert office.asked == []


def test_a_player_id_of_any_characters_is_served(connected, office) -> None:
    player_id = "ana/ruiz?#1 %"
    odd = Caller(connected, player_id=player_id)

    for name in ("player", "balances"):
        capability = CAPABILITIES[name].path.format(player_id="ana%2Fruiz%3F%231%20%25")
        assert odd.get(capability).status_code == 200
    assert office.asked[0][1] == "/v1/players/ana%2Fruiz%3F%231%20%25"


def test_both_proofs_are_needed_and_the_order_of_the_checks_is_the_contracts(connected, caller, clock) -> None:
    stranger = Agent(caller.agent.client, "wat_unknown")
    reader = Caller(connected, "player:read", asked="player:read")
    steps = [
        (stranger.get("/v1/players/nobody/balances?x=1", headers={"X-Session-ID": "sess_unknown"}), "UNAUTHORIZED"),
        (
            caller.agent.get("/v1/players/nobody/balances?x=1", headers={"X-Session-ID": "sess_unknown"}),
            "INVALID_SESSION",
        ),
        (reader.request("POST", "/v1/players/nobody/bonus?x=1"), "PLAYER_NOT_FOUND"),
        (reader.request("POST", f"{HOME}/bonus?x=1"), "INSUFFICIENT_SCOPE"),
        (caller.request("POST", f"{HOME}/bonus?x=1"), "INVALID_REQUEST"),
    ]

    assert [answer.json()["error"]["code"] for answer, _ in steps] == [code for _, code in steps]


def test_sessions_that_are_not_a_live_session_id_of_this_workspace_are_refused(connected, caller, clock) -> None:
    neighbour = Caller(connected.neighbour())
    browser = connected.visit(PLAYER)
    ended = Caller(connected)
    ended.agent.revoke(ended.session_id)
    late = Caller(connected)
    refused = [None, "", "sess_unknown", neighbour.session_id, browser.session_token, ended.session_id]
    refused += [f"{caller.session_id},{caller.session_id}", f" {caller.session_id}x"]
    for session_id in refused:
        headers = {} if session_id is None else {"X-Session-ID": session_id}
        answer = caller.agent.get(HOME, headers=headers)
        assert_refused(answer, 401, "INVALID_SESSION")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    clock.advance(3601)
    assert_refused(late.get(HOME), 401, "INVALID_SESSION")


@pytest.mark.parametrize("name", CAPABILITIES)
def test_the_scope_is_needed_on_the_token_and_on_the_session(connected, office, name) -> None:
    scope = CAPABILITIES[name].scope
    others = [one for one in EVERY_SCOPE if one != scope]
    by_token, by_session = _without(connected, scope or "", others)

    for caller in (by_token, by_session):
        assert_refused(caller.ask(name), 403, "INSUFFICIENT_SCOPE")
    assert office.asked == []


_CALLERS: dict[str, tuple[Caller, Caller]] = {}


def _without(casino: Casino, scope: str, others: list[str]) -> tuple[Caller, Caller]:
    if scope not in _CALLERS:
        left = " ".join(one for one in PLAYER_SCOPES.split() if one != scope)
        _CALLERS[scope] = (Caller(casino, *others), Caller(casino, asked=left))
    return _CALLERS[scope]


@pytest.mark.parametrize("name", WITHOUT_SCOPE)
def test_what_has_no_scope_is_refused_to_everybody(caller, office, name) -> None:
    assert_refused(caller.ask(name), 403, "INSUFFICIENT_SCOPE")
    assert_refused(caller.ask(name, OTHER), 404, "PLAYER_NOT_FOUND")
    assert office.asked == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/balance"),
        ("POST", "/password"),
        ("GET", "/balance"),
        ("DELETE", "/withdrawals/wd_1"),
        ("PUT", "/kyc/x"),
    ],
)
def test_an_unknown_path_beneath_a_player_is_nothing(caller, office, method, path) -> None:
    assert caller.request(method, HOME + path).status_code == 404
    assert office.asked == []


def test_a_player_closed_for_responsible_gaming_gets_no_bonus(connected, office) -> None:
    closed = Caller(connected, player_id="closed-1")
    assert closed.ask("bonus.add", "closed-1").status_code == 200
    connected.visit("closed-1", rg={"closed": True})

    assert_refused(closed.ask("bonus.add", "closed-1"), 403, "INSUFFICIENT_SCOPE")
    assert closed.ask("balances", "closed-1").status_code == 200


# --- what a back office says ---


@pytest.mark.parametrize("name", [name for name, capability in CAPABILITIES.items() if not capability.writes])
def test_another_players_answer_is_dropped_whole_and_counted(connected, caller, office, name) -> None:
    office.answering = lambda _player, rest: (200, truth(OTHER, rest))
    answer = caller.ask(name)

    assert_refused(answer, 502, "BACK_OFFICE_UNAVAILABLE")
    assert secret_of(OTHER) not in answer.text
    assert OTHER not in answer.text
    metrics = connected.service.app.extensions["widget-service"].metrics.render().decode()
    assert 'widget_back_office_failures_total{reason="foreign_player"}' in metrics


@pytest.mark.parametrize("name", [OTHER, int(PLAYER), None])
def test_a_list_with_another_players_thing_in_it_is_dropped_whole(caller, office, name) -> None:
    items = [{"withdrawal_id": "wd_1", "player_id": PLAYER}, {"withdrawal_id": "wd_2", "player_id": name}]
    office.answering = lambda player_id, rest: (200, {"player_id": player_id, "withdrawals": items, "total": 2})

    assert_refused(caller.ask("withdrawals"), 502, "BACK_OFFICE_UNAVAILABLE")


def test_an_answer_that_names_nobody_is_dropped(caller, office) -> None:
    for named in ({}, {"id": None}, {"id": 5832}, {"id": [PLAYER]}, {"player_id": PLAYER}):
        office.answering = lambda _player, _rest, named=named: (200, named)
        assert_refused(caller.ask("player"), 502, "BACK_OFFICE_UNAVAILABLE")


def test_the_answer_to_a_cancellation_is_about_that_withdrawal(caller, office) -> None:
    office.answering = lambda player, rest: (200, {**truth(player, rest), "withdrawal_id": "wd_2"})

    assert_refused(caller.ask("withdrawals.cancel"), 502, "BACK_OFFICE_UNAVAILABLE")


def error(code: str, **details: Any) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": "told in confidence", "details": details}}


SAID = [
    (401, error("INVALID_SESSION"), 401, "INVALID_SESSION"),
    (404, error("PLAYER_NOT_FOUND"), 404, "PLAYER_NOT_FOUND"),
    (400, error("WITHDRAWAL_CANNOT_CANCEL"), 400, "WITHDRAWAL_CANNOT_CANCEL"),
    (501, error("CAPABILITY_NOT_AVAILABLE"), 501, "CAPABILITY_NOT_AVAILABLE"),
    (422, error("INVALID_REQUEST", reason="not_eligible"), 422, "INVALID_REQUEST"),
    (409, error("CONFLICT"), 409, "CONFLICT"),
    (429, error("RATE_LIMITED"), 429, "RATE_LIMITED"),
    # What is between the two of us is not the agent's business.
    (401, error("UNAUTHORIZED"), 502, "BACK_OFFICE_UNAVAILABLE"),
    (403, error("INSUFFICIENT_SCOPE"), 502, "BACK_OFFICE_UNAVAILABLE"),
    (400, error("INVALID_REQUEST"), 502, "BACK_OFFICE_UNAVAILABLE"),
    (500, error("INVALID_SESSION"), 502, "BACK_OFFICE_UNAVAILABLE"),
    (500, {}, 502, "BACK_OFFICE_UNAVAILABLE"),
    (404, {"error": ["PLAYER_NOT_FOUND"]}, 502, "BACK_OFFICE_UNAVAILABLE"),
    (302, {}, 502, "BACK_OFFICE_UNAVAILABLE"),
    (200, {"id": PLAYER, "segments": "vip"}, 502, "BACK_OFFICE_UNAVAILABLE"),
]


@pytest.mark.parametrize(("status", "said", "shown", "code"), SAID)
def test_what_a_back_office_refuses_is_told_in_our_words(caller, office, status, said, shown, code) -> None:
    office.answering = lambda _player, _rest: (status, said)
    answer = caller.ask("player")

    assert_refused(answer, shown, code)
    assert "confidence" not in answer.text
    if status == 422:
        assert answer.json()["error"]["details"] == {"reason": "not_eligible"}


@pytest.mark.parametrize("withdrawal_id", ["%2E%2E", ".", "a%5C..%5Cb", "w" * 300, "wd_1%0A"])
def test_a_withdrawal_id_that_is_a_path_is_an_unknown_withdrawal(caller, office, withdrawal_id) -> None:
    answer = caller.request("POST", f"{HOME}/withdrawals/{withdrawal_id}/cancel", json=BODIES["withdrawals.cancel"])

    assert answer.status_code in (400, 404)
    assert office.asked == []
