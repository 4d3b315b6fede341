"""What an operator says once with ``brand set``, as a visitor sees it."""

from playwright.sync_api import expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite

BACKGROUND = "element => getComputedStyle(element).backgroundColor"


def dress(service: Service, site: OperatorSite, *assignments: str) -> None:
    """A workspace that takes visitors, its brand set so, on the site's next pages."""
    made = service.create_workspace("Royal", site.origin, anonymous=True)
    service.command("brand", "set", made["brand_id"], *assignments)
    site.settings = {"workspaceId": made["workspace_id"]}


def test_a_brand_has_its_own_colour_and_words(visit: Visit, casino: OperatorSite, service: Service) -> None:
    words = ("texts.title=Casino Royal", "texts.greeting=Good evening!", "texts.de.greeting=Guten Abend!")
    dress(service, casino, "look.primary_color=SeaGreen", "look.theme=dark", *words)
    player = visit(casino).open()
    expect(player.chat.get_by_role("heading", name="Casino Royal")).to_be_visible()
    expect(player.chat.get_by_text("Good evening!")).to_be_visible()
    expect(player.chat.locator("html")).to_have_attribute("data-theme", "dark")
    assert player.launcher.evaluate(BACKGROUND) == player.chat.locator("header").evaluate(BACKGROUND)
    assert player.launcher.evaluate(BACKGROUND) == "rgb(46, 139, 87)"
    player.call("setLocale", "de")
    expect(player.chat.get_by_text("Guten Abend!")).to_be_visible()
    expect(player.chat.get_by_role("heading", name="Casino Royal")).to_be_visible()


def test_who_speaks_another_language_is_met_in_the_brands(visit: Visit, casino: OperatorSite, service: Service) -> None:
    dress(service, casino, "look.locale=de")
    casino.settings["locale"] = "sv-SE"
    player = visit(casino).open()
    expect(player.chat.locator("html")).to_have_attribute("lang", "de")
    expect(player.chat.get_by_role("textbox", name="Nachricht")).to_be_visible()
