"""The helpdesk bridges in a page whose elements are called like what they read: a real browser's named access."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from widget_service.assets import sdk_folder

PAGE = "https://casino.test/"
SERVICE = "https://support.test/"
THIEF = "https://thief.test/"
TOKEN = "e30.eyJzdWIiOiI1ODMyIn0.c2ln"
NAMED = f"""
<img name="currentScript" src="{THIEF}pixel.png"><img name="activeElement"><img name="body">
<form id="PlayerHelpdesk" name="PlayerHelpdesk"><input name="version" value="1"><input name="q"></form>
<form id="addEventListener" name="addEventListener"></form><form id="zE" name="zE"></form>
<form id="LiveChatWidget" name="LiveChatWidget"><input name="call"></form>
"""
SETTINGS = f"""
<script>
  window.playerHelpdeskSettings = {{workspaceId: "ws_1", connectionId: "hd_1", getPlayerToken: async () => "{TOKEN}"}}
</script>
"""
CLOBBERED = f'<a id="playerHelpdeskSettings"></a><a id="playerHelpdeskSettings" name="apiBase" href="{THIEF}"></a>'
WIDGETS = {
    "zendesk": "window.told = []; window.zE = (name, what, then) =>"
    " name !== 'messenger:on' ? told.push(what) : what === 'open' && then(); null",
    "livechat": "window.told = []; window.LiveChatWidget = {call: (...words) => told.push(words),"
    " get: () => ({visibility: 'maximized'}), on() {}}; null",
}


def serve(page: Page, vendor: str, body: str) -> list[str]:
    """The page with the bridge in it; who was sent a token."""
    sent: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if route.request.method == "POST" and TOKEN in (route.request.post_data or ""):
            sent.append(url)
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        reply: dict[str, Any] = {"body": "", "content_type": "text/plain"}
        if url == PAGE:
            script = f'<script src="{SERVICE}sdk/v1/helpdesks/{vendor}.js"></script>'
            reply = {"body": f"<!doctype html><body>{body}{script}", "content_type": "text/html"}
        elif url.endswith(f"/helpdesks/{vendor}.js"):
            source = (sdk_folder() / "helpdesks" / f"{vendor}.js").read_text(encoding="utf-8")
            reply = {"body": source, "content_type": "text/javascript"}
        elif url.endswith("/attributes"):
            reply = {"body": json.dumps({"attributes": {"1": "ref_1"}}), "content_type": "application/json"}
        route.fulfill(headers=headers, **reply)

    page.route("**/*", answer)
    page.goto(PAGE)
    return sent


@pytest.mark.parametrize("vendor", WIDGETS)
def test_named_elements_never_say_where_a_token_goes(context: BrowserContext, vendor: str) -> None:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sent = serve(page, vendor, NAMED + SETTINGS)
    page.evaluate(WIDGETS[vendor])

    page.wait_for_function("told.length > 0")

    assert {url.partition("/v1/")[0] + "/" for url in sent} == {SERVICE}
    assert errors == []


@pytest.mark.parametrize("vendor", WIDGETS)
def test_elements_are_no_settings(context: BrowserContext, vendor: str) -> None:
    page = context.new_page()
    sent = serve(page, vendor, CLOBBERED + NAMED)
    page.evaluate(WIDGETS[vendor])

    assert page.evaluate("PlayerHelpdesk('boot').catch(({code}) => code)") == "NOT_CONFIGURED"
    expect(page.locator("#playerHelpdeskSettings").first).to_be_attached()
    assert sent == []
