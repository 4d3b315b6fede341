"""Lists: paged by the upstream or by us, filtered by the upstream or by us, counted truly."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.backoffice.connector.rows import HEAD, MAP, ids, row
from tests.backoffice.connector.upstream import Asked, Upstream
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.errors import BackOfficeUnavailable, InvalidRequest, InvalidSession

BY_ROWS = (
    HEAD
    + """
[capabilities.withdrawals]
list = "$.ClientRequests"
object_or_list = true
absent_list = "empty"
item_id_path = "$.ClientId"
filters = ["from_date", "to_date"]
paging = { kind = "offset", size = 3, total_path = "$.Count", most_pages = 4 }
[[capabilities.withdrawals.calls]]
method = "POST"
read = true
path = "/withdrawals"
headers = { X-Player = "{player_id}" }
root = "$.Data"
[capabilities.withdrawals.calls.body]
ClientId = "{player_id}"
From = "{from_date:dd-MM-yy - HH:mm:ss}"
To = "{to_date:dd-MM-yy - HH:mm:ss}"
MaxRows = "{limit:integer}"
SkeepRows = "{offset:integer}"
[capabilities."withdrawals.pending"]
same_as = "withdrawals"
"""
    + MAP
)


def serving(rows: list[dict[str, object]]) -> object:
    def answer(asked: Asked) -> object:
        body = asked.body
        assert isinstance(body, dict)
        start = body["SkeepRows"]
        return {"Data": {"ClientRequests": rows[start : start + body["MaxRows"]], "Count": len(rows)}}

    return answer


def test_a_page_is_asked_for_as_the_question_is(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(n) for n in range(20, 0, -1)])

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals", limit=2, offset=5)

    assert (ids(answer), answer["total"]) == (["15", "14"], 20)
    assert [asked.body for asked in upstream.asked] == [{"ClientId": "5832", "MaxRows": 2, "SkeepRows": 5}]


def test_a_question_larger_than_a_page_takes_several(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(n) for n in range(20, 0, -1)])

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals", limit=7, offset=1)

    assert (ids(answer), answer["total"]) == ([str(n) for n in range(19, 12, -1)], 20)
    assert len(upstream.asked) == 3


def test_an_offset_beyond_the_end_keeps_the_true_total(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(n) for n in range(4, 0, -1)])

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals", limit=50, offset=100)

    assert answer == {"player_id": "5832", "withdrawals": [], "total": 4}


def test_items_are_canonical_ones(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(2, 0), row(1, 9)])

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals")

    assert CAPABILITIES["withdrawals"].answer.model_validate(answer)
    assert answer["withdrawals"] == [
        {"withdrawal_id": "2", "amount": Decimal("10.5"), "currency": "EUR", "status": "pending", "cancellable": True,
         "requested_at": datetime(2026, 3, 2, 9, tzinfo=UTC)},
        {"withdrawal_id": "1", "amount": Decimal("10.5"), "currency": "EUR", "status": "unknown", "raw_status": "9",
         "cancellable": False, "requested_at": datetime(2026, 3, 1, 9, tzinfo=UTC)},
    ]  # fmt: skip


def test_what_the_upstream_cannot_filter_by_is_filtered_and_counted_here(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(n, 0 if n % 2 else 3) for n in range(10, 0, -1)])

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals.pending", limit=2, offset=1)

    assert (ids(answer), answer["total"]) == (["7", "5"], 5)


def test_dates_are_asked_for_in_the_partners_zone(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([])
    since = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)

    upstream.ask(upstream.connector(BY_ROWS), "withdrawals", from_date=since)

    assert upstream.asked[0].body == {
        "ClientId": "5832", "From": "02-03-26 - 01:30:00", "MaxRows": 3, "SkeepRows": 0
    }  # fmt: skip


@pytest.mark.parametrize("said", [{}, {"ClientRequests": None}, {"ClientRequests": ""}, {"ClientRequests": []}])
def test_an_absent_list_is_none_where_the_document_says_so(upstream: Upstream, said: dict[str, object]) -> None:
    upstream.routes["POST /withdrawals"] = {"Data": {**said, "Count": 0}}

    answer = upstream.ask(upstream.connector(BY_ROWS), "withdrawals")

    assert answer == {"player_id": "5832", "withdrawals": [], "total": 0}


@pytest.mark.parametrize("said", [{}, {"ClientRequests": None}, {"ClientRequests": 7}, {"ClientRequests": "none"}])
def test_an_absent_list_is_refused_where_it_does_not(upstream: Upstream, said: dict[str, object]) -> None:
    upstream.routes["POST /withdrawals"] = {"Data": {**said, "Count": 0}}

    with pytest.raises(BackOfficeUnavailable, match="list_"):
        upstream.ask(upstream.connector(BY_ROWS.replace('absent_list = "empty"', "")), "withdrawals")


def test_a_single_thing_without_its_brackets_is_a_list_of_one(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = {"Data": {"ClientRequests": row(4, 0), "Count": 1}}

    assert ids(upstream.ask(upstream.connector(BY_ROWS), "withdrawals")) == ["4"]


@pytest.mark.parametrize("foreign", [40217, "40217", None, ""])
def test_one_item_of_another_player_spoils_the_list(upstream: Upstream, foreign: object) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(2), row(1, ClientId=foreign)])

    with pytest.raises(BackOfficeUnavailable):
        upstream.ask(upstream.connector(BY_ROWS), "withdrawals.pending")


def test_more_than_may_be_read_is_refused_with_a_hint(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = serving([row(1, Id=n) for n in range(30)])

    with pytest.raises(InvalidRequest) as refused:
        upstream.ask(upstream.connector(BY_ROWS), "withdrawals", status="pending")

    assert (refused.value.status, refused.value.details) == (422, {"reason": "too_many_items"})
    assert len(upstream.asked) == 4


def test_an_upstream_that_ignores_paging_is_noticed(upstream: Upstream) -> None:
    upstream.routes["POST /withdrawals"] = {"Data": {"ClientRequests": [row(3), row(2), row(1)], "Count": 9}}

    with pytest.raises(BackOfficeUnavailable, match="paging_ignored"):
        upstream.ask(upstream.connector(BY_ROWS), "withdrawals", status="paid")


PAGED = (
    HEAD
    + """
