"""The canonical shapes: what is read strictly, what is dropped, and how amounts and moments are written."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from widget_service import strict_json
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE, write
from widget_service.backoffice.canonical.currencies import find_places, rounded, with_places
from widget_service.backoffice.canonical.payments import Withdrawal, Withdrawals
from widget_service.backoffice.canonical.queries import DateRange, Paging
from widget_service.backoffice.canonical.times import read_moment, write_moment


def amounts() -> st.SearchStrategy[Decimal]:
    return st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False, places=8)


@settings(max_examples=60, deadline=None)
@given(amount=amounts(), currency=st.sampled_from(["EUR", "JPY", "BTC", "KWD", "XYZ"]))
def test_an_amount_is_read_back_as_it_was_written(amount: Decimal, currency: str) -> None:
    raw = write({"currency": currency, "amount": amount})

    assert b"E" not in raw.replace(b"EUR", b"").replace(b'"currency"', b"")
    assert strict_json.parse_object(raw, decimals=True)["amount"] == amount


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("150", "EUR", "150.00"),
        ("150.5", "EUR", "150.50"),
        ("150.505", "EUR", "150.505"),
        ("1E+3", "EUR", "1000.00"),
        ("1E+3", "JPY", "1000"),
        ("15000.0", "JPY", "15000.0"),
        ("1E-8", "BTC", "0.00000001"),
        ("5", "kwd", "5.000"),
        ("-0", "EUR", "0.00"),
        ("-0.00", None, "0.00"),
        ("7", None, "7"),
    ],
)
def test_amounts_are_plain_digits_in_their_currencys_places(amount: str, currency: str | None, text: str) -> None:
    members = {"currency": currency, "inside": {"amount": [Decimal(amount)]}}

    assert write(members).decode().split("[")[1].rstrip("]}") == text


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), b"x", {1, 2}, object()])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        write({"value": value})


def test_places_are_those_of_the_currency() -> None:
    assert [find_places(code) for code in ("JPY", "EUR", "KWD", "BTC", "???", "krw")] == [0, 2, 3, 8, 2, 0]
    assert str(rounded(Decimal("102.225"), "EUR")) == "102.22"
    assert str(rounded(Decimal("102.235"), "EUR")) == "102.24"
    assert str(with_places(Decimal("1.234"), "EUR")) == "1.234"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00Z"),
        (datetime(2026, 3, 1, 12, 0, 0, 120_000, tzinfo=UTC), "2026-03-01T12:00:00.12Z"),
        (datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-02-28T23:00:00Z"),
        (datetime(9, 3, 1, tzinfo=UTC), "0009-03-01T00:00:00Z"),
    ],
)
def test_moments_are_written_in_utc_and_read_back(moment: datetime, text: str) -> None:
    assert write_moment(moment) == text
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00:00Z\n", "today", 5, None, True]
)
def test_a_moment_has_its_zone(text: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_moment(text)


def test_a_plain_date_is_the_whole_day() -> None:
    day = DateRange.model_validate({"from_date": "2026-03-01", "to_date": "2026-03-01"})

    assert day.from_date == datetime(2026, 3, 1, tzinfo=UTC)
    assert day.to_date == datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)


def test_paging_takes_texts_and_numbers_alike() -> None:
    assert Paging.model_validate({"limit": "200", "offset": 3}) == Paging(limit=200, offset=3)
    with pytest.raises(ValidationError):
        Paging.model_validate({"limit": True})


def withdrawal(**members: Any) -> dict[str, Any]:
    return {"withdrawal_id": "wd_1", "amount": Decimal("1.00"), "currency": "EUR", **members}


@pytest.mark.parametrize(
    ("given_members", "status", "raw_status", "cancellable"),
    [
        ({"status": "pending", "cancellable": True}, "pending", None, True),
        ({"status": "pending"}, "pending", None, False),
        ({"status": "pending", "cancellable": None}, "pending", None, False),
        ({"status": "paid", "cancellable": True}, "paid", None, False),
        ({"status": "paid", "raw_status": "3"}, "paid", None, False),
        ({"status": "AwaitingPsp", "cancellable": True}, "unknown", "AwaitingPsp", False),
        ({"status": "unknown", "raw_status": "x", "cancellable": True}, "unknown", "x", False),
        ({}, "unknown", None, False),
    ],
)
def test_a_status_is_known_or_unknown_with_its_original(
    given_members: dict[str, Any], status: str, raw_status: str | None, cancellable: bool
) -> None:
    found = Withdrawal.model_validate(withdrawal(**given_members)).model_dump()

    assert (found["status"], found.get("raw_status"), found["cancellable"]) == (status, raw_status, cancellable)
    assert ("raw_status" in found) == (raw_status is not None)


def test_only_members_that_are_known_pass() -> None:
    item = withdrawal(iban="DE02…", extra={"psp": "x"})
    found = Withdrawals.model_validate({"player_id": "1", "withdrawals": [item], "total": 1, "secret": 1}).model_dump()

    assert list(found) == ["player_id", "withdrawals", "total"]
    assert found["withdrawals"][0]["extra"] == {"psp": "x"}
    assert "iban" not in found["withdrawals"][0]


@pytest.mark.parametrize("wrong", [{"amount": 1.5}, {"amount": "1.50"}, {"amount": True}, {"withdrawal_id": 7}])
def test_what_is_of_another_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Withdrawal.model_validate({**withdrawal(), **wrong})


def test_no_capability_without_a_scope_can_be_asked_through_the_gateway() -> None:
    assert all(capability.scope for capability in CAPABILITIES.values())
    assert not any(capability.scope for capability in WITHOUT_SCOPE.values())
    assert not set(CAPABILITIES) & set(WITHOUT_SCOPE)
