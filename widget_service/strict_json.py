"""JSON from strangers: one reading per text, or a refusal.

Python's reader takes the last of duplicate members, NaN, UTF-16, lone surrogates and numbers without bound, and it
recurses. Whatever is read here is read the same way by every other JSON parser, and every store can keep it.
"""

import json
import re
from decimal import Decimal
from typing import Any

#: What a signed 64-bit column holds; SQLite raises OverflowError beyond it.
_INTEGER_LIMIT = 2**63
_LONGEST_INTEGER = len(str(-_INTEGER_LIMIT))
#: More digits, before or behind the point, than any money has; 1e999999 would be a megabyte once it is written out.
_LONGEST_DECIMAL = 64
_LARGEST_EXPONENT = 30
# The closing quote is optional and the loops are possessive, so that an unfinished string costs one pass, not n².
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class MalformedJson(ValueError):
    """A text that is not strict JSON.

    ``reason`` is one of ``not_utf8``, ``bom``, ``not_json``, ``not_object``, ``duplicate_member``, ``too_deep``,
    ``not_finite``, ``number_too_large``, ``lone_surrogate``, ``nul``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(raw: bytes | str, *, max_depth: int = 16, decimals: bool = False) -> Any:
    """The value of a strict JSON text (RFC 8259 with the rules of I-JSON, RFC 7493, that matter to us).

    ``max_depth`` counts nested arrays and objects; integers must fit 64 bits signed, other numbers must be finite.
    With ``decimals`` these are Decimals, digit by digit as they were written. Raises MalformedJson and nothing else.
    """
    text = _decoded(raw)
    if text.count("[") + text.count("{") > max_depth and _deeper_than(text, max_depth):
        raise MalformedJson("too_deep")
    try:
        value = (_DECIMAL_DECODER if decimals else _DECODER).decode(text)
    except json.JSONDecodeError as error:
        raise MalformedJson("not_json") from error
    except RecursionError as error:
        raise MalformedJson("too_deep") from error
    # Without an escape, a NUL is no JSON and a surrogate no UTF-8.
    if "\\u" in text:
        _require_storable(value)
    return value


def parse_object(raw: bytes | str, *, max_depth: int = 16, decimals: bool = False) -> dict[str, Any]:
    """The members of a strict JSON object. Raises MalformedJson, ``not_object`` for any other value."""
    value = parse(raw, max_depth=max_depth, decimals=decimals)
    if not isinstance(value, dict):
        raise MalformedJson("not_object")
    return value


def is_storable(text: str) -> bool:
    """Whether every store can keep the text: no NUL, no lone surrogate."""
    try:
        _require_storable_text(text)
    except MalformedJson:
        return False
    return True


def cut_below(text: str, max_depth: int, instead: str) -> str:
    """The text, with ``instead`` in the place of each array or object that lies deeper; empty where one has no end."""
    kept, depth, at = [], 0, 0
    for match in _STRING_OR_BRACKET.finditer(text):
        found = match.group()
        if found in "[{":
            depth += 1
            if depth == max_depth + 1:
                kept += [text[at : match.start()], instead]
        elif found in "]}":
            depth -= 1
            if depth == max_depth:
                at = match.end()
    return "".join((*kept, text[at:])) if depth <= max_depth else ""


def _decoded(raw: bytes | str) -> str:
    if isinstance(raw, str):
        # Python's own text can hold lone surrogates.
        if not raw.isascii():
            _require_storable_text(raw)
        text = raw
    else:
        try:
            text = str(raw, "utf-8")
        except UnicodeDecodeError as error:
            raise MalformedJson("not_utf8") from error
    if text.startswith("\ufeff"):
        raise MalformedJson("bom")
    return text


def _deeper_than(text: str, max_depth: int) -> bool:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        found = match.group()
        if found in "[{":
            depth += 1
            if depth > max_depth:
                return True
        elif found in "]}":
            depth -= 1
    return False


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("duplicate_member")
    return members


def _integer(text: str) -> int:
    # The length comes first: int() takes quadratic time, and raises a plain ValueError past 4300 digits.
    if len(text) > _LONGEST_INTEGER or not -_INTEGER_LIMIT <= int(text) < _INTEGER_LIMIT:
        raise MalformedJson("number_too_large")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise MalformedJson("not_finite")
    return number


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_DECIMAL:
        raise MalformedJson("number_too_large")
    number = Decimal(text)
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise MalformedJson("number_too_large")
    return number


def _refuse_constant(_text: str) -> None:
    raise MalformedJson("not_finite")


def _require_storable(value: Any) -> None:
    """Refuse what only an escape can smuggle in; the depth is bounded by the parse before."""
    if isinstance(value, str):
        _require_storable_text(value)
    elif isinstance(value, list):
        for item in value:
            _require_storable(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _require_storable_text(name)
            _require_storable(item)


def _require_storable_text(text: str) -> None:
    if "\0" in text:
        raise MalformedJson("nul")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedJson("lone_surrogate") from error


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_integer,
    parse_float=_finite,
    parse_constant=_refuse_constant,
    strict=True,
)
_DECIMAL_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_integer,
    parse_float=_decimal,
    parse_constant=_refuse_constant,
    strict=True,
)
