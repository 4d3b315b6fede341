"""Withdrawals (player API §6) and deposits (§7)."""

import re
import sqlite3

from widget_service.backoffice.canonical.currencies import rounded
from widget_service.backoffice.canonical.payments import (
    Deposit,
    Deposits,
    DepositsSummary,
    PendingWithdrawals,
    Withdrawal,
    WithdrawalCancelled,
    Withdrawals,
)
from widget_service.backoffice.reference.asked import Asked, moment, moment_or_none
from widget_service.backoffice.reference.ledger import CREDIT, Movement, book, note_operation, operation_id
from widget_service.backoffice.reference.listing import Listing
from widget_service.errors import WithdrawalCannotCancel

_WITHDRAWAL_ID = re.compile(r"wd_([1-9][0-9]{0,17})")


def list_withdrawals(asked: Asked) -> Withdrawals:
    """§6.1."""
    query = asked.query
    wanted = Listing(asked, "withdrawals", "requested_at").where("status", query.status)
    rows, total = wanted.between(query.from_date, query.to_date).page()
    return Withdrawals(player_id=asked.player_id, withdrawals=[_withdrawal(asked, row) for row in rows], total=total)


def list_pending_withdrawals(asked: Asked) -> PendingWithdrawals:
    """§6.2."""
    rows, total = Listing(asked, "withdrawals", "requested_at").where("status", "pending").page()
    found = [_withdrawal(asked, row) for row in rows]
    return PendingWithdrawals(player_id=asked.player_id, withdrawals=found, total=total)


def cancel_withdrawal(asked: Asked) -> WithdrawalCancelled:
    """§6.3: the money is back. Raises WithdrawalCannotCancel, whatever the cause."""
    withdrawal_id = asked.path["withdrawal_id"]
    amount = _claim_withdrawal(asked, withdrawal_id)
    asked.books.change(
        "UPDATE transactions SET status = 'cancelled' WHERE player_id = ? AND reference_id = ? AND status = 'pending'",
        asked.player_id,
        withdrawal_id,
    )
    number = note_operation(asked, "withdrawal.cancelled", {"withdrawal_id": withdrawal_id, **asked.body.model_dump()})
    book(asked, number, Movement("withdrawal", CREDIT, amount, "cash", "Withdrawal cancelled", withdrawal_id))
    return WithdrawalCancelled(
        message="Withdrawal cancelled",
        transaction_id=operation_id(number),
        withdrawal_id=withdrawal_id,
        refunded_amount=asked.money(amount),
    )


def _claim_withdrawal(asked: Asked, withdrawal_id: str) -> int:
    """The amount, for exactly one of those who ask at once: each is alone in its transaction."""
    found = _WITHDRAWAL_ID.fullmatch(withdrawal_id)
    row = asked.books.find(
        "UPDATE withdrawals SET status = 'cancelled', cancellable = 0, processed_at = ?, cancel_reason = ?,"
        " cancelled_by = ? WHERE id = ? AND player_id = ? AND status = 'pending' AND cancellable RETURNING amount",
        asked.now,
        asked.body.reason,
        asked.body.cancelled_by,
        int(found[1]) if found else -1,
        asked.player_id,
    )
    if row is None:
        raise WithdrawalCannotCancel("not_pending_here")
    return int(row["amount"])


def _withdrawal(asked: Asked, row: sqlite3.Row) -> Withdrawal:
    return Withdrawal(
        withdrawal_id=f"wd_{row['id']}",
        amount=asked.money(row["amount"]),
        currency=asked.currency,
        status=row["status"],
        raw_status=row["raw_status"],
        payment_method=row["payment_method"],
        requested_at=moment(row["requested_at"]),
        processed_at=moment_or_none(row["processed_at"]),
        cancellable=bool(row["cancellable"]),
        rejection_reason=row["rejection_reason"],
    )


def list_deposits(asked: Asked) -> Deposits:
    """§7.1."""
    query = asked.query
    wanted = Listing(asked, "deposits", "created_at").where("status", query.status)
    rows, total = wanted.between(query.from_date, query.to_date).page()
    return Deposits(player_id=asked.player_id, deposits=[_deposit(asked, row) for row in rows], total=total)


def summarise_deposits(asked: Asked) -> DepositsSummary:
    """§7.2."""
    row = asked.books.find(
        "SELECT count(*), coalesce(sum(amount), 0), max(created_at) FROM deposits"
        " WHERE player_id = ? AND status = 'completed'",
        asked.player_id,
    )
    assert row is not None  # noqa: S101 - an aggregate is one row
    count, total, last = row[0], asked.money(row[1]), row[2]
    return DepositsSummary(
        player_id=asked.player_id,
        currency=asked.currency,
        count=count,
        total_amount=total,
        average_amount=rounded(total / count, asked.currency) if count else None,
        last_deposit_date=moment_or_none(last),
    )


def _deposit(asked: Asked, row: sqlite3.Row) -> Deposit:
    return Deposit(
        deposit_id=f"dep_{row['id']}",
        amount=asked.money(row["amount"]),
        currency=asked.currency,
        status=row["status"],
        raw_status=row["raw_status"],
        payment_method=row["payment_method"],
        created_at=moment(row["created_at"]),
        completed_at=moment_or_none(row["completed_at"]),
        failure_reason=row["failure_reason"],
    )
