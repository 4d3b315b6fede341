"""The npm package, as an application takes it in: packed, imported on a server, imported in a browser."""

import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from e2e.conftest import Messenger, Service
from e2e.operator_site import OperatorSite

SOURCE = Path(__file__).parent.parent / "sdk_snippet"
SHIPPED = ["README.md", "index.d.ts", "index.js", "messenger.d.ts", "package.json"]

ON_A_SERVER = """
import { load } from "player-messenger";
const messenger = load({ apiBase: "https://support.example" });
const answers = [
  load({ apiBase: "https://support.example" }) === messenger,
  typeof window,
  (await messenger("boot", { workspaceId: "ws_1" })) === undefined,
  typeof messenger("on", "ready", () => {}),
];
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packed package among its modules."""
    folder = tmp_path_factory.mktemp("application")
    pack = ["npm", "pack", "--offline", "--silent", "--pack-destination", str(folder), str(SOURCE)]
    subprocess.run(pack, check=True, cwd=folder, capture_output=True, timeout=120)
    (archive,) = folder.glob("*.tgz")
    modules = folder / "node_modules"
    with tarfile.open(archive) as packed:
        packed.extractall(modules, filter="data")
    (modules / "package").rename(modules / "player-messenger")
    return folder


def test_the_package_holds_the_loader_and_its_types_and_needs_nothing(application: Path) -> None:
    package = application / "node_modules" / "player-messenger"
    assert sorted(path.relative_to(package).as_posix() for path in package.rglob("*")) == SHIPPED
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in described


def test_on_a_server_the_package_does_nothing_and_breaks_nothing(application: Path) -> None:
    (application / "server.mjs").write_text(ON_A_SERVER, encoding="utf-8")
    run = subprocess.run(
        ["node", "server.mjs"], cwd=application, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [True, "undefined", True, "function"]


@pytest.fixture
def module_page(context: BrowserContext, application: Path, casino: OperatorSite) -> str:
    """The address of a page that imports the package; its files come from the packed one."""
    package = application / "node_modules" / "player-messenger"

    def give(route: Route) -> None:
        route.fulfill(path=package / route.request.url.rpartition("/")[2], content_type="text/javascript")

    context.route("**/player-messenger/*", give)
    return f"{casino.origin}/module.html"


def test_in_a_browser_the_package_brings_the_script_once_and_speaks_to_it(
    context: BrowserContext, module_page: str, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = Messenger(context, module_page)
    early = """() => {
        const calls = [messenger("boot", settings), messenger("showNewMessage", "From a module")];
        return Promise.all(calls).then((answers) => answers.length);
    }"""
    assert player.page.evaluate(early) == 2
    expect(player.field).to_have_value("From a module")
    player.expect_event("conversation:started")
    assert player.page.evaluate("again === messenger") is True
    assert player.page.locator("script[src$='/sdk/v1/messenger.js']").count() == 1
    assert player.page.evaluate("PlayerMessenger.version.length > 0") is True
    assert player.console == []


def test_who_stops_listening_before_the_script_is_there_hears_nothing(
    context: BrowserContext, module_page: str, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    held: list[Route] = []
    context.route("**/sdk/v1/messenger.js", lambda route: held.append(route))
    player = Messenger(context, "about:blank")
    player.page.goto(module_page, wait_until="domcontentloaded")
    player.page.wait_for_function("typeof messenger === 'function'")
    player.page.evaluate(
        """() => {
            window.heard = [];
            messenger("on", "show", () => heard.push("ended"))();
            messenger("on", "show", () => heard.push("goes on"));
            window.shown = messenger("boot", settings).then(() => messenger("show"));
        }"""
    )
    while not held:
        player.page.wait_for_timeout(50)
    held[0].continue_()
    player.page.evaluate("shown")
    assert player.page.evaluate("heard") == ["goes on"]


def test_a_script_that_could_not_be_loaded_is_tried_again_at_the_next_call(
    context: BrowserContext, module_page: str, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    context.route("**/sdk/v1/messenger.js", lambda route: route.abort(), times=1)
    player = Messenger(context, module_page)
    while not (lines := [line for line in player.console if line.startswith("[PlayerMessenger] SCRIPT_NOT_LOADED")]):
        player.page.wait_for_timeout(50)
    assert f"{service.url}/sdk/v1/messenger.js" in lines[0]
    player.page.evaluate("messenger('boot', settings)")
    player.open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()


def test_a_page_that_requires_trusted_types_allows_the_package_by_name(
    context: BrowserContext, module_page: str, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.headers = {
        "Content-Security-Policy": f"script-src 'self' 'unsafe-inline' {service.url}; frame-src {service.url};"
        f" connect-src {service.url}; require-trusted-types-for 'script'; trusted-types player-messenger"
    }
    player = Messenger(context, module_page)
    player.page.evaluate("messenger('boot', settings)")
    player.open().say("Trusted.")
