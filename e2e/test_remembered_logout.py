"""A logout that a page could not finish is done by the browser's next frame, before that shows anything."""

from playwright.sync_api import expect

from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite

#: As a logout link's onclick does, without waiting: the page is left in the same moment.
LEAVE = "address => { PlayerMessenger('logout').catch(() => {}); location.href = address; }"
KEPT = "() => Object.entries({ ...localStorage })"


def leave(player: Messenger, site: OperatorSite, page: str) -> None:
    with player.page.expect_navigation():
        player.page.evaluate(LEAVE, f"{site.origin}/{page}")


def test_a_logout_before_the_frame_is_there_ends_the_other_tab(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    first = visit(casino).open()
    first.say("My secret question.")
    casino.settings = {"defer": True}
    second = visit(casino)
    expect(second.launcher).to_be_visible()
    casino.log_out()
    leave(second, casino, "empty.html")
    expect(first.bubble("My secret question.")).to_have_count(0)
    expect(first.chat.get_by_text("Signed in as Ana Ruiz")).to_have_count(0)
    first.page.wait_for_function(f"() => ({KEPT})().length === 0")


def test_a_logout_of_a_deferred_page_is_done_by_the_next_frame(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("My secret question.")
    conversation = service.conversation_with("My secret question.", player_id=player_id)
    casino.settings = {"defer": True}
    player.page.reload()
    expect(player.launcher).to_be_visible()
    leave(player, casino, "empty.html")
    kept = player.page.evaluate(KEPT)
    assert [name for name, _ in kept] == ["player-messenger:logout"]
    assert player_id not in str(kept)
    casino.settings = {}
    player.page.goto(f"{casino.origin}/callback.html")
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    player.say("Somebody new.")
    expect(player.bubble("My secret question.")).to_have_count(0)
    assert service.conversation_with("Somebody new.", player_id=player_id) != conversation
    assert player.page.evaluate(KEPT) == []


def test_a_logout_that_is_done_ends_nobody_who_has_come_since(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Before.")
    player.call("logout")
    assert player.page.evaluate(KEPT) == []
    player.page.reload()
    player.open().say("After.")
    conversation = service.conversation_with("After.", player_id=player_id)
    player.page.reload()
    player.open().say("Still here.")
    expect(player.bubble("After.")).to_be_visible()
    assert service.conversation_with("Still here.", player_id=player_id) == conversation
