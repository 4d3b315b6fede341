"""A value as its canonical member takes it: text, Decimal, moment, boolean, one of a list of words."""

from datetime import datetime

from widget_service.backoffice.canonical.times import write_moment
from widget_service.backoffice.connector.amounts import Unreadable, read_integer, read_number
from widget_service.backoffice.connector.scope import Scope, as_key
from widget_service.backoffice.connector.shapes import Shape
from widget_service.backoffice.connector.transforms import UNKNOWN


class Unmapped(Unreadable):
    """A word for which the canonical list has none, and no "unknown" either."""


def read_member(value: object, shape: Shape, scope: Scope) -> object:
    """Raises Unreadable. What is missing is None, an empty list, or "unknown" where an enum has that word."""
    if shape.kind == "strings":
        return _strings(value, shape)
    if shape.kind == "enum":
        return _word(value, shape)
    if value is None:
        return None
    if shape.kind == "money":
        return read_number(value)
    if shape.kind == "integer":
        return read_integer(value)
    if shape.kind == "boolean":
        return _boolean(value)
    if shape.kind == "time":
        return value if isinstance(value, datetime) else scope.read_time(value)
    return _text(value)


def read_extra(value: object) -> object:
    """A member of ``extra``: one plain value, whatever it is."""
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, (dict, list)):
        raise Unreadable("no single value")
    return value


def _text(value: object) -> str:
    if isinstance(value, bool):
        raise Unreadable("no text")
    return as_key(value)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("no boolean")
    return value


def _word(value: object, shape: Shape) -> str | None:
    if value is not None and (word := as_key(value)) in shape.choices:
        return word
    unknown = next((word for word in shape.choices if word.lower() == UNKNOWN), None)
    if unknown is not None or value is None or shape.nullable:
        return unknown
    raise Unmapped("none of the words that it may be")


def _strings(value: object, shape: Shape) -> list[str]:
    if value is None:
        return []
    texts = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
    return [text for text in texts if not shape.choices or text in shape.choices]
