"""Damaged JSON: what cannot be kept is unreadable, what stands beside it is as it was written."""

import pytest

from widget_service.damaged_json import UNREADABLE, is_whole, read_object
from widget_service.strict_json import MalformedJson

DAMAGE = {
    "number_too_large": "100000000000000000000",
    "number of 400 digits": "9" * 400,
    "not_finite": "1e400",
    "constant": "-Infinity",
    "lone_surrogate": r'"cut \ud83d"',
    "nul": r'"a\u0000b"',
    "name": r'{"a\u0000": 1}',
    "duplicate_member": '{"a": 1, "a": 1}',
    "too_deep": "[" * 15 + "]" * 15,
    "far too deep": "[" * 100_000 + "]" * 100_000,
}


@pytest.mark.parametrize("damaged", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("beside", ["{}", *[DAMAGE[name] for name in ("nul", "not_finite", "duplicate_member")]])
def test_what_stands_beside_damage_is_read(damaged: str, beside: str) -> None:
    raw = f'{{"events": [{{"id": "a", "x": {damaged}}}, {{"id": "b", "n": 7}}], "y": {beside}}}'

    document, damage = read_object(raw.encode())

    assert damage
    assert document["events"][1] == {"id": "b", "n": 7}
    assert document["events"][0]["id"] == "a"
    assert not is_whole(document["events"][0])


def test_a_member_that_is_given_twice_has_neither_value() -> None:
    document, damage = read_object(b'{"secret": "wrong", "b": "x", "secret": "right"}')

    assert (document, damage) == ({"secret": UNREADABLE, "b": "x"}, "duplicate_member")


def test_bytes_that_are_no_utf_8_damage_their_own_text_alone() -> None:
    assert read_object(b'{"a": "\xff", "b": "\xc3\xa9"}') == ({"a": UNREADABLE, "b": "é"}, "not_utf8")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a": 1}}', b"\xff", b"[" * 40, b'{"a":' * 40, b'\xef\xbb\xbf{"a":"\xff"}']
)
def test_what_is_no_json_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        read_object(raw)


def test_whole_json_is_as_it_was_written() -> None:
    assert read_object(b'{"a": [1, 1.5, true, null, "x"]}') == ({"a": [1, 1.5, True, None, "x"]}, "")
