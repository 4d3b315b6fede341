"""Responsible gaming (player API §10): limits that count what was really done, closures that hold."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from widget_service.backoffice.canonical.responsible_gaming import (
    Closed,
    Closure,
    Limit,
    LimitSet,
    ResponsibleGaming,
    SelfExcluded,
)
from widget_service.backoffice.reference.asked import Asked, moment, moment_or_none
from widget_service.backoffice.reference.closures import find_closure
from widget_service.backoffice.reference.ledger import CREDIT, DEBIT, note_operation, operation_id, total_of
from widget_service.backoffice.reference.money import LARGEST, refused, require_minor

DAY = 86_400
#: From the weakest to the strongest.
STRENGTHS = ("cooloff", "timeout", "self_exclusion", "permanent")
LIMIT_TYPES = (
    "deposit_daily",
    "deposit_weekly",
    "deposit_monthly",
    "loss_daily",
    "loss_weekly",
    "loss_monthly",
    "wager_daily",
    "session_time",
)


def read_responsible_gaming(asked: Asked) -> ResponsibleGaming:
    """§10.1."""
    closure = find_closure(asked)
    rows = asked.books.all("SELECT * FROM limits WHERE player_id = ?", asked.player_id)
    rows.sort(key=lambda row: LIMIT_TYPES.index(row["type"]))
    return ResponsibleGaming(
        player_id=asked.player_id,
        rg_closed=closure is not None,
        closure=None if closure is None else _closure(closure),
        limits=[_limit(asked, row) for row in rows],
    )


def read_closed(asked: Asked) -> Closed:
    """§10.2."""
    return Closed(player_id=asked.player_id, rg_closed=find_closure(asked) is not None)


def set_limit(asked: Asked) -> LimitSet:
    """§10.3. Raises InvalidRequest (422) for one that would be raised."""
    wanted = asked.body
    amount = _minutes(wanted.limit_amount) if wanted.type == "session_time" else None
    if amount is None:
        amount = require_minor(wanted.limit_amount, asked.currency, "limit_amount")
    old = _find_limit(asked, wanted.type)
    if old is not None and amount > old["amount"]:
        raise refused("limit_amount", "increase_not_allowed")
    asked.books.change(
        "INSERT INTO limits (player_id, type, amount) VALUES (?, ?, ?)"
        " ON CONFLICT (player_id, type) DO UPDATE SET amount = excluded.amount",
        asked.player_id,
        wanted.type,
        amount,
    )
    number = note_operation(asked, "limit.set", wanted.model_dump())
    row = _find_limit(asked, wanted.type)
    assert row is not None  # noqa: S101 - it was just written
    return LimitSet(message="Limit set", transaction_id=operation_id(number), limit=_limit(asked, row))


def exclude(asked: Asked) -> SelfExcluded:
    """§10.4. Raises InvalidRequest (422) if that would weaken or shorten a closure that holds."""
    wanted, current = asked.body, find_closure(asked)
    end = None if wanted.duration_days is None else asked.now + wanted.duration_days * DAY
    if current is not None and _is_weaker(wanted.type, end, current):
        raise refused(None, "already_closed")
    asked.books.change(
        "INSERT OR REPLACE INTO closures (player_id, type, start_date, end_date, reason) VALUES (?, ?, ?, ?, ?)",
        asked.player_id,
        wanted.type,
        asked.now,
        end,
        wanted.reason,
    )
    number = note_operation(asked, "player.excluded", wanted.model_dump())
    closure = find_closure(asked)
    assert closure is not None  # noqa: S101 - it was just written
    return SelfExcluded(
        message="Self-exclusion applied", transaction_id=operation_id(number), closure=_closure(closure)
    )


def _is_weaker(type_name: str, end: int | None, current: sqlite3.Row) -> bool:
    if STRENGTHS.index(type_name) < STRENGTHS.index(current["type"]):
        return True
    return end is not None and (current["end_date"] is None or end < current["end_date"])


def _closure(row: sqlite3.Row) -> Closure:
    return Closure(
        type=row["type"],
        start_date=moment(row["start_date"]),
        end_date=moment_or_none(row["end_date"]),
        reason=row["reason"],
        can_reactivate=False,
    )


def _find_limit(asked: Asked, type_name: str) -> sqlite3.Row | None:
    return asked.books.find("SELECT * FROM limits WHERE player_id = ? AND type = ?", asked.player_id, type_name)


def _minutes(amount: Decimal) -> int:
    if amount != amount.to_integral_value() or amount > LARGEST:
        raise refused("limit_amount", "whole_minutes_only")
    return int(amount)


def _limit(asked: Asked, row: sqlite3.Row) -> Limit:
    start, end = period_of(row["type"], asked.now)
    used = _used(asked, row["type"], (int(start.timestamp()), int(end.timestamp())))
    left = max(0, row["amount"] - used)
    amounts = [row["amount"], used, left]
    shown = [Decimal(number) if row["type"] == "session_time" else asked.money(number) for number in amounts]
    return Limit(
        type=row["type"],
        limit_amount=shown[0],
        used_amount=shown[1],
        remaining_amount=shown[2],
        period_start=start,
        period_end=end,
    )


def period_of(type_name: str, now: int) -> tuple[datetime, datetime]:
    """The UTC day, the week from Monday or the month that now is in; the end is its last second."""
    start = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0)
    after = start + timedelta(days=1)
    if type_name.endswith("_weekly"):
        start -= timedelta(days=start.weekday())
        after = start + timedelta(days=7)
    if type_name.endswith("_monthly"):
        start = start.replace(day=1)
        after = (start + timedelta(days=32)).replace(day=1)
    return start, after - timedelta(seconds=1)


def _used(asked: Asked, type_name: str, between: tuple[int, int]) -> int:
    if type_name == "session_time":
        player = asked.player
        return int(player["minutes_used"]) if player["minutes_day"] == asked.now // DAY else 0
    if type_name.startswith("deposit"):
        return _total(asked, "deposit", CREDIT, between)
    bets = _total(asked, "bet", DEBIT, between)
    return bets if type_name.startswith("wager") else max(0, bets - _total(asked, "win", CREDIT, between))


def _total(asked: Asked, event_type: str, direction: str, between: tuple[int, int]) -> int:
    return total_of(asked.books, asked.player_id, event_type, direction, between)[0]
