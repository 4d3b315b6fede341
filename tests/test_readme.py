"""The README's code blocks are run as they stand, but for its first two: those are how this run was started."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.operator import Agent, Operator
from tests.support.service import PROGRAM, Service, clean_environment

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


@dataclass
class Started:
    """A conversation that a player has started with a token signed as the README says."""

    operator: Operator
    browser: Browser
    agent: Agent


def readme_signing(operator: Operator) -> Any:
    """The function that the README's Python block defines, with the variables that it leaves to the reader."""
    names: dict[str, Any] = {
        "WORKSPACE": operator.workspace_id,
        "SERVICE": operator.service_url,
        "KID": operator.kid,
        "SECRET": operator.secret,
    }
    exec("\n".join(blocks("python")), names)  # noqa: S102 (our own README)
    return names["player_token"]


@pytest.fixture(scope="module")
def started(service: Service) -> Started:
    operator = Operator.create(service)
    browser = Browser(service)
    player = {"id": 5832, "name": "Ana Ruiz", "currency": "EUR"}
    browser.started(operator.workspace_id, player_token=readme_signing(operator)(player))
    assert browser.send("Where is my withdrawal?").status_code == 201
    return Started(operator, browser, Agent.create(service, operator.workspace_id))


def test_the_first_two_blocks_are_the_two_commands() -> None:
    assert [text.strip() for _, text in BLOCKS[:2]] == ["make demo", "make test"]


def test_every_block_is_of_a_language_that_is_tested_here() -> None:
    assert {name for name, _ in BLOCKS[2:]} == {"text", "bash", "html", "python"}


def test_the_signing_block_makes_a_player_token_that_starts_a_conversation(started: Started) -> None:
    answer = started.browser.get(f"/v1/conversations/{started.browser.conversation_id}").json()

    assert answer["player"] == {"player_id": "5832", "name": "Ana Ruiz", "verified": True}


def test_the_shell_blocks_run_one_after_another(service: Service, started: Started) -> None:
    script = "set -eu\n" + "\n".join(blocks("bash"))
    variables = {
        "SERVICE": service.url,
        "WORKSPACE": started.operator.workspace_id,
        "API_TOKEN": started.agent.token,
        "CONVERSATION": str(started.browser.conversation_id),
        "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
    }
    result = subprocess.run(
        ["bash", "-c", script],
        env=clean_environment({**service.settings, **variables}),
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert '"active":true' in result.stdout.replace(" ", "")
    assert [message["text"] for message in started.browser.messages()] == [
        "Where is my withdrawal?",
        "Hello Ana, your withdrawal of €200 is being paid.",
    ]


def test_the_snippet_is_the_one_that_is_shipped(service: Service) -> None:
    (snippet,) = blocks("html")
    shipped = (ROOT / "sdk_snippet" / "snippet.html").read_text(encoding="utf-8")

    for part in ("window.playerMessengerSettings", "workspaceId:", "getPlayerToken:", "<script async src="):
        assert part in snippet
        assert part in shipped
    address = re.search(r'src="https://support\.example(/[^"]+)"', snippet)
    assert address is not None
    assert service.client().get(address[1]).status_code == 200


def test_the_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
