"""Whoever uses the messenger, and with whatever: each state of it, in each dress, in the browser that shows it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Route, expect

from e2e.accessibility import (
    ARABIC_PHONE,
    GERMAN_PHONE,
    IN_ENGLISH,
    LIGHT,
    LISTEN,
    MOVING,
    PLAIN,
    Wardrobe,
    violations,
    walk,
)
from e2e.conftest import SCOPES, Messenger, Picture, Service, Visit
from e2e.operator_site import OperatorSite

SUGGESTIONS = "texts.suggestions=Where is my withdrawal?|How do I verify my account?|Which bonuses are there for me?"
LINK = "https://casino.example/help/withdrawals/how-long-does-it-take?lang=en"
ADVICE = f"Your withdrawal is on its way, see {LINK}\nWait a day, please."


@pytest.fixture(scope="module")
def furnished(service: Service) -> Iterator[OperatorSite]:
    """A site whose brand uses all there is: suggested questions, and a switch for the sound."""
    site = OperatorSite("parlour.localhost", service.url)
    site.workspace = service.create_workspace("Parlour", site.origin)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    site.api_token = service.command("token", "create", site.workspace["workspace_id"], *scopes, "--json")["token"]
    service.command("brand", "set", site.workspace["brand_id"], SUGGESTIONS, "look.sound=on")
    yield site
    site.close()


@pytest.fixture
def parlour(furnished: OperatorSite, service: Service, player_id: str) -> Iterator[OperatorSite]:
    furnished.reset()
    furnished.log_in(player_id, "Ana Ruiz")
    before, service.api_token = service.api_token, furnished.api_token
    yield furnished
    service.api_token = before


@pytest.fixture
def player(visit: Visit, parlour: OperatorSite) -> Messenger:
    """Ana, on a page whose token is in the page: its settings can be booted again without a new session."""
    messenger = visit(parlour, "static.html")
    messenger.expect_event("ready")
    return messenger


@pytest.fixture
def wardrobe(player: Messenger, picture: Picture) -> Wardrobe:
    return Wardrobe(player, picture)


def begin_chat(player: Messenger, service: Service, player_id: str) -> str:
    """Opens the chat in which the player asked, an AI answered, and a human took over; its id."""
    if not player.panel.is_visible():
        player.open()
    player.say("Where is my withdrawal?")
    conversation = service.conversation_with("Where is my withdrawal?", player_id=player_id)
    service.reply(conversation, ADVICE)
    service.act(conversation, "handover")
    service.reply(conversation, "Tom here. I will look into it.", name="Tom", kind="human")
    expect(player.bubble("Tom here. I will look into it.")).to_be_visible()
    return conversation


def button(player: Messenger, name: str) -> Locator:
    return player.chat.get_by_role("button", name=name, exact=True)


# --- every state, in every dress


def test_the_launcher_is_accessible(player: Messenger, wardrobe: Wardrobe, service: Service, player_id: str) -> None:
    wardrobe.inspect("launcher")
    conversation = begin_chat(player, service, player_id)
    player.close()
    service.reply(conversation, "Are you still there?")
    expect(player.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    wardrobe.inspect("launcher with unread")
    assert wardrobe.problems() == {}


def test_the_chat_is_accessible_from_the_greeting_to_its_end(
    player: Messenger, wardrobe: Wardrobe, service: Service, player_id: str
) -> None:
    player.open()
    expect(button(player, "How do I verify my account?")).to_be_visible()
    wardrobe.inspect("greeting")
    conversation = begin_chat(player, service, player_id)
    wardrobe.inspect("chat")
    player.field.fill("x" * 4010)
    expect(player.chat.get_by_text("Characters too many: 10")).to_be_visible()
    wardrobe.inspect("too long")
    player.field.fill("A question with\nthree lines\nin all")
    wardrobe.inspect("typing", again=lambda: expect_typing(player, service, conversation))
    wardrobe.inspect("dialog", again=lambda: ask_again(player))
    player.chat.get_by_role("dialog").get_by_role("button", name="End chat").click()
    expect(player.chat.get_by_text("This chat has ended.")).to_be_visible()
    wardrobe.inspect("closed")
    assert wardrobe.problems() == {}


def ask_again(player: Messenger) -> None:
    """In the language that is worn now."""
    dialog = player.chat.get_by_role("dialog")
    if dialog.is_visible():
        player.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    player.chat.locator(".icon.end").click()
    expect(dialog).to_be_visible()


def expect_typing(player: Messenger, service: Service, conversation: str) -> None:
    service.act(conversation, "typing")
    expect(player.chat.locator(".typing .dots")).to_be_visible()


def test_a_chat_without_a_network_is_accessible(
    player: Messenger, wardrobe: Wardrobe, service: Service, player_id: str
) -> None:
    begin_chat(player, service, player_id)
    refusal = {"success": False, "error": {"code": "INVALID_REQUEST", "message": "no"}}
    player.page.route("**/messages", lambda route: route.fulfill(status=422, json=refusal))
    player.field.fill("In the tunnel.")
    player.field.press("Enter")
    expect(button(player, "Try again")).to_be_visible()
    wardrobe.inspect("failed message")
    player.page.context.set_offline(True)
    expect(player.chat.get_by_text("You are offline.")).to_be_visible()
    wardrobe.inspect("offline", IN_ENGLISH)
    for dress in (GERMAN_PHONE, ARABIC_PHONE):  # a language comes through the network
        player.page.context.set_offline(False)
        wardrobe.wear(dress)
        player.page.context.set_offline(True)
        wardrobe.inspect("offline", (dress,))
    assert wardrobe.problems() == {}


def test_a_long_chat_is_accessible(player: Messenger, wardrobe: Wardrobe, service: Service, player_id: str) -> None:
    conversation = begin_chat(player, service, player_id)
    for number in range(52):
        service.reply(conversation, f"Answer {number}")
    expect(player.bubble("Answer 51")).to_be_visible()
    player.page.reload()
    player.open()
    expect(player.bubble("Answer 51")).to_be_visible()
    held: list[Route] = []
    player.page.route("**/messages?*", lambda route: held.append(route))  # never answered
    player.log.evaluate("log => log.scrollTop = 0")
    expect(button(player, "Show earlier messages")).to_be_in_viewport()
    wardrobe.inspect("earlier messages")
    for route in held:
        route.continue_()
    player.page.unroute("**/messages?*")
    expect(player.bubble("Where is my withdrawal?")).to_have_count(1)
    service.reply(conversation, "News.")
    expect(button(player, "New messages: 1")).to_be_visible()
    wardrobe.inspect("new messages")
    assert wardrobe.problems() == {}


@pytest.mark.parametrize("why", ["identity", "sign in", "unreachable", "busy", "connecting"])
def test_a_chat_that_does_not_begin_is_accessible(
    visit: Visit, parlour: OperatorSite, picture: Picture, why: str
) -> None:
    if why == "identity":
        parlour.fixed_token = "no.player.token"
    if why == "sign in":
        parlour.log_out()
    player = visit(parlour, "static.html")
    player.expect_event("ready")
    answers = {"unreachable": lambda route: route.abort(), "busy": refuse_as_busy, "connecting": lambda route: None}
    if why in answers:
        player.page.route("**/conversations", answers[why])
    player.open()
    said = player.chat.get_by_text("Connecting…") if why == "connecting" else button(player, "Try again")
    expect(said).to_be_visible()
    wardrobe = Wardrobe(player, picture)
    wardrobe.inspect(why, PLAIN)
    assert wardrobe.problems() == {}


def refuse_as_busy(route: Route) -> None:
    body = {"success": False, "error": {"code": "RATE_LIMITED", "message": "slow down"}}
    route.fulfill(status=429, json=body, headers={"Access-Control-Allow-Origin": "*", "Retry-After": "30"})


def test_a_chat_that_was_left_in_another_tab_is_accessible(
    player: Messenger, wardrobe: Wardrobe, visit: Visit, parlour: OperatorSite, service: Service, player_id: str
) -> None:
    begin_chat(player, service, player_id)
    visit(parlour, "static.html").call("logout")
    player.page.bring_to_front()
    expect(player.chat.get_by_text("You have been signed out here.")).to_be_visible()
    wardrobe.inspect("signed out", PLAIN)
    assert wardrobe.problems() == {}


def test_a_chat_that_goes_on_in_another_tab_is_accessible(
    visit: Visit, lounge: OperatorSite, picture: Picture, player_id: str
) -> None:
    visitor = visit(lounge, "static.html")
    visitor.open().say("Who are you?")
    lounge.log_in(player_id, "Ana Ruiz")
    visit(lounge, "static.html").open().say("Now you know me.")
    visitor.page.bring_to_front()
    expect(visitor.chat.get_by_text("This chat goes on in another tab.")).to_be_visible()
    wardrobe = Wardrobe(visitor, picture)
    wardrobe.inspect("elsewhere", PLAIN)
    assert wardrobe.problems() == {}


def test_the_page_in_place_of_a_messenger_that_is_not_allowed_is_accessible(
    context: BrowserContext, service: Service, evil: OperatorSite, picture: Picture
) -> None:
    page = context.new_page()
    page.goto(f"{service.url}/v1/workspaces/{service.workspace['workspace_id']}/messenger?origin={evil.origin}")
    expect(page.get_by_role("heading", name="Chat is not available here")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        picture(f"not allowed {scheme}")
        assert violations(page.main_frame) == []


# --- with a keyboard


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_reaches_everything_in_the_order_of_reading_and_shows_where_it_is(
    player: Messenger, service: Service, player_id: str, scheme: str
) -> None:
    player.page.emulate_media(color_scheme=scheme)
    player.page.keyboard.press("Tab")
    expect(player.launcher).to_be_focused()
    player.page.keyboard.press("Enter")
    expect(player.field).to_be_focused()
    begin_chat_typed(player, service, player_id)
    backwards = [LINK, "Messages", "Close chat window", "End chat", "Sound"]
    assert walk(player, "Shift+Tab", len(backwards)) == backwards
    assert walk(player, "Tab", 5) == [*backwards[-2::-1], "Message"]
    player.page.keyboard.type("Thank you")
    assert walk(player, "Tab", 2) == ["Send", "Chat"]
    player.page.keyboard.press("Shift+Tab")
    player.page.keyboard.press("Escape")
    expect(player.panel).not_to_be_visible()
    expect(player.launcher).to_be_focused()


def begin_chat_typed(player: Messenger, service: Service, player_id: str) -> None:
    player.page.keyboard.type("Hello")
    player.page.keyboard.press("Enter")
    service.reply(service.conversation_with("Hello", player_id=player_id), ADVICE)
    expect(player.log.get_by_role("link")).to_be_visible()
    expect(player.log.get_by_text("Sent", exact=True)).to_be_visible()


def test_the_question_before_the_end_keeps_the_keyboard_and_gives_it_back(
    player: Messenger, service: Service, player_id: str
) -> None:
    begin_chat(player, service, player_id)
    button(player, "End chat").focus()
    player.page.keyboard.press("Enter")
    dialog = player.chat.get_by_role("dialog", name="End this chat?")
    expect(dialog.get_by_role("button", name="Keep chatting")).to_be_focused()
    assert walk(player, "Tab", 3) == ["End chat", "Keep chatting", "End chat"]
    assert walk(player, "Shift+Tab", 3) == ["Keep chatting", "End chat", "Keep chatting"]
    player.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button(player, "End chat")).to_be_focused()
    expect(player.panel).to_be_visible()


# --- with a screen reader


def test_a_new_message_is_read_out_once_and_what_was_said_before_is_not(
    context: BrowserContext, player: Messenger, service: Service, player_id: str
) -> None:
    conversation = begin_chat(player, service, player_id)
    context.add_init_script(LISTEN)
    player.page.reload()
    player.open()
    expect(player.bubble("Tom here. I will look into it.")).to_be_visible()
    service.reply(conversation, "It is paid.")
    expect(player.bubble("It is paid.")).to_be_visible()
    heard = player.page.frames[1].evaluate("heard")
    assert [text for text in heard if "It is paid." in text] == ["Mia: It is paid."]
    assert [text for text in heard if "Tom" in text or "withdrawal" in text] == []


def test_a_screen_reader_finds_the_launcher_and_the_suggested_questions(player: Messenger) -> None:
    expect(player.page.locator("player-messenger .box")).to_match_aria_snapshot(
        """
        - region "Support":
          - button "Chat"
        """
    )
    player.open()
    expect(player.chat.locator("body")).to_match_aria_snapshot(
        """
        - banner:
          - heading "Support" [level=1]
          - paragraph: Signed in as Ana Ruiz
          - button "Sound" [pressed]
          - button "End chat"
          - button "Close chat window"
        - main:
          - log "Messages":
            - paragraph: Hello! How can we help?
            - group "Suggested questions":
              - button "Where is my withdrawal?"
              - button "How do I verify my account?"
              - button "Which bonuses are there for me?"
        - contentinfo:
          - textbox "Message"
          - button "Send" [disabled]
        """
    )


def test_a_screen_reader_finds_the_question_before_the_end_and_what_is_after_it(
    player: Messenger, service: Service, player_id: str
) -> None:
    begin_chat(player, service, player_id)
    button(player, "End chat").click()
    expect(player.chat.get_by_role("dialog")).to_match_aria_snapshot(
        """
        - dialog "End this chat?":
          - heading "End this chat?" [level=2]
          - paragraph: You can start a new one at any time.
          - button "Keep chatting"
          - button "End chat"
        """
    )
    player.chat.get_by_role("dialog").get_by_role("button", name="End chat").click()
    expect(player.chat.get_by_role("contentinfo")).to_match_aria_snapshot(
        """
        - contentinfo:
          - status:
            - paragraph: This chat has ended.
            - button "Start a new chat"
        """
    )


# --- with little motion, and with colours of one's own


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_who_wishes_no_motion(
    player: Messenger, service: Service, player_id: str, wish: str, moves: bool
) -> None:
    player.page.emulate_media(reduced_motion=wish)
    conversation = begin_chat(player, service, player_id)
    host = player.page.locator("player-messenger")
    player.close()
    # Counted in the same moment: on a slow machine it is over before the next question arrives.
    opening = host.evaluate(f"host => {{ host.shadowRoot.querySelector('button').click(); return ({MOVING})(host); }}")
    expect_typing(player, service, conversation)
    typing = player.chat.locator("body").evaluate(MOVING)
    assert (opening > 0, typing > 0) == (moves, moves)


def test_in_forced_colours_every_shape_has_an_edge(
    player: Messenger, service: Service, player_id: str, picture: Picture
) -> None:
    conversation = begin_chat(player, service, player_id)
    edged = [".bubble", ".send", "textarea", "header", ".face"]
    for scheme in ("light", "dark"):
        player.page.emulate_media(forced_colors="active", color_scheme=scheme)
        expect_typing(player, service, conversation)
        picture(f"forced colours {scheme}")
        for selector in edged:
            shape = player.chat.locator(selector).first
            assert shape.evaluate("element => getComputedStyle(element).borderBottomStyle") == "solid", selector
        assert player.launcher.evaluate("button => getComputedStyle(button).borderBottomStyle") == "solid"
        assert player.panel.evaluate("panel => getComputedStyle(panel).outlineStyle") == "solid"
    button(player, "End chat").click()
    picture("forced colours dialog")


def test_what_the_wardrobe_finds_fails_the_run(player: Messenger, wardrobe: Wardrobe) -> None:
    """Else everything above could be green for the wrong reason."""
    player.open()
    expect(player.field).to_be_visible()
    player.chat.locator("h1").evaluate("title => (title.style.color = '#2a5cd9')")
    player.chat.locator(".greeting").evaluate("greeting => (greeting.style.marginInlineStart = '-99px')")
    wardrobe.inspect("spoilt", (LIGHT,))
    (lines,) = wardrobe.found.values()
    assert {line.partition(":")[0] for line in lines} >= {"color-contrast", "outside the screen"}
