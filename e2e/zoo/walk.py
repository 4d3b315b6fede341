"""One browser in one habitat: nobody, Ana, Ana again, Ben, nobody; after each, what the newcomer sees and sends."""

import secrets
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Error, Frame, Page, expect

from e2e.conftest import PATIENCE, Service
from e2e.zoo.habitats import Habitat, ZooSite

#: Writes into the chat as quickly as a machine can, whatever the chat is about to do: what might be sent too early.
SEND_AT_ONCE = """text => {
    const field = document.querySelector('textarea');
    if (!field || field.closest('[hidden]') || !field.checkVisibility()) return false;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.form.requestSubmit();
    return true;
}"""
SHOWN = """() => {
    const seen = { visibilityProperty: true, opacityProperty: true };
    return document.body.checkVisibility(seen) ? document.body.innerText : '';
}"""
NOBODYS = "Please sign in to chat with us."


@dataclass
class Player:
    """``secret`` is what only this player may ever see again."""

    name: str
    id: str = field(default_factory=lambda: f"z-{secrets.token_hex(4)}")
    secret: str = field(default_factory=lambda: f"secret {secrets.token_hex(6)}")


class Walk:
    """The pages of one browser, and what may be seen on them."""

    def __init__(self, context: BrowserContext, site: ZooSite, service: Service) -> None:
        self.context, self.zoo, self.service = context, site, service
        self.habitat: Habitat = site.habitat
        self.ana, self.ben = Player("Ana Ruiz"), Player("Ben Oduya")
        self.pages: list[Page] = []
        self.faults: list[str] = []

    # --- going

    def begin(self) -> None:
        """Nobody is logged in; every tab shows the chat that asks for a login."""
        if self.habitat.delay:
            self.context.route("**/messenger?**", self._slowly)
        for _ in range(self.habitat.tabs):
            page = self.context.new_page()
            page.on("pageerror", lambda error: self.faults.append(str(error)))
            page.goto(f"{self.zoo.site.origin}/zoo")
            self.pages.append(page)
            self.open(page)
            expect(self.chat(page).get_by_text(NOBODYS)).to_be_visible()

    def _slowly(self, route) -> None:  # type: ignore[no-untyped-def]
        self.pages[-1].wait_for_timeout(self.habitat.delay) if self.pages else None
        route.continue_()

    @property
    def page(self) -> Page:
        """The one on which the player goes on; the others stay as they are."""
        return self.pages[-1]

    def become(self, player: Player | None) -> None:
        """Logs in, out or another in, and goes to the next page."""
        if player:
            self.zoo.site.log_in(player.id, player.name)
        else:
            self.zoo.site.log_out()
        visit = str(self.zoo.visit + 1)
        address = "/zoo/state" if self.habitat.whole_document else "/zoo"
        self.habitat.travel(self.page, self.zoo.site.origin + address)
        expect(self.page.locator("#visit")).to_have_text(visit)
        self._write_too_early(self.page)

    def _write_too_early(self, page: Page) -> None:
        who = self.zoo.site.player["sub"] if self.zoo.site.player else "nobody"
        try:
            for frame in frames(page):
                frame.evaluate(SEND_AT_ONCE, f"written as {who} {secrets.token_hex(4)}")
        except Error:
            pass  # the frame went with its page

    # --- looking

    def open(self, page: Page) -> None:
        """The panel, wherever it was left."""
        page.wait_for_function("() => window.PlayerMessenger?.version", timeout=PATIENCE)
        page.evaluate("() => void PlayerMessenger('show').catch(() => {})")

    def chat(self, page: Page):  # type: ignore[no-untyped-def]
        return page.frame_locator("player-messenger iframe")

    def expect_player(self, player: Player, before: bool) -> None:
        """The player's own chat, with what they wrote before; something new goes where the old is."""
        self.open(self.page)
        chat = self.chat(self.page)
        expect(chat.get_by_text(f"Signed in as {player.name}")).to_be_visible()
        if before:
            expect(chat.get_by_text(player.secret, exact=True)).to_be_visible()
        text = f"again {secrets.token_hex(4)}" if before else player.secret
        chat.get_by_role("textbox", name="Message").fill(text)
        chat.get_by_role("textbox", name="Message").press("Enter")
        conversation = self.service.conversation_with(text, player_id=player.id)
        assert conversation == self.service.conversation_with(player.secret, player_id=player.id), "the chat was lost"

    def expect_nobody(self) -> None:
        """The chat asks for a login; where the site ran no script for nobody's page, it asks for a load."""
        self.open(self.page)
        chat = self.chat(self.page)
        expect(chat.get_by_text(NOBODYS).or_(chat.get_by_text("Please reload the page"))).to_be_visible()

    def expect_nothing_of(self, gone: Player) -> None:
        """In no tab, and in nothing that was written since under another name."""
        for page in self.pages:
            for frame in frames(page):
                shown = frame.evaluate(SHOWN)
                assert gone.secret not in shown, f"{gone.name}'s words are shown"
                assert gone.name not in shown, f"{gone.name}'s name is shown"
        self.expect_only_own_words(gone)

    def expect_only_own_words(self, player: Player) -> None:
        for conversation in self.service.conversations(player_id=player.id):
            for message in self.service.messages(conversation["id"]):
                written = message["text"].startswith("written as ")
                assert not written or f" {player.id} " in message["text"], f"sent as {player.name}: {message['text']}"


def frames(page: Page) -> list[Frame]:
    """The messenger's own, if it is there."""
    return [frame for frame in page.frames if "/messenger?" in frame.url and not frame.is_detached()]
