"""The casino's three sample players, and their withdrawals in the shape of the reference player API (§6)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """``hours_ago`` is when it was asked for, ``paid_after`` hours later it was paid."""

    withdrawal_id: str
    amount: float
    status: str
    payment_method: str
    hours_ago: int
    paid_after: int | None = None

    def public(self, now: datetime) -> dict[str, Any]:
        """As the player API shows it."""
        requested = now - timedelta(hours=self.hours_ago)
        return {
            "withdrawal_id": self.withdrawal_id,
            "amount": self.amount,
            "currency": "EUR",
            "status": self.status,
            "payment_method": self.payment_method,
            "requested_at": _iso(requested),
            "processed_at": None if self.paid_after is None else _iso(requested + timedelta(hours=self.paid_after)),
            "cancellable": self.status == "pending",
            "rejection_reason": None,
        }


@dataclass(frozen=True, slots=True)
class Player:
    """A sample player."""

    player_id: str
    name: str
    balance: float
    note: str
    withdrawals: tuple[Withdrawal, ...] = field(default=())

    @property
    def claims(self) -> dict[str, str]:
        """What the casino says about the player when it signs."""
        return {"player_id": self.player_id, "name": self.name, "currency": "EUR", "language": "en"}

    def listed(self, status: str | None = None) -> list[dict[str, Any]]:
        """The withdrawals, newest first."""
        now = datetime.now(UTC)
        return [one.public(now) for one in self.withdrawals if status in (None, one.status)]


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


PLAYERS = {
    player.player_id: player
    for player in (
        Player(
            "5832",
            "Ana Ruiz",
            340.50,
            "one withdrawal waits",
            (
                Withdrawal("wd_20931", 200.00, "pending", "Card **** 4417", 20),
                Withdrawal("wd_19877", 120.00, "paid", "Bank transfer", 480, 19),
            ),
        ),
        Player(
            "40217",
            "Jonas Weber",
            1260.00,
            "two withdrawals wait",
            (
                Withdrawal("wd_21004", 75.00, "pending", "Bank transfer", 3),
                Withdrawal("wd_20986", 510.25, "pending", "Card **** 9021", 31),
            ),
        ),
        Player(
            "61904",
            "Léa Martin",
            18.20,
            "nothing waits",
            (Withdrawal("wd_18230", 60.00, "paid", "Card **** 1177", 700, 26),),
        ),
    )
}
