"""What is open and half-written outlives a page load: in the same tab, for the same player, while the chat goes on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from e2e.conftest import PATIENCE, Messenger, Service, Visit
from e2e.operator_site import OperatorSite
from tests.support.servers import wait_until

DRAFT = "Where is my withdr"


@pytest.fixture
def writer(visit: Visit, casino: OperatorSite, player_id: str) -> Messenger:
    """A player with a chat that goes on, in the middle of a sentence."""
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Hello!")
    player.field.fill(DRAFT)
    return player


def expect_open(player: Messenger) -> None:
    expect(player.launcher).to_have_attribute("aria-expanded", "true")


def expect_left_closed(player: Messenger) -> None:
    """The frame has done what it does by itself."""
    player.expect_event("ready")
    player.page.wait_for_timeout(0)
    expect(player.launcher).to_have_attribute("aria-expanded", "false")


def in_the_tab(player: Messenger) -> str:
    """What the frame keeps for the next page."""
    return str(player.page.frames[1].evaluate("JSON.stringify(sessionStorage)"))


def test_the_chat_is_open_on_the_next_page_with_what_was_half_written(writer: Messenger) -> None:
    writer.page.reload()
    expect_open(writer)
    expect(writer.field).to_have_value(DRAFT)
    expect(writer.bubble("Hello!")).to_be_visible()
    # The keyboard is the page's.
    assert writer.page.evaluate("document.activeElement === document.body")


def test_it_is_so_on_every_page_and_back_again(writer: Messenger, casino: OperatorSite) -> None:
    writer.page.goto(f"{casino.origin}/static.html")
    expect_open(writer)
    expect(writer.field).to_have_value(DRAFT)
    writer.page.go_back()
    expect_open(writer)
    expect(writer.field).to_have_value(DRAFT)


def test_a_chat_that_was_closed_stays_closed_and_has_the_text(writer: Messenger) -> None:
    writer.close()
    writer.page.reload()
    expect_left_closed(writer)
    writer.open()
    expect(writer.field).to_have_value(DRAFT)


def test_what_was_sent_or_taken_back_does_not_return(writer: Messenger) -> None:
    writer.field.fill("")
    writer.page.reload()
    expect_open(writer)
    expect(writer.bubble("Hello!")).to_be_visible()
    expect(writer.field).to_have_value("")


def test_another_player_in_the_same_tab_finds_neither(writer: Messenger, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(f"{player_id}-b", "Bea Soto")
    writer.page.reload()
    writer.expect_event("ready")
    expect(writer.chat.get_by_text("You have been signed out here.")).to_be_attached()
    expect(writer.launcher).to_have_attribute("aria-expanded", "false")
    assert DRAFT not in in_the_tab(writer)
    writer.open()
    expect(writer.chat.get_by_text("Signed in as Bea Soto")).to_be_visible()
    expect(writer.field).to_have_value("")


def test_a_logout_leaves_neither(writer: Messenger, casino: OperatorSite) -> None:
    writer.page.reload()
    expect(writer.field).to_have_value(DRAFT)
    writer.call("logout")
    assert DRAFT not in in_the_tab(writer)
    casino.log_out()
    writer.page.reload()
    expect_left_closed(writer)
    assert DRAFT not in in_the_tab(writer)


def test_what_is_kept_names_no_player(writer: Messenger, player_id: str) -> None:
    kept = writer.page.frames[1].evaluate(
        "(dispatchEvent(new PageTransitionEvent('pagehide')), JSON.stringify(sessionStorage))"
    )
    assert DRAFT in kept
    assert player_id not in kept


def test_a_chat_that_ended_between_two_pages_opens_no_new_one(
    writer: Messenger, service: Service, player_id: str, casino: OperatorSite
) -> None:
    conversation = service.conversation_with("Hello!", player_id=player_id)
    writer.page.goto(f"{casino.origin}/empty.html")
    service.act(conversation, "close")
    writer.page.goto(f"{casino.origin}/callback.html")
    expect_left_closed(writer)
    assert len(service.conversations(player_id=player_id)) == 1
    writer.open()
    expect(writer.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


def test_what_was_being_read_is_in_sight_again(writer: Messenger, service: Service, player_id: str) -> None:
    conversation = service.conversation_with("Hello!", player_id=player_id)
    for number in range(30):
        service.reply(conversation, f"Line {number}")
    expect(writer.bubble("Line 29")).to_be_visible()
    writer.bubble("Line 5").evaluate("line => line.scrollIntoView({block: 'center'})")
    expect(writer.bubble("Line 5")).to_be_in_viewport()
    writer.page.reload()
    expect_open(writer)
    expect(writer.bubble("Line 5")).to_be_in_viewport()
    expect(writer.bubble("Line 29")).not_to_be_in_viewport()


@pytest.fixture
def phone(browser: Browser, casino: OperatorSite, player_id: str) -> Iterator[Messenger]:
    """A player on a phone, with a chat that goes on."""
    casino.log_in(player_id, "Ana Ruiz")
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    player = Messenger(context, f"{casino.origin}/callback.html").open()
    player.say("Hello!")
    player.field.fill(DRAFT)
    yield player
    context.close()


def test_on_a_phone_the_next_page_is_seen_and_the_text_kept(phone: Messenger) -> None:
    phone.page.reload()
    phone.expect_event("conversation:started")
    expect_left_closed(phone)
    phone.open()
    expect(phone.field).to_have_value(DRAFT)


@pytest.mark.parametrize("by", ["page", "brand"])
def test_who_does_not_wish_it_has_it_closed(writer: Messenger, casino: OperatorSite, service: Service, by: str) -> None:
    def set_brand(value: str) -> None:
        """A process remembers a brand for two seconds."""
        service.command("brand", "set", casino.workspace["brand_id"], f"look.reopen={value}")
        frame = f"/v1/workspaces/{casino.workspace['workspace_id']}/messenger"
        document = {"params": {"origin": casino.origin}}
        wait_until(
            lambda: ("reopen" in service.request("GET", frame, **document).text) == bool(value), "the brand's look"
        )

    if by == "page":
        casino.settings = {"reopen": False}
    else:
        set_brand("off")
    try:
        writer.page.goto(f"{casino.origin}/callback.html?again=1")
        expect_left_closed(writer)
        writer.open()
        expect(writer.field).to_have_value(DRAFT)
    finally:
        set_brand("")
