"""What is done to values: money digit by digit, dates in any zone, texts that never leave their place."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import jsonpath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backoffice.connector.upstream import Upstream, caller
from widget_service import strict_json
from widget_service.backoffice.canonical.currencies import find_places
from widget_service.backoffice.connector.amounts import (
    Unreadable,
    from_minor_units,
    read_number,
    subunits_of,
    to_minor_units,
    total,
)
from widget_service.backoffice.connector.dates import read_time, require_format, write_time
from widget_service.backoffice.connector.fields import Field
from widget_service.backoffice.connector.paths import Ambiguous, parse_path
from widget_service.backoffice.connector.scope import Given, Scope
from widget_service.backoffice.connector.templates import as_segment, parse_template
from widget_service.backoffice.connector.transforms import evaluate
from widget_service.errors import BackOfficeUnavailable, PlayerNotFound, ServiceError

quick = settings(max_examples=60, deadline=None)
AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=8)
CODES = st.sampled_from(["EUR", "JPY", "BTC", "KWD", "USDT", "XXX"])


def transformed(options: dict[str, Any], here: object, given_currency: str | None = None) -> object:
    field = Field.model_validate(options)
    return evaluate(field, Scope(Given({"zone": "Europe/Berlin"}), {}, here, currency=given_currency))


@quick
@given(AMOUNTS)
def test_an_amount_keeps_every_digit_as_a_number_and_as_a_text(amount: Decimal) -> None:
    sent = strict_json.parse(f'{{"number": {amount:f}, "text": "{amount:f}"}}', decimals=True)

    assert [str(transformed({"path": f"$.{name}", "transform": "number"}, sent)) for name in ("number", "text")] == [
        str(Decimal(f"{amount:f}"))
    ] * 2


@quick
@given(st.integers(-(10**18), 10**18), CODES)
def test_minor_units_come_back_to_the_same(minor: int, currency: str) -> None:
    declared = {code: 10 ** find_places(code) for code in ("BTC", "ETH", "USDT", "XXX")}
    units = subunits_of(currency, declared)
    major = from_minor_units(minor, units)

    assert units == 10 ** find_places(currency)
    assert to_minor_units(major, units) == minor
    field = {"path": "$.m", "transform": "minor_units", "subunits": declared}
    assert transformed(field, {"m": str(minor)}, currency) == major


@quick
@given(st.dictionaries(CODES, AMOUNTS, min_size=1), CODES, st.sampled_from(["upper", "lower", "title"]))
def test_an_amount_is_found_under_its_own_currency_or_not_at_all(
    amounts: dict[str, Decimal], currency: str, case: str
) -> None:
    keyed = {getattr(code, case)(): amount for code, amount in amounts.items()}

    found = transformed({"path": "$.a", "transform": "currency_key"}, {"a": keyed}, currency)

    assert found == amounts.get(currency)


@quick
@given(st.lists(AMOUNTS, min_size=2, max_size=6))
def test_sums_and_differences_are_exact(amounts: list[Decimal]) -> None:
    here = {f"a{index}": amount for index, amount in enumerate(amounts)}
    of = [f"$.{name}" for name in here]

    assert transformed({"transform": "add", "of": of}, here) == total(amounts)
    assert transformed({"transform": "subtract", "of": of}, here) == amounts[0] - total(amounts[1:])


@pytest.mark.parametrize(
    "value", [True, "1,5", "1e3", "0x10", "NaN", "Infinity", "", " ", "١٢", "1_000", "--1", [1], {}, "1" * 30, None]
)
def test_what_is_no_amount_is_not_read_as_one(value: object) -> None:
    with pytest.raises(Unreadable):
        read_number(value)


@pytest.mark.parametrize(("minor", "units"), [(1, 3), (Decimal("1.5"), 100), ("12.34", 100), (True, 100)])
def test_minor_units_that_do_not_come_out_even_are_refused(minor: object, units: int) -> None:
    with pytest.raises(Unreadable):
        from_minor_units(minor, units)


def test_currencies_may_have_subunits_of_their_own() -> None:
    declared = {"list": "$.currencies", "code": "$.code", "subunits": "$.subunits_to_unit"}
    here = {"m": 12345, "currencies": [{"code": "eur", "subunits_to_unit": 1000}, {"code": "JPY"}]}
    field = {"path": "$.m", "transform": "minor_units", "subunits": declared}

    assert transformed(field, here, "EUR") == Decimal("12.345")
    assert transformed(field, here, "JPY") == Decimal(12345)
    with pytest.raises(Unreadable):
        transformed({"path": "$.m", "transform": "minor_units"}, here)


MOMENTS = st.integers(31_536_000, 3_124_137_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(["UTC", "Europe/Istanbul", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu"])
FORMS = ["iso", "unix", "unix_ms", "dd-MM-yyyy - HH:mm:ss", "yyyy/MM/dd'T'HH:mm:ss.SSS", "iso_or_unix"]


@quick
@given(MOMENTS, ZONES, st.sampled_from([*FORMS, "iso_local"]))
def test_a_moment_that_is_written_is_read_as_the_same(moment: datetime, zone: str, form: str) -> None:
    written_zone = ZoneInfo(zone)
    local = moment.astimezone(written_zone)
    # The hour that a clock shows twice is read as its first time.
    twice = local.fold == 1 and form not in ("iso", "unix", "unix_ms", "iso_or_unix")

    again = read_time(write_time(moment, require_format(form), written_zone), form, written_zone)

    assert again == (local.replace(fold=0).astimezone(UTC) if twice else moment)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59"),  # before the gap
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00"),  # never on a clock: moved on by the gap
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00"),  # twice on a clock: the first
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00"),
        ("2026-03-01", "2026-02-28T23:00:00"),
        ("2026-03-01T12:00:00.1234567", "2026-03-01T11:00:00.123456"),
    ],
)
def test_a_local_time_is_read_by_the_zones_clock(text: str, utc: str) -> None:
    assert read_time(text, "iso", ZoneInfo("Europe/Berlin")) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("empty", [None, "", 0, "0"])
@pytest.mark.parametrize("form", ["unix", "unix_ms", "iso_or_unix"])
def test_no_date_is_no_date(empty: object, form: str) -> None:
    assert read_time(empty, form, ZoneInfo("UTC")) is None


def test_the_first_year_is_no_date_either() -> None:
    assert read_time("0001-01-01T00:00:00", "iso", ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("value", "form"),
    [("soon", "iso"), (5, "iso"), (True, "unix"), (10**15, "unix"), (-1, "unix"), ("12", "dd-MM-yy"),
     ("2026-02-30", "iso"), ("31-04-26", "dd-MM-yy"), ({}, "unix"), ("9999-12-31T23:59:59-12:00", "iso"),
     ("01-03-26 ٣", "dd-MM-yy"), ("٠١-٠٣-٢٦", "dd-MM-yy")],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: object, form: str) -> None:
    with pytest.raises(ValueError, match=r"date|time"):
        read_time(value, form, ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("form", ["", "HH:mm", "dd-MM", "yyyy-dd", "QQ-MM-dd yyyy", "dd-dd-MM-yy", "rfc", "isoo"])
def test_a_pattern_without_a_day_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        require_format(form)


@pytest.mark.parametrize(
    ("options", "here", "wanted"),
    [
        ({"path": "$.s", "transform": "enum", "values": {"0": "pending"}}, {"s": 0}, "pending"),
        ({"path": "$.s", "transform": "enum", "values": {"0": "pending"}}, {"s": "0"}, "pending"),
        ({"path": "$.s", "transform": "enum", "values": {"0": "pending"}}, {"s": Decimal("0.0")}, "pending"),
        ({"path": "$.s", "transform": "enum", "values": {"0": "pending"}}, {"s": False}, "unknown"),
        ({"path": "$.s", "transform": "enum", "values": {"true": "Active"}}, {"s": True}, "Active"),
        ({"path": "$.s", "transform": "enum", "values": {"a": "b"}, "unmapped": "c"}, {"s": "z"}, "c"),
        ({"path": "$.s", "transform": "enum", "values": {"a": "b"}}, {"s": None}, None),
        ({"transform": "concat", "of": ["$.a", "$.b", "$.c"]}, {"a": "Ana ", "b": "", "c": "Ruiz"}, "Ana Ruiz"),
        ({"transform": "concat", "of": ["$.a", "$.b"]}, {"a": None}, None),
        ({"transform": "subtract", "of": ["$.a", "$.b"], "at_least": 0}, {"a": 1, "b": 3}, 0),
        ({"transform": "subtract", "of": ["$.a", "$.b"]}, {"a": 1}, None),
        ({"transform": "add", "of": ["$.a", "$.b"], "missing": "zero"}, {"a": 1}, 1),
        ({"transform": "add", "of": ["$.a", "$.b"], "missing": "zero"}, {}, None),
        ({"path": "$.a", "transform": "absolute"}, {"a": "-5.50"}, Decimal("5.50")),
        ({"path": "$.a", "transform": "sign", "positive": "credit", "negative": "debit"}, {"a": "-0.01"}, "debit"),
        ({"path": "$.a", "transform": "sign", "positive": "credit", "negative": "debit"}, {"a": 0}, None),
        ({"path": "$.a", "transform": "boolean", "reverse": True}, {"a": True}, False),
        ({"path": "$.a", "transform": "boolean", "true": [1], "false": [0]}, {"a": True}, None),
        ({"path": "$.a", "transform": "bool_to_kyc"}, {"a": False}, "unknown"),
        ({"path": "$.a", "transform": "bool_to_kyc"}, {"a": 1}, "unknown"),
        ({"path": "$.a", "transform": "bool_to_kyc", "present": True}, {"a": "2026-01-01"}, "approved"),
        ({"path": "$.a", "transform": "bool_to_kyc", "present": True}, {}, "unknown"),
        ({"path": "$.a[*].n", "transform": "strings"}, {"a": [{"n": "x"}, {"n": None}, {"n": 7}]}, ["x", "7"]),
        ({"path": "$.a", "transform": "strings"}, {"a": ["x", None, ""]}, ["x"]),
        ({"path": "$.a", "transform": "keys"}, {"a": {"vip": 1, "slots": 2}}, ["vip", "slots"]),
        ({"path": ["$.a", "$.b"]}, {"a": "", "b": 0}, 0),
        ({"path": "$.a", "otherwise": {"path": "$.b", "transform": "absolute"}}, {"b": -2}, 2),
        ({"path": "$.a[?@.type == 'real'].amount"}, {"a": [{"type": "bonus"}, {"type": "real", "amount": 3}]}, 3),
    ],
)  # fmt: skip
def test_a_transform_does_what_it_says(options: dict[str, Any], here: object, wanted: object) -> None:
    assert transformed(options, here) == wanted


@pytest.mark.parametrize(
    ("result", "acceptance", "status"),
    [(0, 0, "pending"), (0, 2, "active"), (1, 2, "completed"), (3, 1, "cancelled"), (0, 4, "expired"),
     (9, 9, "unknown")],
)  # fmt: skip
def test_two_words_together_make_a_status(result: int, acceptance: int, status: str) -> None:
    values = {
        "0/0": "pending",
        "0/1": "active",
        "0/2": "active",
        "1/*": "completed",
        "3/*": "cancelled",
        "*/4": "expired",
    }
    options = {"transform": "enum", "of": ["$.Result", "$.Acceptance"], "values": values}

    assert transformed(options, {"Result": result, "Acceptance": acceptance}) == status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@quick
@given(JSON)
def test_a_path_finds_something_or_nothing_in_whatever_is_there(document: object) -> None:
    for text in ("$", "$.a", "$.a.b", "$[0]", "$.a[-1].b", "$['b c']", "$.a[*]", "$[?@.a == 1].b", "$.a[1:2]"):
        path = parse_path(text)
        found = path.find_all(document)
        assert path.exists(document) is bool(found)
        if len(found) > 1:
            with pytest.raises(Ambiguous):
                path.find(document)
        else:
            assert path.find(document) == (found[0] if found else None)
        # The library cuts texts as if they were lists, which RFC 9535 §2.3.4.2.2 does not.
        cuts_a_text = text == "$.a[1:2]" and isinstance(document, dict) and isinstance(document.get("a"), str)
        assert not isinstance(document, (dict, list)) or cuts_a_text or found == jsonpath.findall(text, document)


@quick
@given(st.text(max_size=40))
def test_a_text_never_leaves_its_segment(text: str) -> None:
    try:
        segment = as_segment(text)
    except UnicodeEncodeError:
        return

    assert unquote(segment) == text
    assert not set("/?#\\&=%"[:6]) & set(segment)
    assert segment.isascii()
    assert segment.isprintable()


@quick
@given(st.text(max_size=60))
def test_a_template_is_a_text_or_is_refused(text: str) -> None:
    try:
        template = parse_template(text)
    except ValueError:
        assert "{" in text or "}" in text
        return

    filled = template.fill_text(lambda name, _form: f"<{name}>")
    assert filled is not None
    assert ("{" in filled or "}" in filled) is ("{{" in text or "}}" in text)


INJECTIONS = [
    "../40217", "..", ".", "5832/../40217", "5832%2F..%2F40217", "5832?id=40217", "5832#", "5832\\..\\40217",
    "40217\r\nX: 1", "5832&id=40217", "5832;id=40217", "%2e%2e",
    "{session_id}", "{secrets.api_token}", "$.a", "5832\0", "é", "５８３２",
]  # fmt: skip
PATHS = """
format = 1
name = "Test"
[authentication]
kind = "header"
headers = { X-Player = "{player_id}", Authorization = "Bearer {secrets.api_token}" }
[capabilities.kyc]
[[capabilities.kyc.calls]]
method = "POST"
path = "/players/{player_id}/kyc"
query = { id = "{player_id}" }
body = { id = "{player_id}" }
id_path = "$.id"
[capabilities.kyc.map]
status = "$.status"
"""


@pytest.mark.parametrize("with_header", [True, False])
@pytest.mark.parametrize("player", INJECTIONS)
def test_a_players_id_stays_where_it_belongs(upstream: Upstream, player: str, with_header: bool) -> None:
    document = PATHS if with_header else PATHS.replace('X-Player = "{player_id}", ', "")

    with pytest.raises(ServiceError) as refused:
        upstream.ask(upstream.connector(document), "kyc", player)

    assert isinstance(refused.value, (BackOfficeUnavailable, PlayerNotFound))
    for asked in upstream.asked:
        assert asked.path.startswith("/players/")
        assert asked.path.count("/") == 3
        assert unquote(asked.path.split("/")[2]) == player
        assert (asked.query, asked.body) == ({"id": player}, {"id": player})
        assert "x" not in asked.headers
        assert b"staff-token-1" not in asked.raw + asked.target.encode()


def test_the_same_caller_and_answer_give_the_same(upstream: Upstream) -> None:
    upstream.routes["POST /players/a%20b/kyc"] = {"id": "a b", "status": "approved"}

    assert upstream.ask(upstream.connector(PATHS), "kyc", "a b") == {"player_id": "a b", "status": "approved"}


def test_a_caller_hides_its_sessions() -> None:
    assert "sess_abc" not in repr(caller())
