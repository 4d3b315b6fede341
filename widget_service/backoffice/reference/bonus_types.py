"""Bonus templates (player API §8.5): the one endpoint of the administration."""

import re

from widget_service.backoffice.canonical.bonuses import BonusTypeCreated, BonusTypeRequest
from widget_service.backoffice.reference.database import Books
from widget_service.backoffice.reference.ledger import log_operation, operation_id
from widget_service.backoffice.reference.money import refused

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def add_bonus_type(books: Books, wanted: BonusTypeRequest, now: int) -> BonusTypeCreated:
    """§8.5. Raises InvalidRequest (422) for a code that there is."""
    if wanted.amount.adjusted() > 14 or (wanted.wager_requirement or wanted.amount).adjusted() > 14:
        raise refused("amount", "too_large")
    if books.find("SELECT 1 FROM bonus_types WHERE code = ?", wanted.code):
        raise refused("code", "duplicate_code")
    bonus_type_id = _free_id(books, wanted.code)
    books.add("bonus_types", {"bonus_type_id": bonus_type_id, **_row(wanted)})
    number = log_operation(books, None, "bonus_type.added", wanted.model_dump(), now)
    return BonusTypeCreated(
        message="Bonus type created", transaction_id=operation_id(number), bonus_type_id=bonus_type_id
    )


def _row(wanted: BonusTypeRequest) -> dict[str, str | None]:
    return {
        "name": wanted.name,
        "code": wanted.code,
        "description": wanted.description,
        "benefit_type": wanted.benefit_type,
        "amount": format(wanted.amount, "f"),
        "wager_requirement": format(wanted.wager_requirement or 0, "f"),
        "criteria_type": None,
        "rule": "anybody",
        "expires_at": None,
    }


def _free_id(books: Books, code: str) -> str:
    slug = _NOT_IN_AN_ID.sub("_", code.lower()).strip("_")
    wanted = f"bt_{slug}"
    taken = not slug or books.find("SELECT 1 FROM bonus_types WHERE bonus_type_id = ?", wanted) is not None
    return f"bt_{slug}{books.next('bonus_type')}" if taken else wanted
