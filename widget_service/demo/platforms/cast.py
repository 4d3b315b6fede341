"""Whom the simulated platforms know: six made-up players, in no platform's shape. Money is Decimal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

PaymentState = Literal["pending", "processing", "approved", "paid", "rejected", "cancelled"]
BonusState = Literal["pending", "active", "completed", "cancelled", "expired", "lost"]


@dataclass(slots=True)
class Payment:
    """A deposit or a withdrawal."""

    id: int
    kind: Literal["deposit", "withdrawal"]
    amount: Decimal
    currency: str
    state: PaymentState
    method: str
    requested: datetime
    processed: datetime | None = None
    reason: str | None = None

    @property
    def cancellable(self) -> bool:
        """By the player."""
        return self.kind == "withdrawal" and self.state == "pending"


@dataclass(slots=True)
class Bonus:
    """An award: ``template`` is what it was made from."""

    id: int
    template: int
    name: str
    code: str
    amount: Decimal
    currency: str
    requirement: Decimal
    wagered: Decimal
    state: BonusState
    issued: datetime
    expires: datetime


@dataclass(slots=True)
class Entry:
    """A line of the ledger."""

    id: int
    kind: Literal["deposit", "withdrawal", "bet", "win", "correction_up", "correction_down"]
    amount: Decimal
    balance: Decimal
    note: str
    at: datetime


@dataclass(slots=True)
class Limit:
    """``period`` in days; ``used`` where a platform counts it."""

    id: int
    kind: Literal["deposit", "loss", "wager"]
    period: Literal[1, 7, 30]
    amount: Decimal
    currency: str
    used: Decimal
    since: datetime
    until: datetime


@dataclass(slots=True)
class Closure:
    """A break or an exclusion."""

    kind: Literal["self_exclusion", "timeout"]
    since: datetime
    until: datetime


@dataclass(slots=True)
class Wallet:
    """One currency's: ``total`` is ``cash`` and ``bonus``."""

    currency: str
    cash: Decimal
    bonus: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.cash + self.bonus


@dataclass(slots=True)
class Person:
    """A player. ``id`` is digits, as platforms have them; ``uuid`` is the same player's other id."""

    id: str
    uuid: str
    login: str
    first_name: str
    last_name: str
    language: str
    registered: datetime
    last_login: datetime
    wallets: list[Wallet]
    middle_name: str = ""
    verified: bool = True
    locked: bool = False
    affiliate: str | None = None
    tags: tuple[str, ...] = ()
    closure: Closure | None = None
    payments: list[Payment] = field(default_factory=list)
    bonuses: list[Bonus] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    @property
    def wallet(self) -> Wallet:
        """That of the player's own currency."""
        return self.wallets[0]

    @property
    def currency(self) -> str:
        """The player's own."""
        return self.wallet.currency

    @property
    def email(self) -> str:
        """Made up, like everything here."""
        return f"{self.login}@player.example"

    @property
    def phone(self) -> tuple[str, str]:
        """Prefix and number."""
        return "+350", f"200{self.id[-5:]:0>5}"

    def listed(self, kind: str) -> list[Payment]:
        """Payments of a kind, newest first."""
        return sorted((one for one in self.payments if one.kind == kind), key=lambda one: one.requested, reverse=True)

    def total(self, kind: str) -> Decimal:
        """What was paid, in the player's own currency."""
        paid = (one.amount for one in self.listed(kind) if one.state == "paid" and one.currency == self.currency)
        return sum(paid, Decimal(0))

    def find_payment(self, payment_id: object) -> Payment | None:
        """By id, whether a platform writes it as a number or as text."""
        return next((one for one in self.payments if str(one.id) == str(payment_id)), None)

    def find_bonus(self, bonus_id: object) -> Bonus | None:
        """By the award's id."""
        return next((one for one in self.bonuses if str(one.id) == str(bonus_id)), None)

    def cancel(self, payment: Payment | None) -> bool:
        """Whether it could be cancelled: then the money is back."""
        if payment is None or not payment.cancellable:
            return False
        payment.state = "cancelled"
        next(one for one in self.wallets if one.currency == payment.currency).cash += payment.amount
        return True


def new_cast(now: datetime | None = None) -> dict[str, Person]:
    """The players by id, with times that are recent whenever it is asked."""
    begin = (now or datetime.now(UTC)).replace(microsecond=0)
    people = (_ana(begin), _jonas(begin), _lea(begin), _noor(begin), _kenji(begin), _tove(begin))
    return {person.id: person for person in people}


