"""What integrators' security teams ask of a script on their pages, tried on pages as strict as they come."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, Response, expect

from e2e.chromium import QUIET
from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite

STRICT = {"Referrer-Policy": "no-referrer"}
ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
#: What a page notes of itself when it has no script of its own.
WATCH = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
    window.seen = [];
    window.PlayerMessenger = function () { (PlayerMessenger.q = PlayerMessenger.q || []).push(arguments); };
    PlayerMessenger("on", "identity:error", (detail) => seen.push({ name: "identity:error", detail }));
    PlayerMessenger("on", "conversation:started", (detail) => seen.push({ name: "conversation:started", detail }));
"""


def three_lines(service: Service) -> dict[str, str]:
    """Exactly what the documentation tells an operator to allow."""
    return dict.fromkeys(("script-src", "frame-src", "connect-src"), service.url)


def policy(*parts: dict[str, str]) -> dict[str, str]:
    """A page's headers: nothing is allowed but ``parts``, of which later ones win."""
    directives: dict[str, str] = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    for part in parts:
        directives |= part
    return {**STRICT, "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in directives.items())}


def visit_bare(context: BrowserContext, casino: OperatorSite, **settings: Any) -> Messenger:
    """A page whose only script is the snippet's; its settings come from outside, as no policy can see them."""
    given = {"workspaceId": casino.workspace["workspace_id"], "player": {"token": casino.sign()}, **settings}
    context.add_init_script(f"if (self === top) {{ {WATCH} window.playerMessengerSettings = {json.dumps(given)}; }}")
    return Messenger(context, f"{casino.origin}/bare.html")


def require_chat(player: Messenger, service: Service, player_id: str) -> None:
    """A question and its answer, and not one report of a violated policy."""
    player.open().say("Strict enough?")
    service.reply(service.conversation_with("Strict enough?", player_id=player_id), "Yes.")
    expect(player.bubble("Yes.")).to_be_visible()
    assert player.launcher.evaluate("launcher => getComputedStyle(launcher).borderRadius") == "50%"  # styled
    assert player.page.evaluate("violations") == []
    assert player.console == []


# --- works


def test_three_lines_of_policy_are_enough(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = policy(three_lines(service))
    require_chat(visit_bare(context, casino), service, player_id)


@pytest.mark.parametrize("script_src", ["{url} 'nonce-n0nce'", "'nonce-n0nce' 'strict-dynamic'"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"style-src": "'none'", "img-src": "'none'", "font-src": "'none'"},
        {"require-trusted-types-for": "'script'", "trusted-types": "'none'"},
    ],
    ids=["three lines", "no styles", "trusted types"],
)
def test_it_works_with_a_nonce_and_whatever_else_is_forbidden(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, script_src: str, more: dict[str, str]
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    script = {"script-src": script_src.format(url=service.url)}
    casino.headers = policy(three_lines(service), script, more)
    require_chat(visit(casino, "strict.html"), service, player_id)


@pytest.mark.parametrize("pinned", [False, True], ids=["latest", "pinned by its hash"])
def test_it_works_on_a_cross_origin_isolated_page(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str, pinned: bool
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    script = {"script-src": "'nonce-n0nce'"}
    casino.headers = {**policy(three_lines(service), script), **ISOLATED}
    casino.snippet = pinned_snippet(service) if pinned else {}
    player = visit(casino, "strict.html")
    assert player.page.evaluate("crossOriginIsolated") is True
    require_chat(player, service, player_id)


def pinned_snippet(service: Service) -> dict[str, str]:
    """The script's address and hash, as the service publishes them."""
    manifest = service.request("GET", "/sdk/v1/manifest.json").json()
    return {"src": manifest["url"], "integrity": manifest["integrity"], "crossorigin": "anonymous"}


def test_the_pinned_script_runs_under_its_hash(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = policy(three_lines(service), {"script-src": f"{service.url} 'nonce-n0nce'"})
    casino.snippet = pinned_snippet(service)
    require_chat(visit(casino, "strict.html"), service, player_id)


def test_under_a_wrong_hash_nothing_happens(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = policy(three_lines(service))
    casino.snippet = {**pinned_snippet(service), "integrity": f"sha384-{'A' * 64}"}
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = Messenger(context, f"{casino.origin}/bare.html")  # returns when the page and its scripts are done
    assert page.page.evaluate("typeof PlayerMessenger") == "undefined"
    expect(page.page.locator("player-messenger")).to_have_count(0)
    assert [url for url in asked if url.startswith(service.url)] == [casino.snippet["src"]]
    assert [line for line in page.console if "integrity" not in line] == []


def test_the_frames_document_has_the_headers_that_were_promised(
    context: BrowserContext, casino: OperatorSite, service: Service
) -> None:
    documents: list[Response] = []
    context.on("response", lambda one: documents.append(one) if one.request.resource_type == "document" else None)
    player = Messenger(context, f"{casino.origin}/callback.html")
    player.expect_event("ready")
    frame = next(one for one in documents if one.url.startswith(service.url))
    headers = frame.all_headers()
    parts = [part.strip().partition(" ") for part in headers["content-security-policy"].split(";")]
    assert {name: value for name, _, value in parts} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": casino.origin,
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    promised = {
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "origin-agent-cluster": "?1",
        "cross-origin-resource-policy": "cross-origin",
        "cross-origin-embedder-policy": "require-corp",
    }
    assert {name: headers.get(name) for name in promised} == promised
    sandbox = player.panel.get_attribute("sandbox")
    assert sandbox.split() == [
        "allow-scripts",
        "allow-same-origin",
        "allow-forms",
        "allow-popups",
        "allow-popups-to-escape-sandbox",
        "allow-downloads",
    ]


def test_no_request_of_the_messenger_says_which_page_it_is_on(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    answers: list[Response] = []
    context.on("response", lambda answer: answers.append(answer))
    player = Messenger(context, f"{casino.origin}/callback.html?attributes=%7B%22vip%22:%22secret%22%7D").open()
    player.say("Hello")
    ours = [answer for answer in answers if answer.url.startswith(service.url)]
    referrers = {answer.request.all_headers().get("referer") for answer in ours}
    assert referrers <= {None, f"{casino.origin}/"}


# --- does not work, and says so


def test_a_page_that_forbids_the_frame_is_told(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = policy(three_lines(service), {"frame-src": "'none'"})
    page = visit_bare(context, casino)
    refusal = page.expect_event("identity:error")
    assert refusal["code"] in ("ORIGIN_NOT_ALLOWED", "UNREACHABLE", "FRAME_BLOCKED")
    assert any("frame-src" in line and service.url in line for line in ours(page))
    expect(page.page.locator("player-messenger")).to_have_count(0)


def test_a_page_that_forbids_to_connect_is_told(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = policy(three_lines(service), {"connect-src": "'none'"})
    page = visit_bare(context, casino).open()
    assert page.expect_event("identity:error")["code"] == "UNREACHABLE"
    assert any("connect-src" in line for line in ours(page))
    expect(page.chat.get_by_role("button", name="Try again")).to_be_visible()


def test_a_sandboxed_page_gets_a_clear_line_and_no_half_working_widget(
    context: BrowserContext, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = {"Content-Security-Policy": "sandbox allow-scripts"}
    page = visit_bare(context, casino)
    refused = page.page.evaluate("PlayerMessenger('boot', playerMessengerSettings).catch((error) => error.code)")
    assert refused == "NOT_SECURE"
    expect(page.page.locator("player-messenger")).to_have_count(0)
    assert any("sandbox" in line for line in ours(page))


def test_a_page_without_https_gets_a_clear_line_and_no_half_working_widget(
    playwright: Playwright, executable: str, casino: OperatorSite
) -> None:
    mapped = [*QUIET, "--host-resolver-rules=MAP casino.test 127.0.0.1"]
    browser: Browser = playwright.chromium.launch(executable_path=executable, args=mapped)
    try:
        page = Messenger(browser.new_context(), f"http://casino.test:{casino.origin.rpartition(':')[2]}/callback.html")
        refused = page.page.evaluate("PlayerMessenger('boot', playerMessengerSettings).catch((error) => error.code)")
        assert refused == "NOT_SECURE"
        expect(page.page.locator("player-messenger")).to_have_count(0)
        assert any("needs https" in line for line in ours(page))
    finally:
        browser.close()


def ours(page: Messenger) -> list[str]:
    """What the snippet itself has said in the console."""
    return [line for line in page.console if line.startswith("[PlayerMessenger]")]
