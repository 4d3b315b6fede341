"""Answers that are no lists: put together from calls, read by a map, held against the player."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backoffice.connector.upstream import Upstream
from widget_service.backoffice.canonical import CAPABILITIES, write
from widget_service.errors import (
    BackOfficeUnavailable,
    CapabilityNotAvailable,
    InvalidSession,
    PlayerNotFound,
    ServiceError,
)

HEAD = """
format = 1
name = "Test"
[settings]
currency = { kind = "currency", default = "EUR" }
[dates]
zone = "Europe/Berlin"
[authentication]
kind = "header"
headers = { Authentication = "{secrets.api_token}" }
"""
PLAYER = (
    HEAD
    + """
[[errors]]
path = "$.HasError"
one_of = [true]
code = "BACK_OFFICE_UNAVAILABLE"
reason = "has_error"
[[capabilities.player.calls]]
name = "profile"
path = "/Client/GetClientById"
query = { id = "{player_id}" }
root = "$.Data"
id_path = "$.Id"
[[capabilities.player.calls]]
name = "kpi"
path = "/Client/GetClientKpi"
query = { id = "{player_id}" }
root = "$.Data"
id_path = "$.ClientId"
optional = true
[capabilities.player.map]
name = { transform = "concat", of = ["$.FirstName", "$.MiddleName", "$.LastName"] }
email = "$.Email"
phone = ["$.MobilePhone", "$.Phone"]
currency = { path = "$.CurrencyId", otherwise = { setting = "currency" } }
registration_date = { path = "$.Created", transform = "date", format = "dd-MM-yy - HH:mm:ss" }
last_login = "$.LastLoginLocalDate"
kyc_status = { path = "$.IsVerified", transform = "bool_to_kyc" }
withdrawal_status = { path = "$.CanWithdraw", transform = "enum", values = { true = "Active", false = "Blocked" } }
blocked = "$.IsLocked"
segments = { transform = "labels", labels = { Test = "$.IsTest", Vip = "$.IsVip" } }
balances.cash_balance = "$.Balance"
balances.total_balance = { transform = "add", of = ["$.Balance", "$.Bonus"] }
kpi.ltd = "kpi$.DepositAmount"
kpi.last_deposit = { when = "kpi$.LastDepositAmount", amount = "kpi$.LastDepositAmount", date = "kpi$.LastDepositTime" }
[capabilities.player.extra]
loyalty_points = "$.LoyaltyPoint"
"""
)
PROFILE = {
    "HasError": False,
    "Data": {
        "Id": 5832, "FirstName": "Ana", "MiddleName": None, "LastName": "Ruiz", "Email": "ana@player.example",
        "MobilePhone": "", "Phone": "+34 600", "CurrencyId": "EUR", "Created": "11-06-25 - 18:22:04",
        "LastLoginLocalDate": "2026-03-01T12:38:51.123", "IsVerified": True, "CanWithdraw": False, "IsLocked": False,
        "IsTest": True, "IsVip": 0, "Balance": "220.50", "Bonus": None, "LoyaltyPoint": 12, "Password": "hunter2",
    },
}  # fmt: skip
KPI = {"Data": {"ClientId": "5832", "DepositAmount": "1840.00", "LastDepositAmount": None}}


@pytest.fixture
def casino(upstream: Upstream) -> Upstream:
    upstream.routes = {"GET /Client/GetClientById": PROFILE, "GET /Client/GetClientKpi": KPI}
    return upstream


def test_an_answer_is_put_together_from_several_calls(casino: Upstream) -> None:
    answer = casino.ask(casino.connector(PLAYER), "player")

    assert answer == {
        "id": "5832",
        "name": "Ana Ruiz",
        "email": "ana@player.example",
        "phone": "+34 600",
        "currency": "EUR",
        "registration_date": datetime(2025, 6, 11, 16, 22, 4, tzinfo=UTC),
        "last_login": datetime(2026, 3, 1, 11, 38, 51, 123000, tzinfo=UTC),
        "kyc_status": "approved",
        "withdrawal_status": "Blocked",
        "blocked": False,
        "segments": ["Test"],
        "balances": {"cash_balance": Decimal("220.50"), "total_balance": None},
        "kpi": {"ltd": Decimal("1840.00"), "last_deposit": None},
        "extra": {"loyalty_points": 12},
    }


def test_an_answer_is_a_canonical_one(casino: Upstream) -> None:
    answer = casino.ask(casino.connector(PLAYER), "player")

    written = write(CAPABILITIES["player"].answer.model_validate(answer))

    assert b'"cash_balance":220.50' in written
    assert b"hunter2" not in written


def test_the_calls_carry_what_the_document_says(casino: Upstream) -> None:
    casino.ask(casino.connector(PLAYER), "player")

    assert [(asked.target, asked.headers["authentication"]) for asked in casino.asked] == [
        ("/Client/GetClientById?id=5832", "staff-token-1"),
        ("/Client/GetClientKpi?id=5832", "staff-token-1"),
    ]


@pytest.mark.parametrize("path", ["GET /Client/GetClientById", "GET /Client/GetClientKpi"])
@pytest.mark.parametrize("foreign", [40217, "40217", "05832", " 5832", 58320, True, {"Id": 5832}, [5832]])
def test_another_players_answer_is_never_used(casino: Upstream, path: str, foreign: object) -> None:
    name = "Id" if path.endswith("ById") else "ClientId"
    casino.routes[path] = {"Data": {**PROFILE["Data"], name: foreign}}  # type: ignore[dict-item]

    with pytest.raises(BackOfficeUnavailable) as refused:
        casino.ask(casino.connector(PLAYER), "player")

    assert refused.value.reason == "foreign_player"


def test_an_answer_that_names_no_player_is_not_used(casino: Upstream) -> None:
    casino.routes["GET /Client/GetClientKpi"] = {"Data": {**KPI["Data"], "ClientId": None}}
    without_kpi = casino.ask(casino.connector(PLAYER), "player")
    casino.routes["GET /Client/GetClientById"] = {"Data": {**PROFILE["Data"], "Id": None}}  # type: ignore[dict-item]

    assert without_kpi["kpi"] == {"ltd": None, "last_deposit": None}
    with pytest.raises(BackOfficeUnavailable, match="id_missing"):
        casino.ask(casino.connector(PLAYER), "player")


def test_an_optional_call_that_fails_leaves_its_members_empty(casino: Upstream) -> None:
    casino.routes["GET /Client/GetClientKpi"] = (500, {})

    answer = casino.ask(casino.connector(PLAYER), "player")

    assert answer["kpi"] == {"ltd": None, "last_deposit": None}


def test_an_optional_call_does_not_hide_an_ended_session(casino: Upstream) -> None:
    casino.routes["GET /Client/GetClientKpi"] = (403, {})
    gone = '[[errors]]\nstatus = 403\ncode = "INVALID_SESSION"\n'

    with pytest.raises(InvalidSession):
        casino.ask(casino.connector(PLAYER.replace("[[errors]]", f"{gone}[[errors]]", 1)), "player")


@pytest.mark.parametrize(
    "broken",
    [{"Balance": "about 200"}, {"Balance": True}, {"Email": ["a"]}, {"LastLoginLocalDate": "yesterday"},
     {"IsLocked": "no"}, {"Created": "2025-06-11"}, {"Created": "31-02-25 - 10:00:00"}, {"LoyaltyPoint": {}}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_member(casino: Upstream, broken: dict[str, object]) -> None:
    casino.routes["GET /Client/GetClientById"] = {"Data": {**PROFILE["Data"], **broken}}  # type: ignore[dict-item]

    with pytest.raises(BackOfficeUnavailable, match="unreadable:"):
        casino.ask(casino.connector(PLAYER), "player")


def test_an_error_behind_a_success_is_an_error(casino: Upstream) -> None:
    casino.routes["GET /Client/GetClientById"] = {"HasError": True, "AlertMessage": "Ana Ruiz is locked", "Data": None}

    with pytest.raises(BackOfficeUnavailable) as refused:
        casino.ask(casino.connector(PLAYER), "player")

    assert refused.value.reason == "upstream:has_error"


def test_what_is_not_configured_is_not_available(casino: Upstream) -> None:
    with pytest.raises(CapabilityNotAvailable):
        casino.ask(casino.connector(PLAYER), "kyc")

    assert casino.asked == []


BALANCES = (
    HEAD
    + """
