"""One player, many tabs: they show the same, one of them listens, and nothing stays behind."""

import time
from contextlib import suppress

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Error, Frame, Page, Request, Route, expect

from e2e.conftest import PATIENCE, Messenger, Service, Visit
from e2e.operator_site import OperatorSite
from tests.support.servers import wait_until

SECRET = "Schnurrbartwachs"
#: Makes a page believe that it is in the background, when its test says so.
BACKGROUND = """
    const state = () => window.inBackground ? 'hidden' : 'visible';
    Object.defineProperty(Document.prototype, 'visibilityState', {get: state});
    window.goTo = where => {
        window.inBackground = where === 'background';
        document.dispatchEvent(new Event('visibilitychange'));
    };
"""
KEPT = """async () => {
    const kept = {local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie};
    kept.caches = await caches.keys();
    kept.records = [];
    for (const {name} of await indexedDB.databases()) {
        const opening = indexedDB.open(name);
        await new Promise((resolve, reject) => Object.assign(opening, {onsuccess: resolve, onerror: reject}));
        for (const store of opening.result.objectStoreNames) {
            const reading = opening.result.transaction(store).objectStore(store).getAll();
            await new Promise((resolve, reject) => Object.assign(reading, {onsuccess: resolve, onerror: reject}));
            kept.records.push(...reading.result);
        }
        opening.result.close();
    }
    return kept;
}"""


#: A busy tab: it hears a minute later that everything was wiped.
HEARS_LATE = """
    const Channel = BroadcastChannel;
    window.BroadcastChannel = class extends Channel {
        set onmessage(hear) {
            super.onmessage = event =>
                event.data.type === 'wiped' ? setTimeout(() => hear(event), 60_000) : hear(event);
        }
    };
"""


