"""Balances and transactions (player API §4 and §5)."""

import sqlite3
from math import ceil, floor
from typing import Any

from widget_service.backoffice.canonical.accounts import (
    ActiveBonus,
    Adjusted,
    BalancesAnswer,
    CashDeducted,
    Transaction,
    Transactions,
    TransactionsSummary,
)
from widget_service.backoffice.canonical.profiles import Balances
from widget_service.backoffice.reference.asked import Asked, moment, moment_or_none
from widget_service.backoffice.reference.ledger import (
    CREDIT,
    DEBIT,
    Movement,
    book,
    note_operation,
    operation_id,
    pending_amount,
    refreshed,
    total_of,
)
from widget_service.backoffice.reference.listing import LARGEST, Listing
from widget_service.backoffice.reference.money import require_minor

SUBTRACTING = ("debit", "chargeback")
EVER = (-LARGEST, LARGEST)


def balances_of(asked: Asked) -> Balances:
    """The five amounts, as they are now."""
    player = refreshed(asked)
    cash, bonus = player["cash"], player["bonus"]
    return Balances(
        total_balance=asked.money(cash + bonus),
        cash_balance=asked.money(cash),
        bonus_balance=asked.money(bonus),
        withdrawable_balance=asked.money(cash if player["withdrawal_status"] == "Active" else 0),
        pending_withdrawal=asked.money(pending_amount(asked.books, asked.player_id)),
    )


def read_balances(asked: Asked) -> BalancesAnswer:
    """§4.1."""
    bonus = find_active_bonus(asked)
    return BalancesAnswer(
        player_id=asked.player_id,
        currency=asked.currency,
        **balances_of(asked).model_dump(),
        active_bonus=None if bonus is None else _active(asked, bonus),
        updated_at=moment(asked.player["updated_at"]),
    )


def find_active_bonus(asked: Asked) -> sqlite3.Row | None:
    """The one that is wagered now: the oldest that is active."""
    return asked.books.find(
        "SELECT * FROM bonuses WHERE player_id = ? AND status = 'active' ORDER BY issued_at, id LIMIT 1",
        asked.player_id,
    )


def _active(asked: Asked, bonus: sqlite3.Row) -> ActiveBonus:
    return ActiveBonus(
        bonus_id=f"bon_{bonus['id']}",
        name=bonus["name"],
        amount=asked.money_or_none(bonus["amount"]),
        wager_requirement=asked.money_or_none(bonus["wager_requirement"]),
        wagered=asked.money_or_none(bonus["wagered"]),
        wr=asked.money(max(0, (bonus["wager_requirement"] or 0) - (bonus["wagered"] or 0))),
        expires_at=moment_or_none(bonus["expires_at"]),
    )


def adjust(asked: Asked) -> Adjusted:
    """§4.2. Raises BalanceInsufficient."""
    wanted = asked.body
    amount = require_minor(wanted.amount, asked.currency)
    direction = DEBIT if wanted.type in SUBTRACTING else CREDIT
    number = note_operation(asked, f"adjustment.{wanted.type}", wanted.model_dump())
    book(asked, number, Movement("adjustment", direction, amount, wanted.balance_type, wanted.reason))
    return Adjusted(message="Adjustment applied", transaction_id=operation_id(number), balances=balances_of(asked))


def deduct_cash(asked: Asked) -> CashDeducted:
    """§4.3. Raises BalanceInsufficient."""
    amount = require_minor(asked.body.amount, asked.currency)
    number = note_operation(asked, "cash.deducted", asked.body.model_dump())
    reason = asked.body.reason or "Cash deducted"
    left = book(asked, number, Movement("adjustment", DEBIT, amount, "cash", reason))
    return CashDeducted(
        message="Cash deducted", new_cash_balance=asked.money(left), transaction_id=operation_id(number)
    )


def list_transactions(asked: Asked) -> Transactions:
    """§5.1."""
    wanted = Listing(asked, "transactions", "created_at").where("event_type", asked.query.event_type)
    rows, total = wanted.between(asked.query.from_date, asked.query.to_date).page()
    return Transactions(player_id=asked.player_id, transactions=[_row(asked, row) for row in rows], total=total)


def _row(asked: Asked, row: sqlite3.Row) -> Transaction:
    return Transaction(
        transaction_id=operation_id(row["id"]),
        event_type=row["event_type"],
        direction=row["direction"],
        amount=asked.money(row["amount"]),
        currency=asked.currency,
        balance_type=row["balance_type"],
        balance_after=asked.money(row["balance_after"]),
        status=row["status"],
        description=row["description"],
        reference_id=row["reference_id"],
        created_at=moment(row["created_at"]),
    )


def summarise(asked: Asked) -> TransactionsSummary:
    """§5.2."""
    first, last = asked.query.from_date, asked.query.to_date
    between = (
        EVER[0] if first is None else ceil(first.timestamp()),
        EVER[1] if last is None else floor(last.timestamp()),
    )
    return TransactionsSummary(
        player_id=asked.player_id,
        currency=asked.currency,
        from_date=first,
        # A plain date's last moment, as the second it is in.
        to_date=None if last is None else last.replace(microsecond=0),
        **_sums(asked, between),
        **lifetime(asked),
    )


def _sums(asked: Asked, between: tuple[int, int]) -> dict[str, Any]:
    deposits, deposit_count = _total(asked, "deposit", CREDIT, between)
    withdrawals, withdrawal_count = _total(asked, "withdrawal", DEBIT, between)
    bonuses, bonus_count = _total(asked, "bonus", CREDIT, between)
    bets, wins = _total(asked, "bet", DEBIT, between)[0], _total(asked, "win", CREDIT, between)[0]
    return {
        "total_deposits": asked.money(deposits),
        "deposit_count": deposit_count,
        "total_withdrawals": asked.money(withdrawals),
        "withdrawal_count": withdrawal_count,
        "total_bonuses": asked.money(bonuses),
        "bonus_count": bonus_count,
        "total_bets": asked.money(bets),
        "total_wins": asked.money(wins),
        "net_gaming": asked.money(bets - wins),
    }


def lifetime(asked: Asked) -> dict[str, Any]:
    """Deposits, withdrawals and bets − wins, ever."""
    bets, wins = _total(asked, "bet", DEBIT, EVER)[0], _total(asked, "win", CREDIT, EVER)[0]
    return {
        "ltd": asked.money(_total(asked, "deposit", CREDIT, EVER)[0]),
        "ltw": asked.money(_total(asked, "withdrawal", DEBIT, EVER)[0]),
        "ltnc": asked.money(bets - wins),
    }


def _total(asked: Asked, event_type: str, direction: str, between: tuple[int, int]) -> tuple[int, int]:
    return total_of(asked.books, asked.player_id, event_type, direction, between)
