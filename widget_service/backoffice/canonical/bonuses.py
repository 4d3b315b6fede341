"""Bonuses (player API §8)."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from widget_service.backoffice.canonical.queries import BonusStatus
from widget_service.backoffice.canonical.values import (
    Amount,
    Answer,
    Extra,
    GivenText,
    Id,
    Item,
    Moment,
    PositiveAmount,
    RawStatus,
    ReadRange,
    Reason,
    Request,
    Text,
    Written,
    with_raw_status,
)

BenefitType = Literal["Cash", "Bonus Money", "Free Spins", "unknown"]
_STATUSES = frozenset(get_args(BonusStatus))


class Bonus(Item):
    """A player's award; ``bonus_type_id`` is its template, which is not the same thing."""

    bonus_id: Id
    bonus_type_id: str | None = None
    name: str | None = None
    code: str | None = None
    benefit_type: BenefitType = "unknown"
    amount: Amount | None = None
    wager_requirement: Amount | None = None
    wagered: Amount | None = None
    status: BonusStatus = "unknown"
    raw_status: RawStatus = None
    issued_at: Moment | None = None
    expires_at: Moment | None = None
    added_by: str | None = None
    reason: str | None = None
    extra: Extra = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, members: Any) -> Any:
        return with_raw_status(members, _STATUSES)


class Bonuses(Answer):
    """Bonuses, newest first."""

    player_id: Id
    bonuses: list[Bonus]
    total: int
    range: ReadRange = None


class EligibleBonus(Item):
    """A bonus that the player could have."""

    bonus_type_id: Id
    name: str | None = None
    code: str | None = None
    description: str | None = None
    benefit_type: BenefitType = "unknown"
    amount: Amount | None = None
    wager_requirement: Amount | None = None
    expires_at: Moment | None = None
    reason: str | None = None
    extra: Extra = None


class EligibleBonuses(Answer):
    """Bonuses that the player could have: none for one who is closed for responsible gaming."""

    player_id: Id
    bonuses: list[EligibleBonus]
    total: int


class BonusAward(Request):
    """A bonus to give."""

    bonus_type_id: Id
    amount: PositiveAmount
    reason: Reason | None = None
    added_by: Text | None = None


class BonusAdded(Written):
    """The award's own id."""

    bonus_id: str | None = None


class BonusCancellation(Request):
    """Which one, or all that are active."""

    reason: Reason
    bonus_id: Id | None = None
    cancelled_by: Text | None = None


class BonusCancelled(Written):
    """How many were cancelled."""

    cancelled_count: int | None = None


class BonusTypeRequest(Request):
    """A template to make."""

    name: GivenText
    code: GivenText
    benefit_type: Literal["Cash", "Bonus Money", "Free Spins"]
    amount: PositiveAmount
    description: Annotated[str, Field(max_length=500)] | None = None
    wager_requirement: Annotated[Amount, Field(ge=0)] | None = None


class BonusTypeCreated(Written):
    """The template's id."""

    bonus_type_id: Id
