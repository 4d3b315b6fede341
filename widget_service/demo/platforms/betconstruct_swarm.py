"""A simulated BetConstruct Swarm in its HTTP form: every command is a POST, and every answer is a 200 with a code.

A withdrawal that is alone comes without a list around it. Every value is made up.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from widget_service.demo.platforms.cast import Bonus, Entry, Payment, Person
from widget_service.demo.platforms.stage import Stage, asked_for, reply

LOST, NEEDS_LOGIN = 5, 12
INVALID_TOKEN, NOT_ALLOWED = 1002, 2070
STATES = {"pending": 0, "approved": 1, "processing": 2, "paid": 3, "cancelled": -1, "rejected": -2}
ACCEPTANCE = {"pending": 0, "active": 2, "completed": 2, "lost": 2, "cancelled": 3, "expired": 4}
EXCLUDE_TYPES = {"self_exclusion": 2, "timeout": 6}
NAMES = {"deposit": "Deposit", "withdrawal": "Withdrawal", "bet": "Bet", "win": "Winning"}


def new_platform(stage: Stage) -> Blueprint:
    """The one endpoint."""
    blueprint = Blueprint("betconstruct_swarm", __name__)
    swarm = _Swarm(stage)
    blueprint.add_url_rule("/", "command", swarm.command, methods=["POST"])
    return blueprint


class _Swarm:
    """``_signed_in`` maps a connection's ``swarm-session`` to the player who restored a login on it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._signed_in: dict[str, str | None] = {}

    def command(self) -> Response:
        """Commands by name; all but two need a login."""
        told = asked_for()
        params: dict[str, Any] = told["params"] if isinstance(told.get("params"), dict) else {}
        name, sid = str(told.get("command")), request.headers.get("swarm-session", "")
        if name == "request_session":
            return self._open(params)
        if sid not in self._signed_in:
            return _code(LOST)
        if name == "restore_login":
            return self._restore(sid, params)
        auth_token = self._signed_in[sid]
        person = None if auth_token is None else self._stage.whose(auth_token)
        if person is None:
            return _code(NEEDS_LOGIN)
        commands: dict[str, Callable[[Person, dict[str, Any]], Response]] = {
            "get_user": lambda one, _: _done(_described(one) | self._stage.quirks.get("get_user", {})),
            "balance_history_v2": _history,
            "get_withdrawals": lambda one, _: self._requests(one, "withdrawal"),
            "get_deposits": lambda one, _: self._requests(one, "deposit"),
            "withdraw_cancel": _cancel,
            "get_bonus_details": lambda one, _: _done({"bonuses": [_bonus(bonus) for bonus in one.bonuses]}),
            "cancel_bonus": _cancel_bonus,
            "user_limits": lambda one, _: _done({"result": 0, "details": _limits(one)}),
        }
        return commands[name](person, params) if name in commands else _code(1)

    def _open(self, params: dict[str, Any]) -> Response:
        if not isinstance(params.get("site_id"), int):
            return _code(13)
        sid = secrets.token_urlsafe(12)
        self._signed_in[sid] = None
        return _done({"sid": sid, "recaptcha_enabled": False, "site_key": ""})

    def _restore(self, sid: str, params: dict[str, Any]) -> Response:
        """Answers with the token's own player, whoever was named."""
        auth_token = str(params.get("auth_token"))
        person = self._stage.whose(auth_token)
        if person is None:
            return _code(NEEDS_LOGIN, {"result": INVALID_TOKEN})
        self._signed_in[sid] = auth_token
        answer = {
            "auth_token": auth_token,
            "user_id": int(person.id),
            "qr_code_origin": None,
            "authentication_status": 0,
        }
        return _done(answer | self._stage.quirks.get("restore_login", {}))

    def _requests(self, person: Person, kind: str) -> Response:
        """A list, but for one thing alone, and nothing at all for none."""
        rows: Any = [_request(one) for one in person.listed(kind) if one.currency == person.currency]
        rows = rows[0] if len(rows) == 1 else rows
        name = "withdrawal_requests" if kind == "withdrawal" else "deposits_requests"
        return _done({name: {"request": rows} if rows else {}})


