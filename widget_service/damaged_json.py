"""JSON that an authentic sender has made, of which a part cannot be kept: the rest is read as strictly as ever.

Helpdesks pass on what players type, and one number or half of an emoji of one player is no reason to lose what stands
beside it. Nothing is guessed: a damaged value is UNREADABLE, which is no text, no number, no list and no object.
"""

import json
from enum import Enum
from typing import Any

from widget_service import strict_json

MAX_DEPTH = 16


class Unreadable(Enum):
    """The type of what stands in the place of a damaged value."""

    UNREADABLE = "unreadable"


UNREADABLE = Unreadable.UNREADABLE


def read_object(raw: bytes) -> tuple[dict[str, Any], str]:
    """The members of an object, and why it is not strict JSON: an empty text where it is.

    Raises MalformedJson where nothing of it can be read: ``not_json``, ``bom``, ``not_object``.
    """
    try:
        return strict_json.parse_object(raw, max_depth=MAX_DEPTH), ""
    except strict_json.MalformedJson as error:
        if error.reason in ("not_json", "bom", "not_object"):
            raise
        damage = error.reason
    # Bytes that are no UTF-8 become lone surrogates, and a text with one is unreadable like any other.
    text = strict_json.cut_below(raw.decode("utf-8", "surrogateescape"), MAX_DEPTH, "NaN")
    try:
        document = _without_damage(_DECODER.decode(text))
    except ValueError as error:
        raise strict_json.MalformedJson("not_json") from error
    if not isinstance(document, dict):
        raise strict_json.MalformedJson("not_object")
    return document, damage


def is_whole(value: Any) -> bool:
    """Whether nothing of the value is UNREADABLE."""
    if isinstance(value, dict):
        return all(map(is_whole, value.values()))
    return all(map(is_whole, value)) if isinstance(value, list) else value is not UNREADABLE


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A member that is given twice has no value: which one counts is for nobody to say."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        kept = name if strict_json.is_storable(name) else "\ufffd"
        members[kept] = UNREADABLE if kept in members or kept != name else value
    return members


def _without_damage(value: Any) -> Any:
    if isinstance(value, str):
        return value if strict_json.is_storable(value) else UNREADABLE
    if isinstance(value, list):
        return [_without_damage(item) for item in value]
    return {name: _without_damage(item) for name, item in value.items()} if isinstance(value, dict) else value


def _number(text: str) -> Any:
    try:
        return strict_json.parse(text)
    except strict_json.MalformedJson:
        return UNREADABLE


def _constant(_text: str) -> Any:
    return UNREADABLE


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_number, parse_float=_number, parse_constant=_constant, strict=True
)
