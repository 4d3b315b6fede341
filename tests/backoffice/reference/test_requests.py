"""What is asked for wrongly: paging, date filters, bodies. Every refusal has its status and the one shape."""

import json
from typing import Any

import pytest

from tests.support.back_office import BackOffice

CANCEL = "/v1/players/40217/withdrawals/wd_20931/cancel"
DEDUCT = "/v1/players/40217/deduct-cash"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (50, 214)),
        ("limit=1", (1, 214)),
        ("limit=200", (200, 214)),
        ("limit=200&offset=200", (14, 214)),
        ("offset=213", (1, 214)),
        ("offset=214", (0, 214)),
        ("offset=99999999999999999999999", (0, 214)),
        ("limit=007", (7, 214)),
        ("event_type=deposit", (18, 18)),
        ("event_type=deposit&limit=2&offset=17", (1, 18)),
        ("event_type=win&from_date=2026-02-28", (6, 6)),
        ("from_date=2026-03-01", (1, 1)),
        ("from_date=2026-03-01T09:12:44Z", (1, 1)),
        ("from_date=2026-03-01T09:12:44.5Z", (0, 0)),
        ("from_date=2026-03-01T09:12:45Z", (0, 0)),
        ("to_date=2026-03-01T09:12:43Z", (50, 213)),
        ("to_date=2026-03-01", (50, 214)),
        ("to_date=2026-02-28", (50, 213)),
        ("from_date=2026-02-28T22:41:09Z&to_date=2026-02-28T22:41:09Z", (1, 1)),
        ("from_date=2026-02-28T22:41:09&to_date=2026-02-28T22:41:09", (1, 1)),
        ("from_date=2026-02-28T23:41:09%2B01:00&to_date=2026-02-28", (1, 1)),
        ("from_date=2026-02-28T17:41:09-05:00&to_date=2026-02-28", (1, 1)),
        ("from_date=1969-12-31&to_date=1970-01-01", (0, 0)),
        ("from_date=0001-01-01&to_date=9999-12-31", (50, 214)),
    ],
)
def test_a_list_is_paged_and_filtered(told: BackOffice, query: str, expected: tuple[int, int]) -> None:
    answer = told.client().get(f"/v1/players/40217/transactions?{query}", headers=told.headers("40217")).get_json()

    assert (len(answer["transactions"]), answer["total"]) == expected


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ("/transactions", query)
        for query in (
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=",
            "limit=1.0",
            "limit=1e2",
            "limit=1_0",
            "limit=+5",
            "limit=%205",
            "limit=٣",
            "limit=abc",
            "limit=1&limit=1",
            "offset=-1",
            "offset=x",
            "event_type=",
            "event_type=unknown",
            "event_type=Deposit",
            "from_date=",
            "from_date=yesterday",
            "from_date=2026-02-30",
            "from_date=2026-2-3",
            "from_date=20260203",
            "from_date=2026-W09-1",
            "from_date=2026-03-01T24:00:00Z",
            "from_date=2026-03-01T12:60:00Z",
            "from_date=2026-03-01T12:00:60Z",
            "from_date=2026-03-01T12:00:00+01:00",
            "from_date=2026-03-01T12:00:00%2B25:00",
            "from_date=2026-03-01T12:00:00%2B1",
            "from_date=0001-01-01T00:00:00%2B14:00",
            "to_date=9999-12-31T23:59:59-14:00",
            "from_date=0000-01-01",
            "from_date=1772357400",
            "from_date=2026-03-02&to_date=2026-03-01",
            "from_date=2026-03-01T00:00:01Z&to_date=2026-03-01T00:00:00Z",
            "player_id=40217",
            "status=pending",
            "junk=1",
            "limit=1%00",
        )
    ]
    + [
        ("/withdrawals/pending", "status=pending"),
        ("/withdrawals/pending", "from_date=2026-03-01"),
        ("/withdrawals", "status=waiting"),
        ("/deposits", "status=paid"),
        ("/deposits/summary", "from_date=2026-03-01"),
        ("/bonuses", "from_date=2026-03-01"),
        ("/bonuses/eligible", "limit=1"),
        ("/bonuses/eligible", "criteria_type=vip"),
        ("/transactions/summary", "limit=1"),
        ("/notes", "from_date=2026-03-01"),
        ("", "limit=1"),
        ("/balances", "currency=EUR"),
        ("/kyc", "x="),
        ("/responsible-gaming", "x"),
        ("/responsible-gaming/closed", "x=1"),
    ],
)
def test_a_query_that_is_not_known_is_refused(told: BackOffice, place: str, query: str) -> None:
    answer = told.client().get(f"/v1/players/40217{place}?{query}", headers=told.headers("40217"))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "INVALID_REQUEST"), answer.text


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"amount": 1, "amount": 2}', "application/json", 400),
        (b'{"amount": NaN}', "application/json", 400),
        (b'{"amount": Infinity}', "application/json", 400),
        (b'{"amount": 1e400}', "application/json", 400),
        (b'{"amount": 99999999999999999999}', "application/json", 400),
        (b'\xef\xbb\xbf{"amount": 1}', "application/json", 400),
        (b'{"reason": "\xff"}', "application/json", 400),
        (b'{"amount": 1, "reason": "\\u0000"}', "application/json", 400),
        (b'{"amount": 1, "reason": "\\ud800"}', "application/json", 400),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400),
        (b'{"a":' * 30_000, "application/json", 413),
        (b" " * 65_537, "application/json", 413),
        (b'{"amount": 1}', "text/plain", 415),
        (b'{"amount": 1}', "application/x-www-form-urlencoded", 415),
        (b'{"amount": 1}', "application/json; charset=utf-16", 415),
        (b'{"amount": 1}', None, 415),
    ],
    ids=range(20),
)
def test_a_body_that_is_no_json_object_is_refused(
    told: BackOffice, raw: bytes, content_type: str | None, status: int
) -> None:
    answer = told.client().post(DEDUCT, data=raw, content_type=content_type, headers=told.headers("40217"))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, "INVALID_REQUEST")


