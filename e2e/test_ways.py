"""Where no chat can begin, the player is told the ways on: to sign in, to reach the operator, what to quote."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from e2e.conftest import Messenger, Visit
from e2e.operator_site import OperatorSite
from e2e.test_transcript import boutique  # noqa: F401

LISTEN = "void PlayerMessenger('on', 'sign_in', () => (document.title = 'Your login'))"
Furnish = Callable[..., OperatorSite]


@pytest.fixture
def visitor(visit: Visit, casino: OperatorSite) -> Messenger:
    """Nobody is logged in, and the brand wants to know who writes."""
    player = visit(casino)
    player.expect_event("ready")
    return player


def test_a_page_that_can_sign_in_is_asked_to_and_the_chat_goes_on(
    visitor: Messenger, casino: OperatorSite, player_id: str
) -> None:
    visitor.page.evaluate(LISTEN)
    visitor.open()
    expect(visitor.chat.get_by_text("Please sign in to chat with us.")).to_be_visible()
    visitor.chat.get_by_role("button", name="Sign in").click()
    expect(visitor.page).to_have_title("Your login")
    casino.log_in(player_id, "Ana Ruiz")
    visitor.call("boot")
    expect(visitor.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(visitor.chat.get_by_role("button", name="Sign in")).to_have_count(0)


def test_a_brand_may_have_a_page_to_sign_in(visit: Visit, boutique: Furnish) -> None:  # noqa: F811
    site = boutique("look.sign_in=https://royal.example/login", "anonymous=off")
    link = visit(site).open().chat.get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", "https://royal.example/login")
    expect(link).to_have_attribute("target", "_blank")


def test_nobody_is_offered_a_button_that_does_nothing(visitor: Messenger) -> None:
    visitor.page.evaluate("PlayerMessenger('on', 'sign_in', () => {})()")  # and listens no more
    visitor.open()
    expect(visitor.chat.locator(".way")).to_have_count(1)
    expect(visitor.chat.get_by_role("button", name="Try again")).to_be_visible()
    expect(visitor.chat.get_by_text("Sign in", exact=True)).to_have_count(0)


def test_an_error_says_whom_to_ask_and_by_which_number_and_welcomes_nobody(
    context: BrowserContext,
    visit: Visit,
    boutique: Furnish,  # noqa: F811
    player_id: str,
) -> None:
    def refuse(route: Route) -> None:
        if route.request.method == "OPTIONS":
            return route.continue_()
        error = {"code": "INVALID_PLAYER_TOKEN", "message": "No.", "request_id": "req_7", "details": {}}
        return route.fulfill(
            status=401, json={"success": False, "error": error}, headers={"Access-Control-Allow-Origin": "*"}
        )

    site = boutique("texts.contact=Or call us, or see https://royal.example/help", "texts.greeting=Welcome!")
    site.log_in(player_id, "Ana Ruiz")
    context.route("**/v1/workspaces/*/conversations", refuse)
    player = visit(site).open()
    expect(player.chat.get_by_text("We could not confirm who you are.")).to_be_visible()
    expect(player.chat.get_by_role("link", name="https://royal.example/help")).to_be_visible()
    expect(player.chat.get_by_text("Reference: req_7")).to_be_visible()
    expect(player.chat.get_by_text("Welcome!")).to_be_hidden()
    context.unroute("**/v1/workspaces/*/conversations")
    player.chat.get_by_role("button", name="Try again").click()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.chat.get_by_text("Welcome!")).to_be_visible()
    expect(player.chat.get_by_text("Reference: req_7")).to_have_count(0)
