"""The demo's casino with a vendor's chat: whose a ticket is, as those who answer see it in their inbox."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from e2e.accessibility import AXE, SOURCE, TAGS
from tests.support.demo import Demo

PATIENCE = 30_000
FORGED = "zE('messenger:set', 'conversationFields', [{id: '17826865089553', value: '5832'}])"
WATCH = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
REFUSAL = {
    "success": False,
    "error": {"code": "ORIGIN_NOT_ALLOWED", "message": "Not from here.", "request_id": "req_1"},
}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    if demo.process.poll() is None:
        demo.stop()


class Chat:
    """A vendor's chat on the casino's page, as somebody uses it."""

    def __init__(self, context: BrowserContext, demo: Demo, path: str) -> None:
        self.console: list[str] = []
        self.demo, self.path, self.name, self.who = demo, path, "", ""
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(WATCH)
        self.page.on("console", lambda line: self.console.append(line.text))
        self.page.on("pageerror", lambda error: self.console.append(f"pageerror {error}"))
        self.page.goto(demo.urls["casino"] + path)

    def log_in(self, name: str) -> "Chat":
        self.console.clear()
        self.name = name
        self.page.get_by_role("button", name=f"Log in as {name}").press("Enter")
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible(timeout=PATIENCE)
        self.page.goto(self.demo.urls["casino"] + self.path)
        self.who = f"{name}, player {self.page.locator('.account .small').inner_text()}"
        return self

    def log_out(self) -> "Chat":
        self.page.get_by_role("button", name="Log out").press("Enter")
        expect(self.page.get_by_role("button", name=re.compile("Log in as Ana"))).to_be_visible(timeout=PATIENCE)
        return self

    def open(self) -> "Chat":
        """Until the bridge has told the vendor's widget all that it has to tell."""
        self.show()
        user = f"[data-user='{self.name}']" if self.path == "/zendesk" else ""
        expect(self.page.locator(f"pretend-chat[data-fields='1']{user}")).to_be_attached(timeout=PATIENCE)
        return self

    def show(self) -> "Chat":
        self.page.locator("pretend-chat button.open").press("Enter")
        return self

    def say(self, text: str) -> str:
        """The ticket's or chat's number, as the vendor's widget shows it for a new one."""
        field = self.page.get_by_role("textbox", name="Message")
        field.fill(text)
        field.press("Enter")
        note = self.page.get_by_role("log").get_by_text(re.compile(r"^(Ticket|Chat) \w+\."))
        expect(note).to_be_visible(timeout=PATIENCE)
        return note.inner_text().split()[1].rstrip(".")


@pytest.fixture
def inbox(context: BrowserContext, demo: Demo) -> Page:
    page = context.new_page()
    page.goto(demo.urls["helpdesk"])
    return page


def entry(inbox: Page, thread_id: str) -> Locator:
    return inbox.locator(f"li[data-thread='{thread_id}']")


def expect_verified(inbox: Page, thread_id: str, who: str) -> None:
    expect(entry(inbox, thread_id).get_by_role("heading")).to_have_text(who, timeout=PATIENCE)
    expect(entry(inbox, thread_id).locator(".state")).to_have_text("verified")


def expect_unverified(inbox: Page, thread_id: str) -> None:
    """After every webhook has been answered, one of them twice."""
    expect(entry(inbox, thread_id)).to_contain_text(re.compile(r"answered: [2-9] × 200"), timeout=PATIENCE)
    expect(entry(inbox, thread_id).locator(".state")).to_have_text("unverified")
    expect(entry(inbox, thread_id)).not_to_contain_text(", player")


def test_who_is_logged_in_is_verified_in_zendesk(context: BrowserContext, demo: Demo, inbox: Page) -> None:
    ana = Chat(context, demo, "/zendesk").log_in("Ana Ruiz").open()
    ticket = ana.say("Where is my withdrawal?")

    expect_verified(inbox, ticket, ana.who)
    expect(entry(inbox, ticket)).to_contain_text("With the vendor: Ana Ruiz")  # Zendesk took the login token
    assert ana.page.evaluate("violations") == []
    assert ana.console == []
    for page in (inbox, ana.page):
        page.evaluate(SOURCE)
        assert page.evaluate(AXE, TAGS) == []


