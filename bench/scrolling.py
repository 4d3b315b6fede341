"""A conversation of ten thousand messages, read from its end to its beginning in the browser."""

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Frame, Page

from bench.load import Load
from bench.requests import json_request
from bench.visits import PATIENCE, Stage
from tests.support.operator import Agent

TEXTS = (
    "Thank you, I have found it.",
    "Your withdrawal was approved this morning. It is with the payment provider now, and takes up to two working days.",
    "Please have a look at this page:\nhttps://casino.example/help/withdrawals\nIt lists every step.",
)
#: Scrolls up a little in each frame of the screen until nothing earlier comes.
READ_BACK = """
async ([step, patience]) => {
    const log = document.querySelector('[role=log]');
    const found = {frames: [], tasks: [], nodes: 0, seconds: 0};
    new PerformanceObserver((list) => { for (const one of list.getEntries()) found.tasks.push(one.duration); })
        .observe({type: 'longtask'});
    const began = performance.now();
    let before = began, moved = began, height = 0;
    while (performance.now() - moved < patience) {
        if (log.scrollTop > 0 || log.scrollHeight !== height) moved = performance.now();
        height = log.scrollHeight;
        log.scrollTop -= step;
        const now = await new Promise(requestAnimationFrame);
        found.frames.push(now - before);
        before = now;
        if (found.frames.length % 10 === 0) found.nodes = Math.max(found.nodes, document.querySelectorAll('*').length);
    }
    found.seconds = (moved - began) / 1000;
    found.first = log.textContent.includes('Message 1 of ');
    return found;
}
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """How it went. Frames and tasks are milliseconds, the heap bytes after a collection."""

    seconds: float
    frames: list[float]
    tasks: list[float]
    fewest_nodes: int
    most_nodes: int
    heap_before: int
    heap_after: int


def read_back(stage: Stage, load: Load, count: int) -> Reading:
    """Fills a conversation, opens it, and scrolls up to its first message."""
    with stage.window(opened=True) as window:
        page = window.new_page()
        page.goto(stage.page_url)
        page.wait_for_function("window.marks && marks.started")
        conversation_id = page.evaluate("marks.conversation_id")
        page.goto("about:blank")
        _fill(stage, load, conversation_id, count)
        page.goto(stage.page_url)
        frame = _open(page, count)
        nodes, before = frame.evaluate("document.querySelectorAll('*').length"), _heap(window, frame)
        found = frame.evaluate(READ_BACK, [400, 3_000])
        if not found["first"]:
            raise RuntimeError("the first message was not reached")
        frames = found["frames"][: -len(found["frames"]) // 100 or None]
        return Reading(found["seconds"], frames, found["tasks"], nodes, found["nodes"], before, _heap(window, frame))


def _fill(stage: Stage, load: Load, conversation_id: str, count: int) -> None:
    agent = Agent.create(stage.service, stage.casino.workspace["workspace_id"])
    path, bearer = f"/v1/conversations/{conversation_id}/replies", {"Authorization": f"Bearer {agent.token}"}
    author = {"name": "Mia", "kind": "ai"}
    requests = [
        json_request("POST", path, bearer, {"text": f"Message {n} of {count}. {TEXTS[n % 3]}", "author": author})
        for n in range(1, count + 1)
    ]
    # One after the other: their numbers are their order.
    load.send(stage.service.port, requests, clients=1).require_only(201)


def _open(page: Page, count: int) -> Frame:
    page.frame_locator("player-messenger iframe").get_by_text(f"Message {count} of").wait_for(timeout=PATIENCE)
    return next(frame for frame in page.frames if "/messenger?" in frame.url)


def _heap(window: BrowserContext, frame: Frame) -> int:
    session = window.new_cdp_session(frame)
    session.send("HeapProfiler.collectGarbage")
    used = int(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used
