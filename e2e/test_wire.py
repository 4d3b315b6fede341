"""What a player's browser asks the service for, and what its one script may not hide from itself."""

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Request, expect

from e2e.conftest import PATIENCE, Messenger, Service, Visit
from e2e.operator_site import OperatorSite
from widget_service.scripts import Module, strip_script

MESSENGER = Path(__file__).parent.parent / "static" / "messenger"
MOST_REQUESTS = 14
#: Before the start, and seen by no page.
PREFLIGHT = 1
#: Three round trips: the styles and the script are asked for together.
FILES = ["main.js", "messenger", "messenger.css", "messenger.js"]
#: When all is ready: what names settings that there are not, what outlives the page, the texts that are seldom said.
READY = ["hints.js", "kept.js"]
LATER = "en.later.json"
#: With a chat: what goes on around it. With one that goes on: what its events tell.
AROUND, RECALL = "around.js", "recall.js"


class Wire:
    """What goes to the service, from now on."""

    def __init__(self, context: BrowserContext, service: Service) -> None:
        self.requests: list[Request] = []
        self.origin = service.url
        context.on("request", self.note)

    def note(self, request: Request) -> None:
        if request.url.startswith(self.origin):
            self.requests.append(request)

    def files(self) -> list[str]:
        """Those that are no calls of the API."""
        paths = [urlsplit(request.url).path for request in self.requests]
        return sorted(path.rpartition("/")[2] for path in paths if "/conversations" not in path)

    def expect_files(self, player: Messenger, *names: str) -> None:
        """These, each once; what comes last is waited for."""
        deadline = time.monotonic() + PATIENCE / 1000
        while len(self.files()) < len(names) and time.monotonic() < deadline:
            player.page.wait_for_timeout(50)
        assert self.files() == sorted(names)


def see_chat(player: Messenger) -> None:
    player.expect_event("conversation:started")
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    expect(player.log).not_to_have_attribute("aria-busy", "true")


def test_a_first_visit_asks_for_little(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    wire = Wire(context, service)
    player = visit(casino).open()
    see_chat(player)

    wire.expect_files(player, *READY, LATER, AROUND, *FILES)
    assert len(wire.requests) + PREFLIGHT <= MOST_REQUESTS
    assert [request.url for request in wire.requests if "cookie" in request.headers] == []


def test_a_reload_with_a_transcript_asks_for_no_more(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Still here?")
    wire = Wire(context, service)
    player.page.reload()
    see_chat(player.open())
    expect(player.bubble("Still here?")).to_be_visible()

    wire.expect_files(player, *READY, LATER, AROUND, RECALL, *FILES)
    assert len(wire.requests) <= MOST_REQUESTS
    assert len([request for request in wire.requests if urlsplit(request.url).path.endswith("/messages")]) == 1


def test_the_page_may_be_in_any_language_for_the_same_price(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"locale": "fi-FI"}
    wire = Wire(context, service)
    player = visit(casino).open()
    player.expect_event("conversation:started")
    expect(player.chat.locator("html")).to_have_attribute("lang", "fi")

    wire.expect_files(player, *READY, "fi.later.json", AROUND, *FILES)


def test_no_module_hides_a_name_of_the_browsers_from_another(browser: Browser) -> None:
    modules = [Module(path.name, path.read_text(encoding="utf-8")) for path in sorted(MESSENGER.glob("*.js"))]
    owners = {name: module.name for module in modules for name, _ in module.names()}
    page = browser.new_page()
    builtin = page.evaluate("names => names.filter(name => name in window)", list(owners))
    page.close()

    assert [
        f"{name} of {owners[name]} in {other.name}"
        for name in builtin
        for other in modules
        if other.name != owners[name] and uses_the_browsers(name, other)
    ] == []


def uses_the_browsers(name: str, module: Module) -> bool:
    """Whether it has that word and neither imports it, nor has a parameter or a method of that name."""
    code = strip_script(module.body())
    own = rf"(?<!if)(?<!while)(?<!switch)\([^()]*\b{name}\b[^()]*\)(?:=>|{{)|[;{{}}\n](?:async )?{name}\([^()]*\){{"
    if any(name in names for _, names in module.imports()) or re.search(own, code):
        return False
    return re.search(rf"(?<![\w.$\"'-]){name}\b(?![\w\"':-])", code) is not None


def test_such_a_name_would_be_seen() -> None:
    assert uses_the_browsers("closed", Module("a.js", "if (closed) {\n  go();\n}\n"))
    assert uses_the_browsers("history", Module("a.js", "export const f = () => go(history);\n"))
    assert not uses_the_browsers("closed", Module("a.js", "class A {\n  closed() {\n    this.closed();\n  }\n}\n"))
    assert not uses_the_browsers("closed", Module("a.js", "export function f(closed) {\n  closed();\n}\n"))
