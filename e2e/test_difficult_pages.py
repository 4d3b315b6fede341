"""Pages that do what other pages do not: their own styles, globals, layers, keys and networks."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from e2e.conftest import Messenger, Service
from e2e.operator_site import OperatorSite

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Casino</title>
<link rel="icon" href="data:,">{head}</head><body><main><h1>Casino</h1>{body}</main>
<script>
  window.PlayerMessenger ||= function () {{ (PlayerMessenger.q ||= []).push(arguments); }};
  window.playerMessengerSettings = {settings};
  window.seen = [];
  for (const name of ["ready", "show", "hide", "identity:error"])
    PlayerMessenger("on", name, (detail) => seen.push({{ name, detail }}));
</script>
<script async src="{service}/sdk/v1/messenger.js"></script></body></html>"""
PageOf = Callable[..., Messenger]


@pytest.fixture
def page_of(context: BrowserContext, casino: OperatorSite, player_id: str) -> PageOf:
    """``page_of(head=…, body=…)``: a page of the casino, Ana Ruiz logged in."""
    casino.log_in(player_id, "Ana Ruiz")

    def open_page(head: str = "", body: str = "", **settings: object) -> Messenger:
        stated = {"workspaceId": casino.workspace["workspace_id"], "player": {"token": casino.sign()}, **settings}
        html = PAGE.format(head=head, body=body, settings=json.dumps(stated), service=casino.service_url)
        casino.routes["/difficult"] = lambda: ("text/html; charset=utf-8", html)
        return Messenger(context, f"{casino.origin}/difficult")

    return open_page


def signed_in(player: Messenger) -> None:
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


def failure_of(page: Page, call: str) -> str:
    """The code with which a call of the page is refused, or an empty text."""
    return str(page.evaluate(f"() => PlayerMessenger('{call}').then(() => '', (error) => error.code)"))


@pytest.mark.parametrize(
    "style",
    [
        ":root{--h:220;--s:60%;--l:40%;--t:300px;--w:10px;--y:0}",
        ":root{--h:56px;--w:1px;--l:900px}",
        "*{--h:0;--t:9999px;--w:0;--l:0;--y:700px}",
        ":empty{display:none}",
        "html>:not(head):not(body){display:none}",
        "body~*{display:none}",
        "*{visibility:hidden;pointer-events:none}body,body *{visibility:visible;pointer-events:auto}",
    ],
)
def test_the_pages_own_styles_leave_the_panel_as_it_is(page_of: PageOf, style: str) -> None:
    player = page_of(head=f"<style>{style}</style>").open()
    signed_in(player)
    box = player.panel.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (400, 680)
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 800
    player.close()
    expect(player.panel).not_to_be_visible()


@pytest.mark.parametrize(
    "script",
    [
        'const origin = "Malta";',
        'var origin = "Malta", name = "casino";',
        "Element.prototype.remove = function () { this.parentNode.removeChild(this); };",
        "Array.prototype.toJSON = String.prototype.toJSON = function () { return 'odd'; };",
    ],
)
def test_what_an_old_page_has_done_to_the_language_stops_no_chat(page_of: PageOf, script: str) -> None:
    player = page_of(head=f"<script>{script}</script>").open()
    signed_in(player)


def test_a_frame_that_comes_late_takes_the_keyboard_from_no_field(page_of: PageOf, context: BrowserContext) -> None:
    held: list[Route] = []
    context.route("**/messenger?*", lambda route: held.append(route))
    player = page_of(body='<input type="password" id="secret">')
    player.open()
    field = player.page.locator("#secret")
    field.press_sequentially("gehe")
    for route in held:
        route.continue_()
    signed_in(player)
    player.page.keyboard.type("im123")
    expect(field).to_have_value("geheim123")
    expect(player.field).to_have_value("")


def test_nothing_is_opened_beneath_a_game_in_full_screen(page_of: PageOf) -> None:
    player = page_of(body='<div id="game" onclick="this.requestFullscreen()">Play</div>')
    player.expect_event("ready")
    player.page.locator("#game").click()
    player.page.wait_for_function("() => document.fullscreenElement")
    assert failure_of(player.page, "show") == "COVERED"
    assert player.seen("show") == []
    player.page.evaluate("() => document.exitFullscreen()")
    player.page.wait_for_function("() => !document.fullscreenElement")
    player.open()
    signed_in(player)


