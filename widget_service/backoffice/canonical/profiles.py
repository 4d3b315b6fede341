"""The player's profile (player API §3) and the session (§2)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from widget_service.backoffice.canonical.values import Amount, Answer, Extra, Id, Item, Moment, Request, Text

KycStatus = Literal["not_started", "pending", "in_review", "approved", "rejected", "expired", "unknown"]


class Balances(Item):
    """Five amounts; total = cash + bonus, and what waits to be paid out is in neither."""

    total_balance: Amount | None = None
    cash_balance: Amount | None = None
    bonus_balance: Amount | None = None
    withdrawable_balance: Amount | None = None
    pending_withdrawal: Amount | None = None


class LastWithdrawal(Item):
    """The newest withdrawal."""

    amount: Amount | None = None
    status: str | None = None


class LastDeposit(Item):
    """The newest deposit."""

    amount: Amount | None = None
    date: Moment | None = None


class Kpi(Item):
    """Figures: ``wr`` is the wagering that remains; ``ltd``, ``ltw``, ``ltnc`` are sums of a lifetime."""

    active_bonus: bool | None = None
    wr: Amount | None = None
    last_withdrawal: LastWithdrawal | None = None
    last_deposit: LastDeposit | None = None
    ltd: Amount | None = None
    ltw: Amount | None = None
    ltnc: Amount | None = None


class PlayerSettings(Item):
    """What the player wants to get, and what was confirmed."""

    marketing_email_subscription: bool | None = None
    email_validation: bool | None = None
    email_account_activation: str | None = None
    marketing_sms_subscription: bool | None = None
    sms_validation: bool | None = None
    sms_account_activation: str | None = None
    want_bonus: bool | None = None


class Player(Answer):
    """A player's profile."""

    id: Id
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    language: str | None = None
    registration_date: Moment | None = None
    ftd_date: Moment | None = None
    last_login: Moment | None = None
    kyc_status: KycStatus = "unknown"
    withdrawal_status: Literal["Active", "Blocked", "Unknown"] = "Unknown"
    affiliate_name: str | None = None
    affiliate_source: str | None = None
    vip_manager: str | None = None
    blocked: bool | None = None
    balances: Balances = Balances()
    kpi: Kpi = Kpi()
    segments: list[str] = Field(default_factory=list)
    settings: PlayerSettings = PlayerSettings()
    extra: Extra = None


class SettingsChange(Request):
    """What of the settings may be changed."""

    marketing_email_subscription: bool | None = None
    email_validation: bool | None = None
    marketing_sms_subscription: bool | None = None
    sms_validation: bool | None = None
    want_bonus: bool | None = None


class PlayerChange(Request):
    """A partial update; an empty one is refused."""

    phone: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    affiliate_name: Text | None = None
    blocked: bool | None = None
    settings: SettingsChange | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.changes():
            raise ValueError("must change something")
        return self

    def changes(self) -> dict[str, Any]:
        """The members that were given, the settings' as members of their own."""
        given: dict[str, Any] = self.model_dump(exclude_none=True)
        settings = given.pop("settings", {})
        return {**given, **settings}


class LoginRequest(Request):
    """Who logs in."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", examples=["a@player.example"])]


class Login(Answer):
    """A new player session."""

    success: bool = True
    session_id: str
    player_id: Id
    expires_at: Moment
    expires_in: int


class LiveSession(Answer):
    """A session that lives."""

    success: bool = True
    player_id: Id
    expires_at: Moment
    expires_in: int