AMOUNTS = [
    "0",
    "-1",
    "-0.01",
    "true",
    "false",
    '"5"',
    "null",
    "[1]",
    "{}",
    "0.001",
    "1e-30",
    "1e25",
    "123456789012345678",
]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_a_positive_number_of_the_currencys_decimals(told: BackOffice, amount: str) -> None:
    raw = f'{{"amount": {amount}}}'
    answer = (
        told.client().post(DEDUCT, data=raw, content_type="application/json", headers=told.headers("40217")).get_json()
    )

    assert answer["error"]["code"] == "INVALID_REQUEST"
    assert answer["error"]["details"]["field"] == "amount"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CANCEL, {}),
        (CANCEL, {"reason": ""}),
        (CANCEL, {"reason": "x" * 501}),
        (CANCEL, {"reason": 5}),
        (CANCEL, {"reason": None}),
        (CANCEL, {"reason": "x", "player_id": "40217"}),
        (CANCEL, {"reason": "x", "playerId": "5832"}),
        (CANCEL, {"reason": "x", "cancelled_by": ["a"]}),
        (CANCEL + "?player_id=40217", {"reason": "x"}),
        ("/v1/players/40217/balances/adjustments", {"type": "credit", "balance_type": "cash", "amount": 1}),
        (
            "/v1/players/40217/balances/adjustments",
            {"type": "gift", "balance_type": "cash", "amount": 1, "reason": "x"},
        ),
        (
            "/v1/players/40217/balances/adjustments",
            {"type": "debit", "balance_type": "all", "amount": 1, "reason": "x"},
        ),
        ("/v1/players/40217/bonus", {"amount": 5}),
        ("/v1/players/40217/bonus", {"bonus_type_id": "", "amount": 5}),
        ("/v1/players/40217/bonus", {"bonus_type_id": 5, "amount": 5}),
        ("/v1/players/40217/cancel-bonus", {}),
        ("/v1/players/40217/cancel-bonus", {"reason": "x", "bonus_id": 7731}),
        ("/v1/players/40217/kyc/documents", {"type": "library_card"}),
        ("/v1/players/40217/kyc/documents", {"type": "passport", "expires_at": "2026-02-30"}),
        ("/v1/players/40217/kyc/documents", {"type": "passport", "expires_at": "2026-09-01T00:00:00Z"}),
        ("/v1/players/40217/kyc/documents", {"type": "passport", "file": "…"}),
        ("/v1/players/40217/responsible-gaming/limits", {"type": "deposit_yearly", "limit_amount": 5}),
        ("/v1/players/40217/responsible-gaming/limits", {"type": "deposit_daily"}),
        ("/v1/players/40217/responsible-gaming/limits", {"type": "session_time", "limit_amount": 1.5}),
        ("/v1/players/40217/responsible-gaming/self-exclusion", {"type": "cooloff", "reason": "x"}),
        (
            "/v1/players/40217/responsible-gaming/self-exclusion",
            {"type": "permanent", "reason": "x", "duration_days": 5},
        ),
        ("/v1/players/40217/responsible-gaming/self-exclusion", {"type": "cooloff", "reason": "x", "duration_days": 0}),
        (
            "/v1/players/40217/responsible-gaming/self-exclusion",
            {"type": "cooloff", "reason": "x", "duration_days": 1.5},
        ),
        (
            "/v1/players/40217/responsible-gaming/self-exclusion",
            {"type": "cooloff", "reason": "x", "duration_days": 9**12},
        ),
        ("/v1/players/40217/notes", {"content": ""}),
        ("/v1/players/40217/notes", {"content": "x" * 4001}),
        ("/v1/players/40217/notes", {"content": "x", "pinned": True}),
        ("/v1/bonus-types", {"name": "A", "code": "A", "benefit_type": "unknown", "amount": 1}),
        ("/v1/bonus-types", {"name": "A", "code": "A", "benefit_type": "Cash", "amount": 1, "wager_requirement": -1}),
        ("/v1/bonus-types", {"name": "A", "code": "RELOAD40", "benefit_type": "Cash", "amount": 1}),
        ("/v1/auth/player/login", {"email": "ana.ruiz@player.example", "player_id": "40217"}),
    ],
)
def test_a_body_whose_members_are_not_known_is_refused(told: BackOffice, path: str, body: dict[str, Any]) -> None:
    answer = told.client().post(path, json=body, headers=told.headers("40217"))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "INVALID_REQUEST"), answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": None},
        {"settings": {}},
        {"email": "x@y.example"},
        {"blocked": "no"},
        {"settings": {"want_bonus": 1}},
    ],
)
def test_a_profile_is_changed_by_what_may_be_changed(told: BackOffice, body: dict[str, Any]) -> None:
    answer = told.client().put("/v1/players/40217", json=body, headers=told.headers("40217"))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/players", (404, "NOT_FOUND")),
        ("GET", "/v1/nothing", (404, "NOT_FOUND")),
        ("GET", "/v2/players/40217", (404, "NOT_FOUND")),
        ("DELETE", "/v1/players/40217", (405, "METHOD_NOT_ALLOWED")),
        ("PATCH", "/v1/players/40217", (405, "METHOD_NOT_ALLOWED")),
        ("OPTIONS", "/v1/players/40217", (405, "METHOD_NOT_ALLOWED")),
        ("GET", "/v1/bonus-types", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_what_is_not_there_says_so(told: BackOffice, method: str, path: str, expected: tuple[int, str]) -> None:
    answer = told.client().open(path, method=method, headers=told.headers("40217"))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == expected


def test_an_error_has_the_one_shape(told: BackOffice) -> None:
    answer = told.client().post(DEDUCT, json={"amount": -5}, headers=told.headers("40217"))
    error = json.loads(answer.text)

    assert list(error) == ["success", "error"]
    assert list(error["error"]) == ["code", "message", "request_id", "details"]
    assert error["error"]["details"] == {"field": "amount", "reason": "must be positive"}
    assert error["error"]["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"
