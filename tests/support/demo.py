"""``widget-service demo`` as a process, on free ports."""

import re
import signal
import subprocess
from typing import Any

import httpx
import psutil

from tests.support.service import PROGRAM, clean_environment, free_port

ADDRESSES = {
    "service": r"http://127\.0\.0\.1:\d+",
    "casino": r"http://casino\.localhost:\d+",
    "helpdesk": r"http://helpdesk\.localhost:\d+",
    "hostile": r"http://evil\.localhost:\d+",
}


class Demo:
    """One run, on free ports. Python does not resolve ``*.localhost``, so the sites are asked with a Host header."""

    def __init__(self, *options: str) -> None:
        names = ("--port", "--casino-port", "--hostile-port", "--agent-port", "--helpdesk-port", "--back-office-port")
        ports = [free_port() for _ in names]
        given = [word for name, port in zip(names, ports, strict=True) for word in (name, str(port))]
        self.process = subprocess.Popen(
            [PROGRAM, "demo", *given, *options],
            env=clean_environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.printed = self._read_until("Ctrl-C stops everything.")
        self.urls = {name: re.findall(pattern, self.printed)[0] for name, pattern in ADDRESSES.items()}
        self.url = self.urls["service"]
        self.children = psutil.Process(self.process.pid).children(recursive=True)

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=40, trust_env=False, **options)

    def site(self, name: str) -> httpx.Client:
        host, port = self.urls[name].removeprefix("http://").split(":")
        return httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Host": f"{host}:{port}"}, timeout=40, trust_env=False
        )

    def log_in(self, player_id: str) -> httpx.Client:
        """The casino, with a login session. (httpx keeps cookies by the address, so here by 127.0.0.1.)"""
        casino = self.site("casino")
        assert casino.post("/login", data={"player_id": player_id}).status_code == 303
        return casino

    def workspace_id(self) -> str:
        return re.findall(r"ws_[0-9a-f]{32}", self.site("casino").get("/").text)[0]

    def stop(self, number: signal.Signals = signal.SIGINT) -> str:
        """The rest of what it prints, once it has ended."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return str(rest)

    def _read_until(self, text: str) -> str:
        assert self.process.stdout is not None
        printed = ""
        while text not in printed:
            line = self.process.stdout.readline()
            assert line, f"the demo ended: {printed}"
            printed += line
        return printed
