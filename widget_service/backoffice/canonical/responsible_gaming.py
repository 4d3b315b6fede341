"""Responsible gaming (player API §10)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from widget_service.backoffice.canonical.values import (
    Amount,
    Answer,
    Extra,
    Id,
    Item,
    Moment,
    PositiveAmount,
    Reason,
    Request,
    Written,
)

ClosureType = Literal["cooloff", "timeout", "self_exclusion", "permanent"]
LimitType = Literal[
    "deposit_daily",
    "deposit_weekly",
    "deposit_monthly",
    "loss_daily",
    "loss_weekly",
    "loss_monthly",
    "wager_daily",
    "session_time",
]


class Closure(Item):
    """Why a player may not play; without an end when it is permanent."""

    type: ClosureType | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None
    reason: str | None = None
    can_reactivate: bool | None = None


class Limit(Item):
    """A limit, in money or (``session_time``) in minutes."""

    type: LimitType
    limit_amount: Amount | None = None
    used_amount: Amount | None = None
    remaining_amount: Amount | None = None
    period_start: Moment | None = None
    period_end: Moment | None = None


class ResponsibleGaming(Answer):
    """Whether the player is restricted, and the limits."""

    player_id: Id
    rg_closed: bool
    closure: Closure | None = None
    limits: list[Limit] = Field(default_factory=list)
    extra: Extra = None


class Closed(Answer):
    """Whether the player is restricted: never made up."""

    player_id: Id
    rg_closed: bool


class LimitRequest(Request):
    """A limit to set."""

    type: LimitType
    limit_amount: PositiveAmount


class LimitSet(Written):
    """The limit as it is now."""

    limit: Limit


class SelfExclusion(Request):
    """A closure; every one but a permanent one has a duration."""

    type: ClosureType
    reason: Reason
    duration_days: Annotated[int, Field(ge=1, le=36525)] | None = None

    @model_validator(mode="after")
    def _duration(self) -> Self:
        if (self.type == "permanent") != (self.duration_days is None):
            raise ValueError("duration_days is required, but for permanent, where it is refused")
        return self


class SelfExcluded(Written):
    """The closure that holds now."""

    closure: Closure