[player]
id = "integer"
[session]
source = "operator_session_id"
header = "X-SessionId"
[[capabilities.balances.calls]]
path = "/v2/player/{player_id}/balance"
id_path = "$.userId"
[capabilities.balances.map]
currency = { path = "$.totalAmount", transform = "sole_key" }
total_balance = { path = "$.totalAmount", transform = "currency_key" }
cash_balance = { path = "$.cents", transform = "minor_units", subunits = { BTC = 100000000 } }
[capabilities.balances.map.bonus_balance]
transform = "subtract"
of = [{ path = "$.totalAmount", transform = "currency_key" }, "$.cash"]
at_least = 0
"""
)


@pytest.mark.parametrize(
    ("code", "minor", "major"),
    [("EUR", 12345, "123.45"), ("JPY", 1000, "1000"), ("BTC", 12345678, "0.12345678"), ("kwd", 1234, "1.234")],
)
def test_amounts_keyed_by_currency_keep_every_digit(upstream: Upstream, code: str, minor: int, major: str) -> None:
    text = f'{{"userId": 5832, "totalAmount": {{"{code}": 100.10}}, "cents": {minor}, "cash": "100.30"}}'
    upstream.routes["GET /v2/player/5832/balance"] = text

    answer = upstream.ask(upstream.connector(BALANCES), "balances")

    assert answer["currency"] == code.upper()
    assert [str(answer[name]) for name in ("total_balance", "cash_balance")] == ["100.10", major]
    assert answer["bonus_balance"] == 0


def test_the_operators_own_session_goes_along(upstream: Upstream) -> None:
    upstream.routes["GET /v2/player/5832/balance"] = {"userId": "5832", "totalAmount": {"EUR": 1}}

    upstream.ask(upstream.connector(BALANCES), "balances")

    assert upstream.asked[0].headers["x-sessionid"] == "op-session-1"


@pytest.mark.parametrize("player", ["abc", "007", "5832.0", "-0", "1e3", "5832 ", "٣"])
def test_a_player_that_the_platform_cannot_have_is_not_asked_for(upstream: Upstream, player: str) -> None:
    with pytest.raises(PlayerNotFound):
        upstream.ask(upstream.connector(BALANCES), "balances", player)

    assert upstream.asked == []


RESTRICTIONS = (
    HEAD
    + """
