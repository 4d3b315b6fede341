"""What a player and an operator's page notice: how soon the messenger is there, what it costs, how it reads."""

import gzip
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from operator import truediv

from playwright.sync_api import Browser, Response, sync_playwright

from bench.load import Load
from bench.report import Report, Verdict
from bench.scrolling import read_back
from bench.servers import Machine, Served
from bench.visits import Arrival, Stage, Work, launcher_waits, measure_arrival, measure_empty_frame, measure_work
from bench.wire import Exchange, Wire, longest_chain
from e2e.chromium import QUIET, find_browser
from e2e.operator_site import OperatorSite

FIRST_GOAL, AGAIN_GOAL = 2.5, 1.5  # × the load of an empty frame of another site
WORK_GOAL = 15.0  # ms of the page's main thread
REQUESTS_GOAL, DEPTH_GOAL = 14, 6
NODES_GOAL = 4.0  # × those of the conversation's end alone
DELAY = 0.15  # seconds that the slow wire holds each request
MESSAGES = 10_000
#: What our frame's document says of itself (views/frame.py), as far as a browser's processes depend on it.
GUARD = {
    "Origin-Agent-Cluster": "?1",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def run(machine: Machine, load: Load, report: Report, *, rounds: int, messages: int = MESSAGES) -> None:
    """On SQLite with one worker, as ``make demo`` runs. All that is compared takes turns, round by round."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=list(QUIET))
        with machine.serving("sqlite", workers=1) as served, _stage(browser, served) as stage:
            report.add(f"in the browser, {rounds} rounds", {}, [*_arrive(stage, rounds), *_work(stage, rounds)])
            report.add("reading back", {}, _read_back(stage, load, messages))
        report.add(f"over a wire of {1e3 * DELAY:.0f} ms", {}, _travel(machine, browser))
        browser.close()


@contextmanager
def _stage(browser: Browser, served: Served) -> Iterator[Stage]:
    service = served.service
    assert service is not None
    casino, nothing = (OperatorSite(f"{name}.localhost", service.url) for name in ("casino", "nothing"))
    made = service.cli("workspace", "create", "--name", "Casino", "--origin", casino.origin)
    casino.workspace = nothing.workspace = made
    try:
        yield Stage(browser, service, casino, nothing)
    finally:
        casino.close()
        nothing.close()


# --- how soon


def _arrive(stage: Stage, rounds: int) -> list[Verdict]:
    measure_arrival(stage), measure_empty_frame(stage)
    guarded: list[float] = []
    found: list[tuple[float, Arrival]] = []
    for number in range(rounds):
        if number % 2:
            found.append((measure_empty_frame(stage), measure_arrival(stage)))
        else:
            arrival = measure_arrival(stage)
            found.append((measure_empty_frame(stage), arrival))
        guarded.append(_measure_guarded_frame(stage))
    return [
        Verdict("an empty frame, guarded as ours", statistics.median(guarded), unit="ms", note="its origin by itself"),
        *_compare([empty for empty, _ in found], [arrival for _, arrival in found]),
        *_compare_guarded(guarded, [arrival for _, arrival in found]),
        Verdict("layout shift, most", max(one.shift for _, one in found), 0, unit=""),
        Verdict("launcher waits for the frame", float(launcher_waits(stage)), 0, unit="", note="0: it does not"),
    ]


def _compare(empty: list[float], found: list[Arrival]) -> list[Verdict]:
    """Medians of the rounds; and the quickest of each, which a busy machine spoils least."""
    middle = statistics.median
    issued, first, again = ([getattr(one, name) for one in found] for name in ("issued", "first", "again"))
    return [
        Verdict("an empty frame of another site", middle(empty), unit="ms", note="embedded as the script arrives"),
        Verdict("script to session issued, first visit", middle(issued), unit="ms"),
        Verdict("script to session confirmed, first visit", middle(first), unit="ms", note="by the frame's own origin"),
        Verdict("script to session, reload", middle(again), unit="ms"),
        Verdict("issued / empty frame", middle(map(truediv, issued, empty)), FIRST_GOAL),
        Verdict("confirmed / empty frame", middle(map(truediv, first, empty))),
        Verdict("reload / empty frame", middle(map(truediv, again, empty)), AGAIN_GOAL),
        Verdict("issued, quickest / quickest", min(issued) / min(empty)),
        Verdict("reload, quickest / quickest", min(again) / min(empty)),
    ]


def _compare_guarded(guarded: list[float], found: list[Arrival]) -> list[Verdict]:
    """What is left when the empty frame pays, as ours, for a process of its origin's own."""
    middle = statistics.median
    return [
        Verdict("issued / guarded empty frame", middle(map(truediv, [one.issued for one in found], guarded))),
        Verdict("reload / guarded empty frame", middle(map(truediv, [one.again for one in found], guarded))),
    ]


def _measure_guarded_frame(stage: Stage) -> float:
    stage.nothing.headers = GUARD
    try:
        return measure_empty_frame(stage)
    finally:
        stage.nothing.headers = {}


# --- at what cost


def _work(stage: Stage, rounds: int) -> list[Verdict]:
    found: list[tuple[Work, Work, Work]] = []
    for _ in range(rounds):
        without = measure_work(stage, snippet=False, opened=False)
        closed = measure_work(stage, snippet=True, opened=False)
        found.append((without, closed, measure_work(stage, snippet=True, opened=True)))

    def more(figure: str, kind: int) -> float:
        return statistics.median(getattr(one[kind], figure) - getattr(one[0], figure) for one in found)

    return [
        Verdict("page's main thread, launcher", more("all", 1), WORK_GOAL, "ms", "more than without the snippet"),
        Verdict("of it scripts", more("script", 1), unit="ms"),
        Verdict("of it styles and layout", more("layout", 1), unit="ms"),
        Verdict("page's main thread, opened", more("all", 2), WORK_GOAL, "ms", "animation of the panel included"),
        Verdict("of it scripts", more("script", 2), unit="ms"),
        Verdict("of it styles and layout", more("layout", 2), unit="ms"),
    ]


# --- over the network


def _travel(machine: Machine, browser: Browser) -> list[Verdict]:
    wire = Wire(DELAY)
    address = f"http://127.0.0.1:{wire.port}"
    with machine.serving("sqlite", workers=1, public_url=address) as served, _stage(browser, served) as stage:
        wire.connect(served.port)
        with stage.window(opened=True) as window:
            answers: list[Response] = []
            window.on("response", lambda answer: answers.append(answer))
            page = window.new_page()
            page.goto(stage.page_url)
            page.wait_for_function("window.marks && marks.started")
            started = float(page.evaluate("marks.at"))
            page.wait_for_timeout(5e3 * DELAY)
            files = [answer for answer in answers if answer.url.startswith(address) and "/v1/conv" not in answer.url]
            packed = sum(len(gzip.compress(answer.body(), 6)) for answer in files)
            cookies = len(window.cookies())
        wire.close()
    before = [one for one in wire.exchanges if one.began < started]
    chain = longest_chain([one for one in before if one.ended <= started])
    print("\n" + "\n".join(f"  {one.line}" for one in wire.exchanges))
    return [
        Verdict("requests until the session", len(before), REQUESTS_GOAL, unit=""),
        Verdict("of them one after the other", len(chain), DEPTH_GOAL, unit="", note=_shown(chain)),
        Verdict("requests with transcript and stream", len(wire.exchanges), unit=""),
        Verdict("documents, scripts, styles, packed", packed / 1024, unit="KB", note="gzip 6, each by itself"),
        Verdict("received until the session", sum(one.received for one in before) / 1024, unit="KB", note="as sent"),
        Verdict("cookies", cookies, 0, unit=""),
    ]


def _shown(chain: list[Exchange]) -> str:
    return " → ".join(f"{one.line.split()[0]} …{one.line.partition('?')[0][-14:]}" for one in chain)


# --- reading


def _read_back(stage: Stage, load: Load, messages: int) -> list[Verdict]:
    found = read_back(stage, load, messages)
    frames = sorted(found.frames)
    slow = 100 * sum(one > 50 for one in frames) / len(frames)
    return [
        Verdict(f"{messages:,} messages read back in", found.seconds, unit="s"),
        Verdict("elements, most / at its end", found.most_nodes / found.fewest_nodes, NODES_GOAL),
        Verdict("elements, most", found.most_nodes, unit=""),
        Verdict("frame of the screen, p99", frames[int(0.99 * len(frames))], unit="ms"),
        Verdict("frame of the screen, worst", frames[-1], unit="ms"),
        Verdict("frames over 50 ms", slow, unit="%"),
        Verdict("longest task", max(found.tasks, default=0.0), unit="ms"),
        Verdict("heap before", found.heap_before / 2**20, unit="MB"),
        Verdict("heap after", found.heap_after / 2**20, unit="MB"),
    ]
