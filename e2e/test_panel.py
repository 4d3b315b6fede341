"""What a player meets in the panel: where it opens, what it says, how it is read out, and what a page cannot do."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from e2e.conftest import PATIENCE, Messenger, Service, Visit
from e2e.operator_site import OperatorSite
from e2e.test_transcript import boutique, eventually  # noqa: F401

SIX = "texts.suggestions=" + "|".join(
    f"A question that takes a line or two of the panel, number {n}?" for n in range(6)
)


@pytest.fixture
def player(visit: Visit, casino: OperatorSite, player_id: str) -> Messenger:
    casino.log_in(player_id, "Ana Ruiz")
    return visit(casino).open()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A small screen that is touched."""
    it = browser.new_context(viewport={"width": 360, "height": 568}, has_touch=True, locale="en-GB")
    it.set_default_timeout(PATIENCE)
    yield it
    it.close()


def test_an_empty_chat_is_opened_at_its_top(
    phone: BrowserContext,
    boutique: Callable[..., OperatorSite],  # noqa: F811
    player_id: str,
) -> None:
    site = boutique(SIX)
    site.log_in(player_id, "Ana Ruiz")
    player = Messenger(phone, f"{site.origin}/callback.html").open()
    expect(player.chat.get_by_role("group", name="Suggested questions").get_by_role("button")).to_have_count(6)
    eventually(
        player.page.frames[1],
        "document.querySelector('.log').scrollHeight > document.querySelector('.log').clientHeight",
    )
    expect(player.chat.locator(".greeting")).to_be_in_viewport(ratio=1)
    expect(player.chat.locator(".jump")).to_be_hidden()


def test_no_box_is_drawn_round_the_title_of_a_touched_panel(
    phone: BrowserContext, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = Messenger(phone, f"{casino.origin}/callback.html")
    player.launcher.tap()
    title = player.chat.get_by_role("heading", name="Support")
    expect(title).to_be_visible()
    title.focus()
    expect(title).to_be_focused()
    expect(title).to_have_css("outline-style", "none")


def places(player: Messenger) -> list[float]:
    """How far down the title and the greeting stand."""
    boxes = [player.chat.locator(one).bounding_box() for one in ("h1", ".greeting")]
    return [box["y"] for box in boxes if box]


def test_nothing_jumps_while_the_chat_connects(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    held: list[Route] = []
    context.route("**/v1/workspaces/*/conversations", lambda route: held.append(route))
    player = visit(casino).open()
    expect(player.chat.get_by_role("status").get_by_text("Connecting…")).to_be_attached()
    # The panel slides in by itself: what is measured on the way there says nothing.
    player.panel.evaluate("panel => Promise.all(panel.getAnimations().map((one) => one.finished))")
    before = places(player)
    for route in held:
        route.continue_()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    assert places(player) == before


def test_a_message_that_is_held_back_does_not_blame_the_network(context: BrowserContext, player: Messenger) -> None:
    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        code = {"success": False, "error": {"code": "RATE_LIMITED", "message": "Too many."}}
        return route.fulfill(status=429, json=code, headers={"Retry-After": "2", "Access-Control-Allow-Origin": "*"})

    player.say("One.")
    context.route("**/messages", refuse)
    player.field.fill("Two.")
    player.field.press("Enter")
    expect(player.log.get_by_text("Busy right now. Trying again…")).to_be_visible()
    expect(player.log.get_by_text("Waiting for the network…")).to_have_count(0)
    context.unroute("**/messages")
    expect(player.log.get_by_text("Sent", exact=True)).to_be_visible()


def test_a_chat_is_walked_message_by_message_and_each_has_its_author(
    player: Messenger, service: Service, player_id: str
) -> None:
    player.say("Hello.")
    conversation = service.conversation_with("Hello.", player_id=player_id)
    service.reply(conversation, "One moment.")
    service.reply(conversation, "I am looking.")
    expect(player.bubble("I am looking.")).to_be_visible()
    articles = player.log.get_by_role("article")
    expect(articles).to_have_count(3)
    expect(articles.nth(0)).to_have_accessible_name(re.compile("^You "))
    for number in (1, 2):  # the second of them shows no author
        expect(articles.nth(number)).to_have_accessible_name(re.compile("^Mia "))


def test_the_days_move_at_midnight(context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str) -> None:
    context.clock.install()
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Late.")
    expect(player.log.get_by_text("Today", exact=True)).to_be_visible()
    context.clock.fast_forward("24:00:00")
    expect(player.log.get_by_text("Yesterday", exact=True)).to_be_visible()
    expect(player.log.get_by_text("Today", exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    ("written", "sent"),
    [("NUL\0 here", "NUL here"), ("half \ud83d an emoji", "half  an emoji"), ("whole 👍", "whole 👍")],
)
def test_what_no_service_keeps_is_left_out_of_a_message(
    player: Messenger, service: Service, player_id: str, written: str, sent: str
) -> None:
    player.say("First.")
    units = list(written.encode("utf-16-le", "surrogatepass"))
    fill = "(field, units) => { field.value = String.fromCharCode(...units); field.dispatchEvent(new Event('input')); }"
    pairs = [units[at] + 256 * units[at + 1] for at in range(0, len(units), 2)]
    player.field.evaluate(fill, pairs)
    player.field.press("Enter")
    assert service.conversation_with(sent, player_id=player_id)


def test_the_button_sends_in_a_page_whose_sandbox_has_no_forms(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = {"Content-Security-Policy": "sandbox allow-scripts allow-same-origin allow-popups"}
    player = visit(casino).open()
    player.field.fill("By the button.")
    player.chat.get_by_role("button", name="Send").click()
    assert service.conversation_with("By the button.", player_id=player_id)


@pytest.mark.parametrize("part", ["header", "footer"])
def test_the_wheel_over_the_panel_leaves_the_page_where_it_is(player: Messenger, part: str) -> None:
    player.say("Hello.")
    player.page.evaluate("document.body.style.height = '4000px'")
    box = player.chat.locator(part).bounding_box()
    assert box is not None
    player.page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2)
    player.page.mouse.wheel(0, 300)
    player.page.mouse.move(5, 5)
    player.page.mouse.wheel(0, 40)
    player.page.wait_for_function("scrollY > 0")
    player.page.wait_for_function("scrollY >= 40")
    assert player.page.evaluate("scrollY") == 40
