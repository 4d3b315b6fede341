"""A simulated relay: an operator's own backend that passes on what SoftSwiss's player API tells it about one player.

The player API itself is signed in to by an HttpOnly cookie, which stays with the operator. Money is integer minor
units, and how many of them make one is each currency's own. Every value is made up.
"""

from collections.abc import Callable
from decimal import Decimal

from flask import Blueprint, Response, request

from widget_service.demo.platforms.cast import Bonus, Limit, Payment, Person
from widget_service.demo.platforms.stage import Stage, asked_for, reply

SUBUNITS = {"EUR": 100, "JPY": 1, "BTC": 100_000_000}
STATES = {
    "pending": "pending", "processing": "processing", "approved": "reserved", "paid": "succeeded",
    "rejected": "declined", "cancelled": "canceled",
}  # fmt: skip
STAGES = {
    "pending": "issued", "active": "handle_bets", "completed": "wager_done", "cancelled": "canceled",
    "expired": "expired", "lost": "lost",
}  # fmt: skip
PERIODS = {1: "day", 7: "week", 30: "month"}


def new_platform(stage: Stage) -> Blueprint:
    """The endpoints: the paths of the platform, behind the operator's own two proofs."""
    blueprint = Blueprint("softswiss_relay", __name__)
    views = _Views(stage)
    for method, path, view in (
        ("GET", "/api/player", views.player),
        ("GET", "/api/player/accounts", views.accounts),
        ("POST", "/api/player/payments/with_pages", views.payments),
        ("POST", "/api/player/payments/<number>/recall", views.recall),
        ("GET", "/api/player/bonuses", views.bonuses),
        ("DELETE", "/api/player/bonuses/<number>", views.cancel_bonus),
        ("GET", "/api/user_limits", views.limits),
        ("GET", "/api/player/documents", views.documents),
    ):
        blueprint.add_url_rule(path, view.__name__, _for_players(stage, view), methods=[method])
    blueprint.add_url_rule("/api/info/currencies", "currencies", _currencies)
    return blueprint


def _for_players(stage: Stage, view: Callable[..., Response]) -> Callable[..., Response]:
    """The relay knows the caller by a token, and the player by the session that the service issued."""

    def answer(**parts: str) -> Response:
        if request.headers.get("Authorization") != f"Bearer {stage.staff_token}":
            return reply({"error": "forbidden"}, 403)
        person = stage.whose(request.headers.get("X-Session-ID", ""))
        if person is None:
            return reply({"error": "signed_out"}, 401)
        return view(person, **parts)

    return answer


def _currencies() -> Response:
    rows = [{"code": code, "symbol": code, "subunits_to_unit": subunits} for code, subunits in SUBUNITS.items()]
    return reply([{**row, "fiat": row["code"] != "BTC"} for row in rows])