[[capabilities.responsible_gaming.calls]]
path = "/user"
headers = { X-Player = "{player_id}" }
id_path = "$.id"
[capabilities.responsible_gaming.map]
rg_closed = { path = "$.exclude_type", transform = "boolean", true = [2, 6], false = [0] }
limits = [
  { when = "$.max_day", type = { constant = "deposit_daily" }, limit_amount = "$.max_day" },
  { when = "$.max_week", type = { constant = "deposit_weekly" }, limit_amount = "$.max_week" },
]
[capabilities.responsible_gaming.map.closure]
when = { path = "$.exclude_type", one_of = [2, 6] }
type = { path = "$.exclude_type", transform = "enum", values = { 2 = "self_exclusion", 6 = "timeout" } }
[capabilities."responsible_gaming.closed"]
same_as = "responsible_gaming"
"""
)


def test_objects_and_elements_are_there_only_if_their_condition_holds(upstream: Upstream) -> None:
    connector = upstream.connector(RESTRICTIONS)
    upstream.routes["GET /user"] = {"id": "5832", "exclude_type": 0, "max_week": "500"}
    open_player = upstream.ask(connector, "responsible_gaming")
    upstream.routes["GET /user"] = {"id": "5832", "exclude_type": "6", "max_day": 5, "max_week": 20}
    closed_player = upstream.ask(connector, "responsible_gaming")

    assert (open_player["rg_closed"], open_player["closure"]) == (False, None)
    assert open_player["limits"] == [{"type": "deposit_weekly", "limit_amount": Decimal(500)}]
    assert (closed_player["rg_closed"], closed_player["closure"]) == (True, {"type": "timeout"})


SUMMARY = (
    HEAD
    + """