def test_another_players_id_in_the_field_says_nothing(context: BrowserContext, demo: Demo, inbox: Page) -> None:
    jonas = Chat(context, demo, "/zendesk").log_in("Jonas Weber").open()
    jonas.page.evaluate(FORGED)
    ticket = jonas.say("I am Ana, pay me out")

    expect(entry(inbox, ticket)).to_contain_text("In the field: 5832", timeout=PATIENCE)
    expect_unverified(inbox, ticket)


def test_the_next_player_on_this_computer_is_the_next_one(context: BrowserContext, demo: Demo, inbox: Page) -> None:
    chat = Chat(context, demo, "/zendesk").log_in("Léa Martin").open()
    first, lea = chat.say("Léa here"), chat.who
    chat.log_out().log_in("Jonas Weber").open()
    second = chat.say("Jonas here")

    expect_verified(inbox, first, lea)
    expect_verified(inbox, second, chat.who)


def test_a_copied_reference_leaves_the_second_ticket_to_nobody(
    context: BrowserContext, browser: Browser, demo: Demo, inbox: Page
) -> None:
    lea = Chat(context, demo, "/zendesk").log_in("Léa Martin")
    with lea.page.expect_response(re.compile("/attributes$"), timeout=PATIENCE) as answer:
        lea.open()
    copied = [{"id": field, "value": text} for field, text in answer.value.json()["attributes"].items()]
    expect_verified(inbox, lea.say("Léa here"), lea.who)
    elsewhere = browser.new_context()
    thief = Chat(elsewhere, demo, "/zendesk").show()
    thief.page.evaluate("fields => zE('messenger:set', 'conversationFields', fields)", copied)
    ticket = thief.say("I am Léa")

    expect(entry(inbox, ticket)).to_contain_text("its reference belongs to another conversation", timeout=PATIENCE)
    expect_unverified(inbox, ticket)
    elsewhere.close()


@pytest.mark.parametrize(
    ("refusal", "line"),
    [
        (None, r"^\[PlayerHelpdesk\] UNREACHABLE: http://127\.0\.0\.1:\d+/.*/attributes: \S+"),
        (REFUSAL, r"^\[PlayerHelpdesk\] ORIGIN_NOT_ALLOWED: Not from here\. \(request req_1\)$"),
    ],
    ids=["away", "refusing"],
)
def test_the_chat_goes_on_whatever_our_service_does(
    context: BrowserContext, demo: Demo, inbox: Page, refusal: dict[str, object] | None, line: str
) -> None:
    ana = Chat(context, demo, "/zendesk").log_in("Ana Ruiz")
    headers = {"Access-Control-Allow-Origin": "*"}
    ana.page.route(
        "**/v1/workspaces/**",
        lambda route: route.fulfill(status=403, headers=headers, json=refusal) if refusal else route.abort(),
    )
    ticket = ana.show().say("Is anybody there?")

    expect_unverified(inbox, ticket)
    said = [text for text in ana.console if "PlayerHelpdesk" in text]
    assert len(said) == 1
    assert re.search(line, said[0])


def test_livechat_knows_the_player_by_a_session_variable_and_nobody_by_a_forged_one(
    context: BrowserContext, browser: Browser, demo: Demo, inbox: Page
) -> None:
    lea = Chat(context, demo, "/livechat").log_in("Léa Martin").open()
    chat = lea.say("Léa here")
    elsewhere = browser.new_context()
    forger = Chat(elsewhere, demo, "/livechat").log_in("Jonas Weber").open()
    with forger.page.expect_response(re.compile("/livechat/variables")):
        forger.page.evaluate("LiveChatWidget.call('set_session_variables', {player_ref: '61904'})")
    forged = forger.say("I am Léa")

    expect_verified(inbox, chat, lea.who)
    expect_unverified(inbox, forged)
    assert lea.page.evaluate("violations") == []
    assert [json.dumps(line) for line in lea.console] == []
    elsewhere.close()


def test_livechats_customer_tokens_keep_two_players_of_one_browser_apart(
    context: BrowserContext, demo: Demo, inbox: Page
) -> None:
    chat = Chat(context, demo, "/livechat?login").log_in("Ana Ruiz").open()
    first = chat.say("Ana here")
    expect_verified(inbox, first, chat.who)
    chat.log_out()
    chat.page.goto(demo.urls["casino"] + "/livechat?login")
    second = chat.log_in("Jonas Weber").open().say("Jonas here")

    expect_verified(inbox, second, chat.who)
    expect(entry(inbox, first).locator(".state")).to_have_text("verified")
