"""A simulated BetConstruct BackOffice, as its web admin's clients see it: a staff seat that may read every player.

Errors come with 200, lists are wrapped in five ways, local times have no zone. Every value is made up.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from widget_service.demo.platforms.cast import Bonus, Entry, Payment, Person
from widget_service.demo.platforms.stage import Stage, asked_for, reply

ASKED_TIME = "%d-%m-%y - %H:%M:%S"
ASKED_DATE = "%d-%m-%y"
WITHDRAWAL_STATES = {"pending": 0, "processing": 2, "approved": 1, "paid": 3, "cancelled": -1, "rejected": -2}
LEDGER_TYPES = {"deposit": 3, "withdrawal": 12, "bet": 10, "win": 15, "correction_up": 301, "correction_down": 302}
#: Result and acceptance.
BONUS_STATES = {
    "pending": (0, 0), "active": (0, 2), "completed": (1, 2), "lost": (2, 2), "cancelled": (3, 2), "expired": (4, 4),
}  # fmt: skip
EXCLUDE_TYPES = {"self_exclusion": 2, "timeout": 6}


def new_platform(stage: Stage) -> Blueprint:
    """The endpoints, under a language of the admin's."""
    blueprint = Blueprint("betconstruct_backoffice", __name__, url_prefix="/api/<language>")
    views = _Views(stage)
    blueprint.url_value_preprocessor(_drop_language)
    for method, path, view in (
        ("GET", "/Client/GetClientById", views.client),
        ("GET", "/Client/GetClientKpi", views.kpi),
        ("GET", "/Client/GetClientRestriction", views.restriction),
        ("POST", "/Client/GetClientTransactionsV1", views.transactions),
        ("POST", "/Financial/GetDepositsWithdrawalsWithPaging", views.deposits),
        ("POST", "/Client/GetClientWithdrawalRequestsWithTotals", views.withdrawals),
        ("POST", "/Client/GetClientBonuses", views.bonuses),
        ("POST", "/Client/CancelWageringBonusAsync", views.cancel_bonus),
    ):
        blueprint.add_url_rule(path, view.__name__, _for_staff(stage, view), methods=[method])
    return blueprint


def _drop_language(_endpoint: str | None, parts: dict[str, Any] | None) -> None:
    (parts or {}).pop("language", None)


def _for_staff(stage: Stage, view: Callable[[], Response]) -> Callable[[], Response]:
    def answer() -> Response:
        if request.headers.get("Authentication") != stage.staff_token:
            return reply({"Message": "Authorization has been denied"}, int(stage.quirks.get("refusal", 401)))
        return view()

    return answer