[capabilities."transactions.summary"]
filters = ["from_date"]
[[capabilities."transactions.summary".calls]]
path = "/totals"
headers = { X-Player = "{player_id}" }
query = { since = "{from_date:iso}" }
id_path = "$.id"
[capabilities."transactions.summary".map]
total_deposits = "$.in"
"""
)


def test_a_summary_is_of_the_dates_that_were_asked_for_or_not_available(upstream: Upstream) -> None:
    connector, start = upstream.connector(SUMMARY), datetime(2026, 2, 1, tzinfo=UTC)
    upstream.routes["GET /totals"] = {"id": "5832", "in": 300}
    of_all_time = upstream.ask(connector, "transactions.summary")
    of_a_range = upstream.ask(connector, "transactions.summary", from_date=start)

    assert (of_all_time["from_date"], of_all_time["to_date"]) == (None, None)
    assert (of_a_range["from_date"], of_a_range["total_deposits"]) == (start, Decimal(300))
    assert "since" in upstream.asked[1].query
    with pytest.raises(CapabilityNotAvailable):
        upstream.ask(connector, "transactions.summary", to_date=start)


@pytest.mark.parametrize("capability", ["responsible_gaming", "responsible_gaming.closed"])
@pytest.mark.parametrize("silence", [None, "", 7, "?"])
def test_silence_is_not_taken_for_not_excluded(upstream: Upstream, capability: str, silence: object) -> None:
    upstream.routes["GET /user"] = {"id": "5832", "exclude_type": silence}

    with pytest.raises(CapabilityNotAvailable):
        upstream.ask(upstream.connector(RESTRICTIONS), capability)


def test_closed_is_answered_from_the_restrictions(upstream: Upstream) -> None:
    upstream.routes["GET /user"] = {"id": "5832", "exclude_type": 2}

    answer = upstream.ask(upstream.connector(RESTRICTIONS), "responsible_gaming.closed")

    assert answer == {"player_id": "5832", "rg_closed": True}


KYC = (
    HEAD
    + """
[[capabilities.kyc.calls]]
path = "/documents"
headers = { X-Player = "{player_id}" }
id_path = "$.player"
[capabilities.kyc.map]
status = { path = "$.state", transform = "enum", values = { ok = "approved" } }
[capabilities.kyc.map.documents]
each = ["$.documents", "$.data.documents"]
object_or_list = true
[capabilities.kyc.map.documents.map]
id = "$.id"
type = { path = "$.kind", transform = "enum", values = { identity = "id_card" } }
status = { path = "$.state", transform = "enum", values = { not_approved = "rejected" } }
submitted_at = { path = "$.at", transform = "date", format = "unix" }
"""
)


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("alone", [True, False])
def test_a_list_inside_is_found_however_it_is_wrapped(upstream: Upstream, wrapped: bool, alone: bool) -> None:
    document = {"id": 7, "kind": "identity", "state": "new_word", "at": 1772323200, "file_name": "passport.jpg"}
    listed: object = document if alone else [document]
    inner = {"data": {"documents": listed}} if wrapped else {"documents": listed}
    upstream.routes["GET /documents"] = {"player": 5832, "state": None, **inner}

    answer = upstream.ask(upstream.connector(KYC), "kyc")

    assert answer == {
        "player_id": "5832",
        "status": "unknown",
        "documents": [
            {"id": "7", "type": "id_card", "status": "unknown", "raw_status": "new_word",
             "submitted_at": datetime(2026, 3, 1, tzinfo=UTC)}
        ],
    }  # fmt: skip


ANYTHING = st.recursive(
    st.sampled_from(
        [None, True, 0, -1, 5832, 2**63 - 1, "5832", "", "EUR", "x", "1.5", "2026-03-01T12:00:00", "\u2028"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["EUR", "a"]), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(PROFILE["Data"], ANYTHING)))  # type: ignore[call-overload]
def test_whatever_comes_is_a_canonical_answer_or_a_refusal(casino: Upstream, broken: dict[str, object]) -> None:
    casino.routes["GET /Client/GetClientById"] = {"Data": {**PROFILE["Data"], "Id": 5832, **broken}}  # type: ignore[dict-item]
    player_of = CAPABILITIES["player"].answer.model_validate

    with contextlib.suppress(ServiceError):
        assert player_of(casino.ask(casino.connector(PLAYER), "player")).model_dump()["id"] == "5832"


@pytest.mark.parametrize("state", [{"a": 1}, ["x"], []])
def test_a_state_that_is_no_single_word_is_refused(upstream: Upstream, state: object) -> None:
    document = KYC.replace("""{ path = "$.state", transform = "enum", values = { ok = "approved" } }""", '"$.state"')
    upstream.routes["GET /documents"] = {"player": 5832, "state": state, "documents": []}

    with pytest.raises(BackOfficeUnavailable, match="unreadable"):
        upstream.ask(upstream.connector(document), "kyc")