def _ana(now: datetime) -> Person:
    """Ordinary: one withdrawal waits, one bonus is being wagered."""
    person = _person("40217", "Ana", "Ruiz", [_wallet("EUR", "340.50", "40.00")], now)
    person.middle_name = "Isabel"
    person.affiliate = "nlm-es-03"
    person.tags = ("Regular", "Slots")
    person.payments = [
        _withdrawal(20931, "200.00", "EUR", "pending", now - timedelta(hours=20)),
        _withdrawal(19877, "120.00", "EUR", "paid", now - timedelta(days=20)),
        _withdrawal(19100, "35.10", "EUR", "rejected", now - timedelta(days=41), "Account holder differs"),
        _deposit(88120, "100.00", "EUR", "paid", now - timedelta(days=2)),
        _deposit(88002, "50.00", "EUR", "rejected", now - timedelta(days=3)),
        _deposit(70001, "25.25", "EUR", "paid", now - timedelta(days=260)),
    ]
    person.bonuses = [
        _bonus(7731, ("Weekend Reload", "RELOAD40"), "EUR", ("40.00", "1400.00", "760.00"), "active", now),
        _bonus(7102, ("Welcome", "WELCOME"), "EUR", ("25.00", "750.00", "750.00"), "completed", now),
    ]
    person.ledger = [
        Entry(9301, "withdrawal", Decimal("200.00"), Decimal("340.50"), "Card", now - timedelta(hours=20)),
        Entry(9222, "win", Decimal("62.30"), Decimal("540.50"), "Copper Canyon", now - timedelta(days=1)),
        Entry(9221, "bet", Decimal("2.00"), Decimal("478.20"), "Copper Canyon", now - timedelta(days=1, minutes=1)),
        Entry(9220, "correction_down", Decimal("5.00"), Decimal("480.20"), "Correction", now - timedelta(days=2)),
        Entry(9210, "deposit", Decimal("100.00"), Decimal("485.20"), "Card", now - timedelta(days=2, hours=1)),
    ]
    since = now - timedelta(days=3)
    person.limits = [
        Limit(61, "deposit", 7, Decimal("500.00"), "EUR", Decimal("100.00"), since, since + timedelta(days=7)),
        Limit(62, "deposit", 1, Decimal("200.00"), "EUR", Decimal("0.00"), now, now + timedelta(days=1)),
    ]
    return person


def _jonas(now: datetime) -> Person:
    """Two withdrawals wait."""
    person = _person("5832", "Jonas", "Weber", [_wallet("EUR", "1260.00")], now)
    person.payments = [
        _withdrawal(21004, "75.00", "EUR", "pending", now - timedelta(hours=3)),
        _withdrawal(20986, "510.25", "EUR", "pending", now - timedelta(hours=31)),
        _deposit(88410, "600.00", "EUR", "paid", now - timedelta(days=5)),
    ]
    return person


def _lea(now: datetime) -> Person:
    """A single withdrawal, which some platforms then show without a list around it. Not verified."""
    person = _person("61904", "Léa", "Martin", [_wallet("EUR", "18.20")], now)
    person.verified = False
    person.payments = [_withdrawal(18230, "60.00", "EUR", "paid", now - timedelta(days=29))]
    return person


def _noor(now: datetime) -> Person:
    """Excluded at her own wish."""
    person = _person("70311", "Noor", "van Dijk", [_wallet("EUR", "0.00")], now)
    person.closure = Closure("self_exclusion", now - timedelta(days=40), now + timedelta(days=140))
    person.tags = ("Closed",)
    return person


def _kenji(now: datetime) -> Person:
    """Several currencies: his own has no decimals, another has eight."""
    wallets = [_wallet("JPY", "48000", "1500"), _wallet("BTC", "0.01204501"), _wallet("EUR", "12.00")]
    person = _person("70544", "Kenji", "Sato", wallets, now)
    person.payments = [
        _withdrawal(22010, "15000", "JPY", "pending", now - timedelta(hours=5)),
        _withdrawal(22009, "0.00250001", "BTC", "processing", now - timedelta(hours=6)),
        _deposit(89001, "60000", "JPY", "paid", now - timedelta(days=8)),
    ]
    person.bonuses = [_bonus(7900, ("Spring", "HARU"), "JPY", ("1500", "45000", "1200"), "active", now)]
    return person


def _tove(now: datetime) -> Person:
    """Everything in a currency with eight decimals; has asked for a break."""
    person = _person("88120", "Tove", "Lind", [_wallet("BTC", "0.50000000")], now)
    person.closure = Closure("timeout", now - timedelta(days=1), now + timedelta(days=6))
    person.payments = [_withdrawal(23001, "0.10000001", "BTC", "pending", now - timedelta(hours=1))]
    return person


def _person(player_id: str, first: str, last: str, wallets: list[Wallet], now: datetime) -> Person:
    return Person(
        id=player_id,
        uuid=f"00000000-0000-4000-8000-{player_id:0>12}",
        login=f"{first.lower().replace('é', 'e')}.{last.lower().replace(' ', '')}",
        first_name=first,
        last_name=last,
        language="en",
        registered=now - timedelta(days=400),
        last_login=now - timedelta(hours=2),
        wallets=wallets,
    )


def _wallet(currency: str, cash: str, bonus: str = "0") -> Wallet:
    return Wallet(currency, Decimal(cash), Decimal(bonus))


def _withdrawal(
    number: int, amount: str, currency: str, state: PaymentState, at: datetime, reason: str | None = None
) -> Payment:
    done = at + timedelta(hours=19) if state in ("paid", "rejected", "cancelled") else None
    return Payment(number, "withdrawal", Decimal(amount), currency, state, "Bank transfer", at, done, reason)


def _deposit(number: int, amount: str, currency: str, state: PaymentState, at: datetime) -> Payment:
    return Payment(number, "deposit", Decimal(amount), currency, state, "Card", at, at + timedelta(seconds=19))


def _bonus(
    number: int, called: tuple[str, str], currency: str, sums: tuple[str, str, str], state: BonusState, now: datetime
) -> Bonus:
    amount, requirement, wagered = map(Decimal, sums)
    issued = now - timedelta(days=number % 30 + 1)
    expires = issued + timedelta(days=60)
    return Bonus(number, number // 100, *called, amount, currency, requirement, wagered, state, issued, expires)
