"""From a plan and a question to canonical members: objects, lists and writes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from widget_service.backoffice.connector.amounts import Unreadable, quotient, total
from widget_service.backoffice.connector.dates import NAMED
from widget_service.backoffice.connector.document import Capability
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.mapping import Leaf, read_object, unreadable
from widget_service.backoffice.connector.members import read_extra
from widget_service.backoffice.connector.naming import templates_of
from widget_service.backoffice.connector.paging import (
    Identify,
    Listing,
    clamp,
    count_windows,
    read_everything,
    read_part,
    read_range,
)
from widget_service.backoffice.connector.plans import Plan, listed
from widget_service.backoffice.connector.scope import Scope, as_key
from widget_service.backoffice.connector.templates import Placeholder
from widget_service.backoffice.connector.transforms import UNKNOWN, evaluate, find_currency
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
    part = None if _must_read_everything(plan, arguments) else _read_exact_part(plan, exchange, limit, offset)
    if part is None:
        items = read_all_items(plan, exchange)
        part = (items if plan.name == "bonuses.eligible" else items[offset : offset + limit]), len(items)
    answer = {"player_id": exchange.caller.player_id, str(plan.plural): part[0], "total": part[1]}
    span = read_range(arguments, plan.capability.window)
    return answer if span is None else {**answer, "range": span}


def _read_exact_part(
    plan: Plan, exchange: Exchange, limit: int, offset: int
) -> tuple[list[dict[str, object]], int] | None:
    """What was asked for and how many there are; None where the upstream takes pages or filters otherwise than we."""
    listing = _read_part(plan, clamp(exchange, plan.capability.window), limit, offset)
    if listing is None:
        return None
    items, known, arguments = _items(plan, listing), listed(plan), exchange.values.arguments
    if not all(_is_asked_for(plan, item, known.time, arguments) for item in items):
        return None
    return items, listing.total or 0


def read_all_items(plan: Plan, exchange: Exchange) -> list[dict[str, object]]:
    """Everything that matches, newest first, each thing once."""
    items = _items(plan, _read(plan, exchange))
    known = listed(plan)
    if plan.capability.window is not None:
        named = {item.get(known.id) or id(item): item for item in items}
        items = list(named.values())
    arguments = exchange.values.arguments
    ours = _ours(plan, arguments)
    items = [
        item for item in items if _matches(item, known.time, ours) and _is_asked_for(plan, item, known.time, arguments)
    ]
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


def _read(plan: Plan, exchange: Exchange) -> Listing:
    """Everything, the main call page by page and the others around it once."""
    exchange = _before_main(plan, exchange)
    listing = read_everything(exchange, plan.capability, plan.main, _identifier(plan, exchange))
    return _after_main(plan, listing)


def _read_part(plan: Plan, exchange: Exchange, limit: int, offset: int) -> Listing | None:
    listing = read_part(_before_main(plan, exchange), plan.capability, plan.main, limit, offset)
    return None if listing is None else _after_main(plan, listing)


def _before_main(plan: Plan, exchange: Exchange) -> Exchange:
    for call in plan.capability.calls[: plan.capability.calls.index(plan.main)]:
        exchange = exchange.after(call, plan.capability.errors)
    return exchange


def _after_main(plan: Plan, listing: Listing) -> Listing:
    after = listing.exchange
    for call in plan.capability.calls[plan.capability.calls.index(plan.main) + 1 :]:
        after = after.after(call, plan.capability.errors)
    return replace(listing, exchange=after)


def _identifier(plan: Plan, exchange: Exchange) -> Identify:
    """By its mapped id, or else by all that it says."""
    node, scope = plan.map.members.get(listed(plan).id), _scope(plan, exchange, None)

    def identify(item: object) -> object:
        try:
            found = evaluate(node.field, scope.at(item)) if isinstance(node, Leaf) else None
        except (Unreadable, BackOfficeUnavailable):
            found = None
        return as_key(found) if isinstance(found, (str, int, Decimal)) else repr(item)

    return identify


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
        or _filters_by_days(plan, arguments)
        or count_windows(arguments, plan.capability.window) > 1
    )


def _filters_by_days(plan: Plan, arguments: Mapping[str, object]) -> bool:
    """Whether a date that was asked for goes out without its time: then the upstream's total is another range's."""
    pieces = [
        piece
        for template in templates_of(plan.main)
        for piece in template.pieces
        if isinstance(piece, Placeholder) and piece.name in ("from_date", "to_date") and arguments.get(piece.name)
    ]
    return any(piece.format is not None and not _tells_time(piece.format) for piece in pieces)


def _tells_time(form: str) -> bool:
    return form != "date" and (form in NAMED or "HH" in form)


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


def _is_asked_for(plan: Plan, item: Mapping[str, object], time: str | None, arguments: Mapping[str, object]) -> bool:
    """Whether what the upstream filtered by is what was asked for: some filter by days, or by groups of words."""
    for name in ("status", "event_type"):
        wanted = arguments.get(name)
        if wanted is not None and name in plan.map.members and item.get(name) not in (wanted, UNKNOWN):
            return False
    return _is_within(item, time, arguments)


def _is_within(item: Mapping[str, object], time: str | None, arguments: Mapping[str, object]) -> bool:
    """Whether it is not outside the dates that were asked for: an upstream that knows only days answers whole ones."""
    found, start, end = item.get(time or ""), arguments.get("from_date"), arguments.get("to_date")
    if not isinstance(found, datetime):
        return True
    return not (isinstance(start, datetime) and found < start) and not (isinstance(end, datetime) and found > end)


def _as_sortable(moment: object) -> str:
    return moment.isoformat(timespec="microseconds") if isinstance(moment, datetime) else _EARLIEST
