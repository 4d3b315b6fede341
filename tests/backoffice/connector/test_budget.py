"""Hostile documents meet hostile answers: the cost is bounded, and the process is given to others on the way."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from tests.backoffice.connector.upstream import Upstream
from widget_service import strict_json
from widget_service.backoffice.connector.budget import MOST_STEPS, STEPS_AT_ONCE, Budget, spending
from widget_service.backoffice.connector.paths import parse_path
from widget_service.errors import BackOfficeUnavailable


def nested(depth: int, width: int) -> object:
    return [nested(depth - 1, width) for _ in range(width)] if depth else 1


ANSWERS: dict[str, Callable[[], object]] = {
    "deep": lambda: nested(12, 2),
    "wide": lambda: list(range(100_000)),
    "bushy": lambda: nested(5, 10),
    "objects": lambda: {str(number): {"a": [number] * 20} for number in range(10_000)},
    "long texts": lambda: {"b": "x" * 400_000, "c": "x" * 400_000, "l": [0] * 50_000},
}
PATHS = [
    "$" + "[*]" * 30,
    "$" + "[?@[*]]" * 20,
    "$" + "[?count(@[*]) > 0]" * 12,
    "$[?" + " || ".join(["count(@[*][*]) > 9"] * 12) + "]",
    "$[*][*][?count(@[*][*][*][*]) > 5]",
    "$.l[?$.b == $.c]",
    "$[?" + " && ".join(["@ != 7"] * 25) + "]",
    "$[?" + " || ".join(["@[*][*][*].a"] * 15) + "]",
    "$[0:100000:1][0:9][0:9]",
    "$[?!(@.a == $.b) && length(@.a) > 1]",
]


@dataclass
class Slices:
    """How many steps lie between two pauses."""

    longest: int = 0
    budget: Budget = field(init=False)
    _last: int = 0

    def __post_init__(self) -> None:
        self.budget = Budget(time.monotonic() + 60, pause=self._pause)

    def _pause(self, seconds: float) -> None:
        assert seconds == 0
        self.longest = max(self.longest, self.budget.spent - self._last)
        self._last = self.budget.spent


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("text", PATHS)
def test_a_hostile_path_ends_within_the_budget_and_pauses_on_the_way(text: str, name: str) -> None:
    document, slices = ANSWERS[name](), Slices()
    path = parse_path(text)

    with spending(slices.budget) as budget, suppress(BackOfficeUnavailable):
        path.find_all(document)

    largest_at_once = 100_000  # the children of one node are listed in one go
    assert budget.spent <= MOST_STEPS + largest_at_once
    assert slices.longest <= STEPS_AT_ONCE + largest_at_once


def test_many_plain_paths_share_one_budget(upstream: Upstream) -> None:
    counted = "\n".join(f'e{number} = "$.l[?count(@.x[*]) == {number}][0].y"' for number in range(400))
    document = f"""
format = 1
name = "Test"
[capabilities.player]
[[capabilities.player.calls]]
path = "/players/{{player_id}}"
id_path = "$.id"
[capabilities.player.map]
name = "$.name"
[capabilities.player.extra]
{counted}
"""
    upstream.routes["GET /players/5832"] = {"id": "5832", "l": [{"x": [0] * 40}] * 2000}

    with pytest.raises(BackOfficeUnavailable, match="too_costly"):
        upstream.ask(upstream.connector(document), "player")


def test_every_part_of_a_filter_is_counted() -> None:
    path = parse_path("$[?" + " && ".join(["@ != 7"] * 25) + "]")

    with spending(Budget(time.monotonic() + 60)) as budget:
        path.find_all(list(range(100, 1100)))

    assert budget.spent > 25 * 1000


def test_the_deadline_holds_while_a_path_is_followed() -> None:
    with spending(Budget(time.monotonic() - 1)), pytest.raises(BackOfficeUnavailable, match="timeout"):
        parse_path("$[*][*]").find_all(nested(3, 60))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$..a", "searches at every depth"),
        ("$[?@..*]", "searches at every depth"),
        ("$[?value(@..a) == 1]", "searches at every depth"),
        ("$[?count(@..*) > 1]", "searches at every depth"),
        ("$[?count($..*) > 1]", "searches at every depth"),
        ("$[?!@..a]", "searches at every depth"),
        ("$[?(@.b && (@.c || @..a))]", "searches at every depth"),
        ("$.a[?@[?@.b]]", "a filter inside a filter"),
        ("$[?count(@[?@.b]) > 1]", "a filter inside a filter"),
        ("$[?@[?@[?@.b]]]", "a filter inside a filter"),
        ("$[?count($.a[*]) > 1]", "walks over the whole answer"),
        ("$[?$.*]", "walks over the whole answer"),
        ("$[?$[0:9]]", "walks over the whole answer"),
        ("$[?length(value($.a[*])) > 1]", "walks over the whole answer"),
        ("$[?@['a','b']]", "several things in one bracket"),
        ("$[?@[0,0][0,0]]", "several things in one bracket"),
    ],
)
def test_a_path_whose_cost_is_not_bounded_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.a[?@.n == 1.5].t", ["x"]),
        ("$.a[?@.n > 1].t", ["x", "y"]),
        ("$.a[?@.n >= 2 && @.t == 'y'].n", [2]),
        ("$.a[?!@.t].n", [0]),
        ("$.a[?@.absent == @.missing].n", [0]),
        ("$.a[?@.t == null].n", []),
        ("$.a[?@.b == true].n", [0]),
        ("$.a[?@.b == 1].n", []),
        ("$.a[?length(@.t) == 1].t", ["x", "y"]),
        ("$.a[?count(@.*) == 2].t", ["x", "y"]),
        ("$.a[?@.n == $.a[1].n].t", ["y"]),
        ("$.a[-1:].n", [0]),
    ],
)
def test_filters_mean_what_the_standard_says(text: str, found: list[object]) -> None:
    answer = json.dumps({"a": [{"n": 1.5, "t": "x"}, {"n": 2, "t": "y"}, {"n": 0, "b": True}]})
    document = strict_json.parse(answer.encode(), decimals=True)
    if text == "$.a[?@.absent == @.missing].n":
        document["a"] = document["a"][2:]

    assert parse_path(text).find_all(document) == found
