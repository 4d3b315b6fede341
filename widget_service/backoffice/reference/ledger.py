"""The ledger: every movement of money is a row with the balance after it, and an entry of the audit log."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from widget_service.backoffice.reference.asked import Asked
from widget_service.backoffice.reference.database import Books
from widget_service.errors import BalanceInsufficient

CREDIT, DEBIT = "credit", "debit"
#: A withdrawal in one of these has left the cash and may still come back.
UNDER_WAY = ("pending", "processing", "approved")


@dataclass(frozen=True, slots=True)
class Movement:
    """Money in or out of one of a player's two balances, in minor units."""

    event_type: str
    direction: str
    amount: int
    balance_type: str
    description: str
    reference_id: str | None = None
    status: str = "completed"


def operation_id(number: int) -> str:
    """``trx_93af01``: of the audit log, and of the ledger's row if money moved."""
    return f"trx_{number:06x}"


def note_operation(asked: Asked, kind: str, details: dict[str, Any]) -> int:
    """Writes the audit log; the operation's number."""
    return log_operation(asked.books, asked.player_id, kind, details, asked.now)


def log_operation(books: Books, player_id: str | None, kind: str, details: dict[str, Any], now: int) -> int:
    """The same, for what is about no player too."""
    number = books.next("operation")
    told = json.dumps(details, default=str, ensure_ascii=False)
    books.add("operations", {"id": number, "player_id": player_id, "kind": kind, "details": told, "at": now})
    return number


def book(asked: Asked, number: int, movement: Movement) -> int:
    """Moves the money under the operation's number; the balance afterwards. Raises BalanceInsufficient."""
    return book_row(asked.books, asked.player_id, number, movement, asked.now)


def book_row(books: Books, player_id: str, number: int, movement: Movement, at: int) -> int:
    """The same, for any player at any moment."""
    after = _change_balance(books, player_id, movement, at)
    books.add(
        "transactions",
        {
            "id": number,
            "player_id": player_id,
            "event_type": movement.event_type,
            "direction": movement.direction,
            "amount": movement.amount,
            "balance_type": movement.balance_type,
            "balance_after": after,
            "status": movement.status,
            "description": movement.description,
            "reference_id": movement.reference_id,
            "created_at": at,
        },
    )
    return after


def _change_balance(books: Books, player_id: str, movement: Movement, at: int) -> int:
    column = {"cash": "cash", "bonus": "bonus"}[movement.balance_type]
    signed = movement.amount if movement.direction == CREDIT else -movement.amount
    balance = books.find(
        f"UPDATE players SET {column} = {column} + ?, updated_at = ?"  # noqa: S608 - one of two names of ours
        f" WHERE player_id = ? AND {column} + ? >= 0 RETURNING {column}",
        signed,
        at,
        player_id,
        signed,
    )
    if balance is None:
        raise BalanceInsufficient("beyond_the_balance")
    return int(balance[0])


def find_player(books: Books, player_id: str) -> sqlite3.Row | None:
    """The player's row."""
    return books.find("SELECT * FROM players WHERE player_id = ?", player_id)


def refreshed(asked: Asked) -> sqlite3.Row:
    """The player's row, as it is after what this transaction did."""
    row = find_player(asked.books, asked.player_id)
    assert row is not None  # noqa: S101 - it was there when the transaction began
    return row


def pending_amount(books: Books, player_id: str) -> int:
    """What has left the cash and is not paid out yet."""
    marks = ", ".join("?" * len(UNDER_WAY))
    statement = f"SELECT sum(amount) FROM withdrawals WHERE player_id = ? AND status IN ({marks})"  # noqa: S608
    return books.number(statement, player_id, *UNDER_WAY)


def total_of(books: Books, player_id: str, event_type: str, direction: str, between: Iterable[int]) -> tuple[int, int]:
    """Sum and count of the completed rows of one kind, between two moments, both inclusive."""
    row = books.find(
        "SELECT coalesce(sum(amount), 0), count(*) FROM transactions WHERE player_id = ? AND event_type = ?"
        " AND direction = ? AND status = 'completed' AND created_at BETWEEN ? AND ?",
        player_id,
        event_type,
        direction,
        *between,
    )
    assert row is not None  # noqa: S101 - an aggregate is one row
    return int(row[0]), int(row[1])
