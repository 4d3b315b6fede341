"""Writes: only on the player's own things, and told in the shape of every write."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from widget_service.backoffice.connector.document import Call
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.mapping import read_object
from widget_service.backoffice.connector.naming import templates_of
from widget_service.backoffice.connector.plans import NAMED_BY, Plan, listed
from widget_service.backoffice.connector.requests import require_header
from widget_service.backoffice.connector.templates import Template
from widget_service.errors import BackOfficeUnavailable, InvalidRequest, WithdrawalCannotCancel

MESSAGES: Mapping[str, str] = {
    "withdrawals.cancel": "Withdrawal cancelled",
    "bonus.add": "Bonus added",
    "bonus.cancel": "Bonus cancelled",
    "notes.add": "Note created",
}
#: Reads all of a plan's items for the same player.
ReadItems = Callable[[Plan], list[dict[str, object]]]


def answer_write(plan: Plan, exchange: Exchange, among: Plan | None, read_items: ReadItems) -> dict[str, object]:
    """Makes the plan's calls, for each thing that is meant; ``among`` is the list in which these have to be."""
    if among is None:
        return _told(plan, _write(plan, exchange))
    things = _require_listed(plan.name, exchange, among, read_items)
    answers = [_told(plan, _write(plan, _with_listed(exchange, thing))) for thing in things]
    if plan.name != "bonus.cancel":
        return answers[0]
    last = answers[-1] if answers else _told_nothing(plan)
    return {**last, "cancelled_count": len(answers)}


def _require_listed(name: str, exchange: Exchange, among: Plan, read_items: ReadItems) -> list[dict[str, object]]:
    argument, _ = NAMED_BY[name]
    known = listed(among)
    still_open = [item for item in read_items(among) if item.get("status") == known.open_status]
    if "cancellable" in among.map.members:
        still_open = [item for item in still_open if item.get("cancellable") is True]
    wanted = exchange.values.arguments.get(argument)
    if wanted is None:
        return [item for item in still_open if item.get(known.id) is not None]
    found = [item for item in still_open if item.get(known.id) == wanted]
    if found:
        return found[:1]
    if name == "withdrawals.cancel":
        raise WithdrawalCannotCancel("not_listed")
    raise InvalidRequest("not_active", status=422, details={"field": argument, "reason": "not_active"})


def _given(exchange: Exchange) -> dict[str, object]:
    return {name: value for name, value in exchange.values.arguments.items() if value is not None}


def _with_listed(exchange: Exchange, thing: Mapping[str, object]) -> Exchange:
    named = {f"listed.{name}": value for name, value in thing.items() if value is not None}
    # So that {bonus_id} is each of them in turn, where the question named none.
    target = {name: thing.get(name) for name in ("bonus_id", "withdrawal_id") if thing.get(name) is not None}
    values = exchange.values.add(named).ask({**target, **_given(exchange)})
    return replace(exchange, values=values, answers={**exchange.answers, "listed": thing})


def _write(plan: Plan, exchange: Exchange) -> Exchange:
    for call in plan.capability.calls:
        _require_all_sent(call, exchange)
        keyed = _with_key(call, plan, exchange)
        exchange = exchange.after(keyed, plan.capability.errors, idempotent=keyed is not call)
    return exchange


def _require_all_sent(call: Call, exchange: Exchange) -> None:
    """Raises for a value that was given and would be left out: a write is not sent in other words than were meant."""
    given = {name for name, value in exchange.values.arguments.items() if value is not None and name != "now"}
    for name in sorted({name for template in templates_of(call) for name in template.names}):
        if (name in given or name.startswith("listed.")) and exchange.values.find(name, None) is None:
            if name in given:
                raise InvalidRequest("not_sendable", status=422, details={"field": name})
            raise BackOfficeUnavailable(f"not_sendable:{name}")


def _with_key(call: Call, plan: Plan, exchange: Exchange) -> Call:
    """With the writer's key, where there is one and the upstream knows such a header: then it may be sent twice."""
    name, key = plan.capability.idempotency_header, exchange.values.idempotency_key
    if name is None or key is None or call.read or call.method == "GET":
        return call
    if plan.name == "bonus.cancel" and "listed.bonus_id" in exchange.values.found:
        # One key for several bonuses would give the first one's answer to all of them.
        key = f"{key}:{exchange.values.found['listed.bonus_id']}"
    template = Template("", (require_header(key),))
    return call.model_copy(update={"headers": {**call.headers, name: template}})


def _told(plan: Plan, exchange: Exchange) -> dict[str, object]:
    scope = replace(exchange.scope(exchange.answers.get(plan.main.name)), currency_field=plan.capability.currency)
    members = {name: value for name, value in (read_object(plan.map, scope) or {}).items() if value is not None}
    told = {**_told_nothing(plan), **members}
    if plan.name == "withdrawals.cancel":
        told = {"withdrawal_id": exchange.values.arguments.get("withdrawal_id"), "status": "cancelled", **told}
    return told


def _told_nothing(plan: Plan) -> dict[str, object]:
    return {"success": True, "message": MESSAGES[plan.name], "transaction_id": None}
