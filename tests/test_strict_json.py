"""What JSON from strangers may look like."""

import contextlib
import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_service.strict_json import MalformedJson, parse, parse_object

storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(storable_text, inner, max_size=4),
    max_leaves=20,
)


@given(documents, st.booleans())
def test_an_ordinary_document_is_read_as_every_parser_reads_it(document, ascii_only):
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert parse(text, max_depth=64) == json.loads(text)
    assert parse(text.encode(), max_depth=64) == json.loads(text)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 01}', "not_json"),
        (b'{"a": +1}', "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b'{"a": 1} // note', "not_json"),
        (b'"tab\there"', "not_json"),
        (b'"raw nul \x00"', "not_json"),
        (b'"\\u12"', "not_json"),
        (b'"\\x41"', "not_json"),
        ('{"a": "é"}'.encode("latin-1"), "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b'"\xc0\xaf"', "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        ('{"a": 1}'.encode("utf-16-le"), "not_json"),
        ('{"a": 1}'.encode("utf-32-be"), "not_json"),
        (b"\xef\xbb\xbf{}", "bom"),
        ("\ufeff{}", "bom"),
        (b'{"a": 1, "a": 1}', "duplicate_member"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "duplicate_member"),
        (b'{"a": NaN}', "not_finite"),
        (b"[Infinity]", "not_finite"),
        (b"[-Infinity]", "not_finite"),
        (b"1e400", "not_finite"),
        (b"-1e400", "not_finite"),
        (b"9" * 400 + b".5", "not_finite"),
        (b"9223372036854775808", "number_too_large"),
        (b"-9223372036854775809", "number_too_large"),
        (b"9" * 5000, "number_too_large"),
        (b"9" * 60_000, "number_too_large"),
        (b'"\\ud800"', "lone_surrogate"),
        (b'["\\udc00x"]', "lone_surrogate"),
        (b'{"\\ud800": 1}', "lone_surrogate"),
        (b'{"a": [{"b": "\\udfff\\ud800"}]}', "lone_surrogate"),
        ('"\ud800"', "lone_surrogate"),
        (b'"a\\u0000b"', "nul"),
        (b'{"a\\u0000": 1}', "nul"),
        (b"[" * 17 + b"]" * 17, "too_deep"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"[" * 50_000 + b"]" * 50_000, "too_deep"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_anything_that_parsers_read_differently_is_refused(raw, reason):
    with pytest.raises(MalformedJson) as refusal:
        parse(raw)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b' {"a": 1}\r\n', {"a": 1}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\u0000"', "\\u0000"),
        (b"[" * 16 + b"]" * 16, None),
        (b'"' + b"[" * 100 + b'"', "[" * 100),
        (b'["' + b'\\"[' * 50 + b'"]', ['"[' * 50]),
        (b"[" + b",".join([b"[]"] * 100) + b"]", [[]] * 100),
        (b"9223372036854775807", 2**63 - 1),
        (b"1.5e3", 1500.0),
        ('"é"', "é"),
    ],
)
def test_what_is_unusual_but_unambiguous_is_read(raw, value):
    assert value is None or parse(raw) == value
    parse(raw)


@pytest.mark.parametrize("raw", [b"[]", b"1", b'"text"', b"null", b"true"])
def test_where_an_object_is_expected_nothing_else_is_taken(raw):
    with pytest.raises(MalformedJson) as refusal:
        parse_object(raw)
    assert refusal.value.reason == "not_object"


def test_an_object_is_given_back_as_its_members():
    assert parse_object(b'{"a": [1, null]}') == {"a": [1, None]}


def test_numbers_are_read_digit_by_digit_where_they_are_money():
    read = parse(b"[150.00, 0.10, 12, -3.5e1, 0.00000001, 0]", decimals=True)

    assert [str(number) for number in read] == ["150.00", "0.10", "12", "-35", "1E-8", "0"]
    assert [type(number) for number in read] == [Decimal, Decimal, int, Decimal, Decimal, int]


@pytest.mark.parametrize("raw", [b"1e400", b"1e31", b"-1e-31", b"0e400", b"1.5e999999999", b"1." + b"0" * 63])
def test_a_number_that_is_no_money_is_refused(raw):
    with pytest.raises(MalformedJson) as refusal:
        parse(raw, decimals=True)
    assert refusal.value.reason == "number_too_large"


@pytest.mark.parametrize("raw", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_is_refused_as_money_too(raw):
    with pytest.raises(MalformedJson) as refusal:
        parse(raw, decimals=True)
    assert refusal.value.reason == "not_finite"


HOSTILE = [b"[" * 65_536, b'\\"' * 32_768 + b"[" * 40, b'"' + b"\\" * 65_000 + b"[" * 40, b'["' * 32_000]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_of_64_kib_costs_no_more_than_a_pass_over_it(raw):
    started = time.perf_counter()
    with pytest.raises(MalformedJson):
        parse(raw)
    assert time.perf_counter() - started < 0.5


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0dé\ud800 1e9-.truefalsn', max_size=60))
def test_no_text_at_all_raises_anything_else(raw):
    with contextlib.suppress(MalformedJson):
        parse(raw)
