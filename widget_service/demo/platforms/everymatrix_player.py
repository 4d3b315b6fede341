"""A simulated EveryMatrix player API: the session id is the player's, and the answers are its own player's alone.

Member names and quirks as public clients show them; every value is made up.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Blueprint, Response, request

from widget_service.demo.platforms.cast import Bonus, Limit, Payment, Person
from widget_service.demo.platforms.stage import Stage, reply

LONGEST_RANGE = timedelta(days=180)
TYPES = {"deposit": 0, "withdrawal": 1}
STATES: Mapping[str, Mapping[str, str]] = {
    "deposit": {"paid": "Success", "rejected": "Failed", "pending": "Pending"},
    "withdrawal": {
        "pending": "PendingApproval",
        "processing": "ProcessingCredit",
        "paid": "Success",
        "rejected": "AuthFailed",
        "cancelled": "RollBack",
    },
}
PERIODS = {1: "Daily", 7: "Weekly", 30: "Monthly"}


def new_platform(stage: Stage) -> Blueprint:
    """The endpoints."""
    blueprint = Blueprint("everymatrix_player", __name__)
    views = _Views(stage)
    routes: dict[str, Callable[..., Response]] = {
        "/v1/player/session/player": views.session,
        "/v1/player/<player_id>/details": views.details,
        "/v2/player/<player_id>/balance": views.balance,
        "/v1/player/<player_id>/transactions/banking": views.banking,
        "/v1/player/<player_id>/transactions/wagering": views.wagering,
        "/v1/player/<player_id>/limits/monetary": views.limits,
        "/v1/bonus/granted": views.granted,
        "/v1/bonus/applicable": views.applicable,
    }
    for path, view in routes.items():
        blueprint.add_url_rule(path, view.__name__, view)
    return blueprint


class _Views:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def session(self) -> Response:
        """Introspection: in PascalCase, unlike everything else. ``Guid`` is the session's, not the player's."""
        person = self._find()
        if person is None:
            return _gone(403)
        authenticated = self._stage.quirks.get("IsAuthenticated", True)
        return reply({"IsAuthenticated": authenticated, "UserID": person.id, "Guid": "3f0c7c1e-0000-4000-8000-1b2c"})

    def details(self, player_id: str) -> Response:
        """Two ids for one player, and much that must not go any further."""
        person = self._find(player_id)
        return _gone(403) if person is None else reply(_described(person))

    def balance(self, player_id: str) -> Response:
        """Amounts as objects keyed by currency."""
        person = self._find(player_id)
        if person is None:
            return _gone(403)
        cash = {one.currency: one.cash for one in person.wallets}
        bonus = {one.currency: one.bonus for one in person.wallets}
        totals = {one.currency: one.total for one in person.wallets}
        items = [
            {"type": kind, "amount": amount, "currency": one.currency, "walletAccountType": "Ordinary"}
            for one in person.wallets
            for kind, amount in (("Real", one.cash), ("Bonus", one.bonus))
        ]
        amounts = {"totalCashAmount": cash, "totalRealAmount": cash, "totalWithdrawableAmount": cash}
        return reply({"totalAmount": totals, **amounts, "totalBonusAmount": bonus, "items": items})

    def banking(self, player_id: str) -> Response:
        """ISO dates, and no range longer than 180 days."""
        person = self._find(player_id)
        if person is None:
            return _gone(401)
        try:
            since, until = (datetime.fromisoformat(request.args[name]) for name in ("startDate", "endDate"))
        except (KeyError, ValueError):
            return _refused(400, "startDate and endDate are required")
        if until - since > LONGEST_RANGE:
            return _refused(400, "The range is longer than 180 days")
        wanted = request.args.get("types")
        rows = [
            _banking_row(one)
            for kind in ("withdrawal", "deposit")
            for one in person.listed(kind)
            if since <= one.requested <= until and wanted in (None, str(TYPES[kind]))
        ]
        return self._page(rows)

    def _page(self, rows: list[dict[str, object]]) -> Response:
        size, page = int(self._stage.quirks.get("page_size", 50)), int(request.args.get("page", "1"))
        shown = rows[(page - 1) * size : page * size]
        following = f"?page={page + 1}" if page * size < len(rows) else None
        before = f"?page={page - 1}" if page > 1 else None
        return reply({"pagination": {"next": following, "previous": before}, "transactions": shown})

    def wagering(self, player_id: str) -> Response:
        """A bare array."""
        person = self._find(player_id)
        if person is None:
            return _gone(403)
        kinds = {"bet": "1", "win": "2"}
        return reply(
            [
                {
                    "transId": str(one.id),
                    "transType": kinds[one.kind],
                    "totalAmount": one.amount,
                    "realAmount": one.amount,
                    "bonusAmount": Decimal(0),
                    "balance": one.balance,
                    "gameId": "game-1",
                    "roundId": f"round-{one.id}",
                    "ins": _iso(one.at),
                    "currencyCode": person.currency,
                }
                for one in person.ledger
                if one.kind in kinds
            ]
        )

    def limits(self, player_id: str) -> Response:
        """Wrapped in one of three ways."""
        person = self._find(player_id)
        if person is None:
            return _gone(403)
        rows = [_limit_row(one) for one in person.limits]
        wrapping = self._stage.quirks.get("limits", "limits")
        if wrapping == "limits":
            return reply({"limits": rows})
        return reply({"success": True, "data": {str(wrapping).partition(".")[2]: rows}})

    def granted(self) -> Response:
        """A casino endpoint: an ended session comes with 200."""
        person = self._find()
        if person is None:
            return reply({"success": False, "errorCode": 4004, "error": "Invalid XSessionId"})
        wanted = request.args.get("status")
        items = [_bonus_row(one) for one in person.bonuses if wanted in (None, one.state)]
        pages = {"first": "/v1/bonus/granted", "next": None, "previous": None, "last": None}
        return reply({"total": len(items), "count": len(items), "items": items, "pages": pages})

    def applicable(self) -> Response:
        """Names deep inside."""
        if self._find() is None:
            return reply({"success": False, "errorCode": 4004, "error": "Invalid XSessionId"})
        trigger = {"startTime": "2026-01-01T00:00:00Z", "endTime": "2036-01-01T00:00:00Z"}
        presentation = {"name": {"content": "Loyalty Fifteen"}}
        row = {"id": "90", "code": "LOYAL15", "type": "standard", "trigger": trigger, "presentation": presentation}
        return reply({"bonuses": [row]})

    def _find(self, player_id: str | None = None) -> Person | None:
        """The session's player, if the path names no other one."""
        session_id = request.headers.get("X-SessionId", "")
        signed_in = self._stage.sessions.get(session_id)
        if signed_in is None or player_id not in (None, signed_in):
            return None
        return self._stage.whose(session_id)


