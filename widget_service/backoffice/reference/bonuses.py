"""Bonuses (player API §8): bonus money is owned only once it is wagered, and taken back when it is cancelled."""

import sqlite3
from decimal import Decimal

from widget_service.backoffice.canonical.bonuses import (
    Bonus,
    BonusAdded,
    BonusCancelled,
    Bonuses,
    EligibleBonuses,
)
from widget_service.backoffice.canonical.currencies import rounded
from widget_service.backoffice.reference.asked import Asked, moment, moment_or_none
from widget_service.backoffice.reference.closures import find_closure
from widget_service.backoffice.reference.eligibility import eligible, find_offer, offer_shown, scale
from widget_service.backoffice.reference.ledger import (
    CREDIT,
    DEBIT,
    Movement,
    book,
    log_operation,
    note_operation,
    operation_id,
    refreshed,
)
from widget_service.backoffice.reference.listing import Listing
from widget_service.backoffice.reference.money import refused, require_minor

DAY = 86_400
BONUS_LIFETIME = 14 * DAY


def list_bonuses(asked: Asked) -> Bonuses:
    """§8.1."""
    rows, total = Listing(asked, "bonuses", "issued_at").where("status", asked.query.status).page()
    return Bonuses(player_id=asked.player_id, bonuses=[_bonus(asked, row) for row in rows], total=total)


def list_eligible(asked: Asked) -> EligibleBonuses:
    """§8.2."""
    wanted = asked.query.criteria_type
    offers = [offer for offer in eligible(asked) if wanted in (None, offer["criteria_type"])]
    shown = [offer_shown(asked, offer) for offer in offers]
    return EligibleBonuses(player_id=asked.player_id, bonuses=shown, total=len(shown))


def add_bonus(asked: Asked) -> BonusAdded:
    """§8.3. Raises InvalidRequest (422) with its reason."""
    offer = find_offer(asked.books, asked.body.bonus_type_id)
    if offer is None:
        raise refused("bonus_type_id", "unknown_bonus_type")
    if find_closure(asked) is not None:
        raise refused(None, "responsible_gaming_closed")
    if offer["bonus_type_id"] not in [found["bonus_type_id"] for found in eligible(asked)]:
        raise refused("bonus_type_id", "not_eligible")
    amount = require_minor(asked.body.amount, asked.currency)
    bonus = asked.books.next("bonus")
    asked.books.add("bonuses", _award(asked, offer, amount, bonus))
    number = note_operation(asked, "bonus.added", {"bonus_id": f"bon_{bonus}", **asked.body.model_dump()})
    _pay_in(asked, offer, number, Movement("bonus", CREDIT, amount, "bonus", offer["name"], f"bon_{bonus}"))
    return BonusAdded(message="Bonus added", transaction_id=operation_id(number), bonus_id=f"bon_{bonus}")


def cancel_bonus(asked: Asked) -> BonusCancelled:
    """§8.4: what is left of its money goes with it. Raises InvalidRequest (422) for one that is not active."""
    wanted = asked.body.bonus_id
    rows = asked.books.all(
        "SELECT * FROM bonuses WHERE player_id = ? AND status = 'active' ORDER BY id", asked.player_id
    )
    if wanted is not None:
        rows = [row for row in rows if f"bon_{row['id']}" == wanted]
        if not rows:
            raise refused("bonus_id", "not_active")
    number = note_operation(asked, "bonus.cancelled", asked.body.model_dump())
    for row in rows:
        end_bonus(asked, row, "cancelled", number if row is rows[0] else None)
    told = {0: "No bonus was active", 1: "Bonus cancelled"}.get(len(rows), "Bonuses cancelled")
    return BonusCancelled(message=told, transaction_id=operation_id(number), cancelled_count=len(rows))


def expire_bonuses(asked: Asked) -> None:
    """Ends those whose time is over."""
    rows = asked.books.all(
        "SELECT * FROM bonuses WHERE player_id = ? AND status = 'active' AND expires_at < ?",
        asked.player_id,
        asked.now,
    )
    for row in rows:
        end_bonus(asked, row, "expired", None)


def has_expired(asked: Asked) -> bool:
    """Whether there is something to end."""
    statement = "SELECT 1 FROM bonuses WHERE player_id = ? AND status = 'active' AND expires_at < ?"
    return asked.books.find(statement, asked.player_id, asked.now) is not None


def end_bonus(asked: Asked, row: sqlite3.Row, status: str, number: int | None) -> None:
    """Ends an active one, and takes its money back under the operation's number, or one of its own."""
    asked.books.change("UPDATE bonuses SET status = ? WHERE id = ?", status, row["id"])
    left = min(row["amount"] or 0, refreshed(asked)["bonus"])
    if row["benefit_type"] != "Bonus Money" or left == 0:
        return
    reference = f"bon_{row['id']}"
    if number is None:
        number = log_operation(asked.books, asked.player_id, f"bonus.{status}", {"bonus_id": reference}, asked.now)
    book(asked, number, Movement("bonus", DEBIT, left, "bonus", f"{row['name']} {status}", reference))


def _pay_in(asked: Asked, offer: sqlite3.Row, number: int, movement: Movement) -> None:
    if offer["benefit_type"] == "Bonus Money":
        book(asked, number, movement)
    if offer["benefit_type"] == "Cash":
        book(
            asked,
            number,
            Movement("bonus", CREDIT, movement.amount, "cash", movement.description, movement.reference_id),
        )


def _award(asked: Asked, offer: sqlite3.Row, amount: int, number: int) -> dict[str, object]:
    is_cash = offer["benefit_type"] == "Cash"
    return {
        "id": number,
        "player_id": asked.player_id,
        "bonus_type_id": offer["bonus_type_id"],
        "name": offer["name"],
        "code": offer["code"],
        "benefit_type": offer["benefit_type"],
        "amount": amount,
        "wager_requirement": 0 if is_cash else _wagering(asked, offer),
        "wagered": 0,
        # Cash is the player's own at once; everything else has to be wagered.
        "status": "completed" if is_cash else "active",
        "issued_at": asked.now,
        "expires_at": None if is_cash else asked.now + BONUS_LIFETIME,
        "added_by": asked.body.added_by,
        "reason": asked.body.reason,
    }


def _wagering(asked: Asked, offer: sqlite3.Row) -> int:
    """In proportion: half the template's amount needs half of its wagering."""
    share = asked.body.amount / scale(Decimal(offer["amount"]), asked.currency)
    needed = scale(Decimal(offer["wager_requirement"]), asked.currency) * share
    return require_minor(rounded(needed, asked.currency), asked.currency)


def _bonus(asked: Asked, row: sqlite3.Row) -> Bonus:
    return Bonus(
        bonus_id=f"bon_{row['id']}",
        bonus_type_id=row["bonus_type_id"],
        name=row["name"],
        code=row["code"],
        benefit_type=row["benefit_type"],
        amount=asked.money_or_none(row["amount"]),
        wager_requirement=asked.money_or_none(row["wager_requirement"]),
        wagered=asked.money_or_none(row["wagered"]),
        status=row["status"],
        issued_at=moment(row["issued_at"]),
        expires_at=moment_or_none(row["expires_at"]),
        added_by=row["added_by"],
        reason=row["reason"],
    )
