"""JSON with Decimals: amounts as plain digits in their currency's places, never through a float, no exponents."""

from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring

from pydantic import BaseModel

from widget_service.backoffice.canonical.currencies import with_places
from widget_service.backoffice.canonical.times import write_moment


def write(answer: BaseModel | dict[str, object]) -> bytes:
    """The answer's bytes, members in their order.

    Amounts get the decimals of the nearest ``currency`` around them. Raises TypeError for what is no JSON, floats too.
    """
    return _written(members_of(answer), None).encode()


def members_of(answer: BaseModel | dict[str, object]) -> dict[str, object]:
    """The answer's members as Python values."""
    return answer.model_dump() if isinstance(answer, BaseModel) else answer


def write_amount(amount: Decimal) -> str:
    """``150.00``, ``1000``: plain digits."""
    if not amount.is_finite():
        raise TypeError("amounts are finite")
    return format(amount if amount else abs(amount), "f")


def _written(value: object, currency: str | None) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, Decimal):
        return write_amount(with_places(value, currency) if currency else value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _written_object(value, currency)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_written(item, currency) for item in value]) + "]"
    return _written_scalar(value)


def _written_object(members: dict[str, object], around: str | None) -> str:
    named = members.get("currency")
    currency = named if isinstance(named, str) else around
    written = [f"{encode_basestring(name)}:{_written(value, currency)}" for name, value in members.items()]
    return "{" + ",".join(written) + "}"


def _written_scalar(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f'"{write_moment(value)}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    raise TypeError(f"{type(value).__name__} is no member of an answer")