def _gone(status: int) -> Response:
    inner = {"errorCode": "InvalidSession", "message": "session expired", "correlationId": "c-1", "errors": []}
    body = {"error": "Unauthorized", "success": False, "errorCode": 1, "thirdPartyResponse": inner, "nwaTraceId": "t-1"}
    return reply(body, status)


def _refused(status: int, error: str) -> Response:
    return reply({"error": error, "success": False, "errorCode": 2, "errorSourceName": "PlayerAPI"}, status)


def _described(person: Person) -> dict[str, object]:
    prefix, number = person.phone
    return {
        "id": person.uuid,
        "userId": int(person.id),
        "userName": person.login,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "isEmailVerified": True,
        "mobilePhonePrefix": prefix,
        "mobilePhone": number,
        "currency": person.currency,
        "language": person.language,
        "registrationTime": _iso(person.registered),
        "lastLogin": _iso(person.last_login),
        "activeStatus": "Blocked" if person.locked else "Active",
        "affiliateMarker": person.affiliate or "",
        "securityQuestion": "A made-up question",
        "securityAnswer": "never-to-be-seen-answer",
        "personalId": "never-to-be-seen-id",
        "iban": "never-to-be-seen-iban",
        "signupIP": "192.0.2.7",
        "birthDate": "1990-01-01",
    }


def _banking_row(payment: Payment) -> dict[str, object]:
    vendor = "debitVendorName" if payment.kind == "deposit" else "creditVendorName"
    return {
        "transId": payment.id,
        "created": _iso(payment.requested),
        "completed": None if payment.processed is None else _iso(payment.processed),
        "status": STATES[payment.kind].get(payment.state, payment.state),
        "type": TYPES[payment.kind],
        "currency": payment.currency,
        "realAmount": payment.amount,
        "creditName": None,
        "debitName": None,
        vendor: payment.method,
        "rejectionNote": payment.reason,
        "externalReference": f"ref-{payment.id}",
    }


def _limit_row(limit: Limit) -> dict[str, object]:
    return {
        "id": f"limit-{limit.id}",
        "amount": limit.amount,
        "currency": limit.currency,
        "period": PERIODS[limit.period],
        "type": limit.kind.capitalize(),
        "schedules": [],
        "effectiveDate": _iso(limit.since),
        "expiryDate": _iso(limit.until),
    }


def _bonus_row(bonus: Bonus) -> dict[str, object]:
    return {
        "id": str(bonus.template),
        "bonusWalletID": bonus.id,
        "bonusCode": bonus.code,
        "name": bonus.name,
        "type": "wagering",
        "status": bonus.state,
        "amount": bonus.amount,
        "remainingAmount": bonus.amount,
        "initialWagerRequirementAmount": bonus.requirement,
        "remainingWagerRequirementAmount": bonus.requirement - bonus.wagered,
        "grantedDate": _iso(bonus.issued),
        "expiryDate": _iso(bonus.expires),
        "currency": bonus.currency,
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
