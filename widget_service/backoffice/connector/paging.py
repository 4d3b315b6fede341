"""Lists, page by page and window by window: bounded, counted truly, and never the same page twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from widget_service.backoffice.connector.amounts import Unreadable, read_integer
from widget_service.backoffice.connector.document import Call, Capability, Paging, Window
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.paths import Ambiguous
from widget_service.errors import BackOfficeUnavailable, InvalidRequest

#: Of one question, whatever an upstream sends: mapping so many takes a tenth of a second.
MOST_ITEMS = 5000


@dataclass(frozen=True, slots=True)
class Listing:
    """What was read: raw items; ``total`` only if the upstream said it and its pages were passed on as they are."""

    exchange: Exchange
    items: list[object] = field(repr=False)
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came."""

    document: object = field(repr=False)
    items: list[object] = field(repr=False)


def read_part(exchange: Exchange, capability: Capability, call: Call, limit: int, offset: int) -> Listing:
    """Those of ``limit`` and ``offset`` alone, where the upstream pages and counts as the question does."""
    paging = capability.paging
    first, pages = None, list[Page]()
    skip = offset % paging.size if paging.kind == "page" else 0
    wanted = skip + limit
    for asked in _part_arguments(paging, limit, offset):
        page = _ask(exchange, capability, call, asked)
        first = first or page
        pages.append(page)
        if len(page.items) < asked["page_size"] or sum(len(one.items) for one in pages) >= wanted:
            break
    assert first is not None  # noqa: S101 - a limit is at least 1
    items = [item for page in pages for item in page.items][skip:wanted]
    return Listing(exchange.with_answer(call, first.document), items, _read_total(paging, first.document))


def read_everything(exchange: Exchange, capability: Capability, call: Call) -> Listing:
    """All pages of all windows. Raises InvalidRequest when that is more than the document allows to read."""
    after, items = exchange, list[object]()
    for asked in _windows(exchange.values.arguments, capability.window):
        window = replace(exchange, values=exchange.values.ask(asked))
        for page in _pages(window, capability, call):
            after = exchange.with_answer(call, page.document) if after is exchange else after
            items += page.items
            if len(items) > MOST_ITEMS:
                raise _too_many()
    return Listing(after, items)


def clamp(exchange: Exchange, window: Window | None) -> Exchange:
    """With the range of dates that the upstream takes, for a question that fits into it."""
    (asked,) = _windows(exchange.values.arguments, window)
    return replace(exchange, values=exchange.values.ask(asked))


def count_windows(arguments: Mapping[str, object], window: Window | None) -> int:
    """In how many parts a question has to be asked. Raises InvalidRequest for a range that is too wide."""
    return len(_windows(arguments, window))


def _pages(exchange: Exchange, capability: Capability, call: Call) -> Iterator[Page]:
    paging, cursor, before, count = capability.paging, None, None, 0
    for number in range(paging.most_pages):
        page = _ask(exchange, capability, call, _arguments(paging, number, cursor))
        if page.items and before is not None and page.items == before.items:
            raise BackOfficeUnavailable("paging_ignored")
        yield page
        count += len(page.items)
        if not _has_more(paging, page, count):
            return
        cursor, before = _read_cursor(paging, page.document), page
    raise _too_many()


def _arguments(paging: Paging, number: int, cursor: object) -> dict[str, object]:
    return {
        "limit": paging.size,
        "offset": number * paging.size,
        "page": number + paging.first_page,
        "page_size": paging.size,
        "cursor": cursor,
    }


def _part_arguments(paging: Paging, limit: int, offset: int) -> Iterator[dict[str, int]]:
    if paging.kind == "page":
        for number in range(offset // paging.size, (offset + limit - 1) // paging.size + 1):
            yield {"page": number + paging.first_page, "page_size": paging.size}
        return
    for start in range(0, limit, paging.size):
        size = min(paging.size, limit - start)
        yield {"limit": size, "offset": offset + start, "page_size": size}


def _ask(exchange: Exchange, capability: Capability, call: Call, asked: Mapping[str, object]) -> Page:
    filled = replace(exchange, values=exchange.values.ask(asked))
    document = filled.ask(call, capability.errors)
    scope = exchange.scope(document)
    try:
        there, listed = scope.find_there(capability.list)
    except Ambiguous as error:
        raise BackOfficeUnavailable("ambiguous:list") from error
    if not there or listed is None or listed == "":
        if capability.absent_list == "refuse":
            raise BackOfficeUnavailable("list_missing")
        return Page(document, [])
    if isinstance(listed, dict) and capability.object_or_list:
        listed = [listed] if listed else []
    if not isinstance(listed, list):
        raise BackOfficeUnavailable("list_unreadable")
    if capability.item_id_path:
        for item in listed:
            exchange.owner.require(scope.at(item).find_ids(capability.item_id_path), call.name)
    return Page(document, listed)


def _has_more(paging: Paging, page: Page, count: int) -> bool:
    if paging.kind == "none":
        return False
    if paging.kind == "cursor":
        return _read_cursor(paging, page.document) is not None
    if paging.more_path is not None:
        return bool(page.items) and paging.more_path.find(page.document) not in (None, False, "", 0)
    total = _read_total(paging, page.document)
    if total is not None:
        return bool(page.items) and count < total
    return len(page.items) >= paging.size


def _read_cursor(paging: Paging, document: object) -> object:
    found = paging.cursor_path.find(document) if paging.cursor_path is not None else None
    return found if isinstance(found, (str, int)) and found != "" and not isinstance(found, bool) else None


def _read_total(paging: Paging, document: object) -> int | None:
    if paging.total_path is None:
        return None
    try:
        found = read_integer(paging.total_path.find(document))
    except Unreadable as error:
        raise BackOfficeUnavailable("total_unreadable") from error
    if found < 0:
        raise BackOfficeUnavailable("total_unreadable")
    return found


def _windows(arguments: Mapping[str, object], window: Window | None) -> list[dict[str, object]]:
    """Newest first."""
    if window is None:
        return [{}]
    end = arguments.get("to_date") or arguments.get("now")
    assert isinstance(end, datetime)  # noqa: S101 - the connector puts it there
    start = arguments.get("from_date") or end - timedelta(days=window.default_days or window.days)
    assert isinstance(start, datetime)  # noqa: S101 - canonical queries have moments
    end = max(end, start)
    length, parts = timedelta(days=window.days), list[dict[str, object]]()
    if end - start > length and window.wider == "refuse":
        raise _too_wide(window)
    while not parts or end > start:
        begin = max(start, end - length)
        parts.append({"from_date": begin, "to_date": end})
        # The same moment ends the next part: formats are coarser than moments, and what comes twice is taken once.
        end = begin
        if len(parts) > window.most:
            raise _too_wide(window)
    return parts


def _too_many() -> InvalidRequest:
    return InvalidRequest("too_many_items", status=422, details={"reason": "too_many_items"})


def _too_wide(window: Window) -> InvalidRequest:
    details = {"field": "from_date", "reason": "range_too_wide", "days": window.days}
    return InvalidRequest("range_too_wide", status=422, details=details)
