"""WebKitGTK's own little browser, driven by WebKitWebDriver (W3C WebDriver over HTTP) on a screen that nobody sees."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.support.servers import wait_until
from tests.support.service import free_port

BROWSERS = "/usr/lib"
ENTER = "\ue007"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver §12.1: how an element is told
FRAME = "return document.querySelector('player-messenger').shadowRoot.querySelector('iframe')"


def find_missing() -> str | None:
    """What must be installed first, or None."""
    if shutil.which("WebKitWebDriver") is None or _find_browser() is None:
        return "no webkit2gtk-driver"
    return None if os.environ.get("DISPLAY") or shutil.which("Xvfb") else "no screen, and no xvfb"


def _find_browser() -> Path | None:
    return next(iter(sorted(Path(BROWSERS).glob("*/webkit2gtk-4*/MiniBrowser"), reverse=True)), None)


class WebKit:
    """See story.Engine."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        environment = {**os.environ, "DISPLAY": os.environ.get("DISPLAY") or self._start_screen()}
        port = free_port()
        self._start(["WebKitWebDriver", f"--port={port}"], environment)
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        wait_until(self._is_ready, "WebKitWebDriver", seconds=20)
        options = {"binary": str(_find_browser()), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        answer = self._client.post("/session", json=wanted).raise_for_status().json()["value"]
        self._session = f"/session/{answer['sessionId']}"
        self.version = f"{answer['capabilities']['browserName']} {answer['capabilities']['browserVersion']}"
        self._ask("timeouts", script=50_000)

    def visit(self, url: str) -> None:
        self._ask("frame", id=None)
        self._ask("url", url=url)

    def in_page(self, expression: str) -> Any:
        self._ask("frame", id=None)
        return self._run(expression)

    def in_frame(self, expression: str) -> Any:
        self._enter_frame()
        return self._run(expression)

    def write(self, text: str) -> None:
        self._enter_frame()
        field = self._ask("element", using="css selector", value="textarea")[ELEMENT]
        wait_until(lambda: self._can_write(field), "the field", seconds=20)
        self._ask(f"element/{field}/value", text=text + ENTER)

    def _can_write(self, field: str) -> bool:
        try:
            self._ask(f"element/{field}/click")
        except RuntimeError:  # still disabled, or the panel still on its way
            return False
        return bool(self._ask(f"element/{field}/enabled"))

    def close(self) -> None:
        """Ends the browser, its driver and the screen."""
        self._client.delete(self._session)
        self._client.close()
        while self._processes:
            process = self._processes.pop()
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def _enter_frame(self) -> None:
        self._ask("frame", id=None)
        self._ask("frame", id=self._ask("execute/sync", script=FRAME, args=[]))

    def _run(self, expression: str) -> Any:
        script = f"const done = arguments[0]; Promise.resolve({expression}).then(done, (error) => done(String(error)))"
        return self._ask("execute/async", script=script, args=[])

    def _ask(self, path: str, **body: Any) -> Any:
        address = f"{self._session}/{path}"
        answer = self._client.get(address) if path.endswith("/enabled") else self._client.post(address, json=body)
        value = answer.json()["value"]
        if answer.is_error:
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
        return value

    def _is_ready(self) -> bool:
        try:
            return self._client.get("/status").is_success
        except httpx.TransportError:
            return False

    def _start(self, command: list[str], environment: dict[str, str]) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        self._processes.append(subprocess.Popen(command, env=environment, **quiet))  # type: ignore[call-overload]

    def _start_screen(self) -> str:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1100x800x24", "-nolisten", "tcp"]
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, pass_fds=[write], stdout=quiet, stderr=quiet))
        os.close(write)
        with os.fdopen(read) as told:
            return f":{told.readline().strip()}"
