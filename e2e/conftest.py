"""Real servers, a real browser: the service, the casino's site and a hostile one, each on a host of its own.

``*.localhost`` is resolved by the browser alone; Python asks the same servers on 127.0.0.1 with a Host header.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FrameLocator,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from e2e import failures
from e2e.chromium import QUIET, STORAGE_MODES, NoBrowser, find_browser
from e2e.operator_site import OperatorSite
from widget_service.cli import main

CLI = [sys.executable, "-c", "from widget_service.cli import main; main()"]
SCOPES = ("conversations:read", "conversations:write", "sessions:revoke")
#: Milliseconds; a shorter one shows failures sooner while something is being made.
PATIENCE = int(os.environ.get("PATIENCE", "40000"))
PICTURES = Path(__file__).parent.parent / "test-results" / "screenshots"

expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" and report.failed:
        report.sections.append(("what the pages showed", failures.describe(item, PICTURES / "failed")))
    return report


# --- the service


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """The service under test, its command line, and the agent side of its API."""

    port: int
    environ: dict[str, str]
    directory: Path
    workspace: dict[str, Any] = field(default_factory=dict)
    api_token: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where browsers find it, which may be a proxy's address."""
        return self.environ["WIDGET_PUBLIC_URL"]

    def stop(self) -> None:
        """At once: open streams are not waited for."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)

    def command(self, *words: str) -> dict[str, Any]:
        """Runs ``widget-service …`` in this process, which costs no start; the JSON object it prints, if any."""
        unset = {name: None for name in os.environ if name.startswith("WIDGET_")}
        run = CliRunner().invoke(main, words, env={**unset, **self.environ})
        assert run.exit_code == 0, f"widget-service {' '.join(words)}: {run.stderr}"
        return dict(json.loads(run.stdout)) if "--json" in words else {}

    def create_workspace(self, name: str, *origins: str, anonymous: bool = False) -> dict[str, Any]:
        options = [word for origin in origins for word in ("--origin", origin)]
        if anonymous:
            options.append("--anonymous")
        return self.command("workspace", "create", "--name", name, *options, "--json")

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Host": f"widget.localhost:{self.port}", **options.pop("headers", {})}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10, **options)

    def agent(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The agent calls its API; anything but success fails the test."""
        answer = self.request(method, path, headers={"Authorization": f"Bearer {self.api_token}"}, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def conversations(self, **query: str) -> list[dict[str, Any]]:
        return list(self.agent("GET", "/v1/conversations", params=query)["conversations"])

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        return list(self.agent("GET", f"/v1/conversations/{conversation_id}/messages")["messages"])

    def conversation_with(self, text: str, **query: str) -> str:
        """The id of the conversation in which somebody said ``text``, as soon as the agent can see it."""
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            for conversation in self.conversations(**query):
                if any(message["text"] == text for message in self.messages(conversation["id"])):
                    return str(conversation["id"])
            time.sleep(0.1)
        raise AssertionError(f"no agent can see {text!r}")

    def reply(self, conversation_id: str, text: str, name: str = "Mia", kind: str = "ai") -> None:
        body = {"text": text, "author": {"name": name, "kind": kind}}
        self.agent("POST", f"/v1/conversations/{conversation_id}/replies", json=body)

    def act(self, conversation_id: str, verb: str) -> None:
        """``typing``, ``handover`` or ``close``."""
        self.agent("POST", f"/v1/conversations/{conversation_id}/{verb}", json={})


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as it:
        yield it


@contextmanager
def serving(directory: Path, **settings: str) -> Iterator[Service]:
    """A service of its own, until the block ends."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WIDGET_")} | {
        "WIDGET_DATABASE_URL": f"sqlite:///{directory / 'widget.db'}",
        "WIDGET_PUBLIC_URL": f"http://widget.localhost:{port}",
        "WIDGET_SECRET_KEY": secrets.token_urlsafe(48),
        "WIDGET_RATE_LIMITS": "off",
        **settings,
    }
    it = Service(port, environ, directory)
    with running(it):
        yield it


@contextmanager
def running(service: Service) -> Iterator[None]:
    """The service's process: again and again on the same port and the same database."""
    log = service.directory / "serve.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*CLI, "serve", "--host", "127.0.0.1", "--port", str(service.port)],
            env=service.environ,
            cwd=service.directory,
            stdout=output,
            stderr=output,
        )
        service.process = process
        try:
            wait_until_ready(service, process, log)
            yield
        finally:
            service.stop()


def wait_until_ready(service: Service, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.HTTPError):
            if service.request("GET", "/health/ready").status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the service did not come up:\n{log.read_text()[-3000:]}")


# --- the sites


@pytest.fixture(scope="session")
def sites(service: Service) -> Iterator[dict[str, OperatorSite]]:
    """The casino, a second one that takes anonymous visitors, and the hostile site that is on nobody's list."""
    casino, lounge, evil = (OperatorSite(f"{name}.localhost", service.url) for name in ("casino", "lounge", "evil"))
    service.workspace = casino.workspace = service.create_workspace("Casino", casino.origin)
    lounge.workspace = service.create_workspace("Lounge", lounge.origin, anonymous=True)
    evil.workspace = casino.workspace
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    service.api_token = service.command("token", "create", casino.workspace["workspace_id"], *scopes, "--json")["token"]
    lounge.api_token = service.command("token", "create", lounge.workspace["workspace_id"], *scopes, "--json")["token"]
    casino.api_token = service.api_token
    service.command("brand", "set", casino.workspace["brand_id"], "debug=true")
    yield {"casino": casino, "lounge": lounge, "evil": evil}
    for site in (casino, lounge, evil):
        site.close()


