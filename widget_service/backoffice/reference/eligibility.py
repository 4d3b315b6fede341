"""Which bonuses a player could have, and why."""

import json
import sqlite3
from collections.abc import Callable
from decimal import Decimal

from widget_service.backoffice.canonical.bonuses import EligibleBonus
from widget_service.backoffice.canonical.currencies import find_places, rounded
from widget_service.backoffice.reference.asked import Asked, moment_or_none
from widget_service.backoffice.reference.closures import find_closure
from widget_service.backoffice.reference.database import Books

DAY = 86_400
#: So long after it was given, the same bonus is given again.
AGAIN_AFTER = 30 * DAY
#: What templates say is meant in euros; what one of them is elsewhere, roughly, so that amounts make sense.
_RATES = {"JPY": Decimal(150), "BTC": Decimal("0.00002"), "KWD": Decimal("0.300"), "ETH": Decimal("0.0004")}


def scale(amount: Decimal, currency: str) -> Decimal:
    """A template's amount in the player's currency, never nothing of something."""
    smallest = Decimal(1).scaleb(-find_places(currency))
    scaled = rounded(amount * _RATES.get(currency, Decimal(1)), currency)
    return max(scaled, smallest) if amount else scaled


def find_offer(books: Books, bonus_type_id: str) -> sqlite3.Row | None:
    """A bonus template."""
    return books.find("SELECT * FROM bonus_types WHERE bonus_type_id = ?", bonus_type_id)


def eligible(asked: Asked) -> list[sqlite3.Row]:
    """The templates that the player could have now: none while closed, blocked or unwilling."""
    wants = json.loads(asked.player["settings"]).get("want_bonus", True)
    if asked.player["blocked"] or not wants or find_closure(asked) is not None:
        return []
    offers = asked.books.all("SELECT * FROM bonus_types ORDER BY bonus_type_id")
    return [offer for offer in offers if _holds(asked, offer) and not _had(asked, offer)]


def offer_shown(asked: Asked, offer: sqlite3.Row) -> EligibleBonus:
    """As the player API shows it."""
    amount = scale(Decimal(offer["amount"]), asked.currency)
    description = (offer["description"] or "").replace("{amount}", f"{amount.normalize():f} {asked.currency}")
    return EligibleBonus(
        bonus_type_id=offer["bonus_type_id"],
        name=offer["name"],
        code=offer["code"],
        description=description or None,
        benefit_type=offer["benefit_type"],
        amount=amount,
        wager_requirement=scale(Decimal(offer["wager_requirement"]), asked.currency),
        expires_at=moment_or_none(offer["expires_at"]),
        reason=RULES[offer["rule"]][1],
    )


def _holds(asked: Asked, offer: sqlite3.Row) -> bool:
    over = offer["expires_at"] is not None and offer["expires_at"] < asked.now
    return not over and RULES[offer["rule"]][0](asked)


def _had(asked: Asked, offer: sqlite3.Row) -> bool:
    statement = (
        "SELECT 1 FROM bonuses WHERE player_id = ? AND bonus_type_id = ?"
        " AND (status IN ('pending', 'active') OR issued_at > ?)"
    )
    return asked.books.find(statement, asked.player_id, offer["bonus_type_id"], asked.now - AGAIN_AFTER) is not None


def _is_new(asked: Asked) -> bool:
    return bool(asked.player["registered_at"] > asked.now - 14 * DAY)


def _is_loyal(asked: Asked) -> bool:
    return bool(asked.player["registered_at"] < asked.now - 183 * DAY)


def _is_vip(asked: Asked) -> bool:
    return "VIP" in json.loads(asked.player["segments"])


def _never_deposited(asked: Asked) -> bool:
    statement = "SELECT 1 FROM deposits WHERE player_id = ? AND status = 'completed'"
    return asked.books.find(statement, asked.player_id) is None


def _deposited_lately(asked: Asked) -> bool:
    statement = "SELECT 1 FROM deposits WHERE player_id = ? AND status = 'completed' AND created_at > ?"
    return asked.books.find(statement, asked.player_id, asked.now - 7 * DAY) is not None


#: What a template's rule asks, and what it says to the player.
RULES: dict[str, tuple[Callable[[Asked], bool], str]] = {
    "anybody": (lambda _asked: True, "Open to every player"),
    "new": (_is_new, "Registered within the last 14 days"),
    "loyal": (_is_loyal, "Registered for more than 6 months"),
    "vip": (_is_vip, "VIP player"),
    "no_deposit": (_never_deposited, "No deposit yet"),
    "deposit": (_deposited_lately, "Deposited within the last 7 days"),
}