class Streams:
    """The event streams that are open in a browser."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: list[Request] = []
        context.on("request", self._begins)
        context.on("requestfinished", self._ends)
        context.on("requestfailed", self._ends)
        context.on("page", lambda page: page.on("close", self._closes))

    def _begins(self, request: Request) -> None:
        if request.headers.get("accept") == "text/event-stream":
            self.open.append(request)

    def _ends(self, request: Request) -> None:
        if request in self.open:
            self.open.remove(request)

    def _closes(self, page: Page) -> None:
        self.open = [request for request in self.open if request.frame.page != page]

    def page(self) -> Page:
        """Of the one that is open."""
        (request,) = self.open
        return request.frame.page


@pytest.fixture
def streams(context: BrowserContext) -> Streams:
    return Streams(context)


def frame_of(tab: Messenger) -> Frame:
    return next(frame for frame in tab.page.frames if "/messenger?" in frame.url)


def go_to(tab: Messenger, where: str) -> None:
    frame_of(tab).evaluate("where => goTo(where)", where)


def leader(streams: Streams, tabs: list[Messenger]) -> Messenger:
    page = streams.page()
    return next(tab for tab in tabs if tab.page == page)


def open_tabs(visit: Visit, casino: OperatorSite, count: int) -> list[Messenger]:
    tabs = [visit(casino) for _ in range(count)]
    for tab in tabs:
        tab.open()
        expect(tab.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    return tabs


def test_eight_tabs_share_one_stream_and_show_each_message_once(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, streams: Streams
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 8)
    for number, tab in enumerate(tabs):
        tab.say(f"From tab {number}.")
    service.reply(service.conversation_with("From tab 0.", player_id=player_id), "To all.")
    for tab in tabs:
        expect(tab.log.locator(".bubble")).to_have_text([*(f"From tab {number}." for number in range(8)), "To all."])
    assert len(streams.open) == 1
    assert len(service.conversations(player_id=player_id)) == 1


@pytest.mark.parametrize("how", ["closes", "crashes", "freezes"])
def test_the_next_tab_listens_when_the_one_that_listened_is_gone(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, streams: Streams, how: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 2)
    tabs[0].say("Still there?")
    first = leader(streams, tabs)
    (other,) = [tab for tab in tabs if tab is not first]
    if how == "closes":
        first.page.close()
    else:
        devtools = first.page.context.new_cdp_session(first.page)
        if how == "freezes":
            devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
        else:
            with first.page.expect_event("crash"), suppress(Error):
                first.page.goto("chrome://crash")
    service.reply(service.conversation_with("Still there?", player_id=player_id), "Of course.")
    expect(other.bubble("Of course.")).to_have_count(1)


def test_what_is_read_in_one_tab_is_unread_in_none(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 2)
    tabs.append(visit(casino))  # never opened
    tabs[2].expect_event("ready")
    tabs[0].say("I will wait.")
    for tab in tabs[:2]:
        tab.close()
    service.reply(service.conversation_with("I will wait.", player_id=player_id), "Thank you.")
    for tab in tabs:
        expect(tab.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    tabs[0].open()
    for tab in tabs[1:]:
        expect(tab.page.get_by_role("button", name="Chat", exact=True)).to_be_visible()


def test_an_answer_that_is_read_as_it_comes_is_unread_in_no_tab(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    first, second = open_tabs(visit, casino, 2)
    second.close()
    first.say("I am looking.")
    service.reply(service.conversation_with("I am looking.", player_id=player_id), "Here you are.")
    expect(first.bubble("Here you are.")).to_be_visible()
    second.expect_event("message")
    expect(second.page.get_by_role("button", name="Chat", exact=True)).to_be_visible()


@pytest.mark.parametrize("who", ["player", "agent"])
def test_a_chat_that_ends_and_one_that_begins_do_so_in_all_tabs(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, who: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 3)
    tabs[0].say("That is all.")
    if who == "agent":
        service.act(service.conversation_with("That is all.", player_id=player_id), "close")
    else:
        tabs[0].chat.get_by_role("button", name="End chat").click()
        tabs[0].chat.get_by_role("dialog").get_by_role("button", name="End chat").click()
    for tab in tabs:
        expect(tab.chat.get_by_text("This chat has ended.")).to_be_visible()
    tabs[1].chat.get_by_role("button", name="Start a new chat").click()
    tabs[1].say("One more thing.")
    for tab in tabs:
        expect(tab.bubble("One more thing.")).to_have_count(1)
        expect(tab.bubble("That is all.")).to_have_count(0)
    assert len(service.conversations(player_id=player_id, status="open")) == 1


def test_another_player_who_logs_in_in_one_tab_leaves_nothing_of_the_first_in_any(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 3)
    tabs[0].say(SECRET)
    for tab in tabs:
        expect(tab.bubble(SECRET)).to_be_visible()
    casino.log_in(f"{player_id}-other", "Ben Okafor")
    tabs[0].call("identify", casino.sign())
    expect(tabs[0].chat.get_by_text("Signed in as Ben Okafor")).to_be_visible()
    for tab in tabs:
        expect(tab.bubble(SECRET)).to_have_count(0)
    for tab in tabs[1:]:
        expect(tab.chat.get_by_text("You have been signed out here.")).to_be_visible()


@pytest.mark.parametrize("missing", ["locks", "BroadcastChannel"])
def test_tabs_that_cannot_agree_work_each_for_itself(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str, missing: str
) -> None:
    context.add_init_script(
        "delete Navigator.prototype.locks" if missing == "locks" else "delete window.BroadcastChannel"
    )
    casino.log_in(player_id, "Ana Ruiz")
    first, second = open_tabs(visit, casino, 2)
    first.say("From the first tab.")
    expect(second.bubble("From the first tab.")).to_have_count(1)
    service.reply(service.conversation_with("From the first tab.", player_id=player_id), "To both.")
    for tab in (first, second):
        expect(tab.bubble("To both.")).to_have_count(1)


def test_tabs_without_storage_work_each_for_itself(
    stored_visit: Visit, casino: OperatorSite, service: Service, player_id: str, storage_mode: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    for number, tab in enumerate(open_tabs(stored_visit, casino, 2)):
        tab.say(f"From tab {number}.")
        service.reply(service.conversation_with(f"From tab {number}.", player_id=player_id), f"To tab {number}.")
        expect(tab.bubble(f"To tab {number}.")).to_have_count(1)
    assert len(service.conversations(player_id=player_id)) == (2 if storage_mode == "denied" else 1)


def test_a_tab_in_the_background_with_a_closed_panel_streams_nothing(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str, streams: Streams
) -> None:
    context.add_init_script(BACKGROUND)
    casino.log_in(player_id, "Ana Ruiz")
    (tab,) = open_tabs(visit, casino, 1)
    tab.say("I will be back.")
    tab.close()
    with context.expect_event("requestfailed", lambda request: "/events" in request.url):
        go_to(tab, "background")
    service.reply(service.conversation_with("I will be back.", player_id=player_id), "See you.")
    assert streams.open == []
    go_to(tab, "front")
    expect(tab.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()


def test_the_tab_in_front_takes_the_stream_over(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str, streams: Streams
) -> None:
    context.add_init_script(BACKGROUND)
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 2)
    tabs[0].say("Hello.")
    first = leader(streams, tabs)
    (other,) = [tab for tab in tabs if tab is not first]
    with context.expect_event("request", lambda request: "/events" in request.url) as taken:
        go_to(first, "background")
        go_to(other, "front")
    assert taken.value.frame.page == other.page


def test_nothing_of_the_player_is_left_after_the_logout(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    tabs = open_tabs(visit, casino, 2)
    tabs[0].say(SECRET)
    service.reply(service.conversation_with(SECRET, player_id=player_id), f"About {SECRET}")
    for tab in tabs:
        expect(tab.bubble(f"About {SECRET}")).to_be_visible()
    tabs[1].field.fill(f"A draft on {SECRET}")
    tabs[0].call("logout")
    expect(tabs[1].chat.get_by_text("You have been signed out here.")).to_be_visible()
    for tab in tabs:
        frame = frame_of(tab)
        empty = {"local": {}, "session": {}, "cookie": "", "caches": [], "records": []}
        kept = frame.evaluate(KEPT)
        # What stays is that somebody has left, and nothing of who it was.
        kept["records"] = [record for record in kept["records"] if set(record) - {"scope", "epoch", "wish"}]
        assert kept == empty
        page = frame.evaluate("document.documentElement.outerHTML + document.querySelector('textarea').value")
        assert SECRET not in page
        assert "Ana Ruiz" not in page


def test_a_transcript_is_shown_after_few_requests(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    requests: list[str] = []
    player.page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    player.page.reload()
    player.open().say("Hello.")
    # one conversation start, what it began, and the message; the page's own two besides
    assert len(requests) <= 16, requests
    player.page.reload()
    requests.clear()
    player.page.reload()
    player.open()
    expect(player.bubble("Hello.")).to_be_visible()
    assert len(requests) <= 16, requests


def test_a_refresh_beside_a_logout_in_another_tab_leaves_nothing(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    context.add_init_script(HEARS_LATE)
    context.clock.install(time=time.time())
    casino.log_in(player_id, "Ana Ruiz")
    tabs = [visit(casino).open() for _ in range(2)]
    for tab in tabs:
        expect(tab.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        headers = {**route.request.headers, "host": f"widget.localhost:{service.port}"}
        held.append((route, route.fetch(url=f"http://127.0.0.1:{service.port}/v1/session/refresh", headers=headers)))

    context.route("**/session/refresh", hold)
    context.clock.fast_forward(800_000)
    deadline = time.monotonic() + 2 * PATIENCE / 1000
    while not held and time.monotonic() < deadline:
        tabs[0].page.wait_for_timeout(50)
    route, answer = held[0]
    busy, other = sorted(tabs, key=lambda tab: tab.page != route.request.frame.page)
    other.call("logout")
    with busy.page.expect_response("**/session/refresh"):
        route.fulfill(response=answer)
    context.clock.fast_forward(60_000)
    expect(busy.chat.get_by_text("You have been signed out here.")).to_be_visible()

    def nothing_is_left() -> bool:
        records = frame_of(busy).evaluate(KEPT)["records"]
        return not [record for record in records if record.get("subject") or record.get("token")]

    # A session that the busy tab had opened by then is ended after the screen is cleared.
    wait_until(nothing_is_left, "the browser to keep nothing of the player")
