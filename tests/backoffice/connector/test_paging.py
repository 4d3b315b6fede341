"""Pages as upstreams really give them: fewer than asked, the last one again, more of a cursor than there is."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.backoffice.connector.upstream import Asked, Upstream
from widget_service.errors import BackOfficeUnavailable, ServiceError

ROWS = [{"id": number, "player": 5832, "at": f"2026-02-{number:02}T10:00:00Z", "s": "ok"} for number in range(9, 0, -1)]


def document(paging: str, more: str = "") -> str:
    return f"""
format = 1
name = "Test"
[capabilities.deposits]
list = "$.items"
item_id_path = "$.player"
paging = {{ {paging} }}
{more}
[[capabilities.deposits.calls]]
path = "/players/{{player_id}}/deposits"
query = {{ page = "{{page}}", page_size = "{{page_size}}", limit = "{{limit}}", offset = "{{offset}}", \
c = "{{cursor}}", from = "{{from_date:date}}", to = "{{to_date:date}}" }}
[capabilities.deposits.map]
deposit_id = "$.id"
created_at = "$.at"
status = {{ path = "$.s", transform = "enum", values = {{ ok = "completed", wait = "pending" }} }}
"""


def capped(at: int, rows: list[dict[str, object]] = ROWS, **more: object) -> Callable[[Asked], object]:
    """Takes any size and silently gives no more than so many."""

    def answer(asked: Asked) -> object:
        size = min(at, int(asked.query["page_size"]))
        start = (int(asked.query["page"]) - 1) * size
        return {"items": rows[start : start + size], "total": len(rows), "more": start + size < len(rows), **more}

    return answer


def capped_by_offset(at: int) -> Callable[[Asked], object]:
    def answer(asked: Asked) -> object:
        start = int(asked.query["offset"])
        return {"items": ROWS[start : start + min(at, int(asked.query["limit"]))], "total": len(ROWS)}

    return answer


def repeating(rows: list[dict[str, object]]) -> Callable[[Asked], object]:
    """Beyond the end it gives its last page again."""

    def answer(asked: Asked) -> object:
        size = int(asked.query["page_size"])
        page = min(int(asked.query["page"]), max(1, -(-len(rows) // size)))
        return {"items": rows[(page - 1) * size : page * size], "total": len(rows)}

    return answer


def ask(upstream: Upstream, text: str, answer: object, **arguments: object) -> tuple[list[object], object]:
    upstream.routes["GET /players/5832/deposits"] = answer
    found = upstream.ask(upstream.connector(text), "deposits", **arguments)
    items = found["deposits"]
    assert isinstance(items, list)
    return [item["deposit_id"] for item in items], found["total"]


ALL = [str(number) for number in range(9, 0, -1)]


@pytest.mark.parametrize("at", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("told", ["", 'total_path = "$.total"', 'more_path = "$.more"'])
@pytest.mark.parametrize(("limit", "offset"), [(50, 0), (3, 6), (50, 6), (2, 3), (5, 9)])
def test_fewer_than_asked_for_is_no_end(upstream: Upstream, at: int, told: str, limit: int, offset: int) -> None:
    text = document(f'kind = "page", size = 100, most_pages = 20{", " if told else ""}{told}')

    assert ask(upstream, text, capped(at), limit=limit, offset=offset) == (ALL[offset : offset + limit], 9)


@pytest.mark.parametrize("at", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("told", ["", ', total_path = "$.total"'])
@pytest.mark.parametrize(("limit", "offset"), [(50, 0), (3, 6), (50, 6), (2, 3), (5, 9)])
def test_an_offset_moves_by_what_has_come(upstream: Upstream, at: int, told: str, limit: int, offset: int) -> None:
    text = document(f'kind = "offset", size = 100, most_pages = 20{told}')

    assert ask(upstream, text, capped_by_offset(at), limit=limit, offset=offset) == (ALL[offset : offset + limit], 9)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9])
@pytest.mark.parametrize(("size", "limit", "offset"), [(2, 50, 0), (3, 50, 0), (3, 2, 2), (3, 50, 6), (2, 50, 50)])
def test_a_last_page_that_repeats_is_taken_once(
    upstream: Upstream, count: int, size: int, limit: int, offset: int
) -> None:
    text = document(f'kind = "page", size = {size}, total_path = "$.total"')

    found = ask(upstream, text, repeating(ROWS[:count]), limit=limit, offset=offset)

    assert found == (ALL[:count][offset : offset + limit], count)


@pytest.mark.parametrize(("count", "size"), [(1, 2), (2, 3), (3, 2), (4, 2), (9, 3), (5, 100)])
def test_without_a_total_a_page_that_repeats_is_the_end(upstream: Upstream, count: int, size: int) -> None:
    text = document(f'kind = "page", size = {size}')

    assert ask(upstream, text, repeating(ROWS[:count])) == (ALL[:count], count)


def test_a_full_first_page_that_repeats_may_hide_the_rest(upstream: Upstream) -> None:
    with pytest.raises(BackOfficeUnavailable, match="paging_ignored"):
        ask(upstream, document('kind = "page", size = 3'), {"items": ROWS[:3]})


@pytest.mark.parametrize(
    ("paging", "answer"),
    [
        ('kind = "none", total_path = "$.total"', {"items": ROWS[:4], "total": 9}),
        ('kind = "page", size = 100, total_path = "$.total"', {"items": ROWS[:4], "total": 9}),
        ('kind = "offset", size = 100, total_path = "$.total"', {"items": [], "total": 2}),
        ('kind = "page", size = 100, total_path = "$.total"', {"items": ROWS[:3], "total": 2}),
        ('kind = "none", total_path = "$.total"', {"items": ROWS[:3], "total": 2}),
    ],
)
def test_a_total_that_is_not_what_was_read_is_refused(upstream: Upstream, paging: str, answer: object) -> None:
    with pytest.raises(BackOfficeUnavailable, match="contradiction:total"):
        ask(upstream, document(paging), answer)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_a_cursor_ends_where_nothing_more_is_said_to_follow(upstream: Upstream, size: int) -> None:
    def answer(asked: Asked) -> object:
        start = int(asked.query.get("c") or 0)
        if start >= len(ROWS):
            return 400, {"error": "cursor beyond the end"}
        return {"items": ROWS[start : start + size], "next": str(start + size), "more": start + size < len(ROWS)}

    text = document('kind = "cursor", cursor_path = "$.next", more_path = "$.more"')

    assert ask(upstream, text, answer) == (ALL, 9)


def test_a_cursor_that_stands_still_is_refused(upstream: Upstream) -> None:
    with pytest.raises(BackOfficeUnavailable, match="paging_ignored"):
        ask(upstream, document('kind = "cursor", cursor_path = "$.next"'), {"items": ROWS[:3], "next": "a"})


def test_what_moves_to_the_next_page_meanwhile_is_taken_once(upstream: Upstream) -> None:
    pages = {"1": ROWS[:3], "2": ROWS[2:5], "3": []}
    text = document('kind = "page", size = 3')

    assert ask(upstream, text, lambda asked: {"items": pages[asked.query["page"]]}) == (ALL[:5], 5)


@pytest.mark.parametrize("name", ["from_date", "to_date"])
@pytest.mark.parametrize("hour", [0, 9, 11, 23])
def test_what_was_filtered_by_days_is_filtered_again(upstream: Upstream, name: str, hour: int) -> None:
    moment = datetime(2026, 2, 5, hour, tzinfo=UTC)
    text = document('kind = "page", size = 5, total_path = "$.total"', 'filters = ["from_date", "to_date"]')

    found, total = ask(upstream, text, capped(5), **{name: moment})

    kept = [row for row in ROWS if (str(row["at"]) >= f"{moment:%FT%TZ}") is (name == "from_date")]
    assert (found, total) == ([str(row["id"]) for row in kept], len(kept))


def test_a_status_that_was_filtered_by_groups_is_filtered_again(upstream: Upstream) -> None:
    rows = [{**ROWS[0], "s": "wait"}, *ROWS[1:3]]
    text = document('kind = "page", size = 5, total_path = "$.total"', 'filters = ["status"]')

    assert ask(upstream, text, capped(5, rows), status="completed") == (["8", "7"], 2)


@pytest.mark.parametrize("days", [7, 90])
def test_the_answer_says_which_range_was_read(upstream: Upstream, days: int) -> None:
    upstream.routes["GET /players/5832/deposits"] = {"items": []}
    text = document('kind = "none"', f"window = {{ days = 100, default_days = {days} }}")

    span = upstream.ask(upstream.connector(text), "deposits")["range"]

    assert isinstance(span, dict)
    assert (span["to_date"] - span["from_date"]).days == days


def test_without_a_window_no_range_is_told(upstream: Upstream) -> None:
    upstream.routes["GET /players/5832/deposits"] = {"items": []}

    assert "range" not in upstream.ask(upstream.connector(document('kind = "none"')), "deposits")


def test_a_list_that_never_ends_is_refused(upstream: Upstream) -> None:
    def answer(asked: Asked) -> object:
        return {"items": [{"id": int(asked.query["page"]), "player": 5832}]}

    with pytest.raises(ServiceError, match="too_many_items"):
        ask(upstream, document('kind = "page", size = 1'), answer)
