"""A page that comes back from the back/forward cache, with whoever is there by then.

Playwright knows no cross-site frame of a page that came back: that one is looked at through the browser's own protocol.
"""

import json
import secrets
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from e2e.conftest import PATIENCE
from e2e.zoo.walk import NOBODYS, SEND_AT_ONCE, SHOWN, Player, Walk, frames

PERSISTED = "addEventListener('pageshow', (event) => { window.cameBack = event.persisted; })"


class Outside:
    """Evaluates in the messenger's frame, whatever Playwright thinks of it."""

    def __init__(self, page: Page) -> None:
        assert page.context.browser
        self.page = page
        self.session: CDPSession = page.context.browser.new_browser_cdp_session()
        self.answers: list[dict[str, Any]] = []
        self.session.on("Target.receivedMessageFromTarget", lambda event: self.answers.append(event))

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, or None where there is no frame now."""
        targets = self.session.send("Target.getTargets")["targetInfos"]
        found = [one["targetId"] for one in targets if "/messenger?" in one["url"]]
        if not found:
            return None
        attached = self.session.send("Target.attachToTarget", {"targetId": found[-1], "flatten": False})
        parameters = {"expression": expression, "returnByValue": True}
        message = json.dumps({"id": 1, "method": "Runtime.evaluate", "params": parameters})
        self.answers.clear()
        self.session.send("Target.sendMessageToTarget", {"sessionId": attached["sessionId"], "message": message})
        for _ in range(PATIENCE // 50):
            if self.answers:
                return json.loads(self.answers[0]["message"])["result"]["result"].get("value")
            self.page.wait_for_timeout(50)
        raise AssertionError("the frame does not answer")

    def shown(self) -> str:
        return str(self.evaluate(f"({SHOWN})()") or "")

    def send_at_once(self, text: str) -> None:
        self.evaluate(f"({SEND_AT_ONCE})({json.dumps(text)})")

    def expect(self, text: str) -> None:
        """Waits until the frame shows the text."""
        for _ in range(PATIENCE // 50):
            if text in self.shown():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the frame never showed {text!r}, but {self.shown()!r}")


class CachedWalk(Walk):
    """Leaves for another page of the site, and comes back by the browser's Back."""

    def begin(self) -> None:
        self.context.add_init_script(PERSISTED)
        super().begin()

    def become(self, player: Player | None) -> None:
        """Somebody else may be there when the page comes back. It has been asked for nothing by then."""
        self.page.goto(f"{self.zoo.site.origin}/{self.habitat.away}")
        if self.habitat.away.startswith("zoo"):
            self.open(self.page)
            expect(self.chat(self.page).locator("body")).to_be_visible()
        if player:
            self.zoo.site.log_in(player.id, player.name)
        else:
            self.zoo.site.log_out()
        self.page.go_back(wait_until="commit")
        self.page.wait_for_function("() => window.cameBack !== undefined")
        # A page that another tab's messenger spoke to meanwhile is loaded anew instead.
        if self.habitat.away == "elsewhere":
            assert self.page.evaluate("cameBack"), "the page was loaded anew: nothing was tried"
        self.outside = Outside(self.page)
        self.outside.send_at_once(f"written as {player.id if player else 'nobody'} {secrets.token_hex(4)}")

    def expect_back(self, player: Player | None, before: Player | None) -> None:
        """The page can say who is there, or offers to be loaded anew; until then nothing of the one before is shown."""
        outside = self.outside
        if self.zoo.source == "asked":
            self.open(self.page)
            outside.expect(f"Signed in as {player.name}" if player else NOBODYS)
            if player and player is before:
                outside.expect(player.secret)
        if before and before is not player:
            for _ in range(10):
                shown = outside.shown()
                assert before.secret not in shown, f"{before.name}'s words are shown"
                assert before.name not in shown, f"{before.name}'s name is shown"
                self.page.wait_for_timeout(50)
        self.page.reload()
        if player:
            self.expect_player(player, before=player is before)
        else:
            self.expect_nobody()
        if before and before is not player:
            self.expect_nothing_of(before)
        assert len(frames(self.page)) == 1
