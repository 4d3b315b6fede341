"""What stands in the operator's page, short of a script, never decides where a player token goes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import Messenger, Service
from e2e.operator_site import OperatorSite

#: What a comment or a profile may bring along where only scripts are filtered out; {thief} is another site's address.
MARKUP = {
    "an image named like the running script": '<img name="currentScript" src="{thief}/pixel.png">',
    "a frame named like the running script": '<iframe name="currentScript" src="{thief}/"></iframe>',
    "a form whose field is its address": '<form name="currentScript"><input name="src" value="{thief}/a.js"></form>',
    "an embedded object": '<embed name="currentScript" src="{thief}/a.js">',
    "a link that is the settings": '<a id="playerMessengerSettings" href="{thief}/"></a>',
    "a list of links with an address": (
        '<a id="playerMessengerSettings"></a><a id="playerMessengerSettings" name="apiBase" href="{thief}/"></a>'
    ),
    "a form that is the messenger": '<form id="PlayerMessenger"><input name="version"><input name="q"></form>',
    "fields named like what is called": "".join(
        f'<img name="{name}">'
        for name in ("createElement", "documentElement", "body", "querySelectorAll", "readyState", "title", "head")
    ),
}
#: What a library may have done to every object.
PROTOTYPES = {
    "an inherited address": 'Object.prototype.apiBase = "{thief}";',
    "an inherited player": 'Object.prototype.player = {{ token: "a.b.c" }}; Object.prototype.token = "a.b.c";',
    "an inherited queue": 'Function.prototype.q = [["boot", {{ apiBase: "{thief}", workspaceId: "ws_x" }}]];',
    "an inherited version": 'Function.prototype.version = "9";',
}


@pytest.fixture
def thief() -> Iterator[OperatorSite]:
    site = OperatorSite("thief.localhost", "")
    yield site
    site.close()


@pytest.mark.parametrize("source", ["getPlayerToken", "player"])
@pytest.mark.parametrize("name", [*MARKUP, *PROTOTYPES])
def test_the_token_goes_to_the_service_that_gave_the_script(
    context: BrowserContext,
    casino: OperatorSite,
    thief: OperatorSite,
    service: Service,
    player_id: str,
    name: str,
    source: str,
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    before = MARKUP.get(name, "").format(thief=thief.origin)
    script = PROTOTYPES.get(name, "").format(thief=thief.origin)
    asked = '() => fetch("/support/player-token").then((it) => it.text())'
    given = f'{{ token: "{casino.sign()}" }}' if source == "player" else asked
    settings = f'{{ workspaceId: "{casino.workspace["workspace_id"]}", {source}: {given} }}'
    html = (
        f'<!doctype html><title>Casino</title><link rel="icon" href="data:,"><body>{before}'
        f"<script>{script} window.playerMessengerSettings = {settings};</script>"
        f'<script async src="{service.url}/sdk/v1/messenger.js"></script>'
    )
    casino.routes["/clobbered"] = lambda: ("text/html; charset=utf-8", html)
    told: list[str] = []
    context.on(
        "request",
        lambda request: (
            told.append(request.url)
            if request.url.startswith(thief.origin) and ("/v1/" in request.url or request.method == "POST")
            else None
        ),
    )

    player = Messenger(context, f"{casino.origin}/clobbered").open()

    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    assert told == []