def _done(value: object) -> Response:
    return reply({"code": 0, "rid": "1", "data": value})


def _code(code: int, value: object = None) -> Response:
    return reply({"code": code, "rid": "1", "data": value, "msg": "refused"})


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _described(person: Person) -> dict[str, object]:
    wallet, closure = person.wallet, person.closure
    return {
        "user_id": int(person.id),
        "unique_id": int(person.id),
        "username": person.login,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": "".join(person.phone),
        "currency_name": person.currency,
        "language": person.language,
        "reg_date": person.registered.strftime("%Y-%m-%d"),
        "last_login_date": _unix(person.last_login),
        "is_verified": person.verified,
        # Bonus-side money, in the vendor's own arithmetic: no pending withdrawal.
        "balance": wallet.cash,
        "frozen_balance": Decimal(0),
        "bonus_balance": wallet.bonus,
        "bonus_win_balance": Decimal(0),
        "unplayed_balance": Decimal(0),
        "wallets": [{"Currency": one.currency, "Balance": one.cash} for one in person.wallets],
        "exclude_type": None if closure is None else EXCLUDE_TYPES[closure.kind],
        "exclude_date": None if closure is None else _unix(closure.until),
        "affiliate_id": person.affiliate,
        "btag": None,
        "is_bonus_allowed": closure is None,
        "birth_date": "1990-01-01",
        "address": "never-to-be-seen",
        "doc_number": "never-to-be-seen-number",
        "last_login_ip": "192.0.2.7",
    }


def _request(payment: Payment) -> dict[str, object]:
    return {
        "id": payment.id,
        "amount": payment.amount,
        "date": _unix(payment.requested),
        "payment_system_name": payment.method,
        "status": STATES[payment.state],
        "name": payment.state,
        "is_cancelable": payment.cancellable,
        "payment_info": "never-to-be-seen-account",
    }


def _history(person: Person, params: dict[str, Any]) -> Response:
    where = params.get("where") or {}
    since, until = where.get("from_date"), where.get("to_date")
    if not isinstance(since, int) or not isinstance(until, int):
        return _done({"result": 20, "details": None})
    rows = [_line(one) for one in person.ledger if since <= _unix(one.at) <= until]
    return _done({"result": 0, "details": rows})


def _line(entry: Entry) -> dict[str, object]:
    return {
        "TransactionId": entry.id,
        "DocumentTypeName": NAMES.get(entry.kind, "Correction"),
        "Amount": entry.amount,
        "Balance": entry.balance,
        "Created": entry.at.astimezone(UTC).isoformat(),
        "PaymentSystemName": None,
        "Game": entry.note,
    }


def _cancel(person: Person, params: dict[str, Any]) -> Response:
    done = person.cancel(person.find_payment(params.get("id")))
    return _done({"result": 0 if done else NOT_ALLOWED})


def _cancel_bonus(person: Person, params: dict[str, Any]) -> Response:
    bonus = person.find_bonus(params.get("bonus_id"))
    if bonus is None or bonus.state != "active":
        return _done({"result": 2405})
    bonus.state = "cancelled"
    return _done({"result": 0})


def _bonus(bonus: Bonus) -> dict[str, object]:
    return {
        "id": bonus.id,
        "partner_bonus_id": bonus.template,
        "name": bonus.name,
        "bonus_type": 2,
        "acceptance_type": ACCEPTANCE[bonus.state],
        "can_accept": bonus.state == "pending",
        "amount": bonus.amount,
        "money_requirenments": {bonus.currency.lower(): {"max_amount": bonus.amount}},
        "wagering_factor": 35,
        "start_date": _unix(bonus.issued),
        "end_date": _unix(bonus.expires),
        "expiration_date": None,
        "client_bonus_expiration_date": _unix(bonus.expires),
    }


def _limits(person: Person) -> dict[str, object]:
    names = {1: "max_day_deposit", 7: "max_week_deposit", 30: "max_month_deposit"}
    found: dict[str, object] = {names[one.period]: one.amount for one in person.limits if one.kind == "deposit"}
    return {name: found.get(name) for name in names.values()} | {"max_single_deposit": None}
