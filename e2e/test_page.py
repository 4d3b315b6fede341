"""The messenger as a guest on somebody else's page: consent, phones, keyboards, languages, the page's own wishes."""

from playwright.sync_api import Browser, BrowserContext, expect

from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite


def test_a_second_snippet_on_a_page_looks_at_what_holds_now(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino, "static.html").open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    casino.log_in(f"{player_id}-b", "Ben Oduya")
    player.page.evaluate("token => { playerMessengerSettings.player = { token }; }", casino.sign())
    player.page.add_script_tag(url=f"{service.url}/sdk/v1/messenger.js")
    expect(player.chat.get_by_text("Signed in as Ben Oduya")).to_be_visible()
    expect(player.page.locator("player-messenger")).to_have_count(1)
    assert [line for line in player.console if line.startswith("[PlayerMessenger]")] == []


def test_a_snippet_of_another_workspace_is_refused_in_one_line(
    visit: Visit, casino: OperatorSite, lounge: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    other = lounge.workspace["workspace_id"]
    player.page.evaluate("id => { playerMessengerSettings.workspaceId = id; }", other)
    player.page.add_script_tag(url=f"{service.url}/sdk/v1/messenger.js")
    player.page.wait_for_function("() => true")
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    lines = [line for line in player.console if line.startswith("[PlayerMessenger] OTHER_WORKSPACE")]
    assert len(lines) == 1


def test_nothing_is_sent_before_the_messenger_is_opened(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    sent: list[str] = []
    context.on("request", lambda request: sent.append(f"{request.method} {request.url.removeprefix(service.url)}"))
    player = Messenger(context, f"{casino.origin}/static.html")
    player.expect_event("ready")
    player.page.wait_for_timeout(300)
    ours = [line for line in sent if casino.origin not in line]
    assert all(line.startswith(("GET /sdk/", "GET /static/", "GET /v1/workspaces/")) for line in ours), ours
    assert not any("conversations" in line or "eyJ" in line for line in ours)
    assert service.conversations(player_id=player_id, include_empty="true") == []


def test_a_deferred_messenger_loads_nothing_without_consent(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"defer": True}
    sent: list[str] = []
    context.on("request", lambda request: sent.append(request.url))
    player = Messenger(context, f"{casino.origin}/callback.html")
    expect(player.launcher).to_be_visible()
    assert [url for url in sent if url.startswith(service.url)] == [f"{service.url}/sdk/v1/messenger.js"]
    player.open().say("Now I agree.")


def test_no_cookie_is_set_anywhere(context: BrowserContext, visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    visit(casino).open().say("No cookies, please.")
    assert context.cookies() == []


def test_on_a_phone_the_chat_fills_the_screen(browser: Browser, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    phone = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 740}, has_touch=True, is_mobile=True)
    player = Messenger(phone, f"{casino.origin}/callback.html")
    player.launcher.tap()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    player.page.wait_for_function(
        """() => {
            const frame = document.querySelector('player-messenger').shadowRoot.querySelector('iframe');
            const {x, y, width, height} = frame.getBoundingClientRect();
            return x === 0 && y === 0 && width === innerWidth && height === innerHeight;
        }"""
    )
    expect(player.launcher).not_to_be_visible()
    player.say("From my phone.")
    player.chat.get_by_role("button", name="Close chat window").tap()
    expect(player.launcher).to_be_visible()
    phone.close()


def test_everything_works_from_the_keyboard(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    expect(player.launcher).to_be_visible()
    keyboard = player.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(player.launcher).to_be_focused()
    keyboard.press("Enter")
    expect(player.field).to_be_focused()
    keyboard.type("First line")
    keyboard.press("Shift+Enter")
    keyboard.type("second line")
    keyboard.press("Enter")
    expect(player.log.locator(".bubble")).to_have_text("First line\nsecond line")
    keyboard.press("Escape")
    expect(player.panel).not_to_be_visible()
    expect(player.launcher).to_be_focused()
    keyboard.press("Space")
    expect(player.field).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(player.log).to_be_focused()
    for _ in range(2):
        keyboard.press("Shift+Tab")
    expect(player.chat.get_by_role("button", name="End chat")).to_be_focused()
    keyboard.press("Enter")
    expect(player.chat.get_by_role("dialog", name="End this chat?")).to_be_visible()
    keyboard.press("Escape")
    expect(player.chat.get_by_role("dialog")).to_have_count(0)
    expect(player.panel).to_be_visible()


def test_a_screen_reader_finds_its_way(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Hello")
    service.reply(service.conversation_with("Hello", player_id=player_id), "Hello Ana")
    expect(player.bubble("Hello Ana")).to_be_visible()
    expect(player.chat.locator("body")).to_match_aria_snapshot(
        """
        - banner:
          - heading "Support" [level=1]
          - paragraph: Signed in as Ana Ruiz
          - button "End chat"
          - button "Close chat window"
        - main:
          - log "Messages":
            - paragraph: Hello! How can we help?
            - article /You \\d/:
              - paragraph: Today
              - paragraph:
                - text: You
                - time
              - text: Hello
              - paragraph: Sent
            - article /Mia AI \\d/:
              - paragraph:
                - text: Mia AI
                - time
              - text: Hello Ana
        - contentinfo:
          - textbox "Message"
          - button "Send" [disabled]
        """
    )


def test_the_messenger_speaks_the_pages_language(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"locale": "de-AT"}
    player = visit(casino).open()
    expect(player.chat.get_by_text("Angemeldet als Ana Ruiz")).to_be_visible()
    expect(player.chat.locator("html")).to_have_attribute("lang", "de")
    player.call("setLocale", "es")
    expect(player.chat.get_by_text("Sesión iniciada como Ana Ruiz")).to_be_visible()
    expect(player.chat.get_by_role("textbox", name="Mensaje")).to_be_visible()


def test_place_and_colour_follow_the_settings(visit: Visit, casino: OperatorSite) -> None:
    casino.settings = {"alignment": "left", "horizontalPadding": 50, "verticalPadding": 40}
    casino.settings |= {"primaryColor": "#ffd400", "zIndex": 7, "theme": "dark"}
    player = visit(casino)
    player.expect_event("ready")
    box = player.launcher.bounding_box()
    assert box is not None
    assert (round(box["x"]), round(800 - box["y"] - box["height"])) == (50, 40)
    player.open()
    style = "element => { const s = getComputedStyle(element); return [s.backgroundColor, s.color]; }"
    assert player.launcher.evaluate(style) == ["rgb(255, 212, 0)", "rgb(16, 18, 20)"]  # dark ink on yellow
    assert player.chat.locator("header").evaluate(style) == ["rgb(255, 212, 0)", "rgb(16, 18, 20)"]
    expect(player.chat.locator("html")).to_have_attribute("data-theme", "dark")
    assert player.page.locator("player-messenger .box").evaluate("element => getComputedStyle(element).zIndex") == "7"


def test_the_page_opens_hides_and_fills_the_messenger(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.call("showNewMessage", "About my bonus: ")
    expect(player.field).to_have_value("About my bonus: ")
    player.call("hide")
    expect(player.panel).not_to_be_visible()
    player.call("toggle")
    expect(player.panel).to_be_visible()
    assert [len(player.seen(name)) for name in ("show", "hide")] == [2, 1]
    player.call("shutdown")
    expect(player.page.locator("player-messenger")).to_have_count(0)
    player.page.evaluate("PlayerMessenger('boot', playerMessengerSettings)")
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


def test_what_the_page_claims_reaches_the_agent_as_claimed(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.call("setAttributes", {"page_type": "cashier"})
    player.open().say("See where I am?")
    conversation = service.conversation_with("See where I am?", player_id=player_id)
    attributes = service.agent("GET", f"/v1/conversations/{conversation}")["conversation"]["attributes"]
    assert (attributes["page_type"]["value"], attributes["page_type"]["source"]) == ("cashier", "claimed")


def test_a_title_that_is_cut_in_an_emoji_does_not_stop_the_chat(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.page.evaluate("document.title = 'a'.repeat(254) + '\\u{1F600}'")
    player.open().say("Hello.")
