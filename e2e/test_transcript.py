"""The transcript: what is said is shown once, stays where it is read, and however long it grows it stays light."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, Locator, expect

from e2e.conftest import PATIENCE, SCOPES, Messenger, Service, Visit
from e2e.operator_site import OperatorSite

MOST_ENTRIES = 200
BUBBLES = "bubbles => bubbles.map(bubble => bubble.textContent)"
#: The first bubble that can be seen whole, and where: a reader's place.
PLACE = """log => {
    const {top} = log.getBoundingClientRect();
    const places = [...log.querySelectorAll('.bubble')].map(b => [b.textContent, b.getBoundingClientRect().top - top]);
    return places.find(([, at]) => at >= 0);
}"""
PLACE_OF = """(log, text) => {
    const bubble = [...log.querySelectorAll('.bubble')].find(bubble => bubble.textContent === text);
    return bubble.getBoundingClientRect().top - log.getBoundingClientRect().top;
}"""
BELOW = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
LISTEN = """() => {
    window.heard = [];
    const listen = () => new MutationObserver(changes => {
        for (const {addedNodes} of changes) for (const node of addedNodes) heard.push(node.textContent);
    }).observe(document.querySelector('[aria-live=polite]'), {childList: true});
    listen();
}"""


def fill(service: Service, conversation: str, count: int, at: int | None = None) -> None:
    """Puts ``count`` answers into the conversation, as months of chatting would: "Answer 0", "Answer 1", …"""
    when = at or int(time.time()) - 60
    author = json.dumps({"name": "Mia", "kind": "ai"})
    with sqlite3.connect(service.directory / "widget.db", timeout=30) as database:
        (seq,) = database.execute("SELECT last_seq FROM conversations WHERE id = ?", (conversation,)).fetchone()
        rows = (
            (f"msg_{when * 1000 + n:012x}{n:020x}", conversation, seq + 1 + n, "agent", author, f"Answer {n}", when)
            for n in range(count)
        )
        database.executemany(
            "INSERT INTO messages (id, conversation_id, seq, author_type, author, text, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        database.execute("UPDATE conversations SET last_seq = last_seq + ? WHERE id = ?", (count, conversation))


Fill = Callable[..., tuple[Messenger, str]]


@pytest.fixture
def long_chat(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> Fill:
    """A player who comes back to a chat with ``count`` answers in it: the messenger, and the conversation's id."""

    def begin(count: int, at: int | None = None) -> tuple[Messenger, str]:
        casino.log_in(player_id, "Ana Ruiz")
        player = visit(casino).open()
        player.say("The first of many.")
        conversation = service.conversation_with("The first of many.", player_id=player_id)
        fill(service, conversation, count, at)
        player.page.reload()
        player.open()
        expect(player.bubble(f"Answer {count - 1}")).to_be_visible()
        return player, conversation

    return begin


@pytest.fixture
def boutique(service: Service) -> Iterator[Callable[..., OperatorSite]]:
    """Opens a site whose brand has those settings: ``boutique("look.sound=on")``."""
    site = OperatorSite("boutique.localhost", service.url)
    before = service.api_token

    def furnish(*settings: str) -> OperatorSite:
        site.workspace = service.create_workspace(f"Boutique {secrets.token_hex(3)}", site.origin)
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        created = service.command("token", "create", site.workspace["workspace_id"], *scopes, "--json")
        service.api_token = created["token"]
        service.command("brand", "set", site.workspace["brand_id"], *settings)
        return site

    yield furnish
    service.api_token = before
    site.close()


