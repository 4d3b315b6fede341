"""Who the player is: nobody, then somebody; a token that is refused; and what the page's developer gets to know."""

import time

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite


def test_an_anonymous_visitor_logs_in_and_keeps_the_chat(
    visit: Visit, lounge: OperatorSite, service: Service, player_id: str
) -> None:
    player = visit(lounge).open()
    expect(player.chat.get_by_text("Not signed in")).to_be_visible()
    question = f"Do you take cards? {player_id}"
    player.say(question)
    conversation = service.conversation_with(question)
    lounge.log_in(player_id, "Ana Ruiz")
    player.call("identify", lounge.sign())
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.bubble(question)).to_be_visible()
    player.say("It is me.")
    assert [message["author"]["verified"] for message in service.messages(conversation)] == [False, True]


def test_an_anonymous_visitor_logs_in_by_reloading_and_keeps_the_chat(
    visit: Visit, lounge: OperatorSite, service: Service, player_id: str
) -> None:
    player = visit(lounge, "static.html").open()
    question = f"Do you take cards? {player_id}"
    player.say(question)
    lounge.log_in(player_id, "Ana Ruiz")
    player.page.reload()
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.bubble(question)).to_be_visible()


def test_a_visitor_who_must_log_in_first_is_told_so(visit: Visit, casino: OperatorSite) -> None:
    player = visit(casino).open()
    expect(player.chat.get_by_text("Please sign in to chat with us.")).to_be_visible()
    expect(player.field).not_to_be_visible()
    assert player.expect_event("identity:error")["code"] == "IDENTITY_REQUIRED"


def test_a_refused_token_reaches_the_page_with_its_reason(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.claims = {"aud": "https://another.example"}
    player = visit(casino).open()
    expect(player.chat.get_by_text("We could not confirm who you are.")).to_be_visible()
    error = player.expect_event("identity:error")
    assert (error["code"], error["reason"]) == ("INVALID_PLAYER_TOKEN", "wrong_audience")
    assert set(error) == {"code", "reason", "message", "request_id"}
    lines = [line for line in player.console if line.startswith("[PlayerMessenger] INVALID_PLAYER_TOKEN")]
    assert len(lines) == 1
    assert error["request_id"] in lines[0]
    assert "wrong_audience" in lines[0]


@pytest.mark.parametrize("why", ["expired", "spent"])
def test_a_page_with_an_old_token_fetches_a_fresh_one(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str, why: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    now = int(time.time())
    casino.claims = {"iat": now - 200, "exp": now - 100} if why == "expired" else {}
    casino.fixed_token = casino.sign()
    casino.claims = {}
    if why == "spent":
        spend_elsewhere(context, casino)
        casino.tokens_given = 0
    player = visit(casino).open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    assert casino.tokens_given == 2
    assert player.seen("identity:error") == []


def spend_elsewhere(context: BrowserContext, casino: OperatorSite) -> None:
    assert context.browser is not None
    other = context.browser.new_context(locale="en-GB")
    thief = Messenger(other, f"{casino.origin}/callback.html").open()
    expect(thief.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    other.close()


def test_a_static_token_that_another_browser_has_spent_is_refused(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.fixed_token = casino.sign()
    spend_elsewhere(context, casino)
    player = visit(casino, "static.html").open()
    assert player.expect_event("identity:error")["code"] == "PLAYER_TOKEN_REUSED"
    expect(player.chat.get_by_text("We could not confirm who you are.")).to_be_visible()


def test_a_failing_token_endpoint_never_becomes_an_anonymous_chat(visit: Visit, lounge: OperatorSite) -> None:
    player = visit(lounge)
    failing = "PlayerMessenger('boot', {...playerMessengerSettings, getPlayerToken() { throw Error('no backend'); }})"
    player.page.evaluate(failing)
    player.open()
    assert player.expect_event("identity:error")["code"] == "PLAYER_TOKEN_UNAVAILABLE"
    expect(player.chat.get_by_text("We could not confirm who you are.")).to_be_visible()


def test_a_wrong_clock_on_the_players_computer_does_no_harm(
    context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    context.clock.install(time=time.time() + 7200)
    player = visit(casino).open()
    player.say("What time is it?")


def test_a_page_that_leaves_the_player_out_forgets_the_player(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino, "static.html").open()
    player.say("My secret question.")
    casino.log_out()
    player.page.reload()  # the comparison is made at boot, before anybody opens anything
    player.expect_event("ready")
    casino.log_in(player_id, "Ana Ruiz")
    player.page.reload()
    player.open()
    player.say("Back again.")
    expect(player.bubble("My secret question.")).to_have_count(0)
