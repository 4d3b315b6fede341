"""A failing token endpoint is no logout: the verified chat is there afterwards, and no anonymous one begins instead.

Told on a site that takes anonymous visitors, where a failure could be taken for one.
"""

import sqlite3
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite

FAULTS = ("500", "502", "404", "html", "object", "undefined", "no answer", "cross-origin")
#: Longer than anybody waits for a player token.
NO_ANSWER = 16_000
UNAVAILABLE = "() => seen.filter(one => one.detail.code === 'PLAYER_TOKEN_UNAVAILABLE').length"


@pytest.fixture
def stranger() -> Iterator[OperatorSite]:
    """Another site, which lets nobody read its answers."""
    site = OperatorSite("stranger.localhost", "")
    site.routes["/token"] = lambda: ("text/plain", "not yours")
    yield site
    site.close()


class Trouble:
    """The token endpoint of a site, and what one player has to go through with it."""

    def __init__(self, site: OperatorSite, service: Service, fault: str, elsewhere: str) -> None:
        self.site, self.service, self.fault = site, service, fault
        self.word = f"{elsewhere}/token" if fault == "cross-origin" else fault
        site.routes["/fault"] = lambda: ("text/plain", site.fault)
        self.anonymous = self.nobodys()

    def nobodys(self) -> set[str]:
        kept = self.service.conversations(include_empty="true")
        return {one["id"] for one in kept if not one["player"]}

    def begin(self) -> None:
        self.site.fault = self.word

    def heard(self, player: Messenger, before: int = 0) -> None:
        """The messenger has been told; it says why, and takes it for nothing else."""
        for _ in range(10):
            if self.fault != "no answer" or self.count(player) > before:
                break
            player.page.wait_for_timeout(400)
            player.page.clock.fast_forward(NO_ANSWER)
        player.page.wait_for_function(f"before => ({UNAVAILABLE})() > before", arg=before)
        assert {one["code"] for one in player.seen("identity:error")} == {"PLAYER_TOKEN_UNAVAILABLE"}
        assert self.nobodys() == self.anonymous, "an anonymous chat began"

    def end(self, *tabs: Messenger) -> None:
        """Nobody clicks anything: the messenger asks again by itself."""
        self.site.fault = ""
        for player in tabs if self.fault == "no answer" else ():
            player.page.wait_for_timeout(300)
            player.page.clock.fast_forward(NO_ANSWER)

    def count(self, player: Messenger) -> int:
        return int(player.page.evaluate(UNAVAILABLE))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_takes_no_verified_chat_away(
    context: BrowserContext,
    visit: Visit,
    lounge: OperatorSite,
    stranger: OperatorSite,
    service: Service,
    player_id: str,
    fault: str,
) -> None:
    lounge.log_in(player_id, "Ana Ruiz")
    trouble = Trouble(lounge, service, fault, stranger.origin)
    if fault == "no answer":
        context.clock.install(time=time.time())

    # At the first visit.
    trouble.begin()
    player = visit(lounge, "failing.html").open()
    trouble.heard(player)
    trouble.end(player)
    expect_verified(player)
    text = f"first {player_id}"
    player.say(text)
    conversation = service.conversation_with(text, player_id=player_id)

    # When the page is booted again, the running chat stays on the screen.
    trouble.begin()
    player.page.evaluate("() => void PlayerMessenger('boot', { ...playerMessengerSettings }).catch(() => {})")
    player.page.wait_for_timeout(200)
    expect(player.bubble(text)).to_be_visible()
    trouble.end(player)
    expect_verified(player)
    expect(player.bubble(text)).to_be_visible()

    # When its session has ended meanwhile, so that a player token is needed again.
    trouble.begin()
    end_sessions(service, conversation)
    before = trouble.count(player)
    player.field.fill("in trouble")
    player.field.press("Enter")
    trouble.heard(player, before)
    expect(player.bubble(text)).to_be_visible()
    trouble.end(player)
    expect(player.log.get_by_text("Sent", exact=True).last).to_be_visible()
    assert service.conversation_with("in trouble", player_id=player_id) == conversation

    # At a reload, and in a new tab that finds the stored session.
    trouble.begin()
    player.page.reload()
    player.open()
    trouble.heard(player)
    second = visit(lounge, "failing.html").open()
    trouble.heard(second)
    trouble.end(player, second)
    for tab in (player, second):
        expect_verified(tab)
        expect(tab.bubble(text)).to_be_visible()
    second.say("still here")
    assert service.conversation_with("still here", player_id=player_id) == conversation
    assert trouble.nobodys() == trouble.anonymous, "an anonymous chat began"


def expect_verified(player: Messenger) -> None:
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


def end_sessions(service: Service, conversation: str) -> None:
    """As their absolute limit does."""
    with sqlite3.connect(service.directory / "widget.db", timeout=30) as database:
        database.execute("UPDATE sessions SET expires_at = 1 WHERE conversation_id = ?", (conversation,))
