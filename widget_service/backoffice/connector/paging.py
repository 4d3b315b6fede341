"""Lists, page by page and window by window: bounded, counted truly, and never the same page twice."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from widget_service.backoffice.connector.amounts import Unreadable, read_integer
from widget_service.backoffice.connector.document import Call, Capability, Paging, Window
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.paths import Ambiguous
from widget_service.errors import BackOfficeUnavailable, InvalidRequest

#: Of one question, whatever an upstream sends: mapping so many takes a tenth of a second.
MOST_ITEMS = 5000


#: By what an item is known again on another page.
Identify = Callable[[object], object]


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


def read_part(exchange: Exchange, capability: Capability, call: Call, limit: int, offset: int) -> Listing | None:
    """Those of ``limit`` and ``offset`` alone; None where pages do not come as they were asked for.

    An upstream that silently gives fewer than it was asked for numbers its pages otherwise than we do.
    """
    paging = capability.paging
    start = offset - offset % paging.size if paging.kind == "page" else offset
    wanted = offset - start + limit
    items, first = list[object](), None
    if start and paging.kind == "page" and not _keeps_size(paging, _ask(exchange, capability, call, _at(paging, 0))):
        return None
    while True:
        page = _ask(exchange, capability, call, _at(paging, start, wanted - len(items)))
        first = first or page
        total = _require_total(paging, page, start)
        # Beyond the end some upstreams repeat their last page.
        found = page.items[: max(0, total - start)]
        items, start = [*items, *found], start + len(found)
        if len(items) >= wanted or start >= total or offset >= total:
            break
        if not found or (paging.kind == "page" and not _keeps_size(paging, page)):
            return None
    listed = items[wanted - limit : wanted]
    return Listing(exchange.with_answer(call, first.document), listed, total)


def _at(paging: Paging, start: int, wanted: int | None = None) -> dict[str, object]:
    size = paging.size if wanted is None else min(paging.size, wanted)
    if paging.kind == "page":
        return {"page": start // paging.size + paging.first_page, "page_size": paging.size}
    return {"limit": size, "offset": start, "page_size": size}


def _keeps_size(paging: Paging, page: Page) -> bool:
    total = _read_total(paging, page.document)
    return len(page.items) == paging.size or total == len(page.items)


def _require_total(paging: Paging, page: Page, start: int) -> int:
    total = _read_total(paging, page.document)
    if total is None or (start == 0 and len(page.items) > total):
        raise BackOfficeUnavailable("contradiction:total")
    return total


def read_everything(exchange: Exchange, capability: Capability, call: Call, identify: Identify) -> Listing:
    """All pages of all windows. Raises InvalidRequest when that is more than the document allows to read."""
    after, items = exchange, list[object]()
    for asked in _windows(exchange.values.arguments, capability.window):
        window = replace(exchange, values=exchange.values.ask(asked))
        for page in _pages(window, capability, call, identify):
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


def read_range(arguments: Mapping[str, object], window: Window | None) -> dict[str, object] | None:
    """From when to when is read; None where nothing limits it but the question."""
    parts = _windows(arguments, window)
    if window is None:
        return None
    return {"from_date": parts[-1]["from_date"], "to_date": parts[0]["to_date"]}


def _pages(exchange: Exchange, capability: Capability, call: Call, identify: Identify) -> Iterator[Page]:
    """Page by page what was not on one before, until nothing is left: a short page alone is no end."""
    paging = capability.paging
    progress = _Progress(paging, paging.size)
    for _ in range(paging.most_pages):
        page = _ask(exchange, capability, call, progress.arguments())
        new = progress.take(page, identify)
        yield replace(page, items=new)
        if progress.is_over(page, new):
            return
    raise _too_many()


@dataclass(slots=True)
class _Progress:
    """How far a list has been read."""

    paging: Paging
    size: int
    pages: int = 0
    received: int = 0
    cursor: object = None
    seen: set[object] = field(default_factory=set)

    def arguments(self) -> dict[str, object]:
        """Of the next page, reckoned from what has really come."""
        return {
            "limit": self.size,
            "offset": self.received,
            "page": self.pages + self.paging.first_page,
            "page_size": self.size,
            "cursor": self.cursor,
        }

    def take(self, page: Page, identify: Identify) -> list[object]:
        """What is new on a page: within one page the same id may stand twice, on two pages it was moved."""
        keyed = [(identify(item), item) for item in page.items]
        new = [item for key, item in keyed if key not in self.seen]
        self.seen |= {key for key, _ in keyed}
        self.received += len(new)
        self.pages += 1
        if self.pages == 1 and 0 < len(page.items) < self.size:
            # Fewer than asked for: the end, or all that it gives at once. Asked for so many, both number alike.
            self.size = len(page.items)
        return new

    def is_over(self, page: Page, new: list[object]) -> bool:
        """Whether nothing follows. Raises BackOfficeUnavailable where nobody can tell, or the total says otherwise."""
        paging, total = self.paging, _read_total(self.paging, page.document)
        before, self.cursor = self.cursor, _read_cursor(paging, page.document)
        if total is not None and self.received >= total:
            if self.received > total:
                raise BackOfficeUnavailable("contradiction:total")
            return True
        ended = self._has_ended(page, new, before)
        if ended and total is not None:
            raise BackOfficeUnavailable("contradiction:total")
        return ended

    def _has_ended(self, page: Page, new: list[object], before: object) -> bool:
        paging = self.paging
        if paging.kind == "none" or (paging.kind == "cursor" and self.cursor is None):
            return True
        more = None if paging.more_path is None else _says_more(paging, page)
        if more is False:
            return True
        if new or (paging.kind == "cursor" and not page.items and self.cursor != before):
            return False
        if page.items and (more or paging.kind == "cursor" or (self.pages == 2 and len(page.items) >= paging.size)):
            # The same once more: of a full first page nobody knows whether the rest was left out.
            raise BackOfficeUnavailable("paging_ignored")
        return True


def _says_more(paging: Paging, page: Page) -> bool:
    return paging.more_path is not None and paging.more_path.find(page.document) not in (None, False, "", 0)


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
