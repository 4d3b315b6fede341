"""A casino's page in a real browser: visited with the messenger, without it, and with an empty frame in its place."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route

from e2e.operator_site import OperatorSite
from tests.support.service import Service

PATIENCE = 60_000  # milliseconds
SETTLED = 2_500  # milliseconds after which a page has nothing left to do
WITHOUT = {"type": "text/plain"}  # a script of that type is neither loaded nor run
#: Runs before the page does; the times are the page's own clock, in milliseconds.
OBSERVE = """
if (self === top) {
    window.marks = {shift: 0};
    window.PlayerMessenger = function () { (PlayerMessenger.q = PlayerMessenger.q || []).push(arguments); };
    PlayerMessenger("on", "ready", () => { marks.ready = performance.now(); });
    PlayerMessenger("on", "conversation:started", (detail) => {
        Object.assign(marks, detail, {started: performance.now(), at: Date.now() / 1000});
    });
    if (%s) PlayerMessenger("show");
    new PerformanceObserver((list) => { for (const one of list.getEntries()) marks.shift += one.value; })
        .observe({type: "layout-shift", buffered: true});
}
"""
SCRIPT_ARRIVED = """
    () => performance.getEntriesByType("resource").find((one) => one.name.includes("/sdk/v1/messenger")).responseEnd
"""
#: The session is issued with the start's answer; that the frame has had it confirmed by its own origin comes after.
ISSUED = """
    () => performance.getEntriesByType("resource").findLast((one) => one.name.endsWith("/conversations")).responseEnd
"""
#: In the same moment of the page's life as our script would embed its own: a page that has settled has a spare process.
EMBED = """
if (self === top)
    document.addEventListener("load", ({target}) => {
        if (target.tagName !== "SCRIPT" || target.type) return;
        const frame = document.createElement("iframe");
        const began = performance.now();
        frame.onload = () => { marks.loaded = performance.now() - began; };
        frame.src = %s;
        document.body.append(frame);
    }, true);
"""
#: A script of the service that does nothing on a page without its settings.
IDLE_SCRIPT = "/sdk/v1/helpdesks/livechat.js"


@dataclass(frozen=True, slots=True)
class Stage:
    """A browser, the service, its casino, and a site that has nothing but an empty page."""

    browser: Browser
    service: Service
    casino: OperatorSite
    nothing: OperatorSite

    @contextmanager
    def window(self, *, opened: bool) -> Iterator[BrowserContext]:
        """A private window, in which nothing was visited before, for a player nobody has seen."""
        self.casino.reset()
        self.casino.log_in(secrets.token_hex(6), "Ana Ruiz")
        context = self.browser.new_context(locale="en-GB", viewport={"width": 1100, "height": 800})
        context.set_default_timeout(PATIENCE)
        context.add_init_script(OBSERVE % json.dumps(opened))
        try:
            yield context
        finally:
            context.close()

    @property
    def page_url(self) -> str:
        """A page of a logged-in player."""
        return f"{self.casino.origin}/static.html"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Milliseconds from the script's arrival to a session: issued, confirmed, on reload; the layout's shift."""

    issued: float
    first: float
    again: float
    shift: float


def measure_arrival(stage: Stage) -> Arrival:
    """A first visit and a reload, the panel opened at once each time."""
    with stage.window(opened=True) as window:
        page = window.new_page()
        page.goto(stage.page_url)
        first = _until_started(page, resumed=False)
        issued = float(page.evaluate(ISSUED)) - float(page.evaluate(SCRIPT_ARRIVED))
        shift = float(page.evaluate("marks.shift"))
        page.reload()
        again = _until_started(page, resumed=True)
        return Arrival(issued, first, again, shift + float(page.evaluate("marks.shift")))


def _until_started(page: Page, *, resumed: bool) -> float:
    page.wait_for_function("window.marks && marks.started")
    if page.evaluate("marks.resumed") is not resumed:
        raise RuntimeError(f"a session was {'started' if resumed else 'resumed'} that should not have been")
    return float(page.evaluate("marks.started")) - float(page.evaluate(SCRIPT_ARRIVED))


def measure_empty_frame(stage: Stage) -> float:
    """Milliseconds from the insertion of an empty frame of another site to its load event."""
    with stage.window(opened=False) as window:
        stage.casino.snippet = {"src": stage.service.url + IDLE_SCRIPT}
        window.add_init_script(EMBED % json.dumps(f"{stage.nothing.origin}/empty.html"))
        page = window.new_page()
        page.goto(stage.page_url)
        page.wait_for_function("window.marks && marks.loaded")
        return float(page.evaluate("marks.loaded"))


@dataclass(frozen=True, slots=True)
class Work:
    """Milliseconds the page's main thread was busy: with all, with scripts, with styles and layout."""

    all: float
    script: float
    layout: float


def measure_work(stage: Stage, *, snippet: bool, opened: bool) -> Work:
    """What the page itself has done once it has settled; the frame is another process's and not counted."""
    with stage.window(opened=opened) as window:
        stage.casino.snippet = {} if snippet else WITHOUT
        page = window.new_page()
        session = window.new_cdp_session(page)
        session.send(
            "Performance.enable", {"timeDomain": "threadTicks"}
        )  # the processor's time: the machine may be busy
        page.goto(stage.page_url)
        page.wait_for_timeout(SETTLED)  # polling for a condition would be work, too
        work = _read_work(session)
        wanted = "started" if opened else "ready"
        if snippet and not page.evaluate(f"marks.{wanted}"):
            raise RuntimeError(f"not {wanted} within {SETTLED} ms: the machine is too busy to measure")
        return work


def _read_work(session: CDPSession) -> Work:
    listed = session.send("Performance.getMetrics")["metrics"]
    seconds = {one["name"]: one["value"] for one in listed}
    layout = seconds["LayoutDuration"] + seconds["RecalcStyleDuration"]
    return Work(1e3 * seconds["TaskDuration"], 1e3 * seconds["ScriptDuration"], 1e3 * layout)


def launcher_waits(stage: Stage) -> bool:
    """Whether the launcher is still not there while the frame's document is held up."""
    held: list[Route] = []
    with stage.window(opened=False) as window:
        page = window.new_page()
        page.route(lambda url: "/messenger?" in url, lambda route: held.append(route))
        page.goto(stage.page_url, wait_until="commit")
        page.wait_for_timeout(SETTLED)
        visible = page.locator("player-messenger button").is_visible()
        for route in held:
            route.continue_()
        return not visible
