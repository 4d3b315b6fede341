"""``widget-service demo`` as its user meets it: addresses, a chat that knows the player, and a clean end."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.browser import Browser
from tests.support.demo import Demo
from tests.support.servers import wait_until
from tests.support.service import PROGRAM, clean_environment, run_here


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def chat(demo: Demo, player_id: str | None) -> Browser:
    """A conversation that a page of the casino starts, for whoever is logged in."""
    browser = Browser(demo, origin=demo.urls["casino"])
    token = demo.log_in(player_id).get("/support/player-token").text if player_id else None
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
    assert "Inbox" in demo.site("helpdesk").get("/").text
    playground = re.findall(r"http://127\.0\.0\.1:\d+/playground", demo.printed)[-1]
    assert httpx.get(playground, trust_env=False).status_code == 200


def test_the_agent_greets_the_player_by_name_and_finds_the_withdrawal(demo: Demo) -> None:
    ana = chat(demo, "40217")
    wait_until(heard(ana, "Hello Ana!"), "the greeting", seconds=30)
    ana.send("Where is my withdrawal?")

    wait_until(heard(ana, "€150.00"), "the answer", seconds=30)
    assert "waiting to be approved" in answers(ana)[1]
    assert [message["author"].get("kind") for message in ana.messages()] == ["ai", None, "ai"]


def test_each_player_hears_of_their_own_withdrawals_only(demo: Demo) -> None:
    jonas, lea = chat(demo, "5832"), chat(demo, "61904")
    jonas.send("where is my money")
    lea.send("where is my money")

    wait_until(heard(jonas, "€510.25"), "Jonas's answer", seconds=30)
    wait_until(heard(lea, "no withdrawal waiting"), "Léa's answer", seconds=30)
    assert not heard(jonas, "€150.00")()


def cancel(demo: Demo, player_id: str, amount: str) -> str:
    """Presses the button beside a withdrawal; the page afterwards."""
    casino = demo.log_in(player_id)
    button = rf'action="(/withdrawals/\w+/cancel)"><button class="quiet">Cancel my withdrawal of {amount}<'
    path = re.findall(button, casino.get("/").text)[0]
    assert casino.post(path).status_code == 303
    return casino.get("/").text


def test_a_withdrawal_that_the_player_cancels_in_the_casino_is_gone_for_the_agent(demo: Demo) -> None:
    jonas = chat(demo, "5832")
    jonas.send("where is my money")
    wait_until(heard(jonas, "€75.00"), "the first answer", seconds=30)
    page = cancel(demo, "5832", "€75.00")
    jonas.send("and where is my withdrawal now")
    wait_until(lambda: len(answers(jonas)) == 3, "the second answer", seconds=30)

    assert "cancelled" in page
    assert "€75.00" in answers(jonas)[1]
    assert "€75.00" not in answers(jonas)[2]
    assert "€510.25" in answers(jonas)[2]


@pytest.fixture(scope="module")
def platform_demo() -> Iterator[Demo]:
    """A second one, which the last test stops: a demo is eight processes to start."""
    demo = Demo("--platform", "everymatrix_player")
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def test_a_simulated_platform_can_stand_in_for_the_back_office(platform_demo: Demo) -> None:
    ana = chat(platform_demo, "40217")
    ana.send("where is my withdrawal")
    wait_until(heard(ana, "€200.00"), "the platform's answer", seconds=30)
    cancel(platform_demo, "40217", "€200.00")
    ana.send("and my withdrawal now")
    wait_until(heard(ana, "no withdrawal waiting"), "the answer afterwards", seconds=30)

    assert "a simulated everymatrix_player" in platform_demo.printed


def test_a_platform_that_is_not_known_is_refused_in_one_line() -> None:
    result = run_here({}, "demo", "--platform", "softswiss")

    assert result.exit_code == 2
    assert "There is no preset softswiss. Known: betconstruct_backoffice," in result.stderr


def test_a_visitor_is_asked_to_log_in(demo: Demo) -> None:
    visitor = chat(demo, None)
    visitor.send("where is my withdrawal")

    wait_until(heard(visitor, "Please log in first"), "the answer", seconds=30)


def test_asking_for_a_human_hands_over_and_silences_the_agent(demo: Demo) -> None:
    ana = chat(demo, "40217")
    with ana.events() as events:
        ana.send("a human, please")
        assert any(event["event"] == "handover" for event in events)
    before = len(answers(ana))
    ana.send("where is my withdrawal")
    time.sleep(2)

    assert len(answers(ana)) == before


def test_a_hostile_origin_gets_no_conversation(demo: Demo) -> None:
    token = demo.log_in("40217").get("/support/player-token").text
    refused = Browser(demo, origin=demo.urls["hostile"]).start(demo.workspace_id(), player_token=token)

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "ORIGIN_NOT_ALLOWED"


def test_nobody_gets_a_player_token_without_a_login(demo: Demo) -> None:
    answer = demo.site("casino").get("/support/player-token")

    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/support/player-token"])
@pytest.mark.parametrize("site", ["casino", "hostile"])
def test_every_page_has_a_strict_policy(demo: Demo, site: str, path: str) -> None:
    policy = demo.site(site).get(path).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; ")
    assert f"frame-src {demo.url};" in policy
    assert "unsafe" not in policy


def left_behind(demo: Demo) -> list[psutil.Process]:
    return [child for child in demo.children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.long
def test_a_part_that_dies_is_named_and_stops_the_rest() -> None:
    demo = Demo()
    agent = next(child for child in demo.children if "widget_service.demo.agent" in child.cmdline())
    agent.kill()
    rest, _ = demo.process.communicate(timeout=60)

    assert demo.process.returncode == 2
    assert "agent has ended" in rest
    assert left_behind(demo) == []


@pytest.mark.long
def test_what_is_kept_can_be_used_by_the_command_line(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    demo = Demo("--keep", str(kept))
    demo.stop(signal.SIGTERM)
    listing = ["sh", "-c", 'set -a; . "$1"; exec "$2" workspace list', "-", str(kept / "settings.env"), str(PROGRAM)]
    listed = subprocess.run(listing, env=clean_environment({}), capture_output=True, text=True)
    again = subprocess.run(
        [PROGRAM, "demo", "--keep", str(kept)], env=clean_environment({}), capture_output=True, text=True, timeout=90
    )

    assert demo.process.returncode == 0
    assert left_behind(demo) == []
    assert (kept / "settings.env").stat().st_mode & 0o077 == 0
    assert "Casino Alameda" in listed.stdout
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_a_port_that_is_taken_is_refused_in_one_line(demo: Demo) -> None:
    port = demo.url.rpartition(":")[2]
    result = run_here({}, "demo", "--port", port)

    assert result.exit_code == 2
    assert result.stderr == f"widget-service: Port {port} is taken. Choose another one, or none.\n"


def test_ctrl_c_stops_everything_within_seconds(platform_demo: Demo) -> None:
    demo = platform_demo
    ana = chat(demo, "40217")
    database = next(
        Path(file.path) for child in demo.children for file in child.open_files() if file.path.endswith("widget.db")
    )
    with ana.events():
        began = time.monotonic()
        demo.stop(signal.SIGINT)

    assert demo.process.returncode == 0
    assert time.monotonic() - began < 8
    assert len(demo.children) >= 5
    assert left_behind(demo) == []
    assert not database.parent.exists()
