"""``widget-service demo`` as its user meets it: addresses, a chat that knows the player, and a clean end."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.browser import Browser
from tests.support.servers import wait_until
from tests.support.service import PROGRAM, clean_environment, free_port

ADDRESSES = {
    "service": r"http://127\.0\.0\.1:\d+",
    "casino": r"http://casino\.localhost:\d+",
    "hostile": r"http://evil\.localhost:\d+",
}


class Demo:
    """One run, on free ports. Python does not resolve ``*.localhost``, so the sites are asked with a Host header."""

    def __init__(self, *options: str) -> None:
        ports = [free_port() for _ in range(4)]
        names = ("--port", "--casino-port", "--hostile-port", "--agent-port")
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
        return httpx.Client(base_url=self.url, timeout=10, trust_env=False, **options)

    def site(self, name: str) -> httpx.Client:
        host, port = self.urls[name].removeprefix("http://").split(":")
        return httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Host": f"{host}:{port}"}, timeout=10, trust_env=False
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
        rest, _ = self.process.communicate(timeout=15)
        return str(rest)

    def _read_until(self, text: str) -> str:
        assert self.process.stdout is not None
        printed = ""
        while text not in printed:
            line = self.process.stdout.readline()
            assert line, f"the demo ended: {printed}"
            printed += line
        return printed


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def chat(demo: Demo, player_id: str | None) -> Browser:
    """A conversation that a page of the casino starts, for whoever is logged in."""
    browser = Browser(demo, origin=demo.urls["casino"])
    token = demo.log_in(player_id).get("/player-token").text if player_id else None
    browser.started(demo.workspace_id(), player_token=token)
    return browser


def answers(browser: Browser) -> list[str]:
    return [message["text"] for message in browser.messages() if message["author"]["type"] == "agent"]


def heard(browser: Browser, text: str) -> Callable[[], bool]:
    return lambda: any(text in answer for answer in answers(browser))


def test_the_printed_addresses_answer(demo: Demo) -> None:
    assert httpx.get(f"{demo.url}/health/ready", trust_env=False).status_code == 200
    assert "Log in as Ana Ruiz" in demo.site("casino").get("/").text
    assert "what it gets" in demo.site("hostile").get("/").text


def test_the_agent_greets_the_player_by_name_and_finds_the_withdrawal(demo: Demo) -> None:
    ana = chat(demo, "5832")
    wait_until(heard(ana, "Hello Ana!"), "the greeting", seconds=15)
    ana.send("Where is my withdrawal?")

    wait_until(heard(ana, "€200.00"), "the answer", seconds=15)
    assert "waiting to be approved" in answers(ana)[1]
    assert [message["author"].get("kind") for message in ana.messages()] == ["ai", None, "ai"]


def test_each_player_hears_of_their_own_withdrawals_only(demo: Demo) -> None:
    jonas, lea = chat(demo, "40217"), chat(demo, "61904")
    jonas.send("where is my money")
    lea.send("where is my money")

    wait_until(heard(jonas, "€510.25"), "Jonas's answer", seconds=15)
    wait_until(heard(lea, "no withdrawal waiting"), "Léa's answer", seconds=15)
    assert not heard(jonas, "€200.00")()


def test_a_visitor_is_asked_to_log_in(demo: Demo) -> None:
    visitor = chat(demo, None)
    visitor.send("where is my withdrawal")

    wait_until(heard(visitor, "Please log in first"), "the answer", seconds=15)


def test_asking_for_a_human_hands_over_and_silences_the_agent(demo: Demo) -> None:
    ana = chat(demo, "5832")
    with ana.events() as events:
        ana.send("a human, please")
        assert any(event["event"] == "handover" for event in events)
    before = len(answers(ana))
    ana.send("where is my withdrawal")
    time.sleep(2)

    assert len(answers(ana)) == before


def test_a_hostile_origin_gets_no_conversation(demo: Demo) -> None:
    token = demo.log_in("5832").get("/player-token").text
    refused = Browser(demo, origin=demo.urls["hostile"]).start(demo.workspace_id(), player_token=token)

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "ORIGIN_NOT_ALLOWED"


def test_nobody_gets_a_player_token_without_a_login(demo: Demo) -> None:
    answer = demo.site("casino").get("/player-token")

    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/player-token"])
@pytest.mark.parametrize("site", ["casino", "hostile"])
def test_every_page_has_a_strict_policy(demo: Demo, site: str, path: str) -> None:
    policy = demo.site(site).get(path).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; ")
    assert f"frame-src {demo.url};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "UNAUTHORIZED"),
        ({"Authorization": "Bearer guessed", "X-Session-ID": "sess_guessed"}, "UNAUTHORIZED"),
        ({"Authorization": "Bearer \xff"}, "UNAUTHORIZED"),
    ],
)
def test_the_player_api_refuses_strangers(demo: Demo, headers: dict[str, str], code: str) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = demo.site("casino").get("/v1/players/5832/withdrawals/pending", headers=raw)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_within_seconds(number: signal.Signals, tmp_path: Path) -> None:
    demo = Demo()
    ana = chat(demo, "5832")
    database = next(
        Path(file.path) for child in demo.children for file in child.open_files() if file.path.endswith("widget.db")
    )
    with ana.events():
        began = time.monotonic()
        demo.stop(number)

    assert demo.process.returncode == 0
    assert time.monotonic() - began < 8
    assert len(demo.children) >= 5
    assert [child for child in demo.children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    assert not database.parent.exists()


def test_a_part_that_dies_is_named_and_stops_the_rest() -> None:
    demo = Demo()
    agent = next(child for child in demo.children if "widget_service.demo.agent" in child.cmdline())
    agent.kill()
    rest, _ = demo.process.communicate(timeout=15)

    assert demo.process.returncode == 2
    assert "agent has ended" in rest
    assert [child for child in demo.children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def test_what_is_kept_can_be_used_by_the_command_line(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    demo = Demo("--keep", str(kept))
    demo.stop()
    listing = ["sh", "-c", 'set -a; . "$1"; exec "$2" workspace list', "-", str(kept / "settings.env"), str(PROGRAM)]
    listed = subprocess.run(listing, env=clean_environment({}), capture_output=True, text=True)
    again = subprocess.run(
        [PROGRAM, "demo", "--keep", str(kept)], env=clean_environment({}), capture_output=True, text=True, timeout=30
    )

    assert (kept / "settings.env").stat().st_mode & 0o077 == 0
    assert "Casino Alameda" in listed.stdout
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_a_port_that_is_taken_is_refused_in_one_line(demo: Demo) -> None:
    port = demo.url.rpartition(":")[2]
    result = subprocess.run(
        [PROGRAM, "demo", "--port", port], env=clean_environment({}), capture_output=True, text=True, timeout=30
    )

    assert result.returncode == 2
    assert result.stderr == f"widget-service: Port {port} is taken. Choose another one, or none.\n"
