"""The script on the operator's page, in an integrator's words: its calls and events, and pages that do as they like."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from bench.weight import SDK_BUDGET
from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite

FRAME = re.compile(r"/messenger\?")
SDK = re.compile(r"/sdk/v1/messenger\.js$")


class Gate:
    """Holds every request to an address back until it is opened."""

    def __init__(self, context: BrowserContext, address: re.Pattern[str]) -> None:
        self.held: list[Route] = []
        self.is_open = False
        context.route(address, self.take)

    def take(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    """Until what a server or the browser tells us is so; the browser's messages are taken meanwhile."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def started(service: Service, player_id: str) -> list[dict[str, Any]]:
    return service.conversations(player_id=player_id, include_empty="true")


def left_edge(player: Messenger, part: str) -> int:
    box = player.page.locator(f"player-messenger {part}").bounding_box()
    assert box is not None
    return round(box["x"])


# --- before the script, before the frame


def test_calls_before_the_script_are_made_in_their_order(
    context: BrowserContext, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    gate = Gate(context, SDK)
    player = Messenger(context, "about:blank")
    player.page.goto(f"{casino.origin}/callback.html", wait_until="domcontentloaded")
    player.call("setLocale", "de")
    player.call("showNewMessage", "Erste Frage")
    player.call("showNewMessage", "Zweite Frage")
    assert player.page.locator("player-messenger").count() == 0
    gate.open()
    expect(player.chat.get_by_role("textbox", name="Nachricht")).to_have_value("Zweite Frage")
    assert len(player.seen("show")) == 1


def test_the_launcher_is_there_before_the_frame_has_answered(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"theme": "dark"}
    gate = Gate(context, FRAME)
    player = visit(casino)  # returns at the page's load event: the frame does not hold it up
    expect(player.launcher).to_be_visible()
    expect(player.launcher).to_have_accessible_name("Chat")
    player.open()
    expect(player.ground).to_be_visible()
    expect(player.ground).to_have_css("background-color", "rgb(21, 23, 28)")
    expect(player.panel).not_to_be_visible()
    expect(player.launcher).to_have_attribute("aria-expanded", "true")
    wait_for(player.page, lambda: casino.tokens_given == 1)  # the player token is fetched meanwhile
    gate.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.field).to_be_focused()
    assert casino.tokens_given == 1


