"""What a player owns: balances (player API §4) and transactions (§5)."""

from typing import Literal

from widget_service.backoffice.canonical.profiles import Balances
from widget_service.backoffice.canonical.values import (
    Amount,
    Answer,
    Extra,
    Id,
    Item,
    Moment,
    PositiveAmount,
    RawStatus,
    ReadRange,
    Reason,
    Request,
    Written,
)

BalanceType = Literal["cash", "bonus"]


class ActiveBonus(Item):
    """The bonus that is being wagered; ``wr`` is what remains, never negative."""

    bonus_id: str | None = None
    name: str | None = None
    amount: Amount | None = None
    wager_requirement: Amount | None = None
    wagered: Amount | None = None
    wr: Amount | None = None
    expires_at: Moment | None = None


class BalancesAnswer(Answer):
    """The balances of a player."""

    player_id: Id
    currency: str | None = None
    total_balance: Amount | None = None
    cash_balance: Amount | None = None
    bonus_balance: Amount | None = None
    withdrawable_balance: Amount | None = None
    pending_withdrawal: Amount | None = None
    active_bonus: ActiveBonus | None = None
    updated_at: Moment | None = None
    extra: Extra = None


class Adjustment(Request):
    """A correction by hand: ``debit`` and ``chargeback`` subtract, the others add."""

    type: Literal["credit", "debit", "correction", "chargeback", "refund"]
    balance_type: BalanceType
    amount: PositiveAmount
    reason: Reason


class Adjusted(Written):
    """The balances afterwards."""

    balances: Balances


class CashDeduction(Request):
    """Cash to take away."""

    amount: PositiveAmount
    reason: Reason | None = None


class CashDeducted(Answer):
    """The cash afterwards."""

    success: bool = True
    message: str
    new_cash_balance: Amount
    transaction_id: str | None = None


class Transaction(Item):
    """A row of the ledger; the amount is positive, the direction is seen from the player's balance."""

    transaction_id: Id
    event_type: Literal["deposit", "withdrawal", "bonus", "bet", "win", "adjustment", "unknown"] = "unknown"
    direction: Literal["credit", "debit"] | None = None
    amount: Amount | None = None
    currency: str | None = None
    balance_type: BalanceType | None = None
    balance_after: Amount | None = None
    status: Literal["pending", "completed", "failed", "cancelled", "unknown"] = "unknown"
    raw_status: RawStatus = None
    description: str | None = None
    reference_id: str | None = None
    created_at: Moment | None = None
    extra: Extra = None


class Transactions(Answer):
    """The ledger, newest first."""

    player_id: Id
    transactions: list[Transaction]
    total: int
    range: ReadRange = None


class TransactionsSummary(Answer):
    """Completed rows of a range; ``ltd``, ``ltw`` and ``ltnc`` are of a lifetime whatever the range."""

    player_id: Id
    currency: str | None = None
    from_date: Moment | None = None
    to_date: Moment | None = None
    total_deposits: Amount | None = None
    deposit_count: int | None = None
    total_withdrawals: Amount | None = None
    withdrawal_count: int | None = None
    total_bonuses: Amount | None = None
    bonus_count: int | None = None
    total_bets: Amount | None = None
    total_wins: Amount | None = None
    net_gaming: Amount | None = None
    ltd: Amount | None = None
    ltw: Amount | None = None
    ltnc: Amount | None = None
    extra: Extra = None
