"""From a plan and a question to canonical members: objects, lists and writes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from widget_service.backoffice.connector.amounts import Unreadable, quotient, total
from widget_service.backoffice.connector.document import Capability
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.mapping import read_object, unreadable
from widget_service.backoffice.connector.members import read_extra
from widget_service.backoffice.connector.paging import Listing, clamp, count_windows, read_everything, read_part
from widget_service.backoffice.connector.plans import Plan, listed
from widget_service.backoffice.connector.scope import Scope
from widget_service.backoffice.connector.transforms import evaluate, find_currency
from widget_service.errors import BackOfficeUnavailable, CapabilityNotAvailable

DEFAULT_LIMIT = 50
_FILTERS = ("status", "event_type", "from_date", "to_date", "criteria_type")
_EARLIEST = "0001"


def answer_object(plan: Plan, exchange: Exchange) -> dict[str, object]:
    """An answer that is no list, with the player's id set: the calls have checked their own."""
    for call in plan.capability.calls:
        exchange = exchange.after(call, plan.capability.errors)
    members = _map(plan, _scope(plan, exchange, exchange.answers.get(plan.main.name)))
    player = "id" if plan.name == "player" else "player_id"
    return {player: exchange.caller.player_id, **members}


def answer_list(plan: Plan, exchange: Exchange) -> dict[str, object]:
    """The items that were asked for, and how many there are."""
    arguments = exchange.values.arguments
    limit, offset = int(str(arguments.get("limit", DEFAULT_LIMIT))), int(str(arguments.get("offset", 0)))
    if _must_read_everything(plan, arguments):
        items = read_all_items(plan, exchange)
        count, items = len(items), items[offset : offset + limit] if plan.name != "bonuses.eligible" else items
    else:
        listing = _read(plan, clamp(exchange, plan.capability.window), limit, offset)
        items, count = _items(plan, listing), listing.total or 0
        count = max(count, offset + len(items)) if items else count
    return {"player_id": exchange.caller.player_id, str(plan.plural): items, "total": count}


def read_all_items(plan: Plan, exchange: Exchange) -> list[dict[str, object]]:
    """Everything that matches, newest first, each thing once."""
    items = _items(plan, _read(plan, exchange))
    known = listed(plan)
    if plan.capability.window is not None:
        named = {item.get(known.id) or id(item): item for item in items}
        items = list(named.values())
    arguments = exchange.values.arguments
    ours = _ours(plan, arguments)
    items = [item for item in items if _matches(item, known.time, ours) and _is_within(item, known.time, arguments)]
    if known.time is not None:
        items.sort(key=lambda item: (_as_sortable(item.get(known.time or "")), str(item.get(known.id))), reverse=True)
    return items


def summarise_deposits(plan: Plan, exchange: Exchange) -> dict[str, object]:
    """``deposits.summary`` from all completed deposits. Raises BackOfficeUnavailable for several currencies."""
    items = [item for item in read_all_items(plan, exchange) if item.get("status") == "completed"]
    currencies = {item.get("currency") for item in items}
    amounts = [item.get("amount") for item in items]
    if len(currencies) > 1 or not all(isinstance(amount, Decimal) for amount in amounts):
        raise BackOfficeUnavailable("deposits_not_summable")
    code = next(iter(currencies), None) or find_currency(None, exchange.scope(None))
    sum_of_all = total([amount for amount in amounts if isinstance(amount, Decimal)])
    return {
        "player_id": exchange.caller.player_id,
        "currency": code,
        "count": len(items),
        "total_amount": sum_of_all,
        "average_amount": quotient(sum_of_all, Decimal(len(items)), str(code) if code else None),
        "last_deposit_date": next((item.get("created_at") for item in items), None),
    }


def _read(plan: Plan, exchange: Exchange, limit: int | None = None, offset: int = 0) -> Listing:
    """The main call part by part, and the others around it once."""
    capability, main = plan.capability, plan.main
    at = capability.calls.index(main)
    for call in capability.calls[:at]:
        exchange = exchange.after(call, capability.errors)
    if limit is None:
        listing = read_everything(exchange, capability, main)
    else:
        listing = read_part(exchange, capability, main, limit, offset)
    after = listing.exchange
    for call in capability.calls[at + 1 :]:
        after = after.after(call, capability.errors)
    return replace(listing, exchange=after)


def _items(plan: Plan, listing: Listing) -> list[dict[str, object]]:
    scope = _scope(plan, listing.exchange, None)
    places = [scope.at(item) for item in listing.items]
    items = [_map(plan, place) for place in places if place.holds(plan.capability.only)]
    if plan.plural == "withdrawals":
        for item in items:
            item["cancellable"] = item.get("cancellable") is True and item.get("status") == "pending"
    return items


def _scope(plan: Plan, exchange: Exchange, here: object) -> Scope:
    return replace(exchange.scope(here), currency_field=plan.capability.currency)


def _map(plan: Plan, scope: Scope) -> dict[str, object]:
    members = read_object(plan.map, scope) or {}
    if plan.capability.extra:
        members["extra"] = _extra(plan.capability, scope)
    return members


def _extra(capability: Capability, scope: Scope) -> dict[str, object]:
    extra: dict[str, object] = {}
    for name, field in capability.extra.items():
        try:
            value = read_extra(evaluate(field, scope))
        except Unreadable as error:
            raise unreadable(error, f"extra.{name}") from error
        extra |= {} if value is None else {name: value}
    return extra


def _ours(plan: Plan, arguments: Mapping[str, object]) -> dict[str, object]:
    """The filters of a question that the upstream does not apply."""
    capability = plan.capability
    ours: dict[str, object] = {}
    for name in _FILTERS:
        value = arguments.get(name)
        translation = capability.values.get(name)
        untold = translation is not None and str(value) not in translation
        if value is not None and (name not in capability.filters or untold):
            ours[name] = value
    if "criteria_type" in ours:
        raise CapabilityNotAvailable("criteria_type")
    return ours


def _must_read_everything(plan: Plan, arguments: Mapping[str, object]) -> bool:
    paging = plan.capability.paging
    return (
        plan.name == "bonuses.eligible"
        or paging.kind in ("none", "cursor")
        or paging.total_path is None
        or paging.order == "any"
        or plan.capability.only is not None
        or bool(_ours(plan, arguments))
        or count_windows(arguments, plan.capability.window) > 1
    )


def _matches(item: Mapping[str, object], time: str | None, filters: Mapping[str, object]) -> bool:
    for name, wanted in filters.items():
        if name in ("from_date", "to_date"):
            found = item.get(time or "")
            if not isinstance(found, datetime) or not isinstance(wanted, datetime):
                return False
            if (found < wanted) if name == "from_date" else (found > wanted):
                return False
        elif item.get(name) != wanted:
            return False
    return True


def _is_within(item: Mapping[str, object], time: str | None, arguments: Mapping[str, object]) -> bool:
    """Whether it is not outside the dates that were asked for: an upstream that knows only days answers whole ones."""
    found, start, end = item.get(time or ""), arguments.get("from_date"), arguments.get("to_date")
    if not isinstance(found, datetime):
        return True
    return not (isinstance(start, datetime) and found < start) and not (isinstance(end, datetime) and found > end)


def _as_sortable(moment: object) -> str:
    return moment.isoformat(timespec="microseconds") if isinstance(moment, datetime) else _EARLIEST
