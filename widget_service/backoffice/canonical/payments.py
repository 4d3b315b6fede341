"""Withdrawals (player API §6) and deposits (§7)."""

from typing import Any, Literal, Self, get_args

from pydantic import model_validator

from widget_service.backoffice.canonical.queries import DepositStatus, WithdrawalStatus
from widget_service.backoffice.canonical.values import (
    Amount,
    Answer,
    Extra,
    Id,
    Item,
    Moment,
    RawStatus,
    ReadRange,
    Reason,
    Request,
    Text,
    Written,
    with_raw_status,
)

_WITHDRAWAL_STATUSES = frozenset(get_args(WithdrawalStatus))
_DEPOSIT_STATUSES = frozenset(get_args(DepositStatus))


class Withdrawal(Item):
    """A withdrawal; only a pending one may be cancellable."""

    withdrawal_id: Id
    amount: Amount | None = None
    currency: str | None = None
    status: WithdrawalStatus = "unknown"
    raw_status: RawStatus = None
    payment_method: str | None = None
    requested_at: Moment | None = None
    processed_at: Moment | None = None
    cancellable: bool = False
    rejection_reason: str | None = None
    extra: Extra = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, members: Any) -> Any:
        known = with_raw_status(members, _WITHDRAWAL_STATUSES)
        if isinstance(known, dict) and (known.get("status") != "pending" or known.get("cancellable") is None):
            return {**known, "cancellable": False}
        return known


class Withdrawals(Answer):
    """Withdrawals, newest first."""

    player_id: Id
    withdrawals: list[Withdrawal]
    total: int
    range: ReadRange = None


class PendingWithdrawals(Withdrawals):
    """Those that are pending, whatever else the source gave."""

    @model_validator(mode="after")
    def _pending(self) -> Self:
        if any(withdrawal.status != "pending" for withdrawal in self.withdrawals):
            raise ValueError("not pending")
        return self


class WithdrawalCancellation(Request):
    """Why, and by whom."""

    reason: Reason
    cancelled_by: Text | None = None


class WithdrawalCancelled(Written):
    """The money is back."""

    withdrawal_id: Id
    status: Literal["cancelled"] = "cancelled"
    refunded_amount: Amount | None = None


class Deposit(Item):
    """A deposit."""

    deposit_id: Id
    amount: Amount | None = None
    currency: str | None = None
    status: DepositStatus = "unknown"
    raw_status: RawStatus = None
    payment_method: str | None = None
    created_at: Moment | None = None
    completed_at: Moment | None = None
    failure_reason: str | None = None
    extra: Extra = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, members: Any) -> Any:
        return with_raw_status(members, _DEPOSIT_STATUSES)


class Deposits(Answer):
    """Deposits, newest first."""

    player_id: Id
    deposits: list[Deposit]
    total: int
    range: ReadRange = None


class DepositsSummary(Answer):
    """Completed deposits; no average without one."""

    player_id: Id
    currency: str | None = None
    count: int | None = None
    total_amount: Amount | None = None
    average_amount: Amount | None = None
    last_deposit_date: Moment | None = None
    extra: Extra = None