class _Views:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def player(self, person: Person) -> Response:
        """With an address and a date of birth, which must not go any further."""
        names = {"first_name": person.first_name, "last_name": person.last_name}
        return reply(
            {
                "id": int(person.id),
                **names,
                "full_name": " ".join(names.values()),
                "nickname": person.login,
                "email": person.email,
                "mobile_phone": "".join(person.phone),
                "currency": person.currency,
                "language": person.language,
                "created_at": person.registered.isoformat().replace("+00:00", "Z"),
                "current_sign_in_at": person.last_login.isoformat().replace("+00:00", "Z"),
                "verified": person.verified,
                "statuses": [{"id": tag.lower(), "name": tag} for tag in person.tags],
                "can_issue_bonuses": person.closure is None,
                "two_factor_enabled": False,
                "date_of_birth": "1990-01-01",
                "address": "never-to-be-seen",
                "postal_code": "never-to-be-seen",
            }
        )

    def accounts(self, person: Person) -> Response:
        """One row for each currency."""
        rows = [
            {
                "currency": one.currency,
                "amount_cents": _cents(one.total, one.currency),
                "available_to_cashout_cents": _cents(one.cash, one.currency),
                "available_to_bet_with_locked_cent": _cents(one.total, one.currency),
                "deposit_available": True,
                "active": one is person.wallet,
                "hidden_at": None,
            }
            for one in reversed(person.wallets)
        ]
        return reply(rows)

    def payments(self, person: Person) -> Response:
        """Deposits and cashouts, newest first, in pages."""
        told = asked_for()
        wanted = {"cashout": "withdrawal", "deposit": "deposit"}.get(str((told.get("filter") or {}).get("type")))
        kinds = [wanted] if wanted else ["withdrawal", "deposit"]
        rows = [one for kind in kinds for one in person.listed(kind)]
        page, size = int(told.get("page") or 1), min(int(told.get("page_size") or 20), 100)
        pagination = {"page": page, "per_page": size, "total_count": len(rows)}
        shown = [_payment(one) for one in rows[(page - 1) * size : page * size]]
        return reply({"data": shown, "pagination": pagination})

    def recall(self, person: Person, number: str) -> Response:
        """Takes a cashout back."""
        payment = person.find_payment(number)
        if not person.cancel(payment):
            return reply({"errors": {"payment": [{"error": "not_recallable"}]}}, 422)
        assert payment is not None  # noqa: S101 - it has just been cancelled
        return reply(_payment(payment))

    def bonuses(self, person: Person) -> Response:
        """A bare array."""
        return reply([_bonus(one) for one in person.bonuses])

    def cancel_bonus(self, person: Person, number: str) -> Response:
        """204 has no body."""
        bonus = person.find_bonus(number)
        if bonus is None or bonus.state != "active":
            return reply({"errors": {"bonus": [{"error": "not_cancelable"}]}}, 422)
        bonus.state = "cancelled"
        return Response(status=204)

    def limits(self, person: Person) -> Response:
        """Each with the currencies that it holds for."""
        cooling = (
            [] if person.closure is None else [{"id": 1, "type": "cooling_off", "status": "active", "accounts": []}]
        )
        return reply([*(_limit(one) for one in person.limits), *cooling])

    def documents(self, person: Person) -> Response:
        """Of whose states one word is known."""
        at = person.registered.isoformat().replace("+00:00", "Z")
        row = {"id": 551, "document_type": "identity", "status": "not_approved", "description": "", "created_at": at}
        return reply([] if person.verified else [{**row, "updated_at": at, "file_name": "never-to-be-seen.png"}])


def _cents(amount: Decimal, currency: str) -> int:
    return int(amount * SUBUNITS[currency])


def _payment(payment: Payment) -> dict[str, object]:
    finished = None if payment.processed is None else payment.processed.isoformat().replace("+00:00", "Z")
    return {
        "id": payment.id,
        "amount_cents": _cents(payment.amount, payment.currency),
        "currency": payment.currency,
        "action": "cashout" if payment.kind == "withdrawal" else "deposit",
        "payment_system": payment.method,
        "system_name": "sim",
        "brand": "sim",
        "recallable": payment.cancellable,
        "state": STATES[payment.state],
        "created_at": payment.requested.isoformat().replace("+00:00", "Z"),
        "finished_at": finished,
        "success": payment.state == "paid",
        "cancellation_reason": payment.reason,
    }


def _bonus(bonus: Bonus) -> dict[str, object]:
    return {
        "id": bonus.id,
        "title": bonus.name,
        "amount_cents": _cents(bonus.amount, bonus.currency),
        "currency": bonus.currency,
        "stage": STAGES[bonus.state],
        "strategy": "wager",
        "amount_wager_requirement_cents": _cents(bonus.requirement, bonus.currency),
        "amount_wager_cents": _cents(bonus.wagered, bonus.currency),
        "created_at": bonus.issued.isoformat().replace("+00:00", "Z"),
        "valid_until": bonus.expires.isoformat().replace("+00:00", "Z"),
        "activatable_until": None,
        "cancelable": bonus.state == "active",
        "group_key": bonus.code,
    }


def _limit(limit: Limit) -> dict[str, object]:
    account = {
        "currency": limit.currency,
        "amount_cents": _cents(limit.amount, limit.currency),
        "current_value_amount_cents": _cents(limit.used, limit.currency),
        "active_until": limit.until.isoformat().replace("+00:00", "Z"),
    }
    head = {"id": limit.id, "type": limit.kind, "period": PERIODS[limit.period], "status": "active", "strategy": None}
    return {**head, "created_at": limit.since.isoformat().replace("+00:00", "Z"), "accounts": [account]}
