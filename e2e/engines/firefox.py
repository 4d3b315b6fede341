"""Firefox, driven over WebDriver BiDi by puppeteer-core, which runs in a Node.js process of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

PUPPETEER = "puppeteer-core@25"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "widget-service" / PUPPETEER


def find_missing() -> str | None:
    """What must be installed first, or None."""
    if _find_firefox() is None:
        return "no firefox-esr or firefox"
    return None if shutil.which("npm") else "no node and npm"


def _find_firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """See story.Engine."""

    def __init__(self) -> None:
        if not (CACHE / "node_modules" / "puppeteer-core").is_dir():
            quiet = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")
            subprocess.run(["npm", "install", *quiet, "--prefix", str(CACHE), PUPPETEER], check=True, timeout=300)
        script = Path(__file__).parent / "firefox.mjs"
        self._node = subprocess.Popen(
            ["node", str(script), str(CACHE), str(_find_firefox())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = str(self._read())

    def visit(self, url: str) -> None:
        self._ask("visit", url)

    def in_page(self, expression: str) -> Any:
        return self._ask("in_page", expression)

    def in_frame(self, expression: str) -> Any:
        return self._ask("in_frame", expression)

    def write(self, text: str) -> None:
        self._ask("write", text)

    def close(self) -> None:
        """Ends Node.js, which ends the browser."""
        assert self._node.stdin is not None
        self._node.stdin.close()
        try:
            self._node.wait(30)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.wait()

    def _ask(self, verb: str, value: str) -> Any:
        assert self._node.stdin is not None
        self._node.stdin.write(json.dumps({"verb": verb, "value": value}) + "\n")
        self._node.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._node.stdout is not None
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError("Firefox or Node.js has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]
