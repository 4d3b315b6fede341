"""Ranges of dates that an upstream does not take at once, lists without an end, and sums over them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.backoffice.connector.rows import HEAD, MAP, row
from tests.backoffice.connector.upstream import Upstream
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.errors import InvalidRequest

WINDOWED = (
    HEAD
    + """
[capabilities.withdrawals]
list = "$.items"
filters = ["from_date", "to_date"]
window = { days = 180, WIDER most = 3 }
paging = { kind = "none" }
[[capabilities.withdrawals.calls]]
path = "/banking"
headers = { X-Player = "{player_id}" }
query = { startDate = "{from_date:iso}", endDate = "{to_date:iso}" }
without_id = true
"""
    + MAP
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_range_that_the_upstream_does_not_take_is_split(upstream: Upstream) -> None:
    # The first thing lies on the border of two parts and comes with both.
    upstream.routes["GET /banking"] = lambda asked: {"items": [row(1), row(1, Id=asked.query["startDate"])]}
    document = WINDOWED.replace("WIDER", 'wider = "split",')

    answer = upstream.ask(
        upstream.connector(document), "withdrawals", from_date=NOON - timedelta(days=400), to_date=NOON
    )

    assert [tuple(asked.query.values()) for asked in upstream.asked] == [
        ("2025-09-02T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2025-03-06T12:00:00Z", "2025-09-02T12:00:00Z"),
        ("2025-01-25T12:00:00Z", "2025-03-06T12:00:00Z"),
    ]
    assert answer["total"] == 4


@pytest.mark.parametrize(("wider", "days"), [("", 181), ('wider = "split",', 541)])
def test_a_range_that_is_too_wide_is_refused_before_anything_is_asked(
    upstream: Upstream, wider: str, days: int
) -> None:
    connector = upstream.connector(WINDOWED.replace("WIDER", wider))

    with pytest.raises(InvalidRequest) as refused:
        upstream.ask(connector, "withdrawals", from_date=NOON - timedelta(days=days), to_date=NOON)

    assert refused.value.details == {"field": "from_date", "reason": "range_too_wide", "days": 180}
    assert upstream.asked == []


def test_without_dates_the_last_days_are_asked_for(upstream: Upstream) -> None:
    upstream.routes["GET /banking"] = {"items": []}

    upstream.ask(upstream.connector(WINDOWED.replace("WIDER", "default_days = 30,")), "withdrawals")

    start, end = (datetime.fromisoformat(text) for text in upstream.asked[0].query.values())
    assert end - start == timedelta(days=30)


DEPOSITS = (
    HEAD
    + """
[capabilities.deposits]
list = "$.data"
currency = "$.currency"
paging = { kind = "none" }
filters = ["status"]
values = { status = { completed = "succeeded" } }
[[capabilities.deposits.calls]]
path = "/payments"
headers = { X-Player = "{player_id}" }
query = { state = "{status}" }
without_id = true
[capabilities.deposits.map]
deposit_id = "$.id"
amount = { path = "$.amount_cents", transform = "minor_units" }
currency = "$.currency"
status = { path = "$.state", transform = "enum", values = { succeeded = "completed" } }
created_at = "$.created_at"
[capabilities."deposits.summary"]
same_as = "deposits"
"""
)


def deposit(number: int, cents: int, state: str = "succeeded") -> dict[str, object]:
    created = f"2026-03-0{number}T00:00:00Z"
    return {"id": number, "amount_cents": cents, "currency": "EUR", "state": state, "created_at": created}


def test_a_summary_is_computed_from_all_completed_deposits(upstream: Upstream) -> None:
    upstream.routes["GET /payments"] = {"data": [deposit(1, 1000), deposit(2, 1001), deposit(3, 5, "failed")]}

    answer = upstream.ask(upstream.connector(DEPOSITS), "deposits.summary")

    assert CAPABILITIES["deposits.summary"].answer.model_validate(answer)
    assert answer == {
        "player_id": "5832",
        "currency": "EUR",
        "count": 2,
        "total_amount": Decimal("20.01"),
        "average_amount": Decimal("10.00"),
        "last_deposit_date": datetime(2026, 3, 2, tzinfo=UTC),
    }


def test_a_player_without_deposits_has_no_average(upstream: Upstream) -> None:
    upstream.routes["GET /payments"] = {"data": []}

    answer = upstream.ask(upstream.connector(DEPOSITS), "deposits.summary")

    assert (answer["count"], answer["total_amount"], answer["average_amount"]) == (0, 0, None)


def test_an_argument_is_asked_for_in_the_upstreams_words(upstream: Upstream) -> None:
    upstream.routes["GET /payments"] = {"data": [deposit(1, 1000)]}

    upstream.ask(upstream.connector(DEPOSITS), "deposits", status="completed")

    assert upstream.asked[0].query == {"state": "succeeded"}


def test_a_word_that_the_upstream_does_not_have_is_filtered_by_here(upstream: Upstream) -> None:
    upstream.routes["GET /payments"] = {"data": [deposit(1, 1000), deposit(2, 1, "odd")]}

    answer = upstream.ask(upstream.connector(DEPOSITS), "deposits", status="unknown")

    assert upstream.asked[0].query == {}
    assert answer["total"] == 1


def test_an_upstream_that_knows_only_days_answers_no_more_than_was_asked_for(upstream: Upstream) -> None:
    upstream.routes["GET /banking"] = {"items": [row(1, RequestTimeLocal=f"2026-03-01T{h}:00:00Z") for h in (10, 13)]}
    document = WINDOWED.replace("WIDER", "").replace(":iso}", ":date}")

    answer = upstream.ask(upstream.connector(document), "withdrawals", from_date=NOON, to_date=NOON + timedelta(days=1))

    assert upstream.asked[0].query == {"startDate": "2026-03-01", "endDate": "2026-03-02"}
    assert [str(item["requested_at"])[11:13] for item in answer["withdrawals"]] == ["13"]  # type: ignore[attr-defined]


def test_a_list_without_an_end_is_not_mapped(upstream: Upstream) -> None:
    upstream.routes["GET /banking"] = {"items": [{}] * 5001}

    with pytest.raises(InvalidRequest, match="too_many_items"):
        upstream.ask(upstream.connector(WINDOWED.replace("WIDER", "")), "withdrawals")
