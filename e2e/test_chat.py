"""What a player does with the messenger, in each way a browser treats what a frame keeps."""

import time

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite

KEEPS = """async () => {
    try {
        const request = indexedDB.open('probe');
        await new Promise((resolve, reject) => Object.assign(request, {onsuccess: resolve, onerror: reject}));
        return true;
    } catch {
        return false;
    }
}"""


#: What a frame of another site may keep, and whether it gets its cookies.
MODES = {"partitioned": (True, False), "default": (True, True), "denied": (False, False)}


def test_a_player_chats_and_sees_the_agents_answer(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    player.say("Where is my withdrawal?")
    conversation = service.conversation_with("Where is my withdrawal?", player_id=player_id)
    service.reply(conversation, "It is being paid today.")
    expect(player.bubble("It is being paid today.")).to_be_visible()
    expect(player.log.get_by_text("Mia", exact=True)).to_be_visible()
    expect(player.log.get_by_text("AI", exact=True)).to_be_visible()


def test_a_reload_resumes_the_chat(
    stored_visit: Visit, casino: OperatorSite, service: Service, player_id: str, storage_mode: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = stored_visit(casino).open()
    player.say("I was here before.")
    service.reply(service.conversation_with("I was here before.", player_id=player_id), "And so was I.")
    expect(player.bubble("And so was I.")).to_be_visible()
    # Else the modes would be green for the wrong reason.
    frame = player.page.frames[1]
    assert (frame.evaluate(KEEPS), frame.evaluate("document.hasStorageAccess()")) == MODES[storage_mode]
    player.page.reload()
    player.open()
    if storage_mode == "denied":  # the key lived in memory: the chat works, and starts afresh
        player.say("A new beginning.")
        expect(player.bubble("I was here before.")).to_have_count(0)
        return
    expect(player.bubble("I was here before.")).to_be_visible()
    expect(player.bubble("And so was I.")).to_be_visible()
    player.say("Still the same chat.")
    assert len(service.conversations(player_id=player_id)) == 1


def test_logging_out_wipes_the_chat(
    stored_visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = stored_visit(casino).open()
    player.say("My secret question.")
    casino.log_out()
    player.call("logout")
    expect(player.panel).not_to_be_visible()
    expect(player.bubble("My secret question.")).to_have_count(0)
    casino.log_in(player_id, "Ana Ruiz")
    player.page.reload()
    player.open()
    player.say("Logged in again.")
    expect(player.bubble("My secret question.")).to_have_count(0)


def test_another_player_on_this_computer_sees_nothing_of_the_first(
    stored_visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = stored_visit(casino).open()
    player.say("My secret question.")
    casino.log_in(f"{player_id}-other", "Ben Okafor")  # Ana closed her tab without logging out
    player.page.reload()
    player.open()
    expect(player.chat.get_by_text("Signed in as Ben Okafor")).to_be_visible()
    player.say("I am Ben.")
    expect(player.bubble("My secret question.")).to_have_count(0)
    assert {text["text"] for text in service.messages(service.conversation_with("I am Ben."))} == {"I am Ben."}


def test_the_player_changes_without_a_reload(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("My secret question.")
    casino.log_in(f"{player_id}-other", "Ben Okafor")
    player.call("identify", casino.sign())
    expect(player.chat.get_by_text("Signed in as Ben Okafor")).to_be_visible()
    expect(player.bubble("My secret question.")).to_have_count(0)
    player.say("I am Ben.")


def test_logging_out_wipes_every_open_tab(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    first, second = visit(casino).open(), visit(casino)
    first.say("My secret question.")
    second.open()
    expect(second.bubble("My secret question.")).to_be_visible()
    first.call("logout")
    expect(second.bubble("My secret question.")).to_have_count(0)
    expect(second.chat.get_by_text("You have been signed out here.")).to_be_visible()


def test_a_message_sent_in_one_tab_and_its_answer_show_in_the_other(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    first = visit(casino).open()
    first.say("From the first tab.")
    second = visit(casino).open()
    second.say("From the second tab.")
    service.reply(service.conversation_with("From the first tab.", player_id=player_id), "To both.")
    for tab in (first, second):
        expect(tab.bubble("To both.")).to_be_visible()
        expect(tab.bubble("From the second tab.")).to_be_visible()
    assert len(service.conversations(player_id=player_id)) == 1


@pytest.mark.parametrize("how", ["player", "agent"])
def test_a_closed_chat_can_be_begun_anew(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, how: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("That is all.")
    conversation = service.conversation_with("That is all.", player_id=player_id)
    if how == "agent":
        service.act(conversation, "close")
    else:
        player.chat.get_by_role("button", name="End chat").click()
        player.chat.get_by_role("dialog").get_by_role("button", name="End chat").click()
    expect(player.chat.get_by_text("This chat has ended.")).to_be_visible()
    expect(player.bubble("That is all.")).to_be_visible()
    assert player.expect_event("closed") == {"conversation_id": conversation}
    player.chat.get_by_role("button", name="Start a new chat").click()
    player.say("One more thing.")
    expect(player.bubble("That is all.")).to_have_count(0)
    assert service.conversation_with("One more thing.", player_id=player_id) != conversation


def test_a_player_sees_that_somebody_writes_and_that_a_colleague_joins(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Hello?")
    conversation = service.conversation_with("Hello?", player_id=player_id)
    service.act(conversation, "typing")
    expect(player.chat.get_by_text("is writing…")).to_be_visible()
    service.act(conversation, "handover")
    expect(player.log.get_by_text("A colleague is joining the chat.")).to_be_visible()
    service.reply(conversation, "Tom here.", name="Tom", kind="human")
    expect(player.bubble("Tom here.")).to_be_visible()
    expect(player.chat.get_by_text("is writing…")).to_have_count(0)
    expect(player.log.get_by_text("AI", exact=True)).to_have_count(0)


def test_that_a_colleague_has_joined_stands_in_its_place_after_a_reload(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("A human, please.")
    conversation = service.conversation_with("A human, please.", player_id=player_id)
    service.act(conversation, "handover")
    service.reply(conversation, "Tom here.", name="Tom", kind="human")
    expect(player.bubble("Tom here.")).to_be_visible()
    player.page.reload()
    player.open()
    lines = player.log.locator(".bubble, .notice")
    expect(lines).to_have_text(["A human, please.", "A colleague is joining the chat.", "Tom here."])
    assert player.seen("handover") == []  # the page has heard of it before
    service.reply(conversation, "What can I do for you?", name="Tom", kind="human")
    expect(player.bubble("What can I do for you?")).to_be_visible()
    expect(lines).to_have_count(4)


@pytest.mark.parametrize("next_one", ["another player", "nobody"])
def test_a_chat_that_is_over_is_not_left_to_who_comes_next(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, next_one: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("For nobody else.")
    service.act(service.conversation_with("For nobody else.", player_id=player_id), "close")
    player.expect_event("closed")
    player.close()
    casino.log_out()
    if next_one == "another player":
        casino.log_in(f"{player_id}-other", "Ben Okafor")
    player.call("identify")
    player.open()
    expect(player.bubble("For nobody else.")).to_have_count(0)
    expect(player.chat.get_by_text("Ana Ruiz")).to_have_count(0)


def test_another_player_finds_nothing_where_the_browser_has_lost_what_was_stored(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("For nobody else.")
    player.page.frames[1].evaluate(
        """() => new Promise((done) => (indexedDB.open("player-messenger").onsuccess = ({target}) =>
            (target.result.transaction("sessions", "readwrite").objectStore("sessions").clear().onsuccess = done)))"""
    )
    player.page.route("**/conversations", lambda route: None)  # the next player's start gets no answer
    casino.log_in(f"{player_id}-other", "Ben Okafor")
    player.page.evaluate("() => void PlayerMessenger('identify')")
    expect(player.bubble("For nobody else.")).to_have_count(0)


def test_an_answer_to_a_closed_messenger_is_counted(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("I will wait.")
    player.close()
    expect(player.panel).not_to_be_visible()
    expect(player.launcher).to_be_focused()
    service.reply(service.conversation_with("I will wait.", player_id=player_id), "Thank you for waiting.")
    expect(player.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    assert player.expect_event("unread") == {"count": 1}
    assert player.seen("message")[0]["author_type"] == "agent"
    player.open()
    expect(player.bubble("Thank you for waiting.")).to_be_visible()
    expect(player.page.get_by_role("button", name="Chat", exact=True)).to_be_visible()


def test_what_is_written_in_a_tunnel_is_sent_at_its_end_and_arrives_once(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Before the tunnel.")
    player.page.context.set_offline(True)
    player.field.fill("In the tunnel.")
    player.field.press("Enter")
    expect(player.log.get_by_text("Waiting for the network…")).to_be_visible()
    player.page.context.set_offline(False)
    expect(player.log.get_by_text("Waiting for the network…")).to_have_count(0)
    conversation = service.conversation_with("In the tunnel.", player_id=player_id)
    assert [message["text"] for message in service.messages(conversation)] == ["Before the tunnel.", "In the tunnel."]


def test_a_long_transcript_is_read_back_to_its_beginning(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("The first of many.")
    conversation = service.conversation_with("The first of many.", player_id=player_id)
    for number in range(60):
        service.reply(conversation, f"Answer {number}")
    expect(player.bubble("Answer 59")).to_be_visible()
    player.page.reload()
    player.open()
    expect(player.bubble("Answer 59")).to_be_visible()
    expect(player.bubble("The first of many.")).to_have_count(0)
    player.log.press("Home")
    expect(player.bubble("The first of many.")).to_have_count(1)
    answers = [f"Answer {number}" for number in range(60)]
    assert player.log.locator(".bubble").all_inner_texts() == ["The first of many.", *answers]


def test_what_an_agent_writes_stays_text(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Show me.")
    conversation = service.conversation_with("Show me.", player_id=player_id)
    trick = '<img src=x onerror="document.title=1"> javascript:alert(1) https://casino.example/a?b=1.'
    service.reply(conversation, trick, name="<b>Mia</b>")
    expect(player.bubble(trick)).to_be_visible()
    expect(player.log.get_by_text("<b>Mia</b>", exact=True)).to_be_visible()
    expect(player.log.locator("img, b")).to_have_count(0)
    expect(player.log.get_by_role("link")).to_have_attribute("href", "https://casino.example/a?b=1")


def test_a_proxy_that_holds_the_stream_back_only_makes_answers_slower(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "text/event-stream" in route.request.headers["accept"]:
            held.append(route)  # never answered
        else:
            route.continue_()

    context.route("**/events*", hold)
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Can you hear me?")
    service.reply(service.conversation_with("Can you hear me?", player_id=player_id), "Loud and clear.")
    expect(player.bubble("Loud and clear.")).to_be_visible(timeout=60_000)
    assert len(held) == 1


def test_a_session_ended_by_support_is_replaced_without_losing_the_message(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Before.")
    service.agent("POST", f"/v1/players/{player_id}/logout", json={})
    time.sleep(1)  # tokens signed in the second of a logout are refused too
    player.say("After.")
    assert player.expect_event("session:expired") == {}
    service.conversation_with("After.", player_id=player_id)