def test_a_panel_that_is_closed_before_its_frame_has_come_starts_nothing(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    gate = Gate(context, FRAME)
    player = visit(casino).open()
    expect(player.ground).to_be_visible()
    player.page.keyboard.press("Escape")
    expect(player.ground).not_to_be_visible()
    gate.open()
    player.expect_event("ready")
    player.call("setLocale", "en")  # answered by the frame: it has got everything that was said before
    assert started(service, player_id) == []


@pytest.mark.parametrize("color", ["#ffd400", "#123456", "#777", "hotpink", "hsl(200 80% 50%)", "oklch(0.7 0.2 150)"])
def test_the_launchers_sign_can_be_seen_on_any_colour(visit: Visit, casino: OperatorSite, color: str) -> None:
    casino.settings = {"defer": True, "primaryColor": color}  # deferred: no frame helps with the answer
    player = visit(casino)
    expect(player.launcher).to_be_visible()
    contrast = player.launcher.evaluate(
        """(launcher) => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d");
            const luminance = (color) => {
                canvas.fillStyle = color;
                canvas.fillRect(0, 0, 1, 1);
                const linear = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255)
                    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
                return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
            };
            const style = getComputedStyle(launcher);
            const [dark, light] = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => a - b);
            return (light + 0.05) / (dark + 0.05);
        }"""
    )
    assert contrast >= 4.5


def test_the_messenger_moves_nothing_on_the_page(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    shifts = """() => new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.value)))
            .observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
    })"""
    assert player.page.evaluate(shifts) == 0
    assert player.page.evaluate("document.documentElement.scrollHeight <= innerHeight") is True


def test_a_script_in_the_head_works_before_there_is_a_body(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino, "early.html")
    assert player.page.evaluate("hadBody") is False
    player.open().say("Early enough?")
    conversation = service.conversation_with("Early enough?", player_id=player_id)
    # The page's lang is no language tag: the browser's language is taken.
    assert service.agent("GET", f"/v1/conversations/{conversation}")["conversation"]["locale"] == "en-GB"


def test_a_static_token_is_spent_before_it_expires(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.claims = {"exp": int(time.time()) + 33}
    player = visit(casino, "static.html")
    wait_for(player.page, lambda: player.seen("conversation:started") != [])  # nobody has opened anything
    expect(player.panel).not_to_be_visible()
    assert player.seen("show") == []


# --- what is kept, what is allowed


def test_nothing_is_kept_on_the_operators_origin(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Do you keep anything here?")
    kept = """async () => ({cookie: document.cookie, local: localStorage.length, session: sessionStorage.length,
        databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length})"""
    empty = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0}
    assert player.page.evaluate(kept) == empty


@pytest.mark.parametrize("sound", [False, True])
def test_the_frame_may_make_sounds_only_where_the_page_wants_them(
    visit: Visit, casino: OperatorSite, sound: bool
) -> None:
    casino.settings = {"sound": True} if sound else {}
    player = visit(casino)
    expect(player.panel).to_have_attribute("allow", "autoplay" if sound else "")


def test_left_is_left_on_a_page_that_is_read_from_the_right(visit: Visit, casino: OperatorSite) -> None:
    casino.settings = {"alignment": "left", "horizontalPadding": 30, "locale": "ar"}
    player = visit(casino)
    player.page.evaluate("document.documentElement.dir = 'rtl'")
    player.open()
    expect(player.chat.locator("html")).to_have_attribute("dir", "rtl")
    expect(player.panel).to_be_visible()
    assert [left_edge(player, part) for part in (".box", "iframe")] == [30, 30]


# --- calls and events


def test_every_call_answers_with_a_promise_and_on_with_its_end(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.expect_event("ready")
    kinds = player.page.evaluate(
        """async () => {
            const calls = [["show"], ["hide"], ["toggle"], ["showNewMessage", "x"], ["setLocale", "en"],
                ["setAttributes", {a: 1}], ["identify"], ["boot", playerMessengerSettings], ["logout"], ["shutdown"]];
            const kinds = [];
            for (const call of calls) {
                const answer = PlayerMessenger(...call);
                kinds.push(answer instanceof Promise && (await answer) === undefined);
            }
            return kinds;
        }"""
    )
    assert kinds == [True] * 10
    heard = player.page.evaluate(
        """async () => {
            let heard = 0;
            const stop = PlayerMessenger("on", "show", () => heard++);
            await PlayerMessenger("boot", playerMessengerSettings);
            await PlayerMessenger("toggle");
            stop();
            await PlayerMessenger("hide");
            await PlayerMessenger("show");
            return heard;
        }"""
    )
    assert heard == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("'fly'", "UNKNOWN_METHOD"),
        ("'boot', {}", "NO_WORKSPACE_ID"),
        ("'show'", "NOT_BOOTED"),
        ("'logout'", "NOT_BOOTED"),
    ],
)
def test_a_wrong_call_is_refused_by_name(visit: Visit, casino: OperatorSite, call: str, code: str) -> None:
    player = visit(casino)
    player.call("shutdown")
    assert player.page.evaluate(f"PlayerMessenger({call}).catch((error) => error.code)") == code


def test_the_page_hears_what_happens_in_the_chat(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Anybody there?")
    conversation = service.conversation_with("Anybody there?", player_id=player_id)
    assert player.expect_event("conversation:started") == {"conversation_id": conversation, "resumed": False}
    player.call("hide")
    service.reply(conversation, "I am.")
    message = player.expect_event("message")
    assert (set(message), message["author_type"]) == ({"message_id", "author_type"}, "agent")
    assert player.expect_event("unread") == {"count": 1}
    expect(player.launcher).to_contain_text("1")
    service.act(conversation, "handover")
    player.expect_event("handover")
    service.act(conversation, "close")
    assert player.expect_event("closed") == {"conversation_id": conversation}
    assert [len(player.seen(name)) for name in ("ready", "show", "hide", "identity:error")] == [1, 1, 1, 0]


def test_a_listener_that_fails_harms_no_other(visit: Visit, casino: OperatorSite) -> None:
    player = visit(casino)
    player.page.evaluate("PlayerMessenger('on', 'show', () => { throw new Error('mine'); }) && 0")
    player.page.evaluate("window.late = 0; PlayerMessenger('on', 'show', () => late++) && 0")
    player.open()
    expect(player.panel).to_be_visible()
    assert player.page.evaluate("late") == 1
    assert [line for line in player.console if "mine" in line] != []


def test_a_refusal_says_in_the_console_what_to_do(visit: Visit, casino: OperatorSite) -> None:
    player = visit(casino).open()
    error = player.expect_event("identity:error")
    (line,) = [line for line in player.console if line.startswith("[PlayerMessenger]")]
    assert line.startswith("[PlayerMessenger] IDENTITY_REQUIRED")
    assert error["request_id"] in line
    assert error["message"] in line
    assert "getPlayerToken" in line


def test_a_player_who_was_offline_opens_the_messenger_again(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"defer": True}
    context.route(FRAME, lambda route: route.abort(), times=1)
    player = visit(casino).open()
    assert "frame-src" in player.expect_event("identity:error")["message"]
    expect(player.panel).to_have_count(0)
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


# --- pages that do as they like


def test_a_page_that_swaps_its_body_keeps_the_chat_and_the_half_written_message(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("First things first.")
    player.field.fill("Half a mess")
    player.page.evaluate(
        "document.body.replaceWith(document.createElement('body')); history.pushState({}, '', '/lobby')"
    )
    expect(player.field).to_have_value("Half a mess")
    player.field.press("Enter")
    expect(player.bubble("Half a mess")).to_be_visible()


def test_a_messenger_that_the_page_throws_out_comes_back_as_it_was(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("First things first.")
    for _ in range(3):
        player.page.evaluate(
            "document.documentElement.replaceChildren(document.createElement('head'), document.createElement('body'))"
        )
        expect(player.panel).to_be_visible()
        expect(player.bubble("First things first.")).to_be_visible()
    player.say("Still here.")
    expect(player.page.locator("player-messenger")).to_have_count(1)


def test_a_page_that_boots_again_and_again_disturbs_no_chat(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Hello")
    player.call("hide")
    for _ in range(3):
        player.page.evaluate("PlayerMessenger('boot', {...playerMessengerSettings})")
    service.reply(service.conversation_with("Hello", player_id=player_id), "Hello Ana")
    assert player.expect_event("unread") == {"count": 1}
    expect(player.panel).to_have_count(1)
    assert [len(player.seen(name)) for name in ("ready", "conversation:started")] == [1, 1]


def test_a_second_boot_notices_that_the_player_has_changed(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("My secret question.")
    casino.log_in(f"{player_id}-2", "Ben Oduya")
    player.page.evaluate("PlayerMessenger('boot', {...playerMessengerSettings})")
    expect(player.chat.get_by_text("Signed in as Ben Oduya")).to_be_visible()
    expect(player.bubble("My secret question.")).to_have_count(0)


def test_effects_that_run_twice_leave_one_messenger(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.expect_event("ready")
    player.page.evaluate(
        """() => {
            const boot = () => PlayerMessenger("boot", {...playerMessengerSettings});
            const stop = () => PlayerMessenger("shutdown");
            stop();
            return Promise.all([boot(), stop(), boot()]);
        }"""
    )
    expect(player.page.locator("player-messenger")).to_have_count(1)
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.panel).to_have_count(1)
    assert player.console == []


def test_a_second_boot_takes_changed_settings_over(visit: Visit, casino: OperatorSite) -> None:
    player = visit(casino)
    player.expect_event("ready")
    wishes = {"primaryColor": "#ffd400", "alignment": "left", "theme": "dark"}
    player.page.evaluate("wishes => PlayerMessenger('boot', {...playerMessengerSettings, ...wishes})", wishes)
    expect(player.launcher).to_have_css("background-color", "rgb(255, 212, 0)")
    player.open()
    expect(player.chat.locator("html")).to_have_attribute("data-theme", "dark")
    assert left_edge(player, ".box") == 20


def test_the_script_keeps_to_its_budget(service: Service) -> None:
    answer = service.request("GET", "/sdk/v1/messenger.js", headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["Content-Length"]) <= SDK_BUDGET