@pytest.fixture
def casino(sites: dict[str, OperatorSite]) -> OperatorSite:
    sites["casino"].reset()
    return sites["casino"]


@pytest.fixture
def lounge(sites: dict[str, OperatorSite], service: Service) -> Iterator[OperatorSite]:
    sites["lounge"].reset()
    before, service.api_token = service.api_token, sites["lounge"].api_token
    yield sites["lounge"]
    service.api_token = before


@pytest.fixture
def evil(sites: dict[str, OperatorSite]) -> OperatorSite:
    sites["evil"].reset()
    return sites["evil"]


@pytest.fixture
def player_id() -> str:
    """A player nobody has used before."""
    return f"p-{secrets.token_hex(4)}"


# --- the browser


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="session")
def executable(playwright: Playwright) -> str:
    """Playwright's own Chromium if it is installed, else the system's; without any, the run fails."""
    try:
        return find_browser(playwright)
    except NoBrowser as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    it = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
    yield it
    it.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A private window: third-party cookies blocked, storage partitioned."""
    it = browser.new_context(locale="en-GB", viewport={"width": 1100, "height": 800})
    it.set_default_timeout(PATIENCE)
    yield it
    it.close()


@pytest.fixture(params=list(STORAGE_MODES))
def storage_mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stored_context(
    playwright: Playwright, executable: str, storage_mode: str, tmp_path: Path
) -> Iterator[BrowserContext]:
    """An ordinary window of a browser with one of the storage modes in its preferences."""
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(STORAGE_MODES[storage_mode]))
    it = playwright.chromium.launch_persistent_context(
        profile, executable_path=executable, args=list(QUIET), locale="en-GB", viewport={"width": 1100, "height": 800}
    )
    it.set_default_timeout(PATIENCE)
    yield it
    it.close()


# --- the messenger, as a player sees it


class Messenger:
    """A page of an operator with the messenger on it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.console: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda line: self.console.append(line.text))
        self.page.on("pageerror", lambda error: self.console.append(f"pageerror {error}"))
        self.page.goto(url)

    @property
    def launcher(self) -> Locator:
        return self.page.locator("player-messenger button")

    @property
    def panel(self) -> Locator:
        return self.page.locator("player-messenger iframe")

    @property
    def ground(self) -> Locator:
        """What stands in the panel until the frame has spoken, or when it cannot."""
        return self.page.locator("player-messenger p")

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("player-messenger iframe")

    @property
    def field(self) -> Locator:
        return self.chat.get_by_role("textbox", name="Message")

    @property
    def log(self) -> Locator:
        return self.chat.get_by_role("log")

    def open(self) -> "Messenger":
        """Opens the panel, unless it is open already, as after a reload."""
        while self.launcher.get_attribute("aria-expanded") != "true":
            self.launcher.click()
        return self

    def close(self) -> None:
        self.chat.get_by_role("button", name="Close chat window").click()

    def say(self, text: str) -> None:
        """Writes and sends; the message has arrived at the service when this returns."""
        self.field.fill(text)
        self.field.press("Enter")
        expect(self.bubble(text)).to_be_visible()
        expect(self.log.get_by_text("Sent", exact=True).last).to_be_visible()

    def bubble(self, text: str) -> Locator:
        return self.log.get_by_text(text, exact=True)

    def call(self, *words: Any) -> Any:
        """``PlayerMessenger(…)`` from the operator's page, awaited."""
        return self.page.evaluate("words => PlayerMessenger(...words)", list(words))

    def seen(self, name: str) -> list[dict[str, Any]]:
        """The details of the events of that name that the page has got."""
        details = "name => seen.filter(event => event.name === name).map(event => event.detail)"
        return list(self.page.evaluate(details, name))

    def expect_event(self, name: str) -> dict[str, Any]:
        self.page.wait_for_function("name => seen.some(event => event.name === name)", arg=name, timeout=PATIENCE)
        return self.seen(name)[-1]


Visit = Callable[..., Messenger]


@pytest.fixture
def visit(context: BrowserContext) -> Visit:
    """Opens a page of a site in a private window: ``visit(casino)``."""
    return lambda site, page="callback.html": Messenger(context, f"{site.origin}/{page}")


@pytest.fixture
def stored_visit(stored_context: BrowserContext) -> Visit:
    """The same in each of the storage modes."""
    return lambda site, page="callback.html": Messenger(stored_context, f"{site.origin}/{page}")


Picture = Callable[..., None]


@pytest.fixture
def picture(context: BrowserContext, request: pytest.FixtureRequest) -> Picture:
    """``picture(name)`` keeps what the newest page shows, or the page that is given, to be looked at after the run."""
    folder = PICTURES / request.path.stem

    def take(name: str, page: Page | None = None) -> None:
        file = name.replace("#", "").replace(", ", " ").replace(" ", "-")
        (page or context.pages[-1]).screenshot(path=folder / f"{file}.png")

    return take
