"""Answers that contradict themselves: nobody can say which half is true, so none of it goes out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from widget_service.errors import BackOfficeUnavailable

#: What is never below zero, by the list it stands in ("" is the answer itself). A balance may be: it can be owed.
_POSITIVE: Mapping[str, tuple[str, ...]] = {
    "transactions": ("amount",),
    "withdrawals": ("amount",),
    "deposits": ("amount",),
    "bonuses": ("amount", "wager_requirement", "wagered"),
    "limits": ("limit_amount",),
    "": (
        "count", "total_amount", "average_amount", "total_deposits", "deposit_count", "total_withdrawals",
        "withdrawal_count", "total_bonuses", "bonus_count", "total_bets", "total_wins", "ltd", "ltw",
        "pending_withdrawal", "refunded_amount",
    ),
    "kpi": ("ltd", "ltw"),
    "balances": ("pending_withdrawal",),
    "last_deposit": ("amount",),
    "last_withdrawal": ("amount",),
    "active_bonus": ("amount", "wager_requirement", "wagered", "wr"),
}  # fmt: skip
#: What comes first, and what cannot come before it.
_ORDERED = (
    ("requested_at", "processed_at"),
    ("created_at", "completed_at"),
    ("issued_at", "expires_at"),
    ("submitted_at", "reviewed_at"),
    ("start_date", "end_date"),
    ("period_start", "period_end"),
    ("registration_date", "last_login"),
    ("registration_date", "ftd_date"),
)
#: One of two dates is often a day without a time, or a clock's of another zone.
_TOLERANCE = timedelta(days=1)


def require_consistent(members: Mapping[str, object], now: datetime) -> None:
    """Raises BackOfficeUnavailable (``contradiction:<member>``) for an answer that cannot be true as a whole."""
    for place, value in _objects(members, ""):
        _require_positive(place, value)
        _require_order(place, value)
    if members.get("rg_closed") is False and _is_in_force(members.get("closure"), now):
        raise _contradiction("rg_closed")
    if members.get("count") == 0 and members.get("total_amount") not in (None, 0):
        raise _contradiction("total_amount")


def _objects(value: object, place: str) -> Iterable[tuple[str, Mapping[str, object]]]:
    """Every object with the name of what it stands in; what is passed on as ``extra`` is not ours to judge."""
    if isinstance(value, Mapping):
        yield place, value
        for name, inner in value.items():
            if name != "extra":
                yield from _objects(inner, name)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one, place)


def _require_positive(place: str, value: Mapping[str, object]) -> None:
    for name in _POSITIVE.get(place, ()):
        amount = value.get(name)
        if isinstance(amount, (int, Decimal)) and amount < 0:
            raise _contradiction(f"{place}.{name}" if place else name)


def _require_order(place: str, value: Mapping[str, object]) -> None:
    for first, second in _ORDERED:
        start, end = value.get(first), value.get(second)
        if isinstance(start, datetime) and isinstance(end, datetime) and end < start - _TOLERANCE:
            raise _contradiction(f"{place}.{second}" if place else second)


def _is_in_force(closure: object, now: datetime) -> bool:
    if not isinstance(closure, Mapping) or not any(value is not None for value in closure.values()):
        return False
    start, end = closure.get("start_date"), closure.get("end_date")
    return not (isinstance(start, datetime) and start > now) and not (isinstance(end, datetime) and end <= now)


def _contradiction(member: str) -> BackOfficeUnavailable:
    return BackOfficeUnavailable(f"contradiction:{member}")
