"""``widget-service back-office``: a process of its own, with a file of its own, beside a service or alone."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.support.servers import wait_until
from tests.support.service import PROGRAM, clean_environment, free_port
from widget_service.cli import main

TOKEN = secrets.token_urlsafe(32)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    named = {f"WIDGET_BACK_OFFICE_{name.upper()}": value for name, value in settings.items()}
    return clean_environment({"WIDGET_BACK_OFFICE_DATABASE_URL": f"sqlite:///{folder / 'office.db'}", **named})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = environment(tmp_path_factory.mktemp("served"), api_token=TOKEN)
    process = subprocess.Popen([PROGRAM, "back-office", "--port", str(port)], env=made, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/openapi.json").status_code == 200
        except httpx.TransportError:
            assert process.poll() is None
            return False

    try:
        wait_until(answers, "the back office", seconds=20)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_it_answers_over_http(address: str) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    login = httpx.post(f"{address}/v1/auth/player/login", json={"email": "ana.ruiz@player.example"}, headers=bearer)
    session = {**bearer, "X-Session-ID": login.json()["session_id"]}

    assert httpx.get(f"{address}/v1/players/40217", headers=session).json()["id"] == "40217"
    assert httpx.get(f"{address}/v1/players/5832", headers=session).status_code == 404


def test_its_playground_is_a_page_of_its_own(address: str) -> None:
    page = httpx.get(address, follow_redirects=True)

    assert page.url.path == "/playground"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "://" not in page.text


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "WIDGET_BACK_OFFICE_API_TOKEN"),
        ({"api_token": TOKEN, "introspection_url": "ftp://x"}, "WIDGET_BACK_OFFICE_INTROSPECTION_URL"),
        ({"api_token": TOKEN, "introspection_url": "http://127.0.0.1:1/x"}, "WIDGET_BACK_OFFICE_INTROSPECTION"),
        ({"api_token": TOKEN, "database_url": "postgresql://x"}, "WIDGET_BACK_OFFICE_DATABASE_URL"),
    ],
)
def test_it_refuses_to_start_with_what_cannot_work(tmp_path: Path, settings: dict[str, str], named: str) -> None:
    unset = {name: None for name in os.environ if name.startswith("WIDGET_")}
    ended = CliRunner().invoke(main, ["back-office"], env={**unset, **environment(tmp_path, **settings)})

    assert ended.exit_code == 2
    assert named in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert TOKEN not in ended.stderr
