"""Query strings: paging, date filters, and what each list is filtered by."""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from widget_service.backoffice.canonical.values import FilterEnd, FilterStart, Query

MOST_ITEMS = 200
#: Beyond this an offset is beyond the end of every list, and every store can count so far.
LARGEST_OFFSET = 2**53
_DIGITS = re.compile(r"[0-9]{1,100}")
#: A player has so many characters for an event type and the like: they are the documented words.
EventType = Literal["deposit", "withdrawal", "bonus", "bet", "win", "adjustment"]
WithdrawalStatus = Literal["pending", "processing", "approved", "paid", "rejected", "cancelled", "unknown"]
DepositStatus = Literal["completed", "pending", "failed", "unknown"]
BonusStatus = Literal["pending", "active", "completed", "cancelled", "expired", "lost", "unknown"]
CriteriaType = Literal["LOGIN", "DEPOSIT", "VIP", "LOYALTY"]


def _read_count(value: object) -> int:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return min(int(value), LARGEST_OFFSET)
    if isinstance(value, int) and not isinstance(value, bool):
        return min(value, LARGEST_OFFSET)
    raise ValueError("must be a whole number")


_Count = Annotated[int, BeforeValidator(_read_count)]


class NoQuery(Query):
    """No parameters."""


class Paging(Query):
    """Which part of a list."""

    limit: Annotated[
        _Count, Field(ge=1, le=MOST_ITEMS), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_ITEMS})
    ] = 50
    offset: Annotated[_Count, Field(ge=0), WithJsonSchema({"type": "integer", "minimum": 0})] = 0


class DateRange(Query):
    """From when to when, both inclusive: date-times or plain dates, UTC unless they say otherwise."""

    from_date: FilterStart | None = None
    to_date: FilterEnd | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_date is not None and self.to_date is not None and self.from_date > self.to_date:
            raise ValueError("from_date is after to_date")
        return self


class TransactionsQuery(DateRange, Paging):
    """Transactions, by their moment."""

    event_type: EventType | None = None


class TransactionsSummaryQuery(DateRange):
    """Sums of a range, or of all time."""


class WithdrawalsQuery(DateRange, Paging):
    """Withdrawals, by when they were requested."""

    status: WithdrawalStatus | None = None


class DepositsQuery(DateRange, Paging):
    """Deposits, by when they were made."""

    status: DepositStatus | None = None


class BonusesQuery(Paging):
    """Bonuses."""

    status: BonusStatus | None = None


class EligibleBonusesQuery(Query):
    """Bonuses that the player could have."""

    criteria_type: CriteriaType | None = None