class _Views:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def client(self) -> Response:
        """A profile, with what must not go any further."""
        person = self._stage.find(request.args.get("id"))
        return _failed("Client not found") if person is None else _succeeded(self._described(person))

    def kpi(self) -> Response:
        """Sums of a lifetime."""
        person = self._stage.find(request.args.get("id"))
        if person is None:
            return _failed("Client not found")
        deposits, withdrawals = person.listed("deposit"), person.listed("withdrawal")
        return _succeeded(
            {
                "ClientId": int(person.id),
                "DepositAmount": person.total("deposit"),
                "DepositCount": len(deposits),
                "WithdrawalAmount": person.total("withdrawal"),
                "WithdrawalCount": len(withdrawals),
                "LastDepositAmount": deposits[0].amount if deposits else None,
                "LastDepositTimeLocal": self._local(deposits[0].requested) if deposits else None,
                "LastWithdrawalAmount": withdrawals[0].amount if withdrawals else None,
                "LastWithdrawalTimeLocal": self._local(withdrawals[0].requested) if withdrawals else None,
                "FirstDepositTimeLocal": self._local(deposits[-1].requested) if deposits else None,
                "LastCasinoBetTimeLocal": None,
            }
        )

    def restriction(self) -> Response:
        """What the player may do."""
        person = self._stage.find(request.args.get("clientId"))
        if person is None:
            return _failed("Client not found")
        free = person.closure is None
        flags = {"CanLogin": free, "CanBet": free, "CanDeposit": free, "CanWithdraw": not person.locked}
        return _succeeded({**flags, "ModifedLocal": self._local(person.registered)})

    def transactions(self) -> Response:
        """Dates without a time."""
        told = asked_for()
        person = self._stage.find(told.get("ClientId"))
        if person is None:
            return _failed("Client not found")
        try:
            since, until = (self._date(told[name]) for name in ("StartTimeLocal", "EndTimeLocal"))
        except (KeyError, ValueError, TypeError):
            return _failed("Wrong date")
        zone = ZoneInfo(self._stage.zone)
        rows = [one for one in person.ledger if since <= one.at.astimezone(zone).date() <= until]
        wanted = told.get("DocumentTypeIds") or list(LEDGER_TYPES.values())
        return self._objects([self._entry(person, one) for one in rows if LEDGER_TYPES[one.kind] in wanted], told)

    def deposits(self) -> Response:
        """``Documents`` is the ledger here."""
        told = asked_for()
        rows = self._payments(told.get("ClientId"), "deposit", told)
        if rows is None:
            return _failed("Wrong request")
        return _succeeded({"Documents": {"Count": len(rows), "Objects": _part(rows, told)}})

    def withdrawals(self) -> Response:
        """The client's id is a text here."""
        told = asked_for()
        if not isinstance(told.get("ClientId"), str):
            return _failed("ClientId must be a string")
        rows = self._payments(told["ClientId"], "withdrawal", told)
        if rows is None:
            return _failed("Wrong request")
        states = told.get("StateList") or list(WITHDRAWAL_STATES.values())
        return _succeeded({"ClientRequests": [row for row in rows if row["State"] in states]})

    def bonuses(self) -> Response:
        """A bare array, without wagering."""
        person = self._stage.find(asked_for().get("ClientId"))
        if person is None:
            return _failed("Client not found")
        return _succeeded([self._bonus(one) for one in person.bonuses])

    def cancel_bonus(self) -> Response:
        """By the award's id alone."""
        told = asked_for()
        for person in self._stage.people.values():
            bonus = person.find_bonus(told.get("BonusId"))
            if bonus is not None and bonus.state == "active" and told.get("CancelReason"):
                bonus.state = "cancelled"
                return _succeeded(None)
        return _failed("Bonus not found")

    def _payments(self, player_id: object, kind: str, told: dict[str, Any]) -> list[dict[str, object]] | None:
        person = self._stage.find(player_id)
        if person is None:
            return None
        try:
            since, until = (self._time(told.get(name)) for name in ("FromDateLocal", "ToDateLocal"))
        except (ValueError, TypeError):
            return None
        rows = [one for one in person.listed(kind) if one.currency == person.currency]
        inside = [
            one for one in rows if (not since or since <= one.requested) and (not until or one.requested <= until)
        ]
        shape = self._withdrawal if kind == "withdrawal" else self._deposit
        return [shape(person, one) for one in inside]

    def _described(self, person: Person) -> dict[str, object]:
        closure = person.closure
        return {
            "Id": int(person.id), "Login": person.login, "FirstName": person.first_name,
            "MiddleName": person.middle_name or None, "LastName": person.last_name, "Email": person.email,
            "MobilePhone": "".join(person.phone), "Phone": None, "CurrencyId": person.currency,
            "Language": person.language, "CreatedLocalDate": self._local(person.registered),
            "FirstDepositDateLocal": self._first_deposit(person), "LastLoginLocalDate": self._local(person.last_login),
            "IsVerified": person.verified, "IsLocked": person.locked, "Balance": person.wallet.cash,
            "UnplayedBalance": Decimal(0), "AffilateId": person.affiliate, "BTag": None, "IsTest": False,
            "LoyaltyLevelId": None, "Excluded": closure is not None,
            "ExcludeTypeId": None if closure is None else EXCLUDE_TYPES[closure.kind],
            "ExcludedLocalDate": None if closure is None else self._local(closure.until),
            "ExclusionReason": None, "BirthDate": "1990-01-01T00:00:00", "LastLoginIp": "192.0.2.7",
            "DocNumber": "never-to-be-seen-number", "IBAN": "never-to-be-seen-iban", "Address": "never-to-be-seen",
        }  # fmt: skip

    def _first_deposit(self, person: Person) -> str | None:
        deposits = person.listed("deposit")
        return self._local(deposits[-1].requested) if deposits else None

    def _entry(self, person: Person, entry: Entry) -> dict[str, object]:
        return {
            "Id": entry.id, "Amount": entry.amount, "ClientId": int(person.id), "TypeId": LEDGER_TYPES[entry.kind],
            "Note": entry.note, "CreatedLocal": self._local(entry.at),
        }  # fmt: skip

    def _deposit(self, person: Person, payment: Payment) -> dict[str, object]:
        return {
            "Id": payment.id, "Amount": payment.amount, "ClientId": int(person.id), "PartnerId": 1,
            "CreatedLocal": self._local(payment.requested), "PaymentSystemName": payment.method,
            "CurrencyId": payment.currency,
        }  # fmt: skip

    def _withdrawal(self, person: Person, payment: Payment) -> dict[str, object]:
        done = None if payment.processed is None else self._local(payment.processed)
        return {
            "Id": payment.id, "Amount": payment.amount, "ClientId": int(person.id),
            "RequestTimeLocal": self._local(payment.requested), "AllowTimeLocal": None, "PaymentCreatedLocal": done,
            "PaymentSystemName": payment.method,
            "State": self._stage.quirks.get("State", WITHDRAWAL_STATES[payment.state]),
            "StateName": payment.state, "Info": None,
        }  # fmt: skip

    def _bonus(self, bonus: Bonus) -> dict[str, object]:
        result, acceptance = BONUS_STATES[bonus.state]
        return {
            "Id": bonus.id, "PartnerBonusId": bonus.template, "Name": bonus.name, "Amount": bonus.amount, "Count": None,
            "BonusType": 2, "AcceptanceType": acceptance, "ResultType": result,
            "CreatedLocal": self._local(bonus.issued), "ClientBonusExpirationDateLocal": self._local(bonus.expires),
        }  # fmt: skip

    def _objects(self, rows: list[dict[str, object]], told: dict[str, Any]) -> Response:
        return _succeeded({"Count": len(rows), "Objects": _part(rows, told)})

    def _local(self, moment: datetime) -> str:
        """Without a zone, and with as much of a second as there is."""
        return moment.astimezone(ZoneInfo(self._stage.zone)).replace(tzinfo=None).isoformat()

    def _time(self, text: object) -> datetime | None:
        """A partner's local time, or RFC 3339: clients send both."""
        if text is None:
            return None
        try:
            return datetime.strptime(str(text), ASKED_TIME).replace(tzinfo=ZoneInfo(self._stage.zone))
        except ValueError:
            moment = datetime.fromisoformat(str(text))
            if moment.tzinfo is None:
                raise
            return moment

    def _date(self, text: str) -> Any:
        return datetime.strptime(text, ASKED_DATE).replace(tzinfo=ZoneInfo(self._stage.zone)).date()


def _part(rows: list[dict[str, object]], told: dict[str, Any]) -> list[dict[str, object]]:
    skipped = int(told.get("SkeepRows") or 0)
    return rows[skipped : skipped + int(told.get("MaxRows") or 10)]


def _succeeded(value: object) -> Response:
    return reply({"HasError": False, "AlertType": "success", "AlertMessage": "Operation has completed", "Data": value})


def _failed(message: str) -> Response:
    return reply({"HasError": True, "AlertType": "danger", "AlertMessage": message, "Data": None})
