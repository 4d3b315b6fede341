"""A player's history: what the cast's file tells, in its order of time, written into the ledger."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from widget_service.backoffice.reference.database import Books
from widget_service.backoffice.reference.ledger import CREDIT, DEBIT, Movement, book_row
from widget_service.backoffice.reference.money import to_minor
from widget_service.backoffice.reference.play import Play, write_play

#: How the ledger says it of a withdrawal.
WITHDRAWAL_ROWS = {"paid": "completed", "cancelled": "cancelled", "rejected": "failed", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Story:
    """Whose history it is, and where it is written."""

    books: Books
    player_id: str
    currency: str
    shift: int
    chance: random.Random

    def minor(self, amount: str) -> int:
        """A told amount."""
        return to_minor(Decimal(amount), self.currency)

    def at(self, told: datetime) -> int:
        """A told moment."""
        return int(told.timestamp()) + self.shift

    def move(self, told: datetime, movement: Movement) -> None:
        """A row of the ledger."""
        book_row(self.books, self.player_id, self.books.next("operation"), movement, self.at(told))


Event = tuple[datetime, Callable[[], None]]


def write_history(books: Books, told: dict[str, Any], shift: int) -> None:
    """Everything that moved money, and the limits."""
    chance = random.Random(told["player_id"])  # noqa: S311 - made-up play
    story = Story(books, told["player_id"], told["currency"], shift, chance)
    events: list[Event] = []
    for routine in told.get("routine", []):
        events += _routine(story, routine)
    events += [event for deposit in told.get("deposits", []) for event in _deposit(story, deposit)]
    events += [event for withdrawal in told.get("withdrawals", []) for event in _withdrawal(story, withdrawal)]
    events += [event for bonus in told.get("bonuses", []) for event in _bonus(story, bonus)]
    events += [(play["at"], _player(story, play)) for play in told.get("plays", [])]
    for _at, happen in sorted(events, key=lambda event: event[0]):
        happen()
    for limit in told.get("limits", []):
        amount = int(limit["amount"]) if limit["type"] == "session_time" else story.minor(limit["amount"])
        books.add("limits", {"player_id": story.player_id, "type": limit["type"], "amount": amount})


def _player(story: Story, told: dict[str, Any]) -> Callable[[], None]:
    return lambda: write_play(story, Play(**told))


def _routine(story: Story, told: dict[str, Any]) -> list[Event]:
    """Week after week: a deposit, an evening of play, now and then a withdrawal that is paid the next day."""
    events: list[Event] = []
    for week in range(told["weeks"]):
        start = told["first"] + timedelta(weeks=week, minutes=story.chance.randrange(0, 180))
        deposit = {"at": start, "amount": told["deposit"], "method": told["method"]}
        events += _deposit(story, deposit)
        bets = story.minor(told["bets"])
        play = {
            "at": start + timedelta(minutes=12),
            "ends": start + timedelta(minutes=12 + 3 * told["rounds"], seconds=story.chance.randrange(60)),
            "rounds": told["rounds"],
            "hits": told["hits"],
            "game": story.chance.choice(told["games"]),
            "bets": told["bets"],
            "wins": format(Decimal(told["bets"]) * Decimal(story.chance.randrange(84, 104)) / 100, "f"),
        }
        step = Decimal(story.minor("1")) if bets else Decimal(1)
        play["wins"] = format((Decimal(play["wins"]) * step).to_integral_value() / step, "f")
        events.append((play["at"], _player(story, play)))
        if told.get("payout") and week % told["payout_every"] == told["payout_every"] - 1:
            asked = start + timedelta(days=1)
            paid = {"at": asked, "amount": told["payout"], "method": told["method"], "status": "paid"}
            events += _withdrawal(story, {**paid, "processed": asked + timedelta(hours=story.chance.randrange(3, 40))})
    return events


def _deposit(story: Story, told: dict[str, Any]) -> list[Event]:
    def happen() -> None:
        number = told.get("id") or story.books.next("deposit")
        status, amount = told.get("status", "completed"), story.minor(told["amount"])
        at = story.at(told["at"])
        story.books.add(
            "deposits",
            {
                "id": number,
                "player_id": story.player_id,
                "amount": amount,
                "status": status,
                "raw_status": told.get("raw_status"),
                "payment_method": told["method"],
                "created_at": at,
                "completed_at": at + told.get("took", 19) if status == "completed" else None,
                "failure_reason": told.get("failure"),
            },
        )
        if status == "completed":
            described = f"Deposit by {told['method'].split(' ')[0].lower()}"
            story.move(told["at"], Movement("deposit", CREDIT, amount, "cash", described, f"dep_{number}"))

    return [(told["at"], happen)]


def _withdrawal(story: Story, told: dict[str, Any]) -> list[Event]:
    number = told.get("id") or story.books.next("withdrawal")
    amount, reference = story.minor(told["amount"]), f"wd_{number}"

    def ask() -> None:
        story.books.add("withdrawals", _withdrawal_row(story, told, number))
        described = f"Withdrawal to {told['method'].split(' ')[0].lower()}"
        row = WITHDRAWAL_ROWS.get(told["status"], "pending")
        story.move(told["at"], Movement("withdrawal", DEBIT, amount, "cash", described, reference, row))

    def give_back() -> None:
        described = f"Withdrawal {told['status']}"
        story.move(told["processed"], Movement("withdrawal", CREDIT, amount, "cash", described, reference))

    back = [(told["processed"], give_back)] if told["status"] in ("cancelled", "rejected") else []
    return [(told["at"], ask), *back]


def _withdrawal_row(story: Story, told: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": number,
        "player_id": story.player_id,
        "amount": story.minor(told["amount"]),
        "status": told["status"],
        "raw_status": told.get("raw_status"),
        "payment_method": told["method"],
        "requested_at": story.at(told["at"]),
        "processed_at": story.at(told["processed"]) if "processed" in told else None,
        "cancellable": int(told["status"] == "pending" and told.get("cancellable", True)),
        "rejection_reason": told.get("reason"),
    }


def _bonus(story: Story, told: dict[str, Any]) -> list[Event]:
    number = told.get("id") or story.books.next("bonus")
    amount, reference = story.minor(told["amount"]), f"bon_{number}"
    is_money = told.get("benefit", "Bonus Money") == "Bonus Money"

    def give() -> None:
        story.books.add("bonuses", _bonus_row(story, told, number))
        if is_money:
            story.move(told["at"], Movement("bonus", CREDIT, amount, "bonus", told["name"], reference))

    def end() -> None:
        if told["status"] == "completed":
            story.move(told["ended"], Movement("adjustment", DEBIT, amount, "bonus", "Bonus wagered", reference))
            story.move(told["ended"], Movement("adjustment", CREDIT, amount, "cash", "Bonus wagered", reference))
            return
        described = f"{told['name']} {told['status']}"
        story.move(told["ended"], Movement("bonus", DEBIT, amount, "bonus", described, reference))

    return [(told["at"], give), *([(told["ended"], end)] if is_money and "ended" in told else [])]


def _bonus_row(story: Story, told: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": number,
        "player_id": story.player_id,
        "bonus_type_id": told["type"],
        "name": told["name"],
        "code": told.get("code"),
        "benefit_type": told.get("benefit", "Bonus Money"),
        "amount": story.minor(told["amount"]),
        "wager_requirement": story.minor(told["requirement"]),
        "wagered": story.minor(told["wagered"]),
        "status": told["status"],
        "issued_at": story.at(told["at"]),
        "expires_at": None if "expires" not in told else story.at(told["expires"]),
        "added_by": told.get("by"),
        "reason": told.get("reason"),
    }