def eventually(frame: Frame, expression: str, arg: Any = None) -> None:
    """Asks again and again from here: a wait within the page would need the eval that its policy forbids."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not frame.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"never true: {expression}"
        frame.page.wait_for_timeout(20)


def bubbles(player: Messenger) -> list[str]:
    return list(player.log.locator(".bubble").evaluate_all(BUBBLES))


def expect_without_a_gap(player: Messenger) -> None:
    numbers = [int(text.removeprefix("Answer ")) for text in bubbles(player) if text.startswith("Answer ")]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def press_until(player: Messenger, key: str, found: Locator) -> int:
    """Presses ``key`` in the transcript until ``found`` is there; the most entries that were on the screen."""
    most, deadline = 0, time.monotonic() + 120
    while found.count() == 0:
        assert time.monotonic() < deadline, f"{key} leads nowhere: {bubbles(player)[:1]} … {bubbles(player)[-1:]}"
        before = bubbles(player)
        player.log.press(key)
        eventually(
            player.page.frames[1],
            """([count, first, last]) => {
                const texts = [...document.querySelectorAll('.bubble')].map(bubble => bubble.textContent);
                return texts.length !== count || texts[0] !== first || texts.at(-1) !== last;
            }""",
            [len(before), before[0], before[-1]],
        )
        expect_without_a_gap(player)
        most = max(most, player.log.locator(".entry").count())
    return most


def test_ten_thousand_messages_are_read_back_and_forth_and_the_page_stays_light(long_chat: Fill) -> None:
    player, _ = long_chat(10_000)
    back = press_until(player, "Home", player.bubble("Answer 9400"))
    expect(player.bubble("Answer 9999")).to_have_count(0)
    forth = press_until(player, "End", player.bubble("Answer 9999"))
    assert max(back, forth) <= MOST_ENTRIES
    player.log.press("End")
    expect(player.bubble("Answer 9999")).to_be_in_viewport()
    expect(player.chat.get_by_role("button", name="Show later messages")).not_to_be_visible()


def test_the_beginning_of_a_long_chat_is_reached(long_chat: Fill) -> None:
    player, _ = long_chat(300)
    press_until(player, "Home", player.bubble("The first of many."))
    expect(player.chat.get_by_text("Hello! How can we help?")).to_have_count(1)
    expect(player.chat.get_by_role("button", name="Show earlier messages")).not_to_be_visible()


def test_what_is_read_stays_in_its_place_while_earlier_messages_come(long_chat: Fill) -> None:
    player, _ = long_chat(300)
    for _ in range(4):  # the last times, what is far away is taken off the screen at the same time
        before = bubbles(player)
        text, at = player.log.evaluate("log => { log.scrollTop = 120; return (" + PLACE + ")(log); }")
        expect(player.log.locator(".bubble").first).not_to_have_text(before[0])
        eventually(player.page.frames[1], "!document.querySelector('[aria-busy]')")
        assert player.log.evaluate(PLACE_OF, text) == pytest.approx(at, abs=1.5)


def test_a_player_who_reads_back_is_not_moved_and_is_told_of_new_messages(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(40)
    player.log.evaluate("log => log.scrollTop -= 400")
    jump = player.chat.get_by_role("button", name="Go to the latest message")
    expect(jump).to_be_visible()
    text, at = player.log.evaluate(PLACE)
    service.reply(conversation, "Something new.")
    service.reply(conversation, "And more of it.")
    told = player.chat.get_by_role("button", name="New messages: 2")
    expect(told).to_be_visible()
    assert player.log.evaluate(PLACE_OF, text) == pytest.approx(at, abs=1.5)
    told.focus()
    told.press("Enter")
    expect(player.bubble("And more of it.")).to_be_in_viewport()
    expect(told).not_to_be_visible()
    expect(player.log).to_be_focused()


def test_who_is_at_the_end_stays_at_the_end(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(40)
    for number in range(5):
        service.reply(conversation, f"New {number}")
        expect(player.bubble(f"New {number}")).to_be_in_viewport()
    player.field.fill("A long draft\n" * 8)
    expect(player.bubble("New 4")).to_be_in_viewport()
    player.field.fill("x" * 3000)
    expect(player.bubble("New 4")).to_be_in_viewport()
    expect(player.chat.get_by_role("button", name="Go to the latest message")).not_to_be_visible()


def test_what_comes_while_the_end_is_far_away_is_neither_lost_nor_doubled(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(400)
    press_until(player, "Home", player.bubble("Answer 200"))
    expect(player.bubble("Answer 399")).to_have_count(0)
    for text in ("While you were reading, one.", "While you were reading, two."):
        service.reply(conversation, text)
    told = player.chat.get_by_role("button", name="New messages: 2")
    expect(told).to_be_visible()
    assert "While you were reading, one." not in bubbles(player)
    told.click()
    expect(player.bubble("While you were reading, two.")).to_be_in_viewport()
    expect_without_a_gap(player)
    assert bubbles(player)[-3:] == ["Answer 399", "While you were reading, one.", "While you were reading, two."]


def test_what_comes_in_does_not_wait_for_a_page_of_the_past_that_hangs(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(60)
    player.page.route(lambda url: "before=" in url, lambda route: None)
    with player.page.expect_request(lambda request: "before=" in request.url):
        player.log.press("Home")
    service.reply(conversation, "Live.")
    expect(player.chat.get_by_role("button", name="New messages: 1")).to_be_visible()
    expect(player.bubble("Live.")).to_have_count(1)


def test_reading_forward_to_the_end_meets_what_came_meanwhile_once(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(400)
    press_until(player, "Home", player.bubble("Answer 200"))
    service.reply(conversation, "While you were reading.")
    expect(player.chat.get_by_role("button", name="New messages: 1")).to_be_visible()
    press_until(player, "End", player.bubble("While you were reading."))
    service.reply(conversation, "And now.")
    expect(player.bubble("And now.")).to_have_count(1)
    assert bubbles(player)[-3:] == ["Answer 399", "While you were reading.", "And now."]


def test_what_the_player_sends_while_reading_back_is_seen_at_the_end(long_chat: Fill) -> None:
    player, _ = long_chat(400)
    press_until(player, "Home", player.bubble("Answer 200"))
    player.say("What did you say about the bonus?")
    expect(player.bubble("What did you say about the bonus?")).to_be_in_viewport()
    expect(player.bubble("Answer 399")).to_have_count(1)
    assert bubbles(player)[-2:] == ["Answer 399", "What did you say about the bonus?"]


def test_reading_back_in_a_chat_that_has_ended_begins_no_new_one(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(120)
    service.act(conversation, "close")
    expect(player.chat.get_by_text("This chat has ended.")).to_be_visible()
    player.log.press("Home")
    expect(player.chat.get_by_role("button", name="Show earlier messages")).to_be_in_viewport()
    player.chat.get_by_role("button", name="Show earlier messages").click()
    expect(player.chat.get_by_text("This chat has ended.")).to_be_visible()
    assert len(player.seen("conversation:started")) == 1


def test_a_new_message_is_announced_once_and_the_history_is_not(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(120)
    frame = player.page.frames[1]
    frame.evaluate(LISTEN)
    press_until(player, "Home", player.bubble("The first of many."))
    service.reply(conversation, "Good news.")
    expect(player.bubble("Good news.")).to_have_count(1)
    assert frame.evaluate("heard") == ["Mia: Good news."]
    player.say("Thank you.")
    eventually(frame, "heard.length > 1")
    assert frame.evaluate("heard") == ["Mia: Good news.", "Sent"]
    assert player.log.get_attribute("aria-live") == "off"


def test_days_and_agents_are_told_apart(long_chat: Fill, service: Service) -> None:
    player, conversation = long_chat(3, at=int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()))
    days = player.log.locator(".day:visible")
    expect(days).to_have_text(["Today", "29 February 2024"])
    service.reply(conversation, "I take over.", name="Tom", kind="human")
    service.reply(conversation, "Give me a minute.", name="Tom", kind="human")
    expect(player.bubble("Give me a minute.")).to_be_visible()
    assert player.log.locator(".name:visible").all_inner_texts() == ["Mia", "Tom"]
    player.call("setLocale", "ar-EG")
    expect(days).to_have_text(["اليوم", "٢٩ فبراير ٢٠٢٤", "اليوم"])


def test_what_is_written_and_who_writes_is_told_in_the_language_that_was_chosen_meanwhile(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Hello?")
    player.field.fill("a" * 4001)
    expect(player.chat.locator(".warning")).to_have_text("Characters too many: 1")
    service.act(service.conversation_with("Hello?", player_id=player_id), "typing")
    expect(player.chat.get_by_text("is writing…")).to_be_visible()
    player.call("setLocale", "de")
    expect(player.chat.locator(".typing")).to_contain_text("schreibt…")
    expect(player.chat.locator(".warning")).to_have_text("Zeichen zu viel: 1")


def test_the_end_stays_in_sight_when_another_language_takes_more_room(
    visit: Visit, boutique: Callable[..., OperatorSite], player_id: str
) -> None:
    site = boutique("texts.greeting=Hello.", f"texts.de.greeting={'Willkommen! ' * 20}")
    site.log_in(player_id, "Ana Ruiz")
    player = visit(site).open()
    player.say("line\n" * 40 + "end")
    player.call("setLocale", "de")
    expect(player.log.get_by_text("Willkommen!")).to_have_count(1)
    eventually(player.page.frames[1], f"({BELOW})(document.querySelector('[role=log]')) < 2")


def test_a_suggested_question_is_asked_with_one_click(
    visit: Visit, boutique: Callable[..., OperatorSite], service: Service, player_id: str
) -> None:
    site = boutique(
        "texts.suggestions=Where is my withdrawal?|How do I verify?", "texts.de.suggestions=Wo ist mein Geld?"
    )
    site.log_in(player_id, "Ana Ruiz")
    player = visit(site).open()
    questions = player.chat.get_by_role("group", name="Suggested questions").get_by_role("button")
    expect(questions).to_have_text(["Where is my withdrawal?", "How do I verify?"])
    player.call("setLocale", "de")
    expect(player.chat.get_by_role("button", name="Wo ist mein Geld?")).to_be_visible()
    player.call("setLocale", "en")
    questions.first.click()
    expect(player.bubble("Where is my withdrawal?")).to_be_visible()
    expect(questions).to_have_count(0)
    # The player goes on writing.
    expect(player.field).to_be_focused()
    service.conversation_with("Where is my withdrawal?", player_id=player_id)
    player.page.reload()
    player.open()
    expect(player.bubble("Where is my withdrawal?")).to_be_visible()
    expect(questions).to_have_count(0)


def test_the_brands_own_texts_win_and_those_of_the_language_first(
    visit: Visit, boutique: Callable[..., OperatorSite], player_id: str
) -> None:
    site = boutique("texts.greeting=Welcome!", "texts.de.greeting=Willkommen!", "texts.title=Royal")
    site.log_in(player_id, "Ana Ruiz")
    player = visit(site).open()
    expect(player.chat.get_by_text("Welcome!", exact=True)).to_be_visible()
    player.call("setLocale", "de-CH")
    expect(player.chat.get_by_text("Willkommen!", exact=True)).to_be_visible()
    expect(player.chat.get_by_role("heading", name="Royal")).to_be_visible()
    player.call("setLocale", "pl")
    expect(player.chat.get_by_role("textbox", name="Message")).to_be_visible()


def test_a_player_without_a_network_is_told_and_told_when_it_is_back(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Before the tunnel.")
    player.page.context.set_offline(True)
    expect(player.chat.get_by_text("You are offline.")).to_be_visible()
    player.page.context.set_offline(False)
    expect(player.chat.get_by_text("You are connected again.")).to_be_visible()
    expect(player.chat.get_by_text("You are connected again.")).to_have_count(0)


def count_tones(context: BrowserContext) -> None:
    context.add_init_script(
        """window.tones = 0;
        const {start} = OscillatorNode.prototype;
        OscillatorNode.prototype.start = function (...when) { tones++; return start.apply(this, when); };"""
    )


def test_an_answer_to_a_closed_messenger_sounds_until_it_is_muted(
    context: BrowserContext, visit: Visit, boutique: Callable[..., OperatorSite], service: Service, player_id: str
) -> None:
    count_tones(context)
    site = boutique("look.sound=on")
    site.log_in(player_id, "Ana Ruiz")
    player = visit(site).open()
    player.say("I will wait.")
    conversation = service.conversation_with("I will wait.", player_id=player_id)
    service.reply(conversation, "Seen as it came.")
    expect(player.bubble("Seen as it came.")).to_be_visible()
    frame = player.page.frames[1]
    assert frame.evaluate("tones") == 0
    player.close()
    service.reply(conversation, "Are you still there?")
    eventually(frame, "tones > 0")
    heard = frame.evaluate("tones")
    player.open()
    switch = player.chat.get_by_role("button", name="Sound")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.press("Enter")  # Chromium drops clicks into a frame that has just moved
    expect(switch).to_have_attribute("aria-pressed", "false")
    player.close()
    service.reply(conversation, "Hello?")
    expect(player.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    assert frame.evaluate("tones") == heard


def test_the_messenger_is_silent_unless_sound_is_wished(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    count_tones(context)
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("I will wait.")
    expect(player.chat.get_by_role("button", name="Sound")).to_have_count(0)
    player.close()
    service.reply(service.conversation_with("I will wait.", player_id=player_id), "Thank you.")
    expect(player.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    assert player.page.frames[1].evaluate("tones") == 0