def test_nothing_is_opened_beneath_a_modal_dialog(page_of: PageOf) -> None:
    player = page_of(body="<dialog>Please confirm your age.</dialog>")
    player.expect_event("ready")
    player.page.evaluate("() => document.querySelector('dialog').showModal()")
    assert failure_of(player.page, "show") == "COVERED"
    player.page.evaluate("() => document.querySelector('dialog').close()")
    assert failure_of(player.page, "show") == ""
    signed_in(player)


@pytest.mark.parametrize("fault", ["aborted", "503", "500"])
def test_a_frame_that_fails_once_comes_with_the_next_try(page_of: PageOf, context: BrowserContext, fault: str) -> None:
    failed: list[str] = []

    def fail_once(route: Route) -> None:
        if failed:
            return route.continue_()
        failed.append(route.request.url)
        return route.abort() if fault == "aborted" else route.fulfill(status=int(fault), body="away")

    context.route("**/messenger?*", fail_once)
    player = page_of()
    assert player.expect_event("identity:error")["code"] == "FRAME_UNREACHABLE"
    expect(player.launcher).to_be_visible()
    player.expect_event("ready")
    player.open()
    signed_in(player)


def test_the_games_keys_are_not_pressed_by_the_launcher(page_of: PageOf) -> None:
    count = "if (event.key === ' ') { spins++; event.preventDefault(); }"
    player = page_of(head=f"<script>let spins = 0; addEventListener('keydown', (event) => {{ {count} }});</script>")
    player.expect_event("ready")
    player.launcher.focus()
    player.page.keyboard.press("Space")
    signed_in(player)
    assert player.page.evaluate("() => spins") == 0


def test_settings_that_come_after_the_script_are_booted_with(
    context: BrowserContext, casino: OperatorSite, service: Service
) -> None:
    html = f'<!doctype html><title>Casino</title><script src="{service.url}/sdk/v1/messenger.js"></script>'
    casino.routes["/late"] = lambda: ("text/html; charset=utf-8", html)
    casino.log_in("late", "Ana Ruiz")
    player = Messenger(context, f"{casino.origin}/late")
    stated = {"workspaceId": casino.workspace["workspace_id"], "player": {"token": casino.sign()}}
    player.page.evaluate("(stated) => { window.playerMessengerSettings = stated; }", stated)
    expect(player.launcher).to_be_visible()
    player.open()
    signed_in(player)


def test_a_module_without_an_address_is_told_which_setting_is_missing(
    context: BrowserContext, casino: OperatorSite, service: Service
) -> None:
    source = service.request("GET", "/sdk/v1/messenger.js").text
    settings = json.dumps({"workspaceId": casino.workspace["workspace_id"]})
    snippet = f'<script>playerMessengerSettings = {settings}</script><script type="module" src="/own.js"></script>'
    html = f"<!doctype html><title>Casino</title>{snippet}"
    casino.routes["/own.js"] = lambda: ("text/javascript", source)
    casino.routes["/module"] = lambda: ("text/html; charset=utf-8", html)
    player = Messenger(context, f"{casino.origin}/module")
    player.page.wait_for_function("() => window.PlayerMessenger?.version")
    assert failure_of(player.page, "boot") == "NO_API_BASE"
    assert any("apiBase" in line for line in player.console)


def test_a_link_of_the_chat_opens_a_tab_in_which_everything_works(
    page_of: PageOf, context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.routes["/cashier"] = lambda: ("text/html", "<!doctype html><title>Cashier</title><h1>Cashier</h1>")
    player = page_of().open()
    player.say("Where do I pay?")
    service.reply(service.conversation_with("Where do I pay?", player_id=player_id), f"{casino.origin}/cashier")
    with context.expect_page() as opened:
        player.log.get_by_role("link").click()
    tab = opened.value
    tab.on("dialog", lambda dialog: dialog.accept())
    assert tab.evaluate("() => confirm('Withdraw 200 EUR?')") is True
