"""The values that requests and answers are made of."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from widget_service.backoffice.canonical.times import read_date, read_filter_end, read_filter_start, read_moment

UNKNOWN = "unknown"


def read_amount(value: object) -> Decimal:
    """A finite Decimal from a Decimal or an integer. A boolean is no number, and a float is no money. ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError("must be a number")
    amount = Decimal(value)
    if not amount.is_finite():
        raise ValueError("must be finite")
    return amount


def _require_positive(value: object) -> Decimal:
    amount = read_amount(value)
    if amount <= 0:
        raise ValueError("must be positive")
    return amount


Amount = Annotated[Decimal, BeforeValidator(read_amount), WithJsonSchema({"type": "number"})]
PositiveAmount = Annotated[
    Decimal, BeforeValidator(_require_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
]
Moment = Annotated[datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})]
FilterStart = Annotated[datetime, BeforeValidator(read_filter_start), WithJsonSchema({"type": "string"})]
FilterEnd = Annotated[datetime, BeforeValidator(read_filter_end), WithJsonSchema({"type": "string"})]
Id = Annotated[str, Field(min_length=1, max_length=255)]
Text = Annotated[str, Field(max_length=255)]
GivenText = Annotated[str, Field(min_length=1, max_length=255)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


def _is_none(value: object) -> bool:
    return value is None


#: Only beside the status "unknown": what the platform said.
RawStatus = Annotated[str | None, Field(exclude_if=_is_none)]
#: What a connection passes through on purpose; absent otherwise.
Extra = Annotated[dict[str, Any] | None, Field(exclude_if=_is_none)]


class Request(BaseModel):
    """A body: unknown members are refused, a player's id among them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """A query string: unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Item(BaseModel):
    """A part of an answer. Unknown members are dropped, what the source cannot say is null."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class Answer(Item):
    """A whole answer."""


class Written(Answer):
    """What every write answers."""

    success: bool = True
    message: str
    transaction_id: str | None = None


class Range(Item):
    """From when to when a list was read, where the source takes no more at once: what is older is not in it."""

    from_date: Moment | None = None
    to_date: Moment | None = None


#: Only where the source was read in a window.
ReadRange = Annotated[Range | None, Field(exclude_if=_is_none)]


def with_raw_status(members: Any, known: frozenset[str]) -> Any:
    """An item whose status is none of the known ones says "unknown", with the original beside it; no other has one."""
    if not isinstance(members, dict) or not isinstance(members.get("status"), str):
        return members
    status = members["status"]
    if status not in known:
        return {**members, "status": UNKNOWN, "raw_status": status}
    return members if status == UNKNOWN else {**members, "raw_status": None}