[[errors]]
path = "$.code"
one_of = [5, 12]
code = "INVALID_SESSION"
[capabilities.withdrawals]
list = ["$", "$.items"]
paging = { kind = "page", size = 4, first_page = 0, PAGING }
[[capabilities.withdrawals.calls]]
path = "/pages"
headers = { X-Player = "{player_id}" }
query = { page = "{page}", size = "{page_size}", cursor = "{cursor}" }
without_id = true
"""
    + MAP
)


def paged(document: str, **paging: object) -> str:
    said = ", ".join(f"{name} = {value!r}" for name, value in paging.items())
    return document.replace(", PAGING", f", {said}" if said else "")


def serving_pages(rows: list[dict[str, object]], **more: object) -> object:
    def answer(asked: Asked) -> object:
        page, size = int(asked.query["page"]), int(asked.query["size"])
        part = rows[page * size : (page + 1) * size]
        return {"items": part, "total": len(rows), "next": (page + 1) * size < len(rows)} | more

    return answer


@pytest.mark.parametrize(("limit", "offset", "pages"), [(4, 0, 1), (4, 4, 2), (3, 3, 2), (2, 8, 2), (9, 1, 3)])
def test_pages_cover_what_was_asked_for(upstream: Upstream, limit: int, offset: int, pages: int) -> None:
    upstream.routes["GET /pages"] = serving_pages([row(n) for n in range(11, 0, -1)])
    document = paged(PAGED.replace('["$", "$.items"]', '"$.items"'), total_path="$.total")

    answer = upstream.ask(upstream.connector(document), "withdrawals", limit=limit, offset=offset)

    assert ids(answer) == [str(n) for n in range(11, 0, -1)][offset : offset + limit]
    assert (answer["total"], len(upstream.asked)) == (11, pages)


@pytest.mark.parametrize(("more", "pages"), [({"more_path": "$.next"}, 3), ({}, 4)])
def test_without_a_total_everything_is_read_and_counted(
    upstream: Upstream, more: dict[str, object], pages: int
) -> None:
    upstream.routes["GET /pages"] = serving_pages([row(n) for n in range(11, 0, -1)])
    document = paged(PAGED.replace('["$", "$.items"]', '"$.items"'), **more)

    answer = upstream.ask(upstream.connector(document), "withdrawals", limit=2, offset=2)

    assert (ids(answer), answer["total"], len(upstream.asked)) == (["9", "8"], 11, pages)


def test_a_bare_list_is_sorted_newest_first(upstream: Upstream) -> None:
    upstream.routes["GET /pages"] = [row(2), row(3), row(1, RequestTimeLocal=None), row(4, RequestTimeLocal="")]
    document = PAGED.replace('kind = "page", size = 4, first_page = 0, PAGING', 'kind = "none"')

    answer = upstream.ask(upstream.connector(document), "withdrawals")

    assert ids(answer) == ["3", "2", "4", "1"]


def test_a_cursor_is_followed_to_the_end(upstream: Upstream) -> None:
    parts = {"": ([row(3)], "b"), "b": ([row(2)], "c"), "c": ([row(1)], None)}

    def answer(asked: Asked) -> object:
        items, cursor = parts[asked.query.get("cursor", "")]
        return {"items": items, "after": cursor}

    upstream.routes["GET /pages"] = answer
    document = PAGED.replace('["$", "$.items"]', '"$.items"').replace(
        'kind = "page", size = 4, first_page = 0, PAGING', 'kind = "cursor", cursor_path = "$.after"'
    )

    assert upstream.ask(upstream.connector(document), "withdrawals")["total"] == 3
    assert "cursor" not in upstream.asked[0].query


def test_a_session_that_ended_behind_a_success_is_an_ended_session(upstream: Upstream) -> None:
    upstream.routes["GET /pages"] = {"code": 12}

    with pytest.raises(InvalidSession):
        upstream.ask(upstream.connector(paged(PAGED)), "withdrawals")
