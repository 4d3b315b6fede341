"""The snippet as an operator gets it: it works as it is pasted."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.shell import PUBLIC_URL, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path / 'widget.db'}")


def settings_in(snippet: str) -> dict[str, Any]:
    """The settings but for the function, as the browser would read them."""
    pairs = re.findall(r'^    (\w+): ("[^"]*"|\d+|true|false),$', snippet, re.MULTILINE)
    return {name: json.loads(value) for name, value in pairs}


def test_the_snippet_names_the_workspace_and_the_service(shell: Shell) -> None:
    made = shell.workspace()
    shown = shell("snippet", made["workspace_id"])
    assert settings_in(shown["snippet"]) == {"apiBase": PUBLIC_URL, "workspaceId": made["workspace_id"]}
    assert f'src="{PUBLIC_URL}/sdk/v1/messenger.js"' in shown["snippet"]
    assert re.search(r'integrity="sha384-[A-Za-z0-9+/]{64}" crossorigin="anonymous"', shown["pinned_script"])
    assert [line.split()[0] for line in shown["content_security_policy"]] == ["script-src", "frame-src", "connect-src"]


def test_the_snippet_carries_where_the_brand_wants_its_launcher_and_how_it_looks(shell: Shell) -> None:
    made = shell.workspace()
    look = ("look.primary_color=#0A7C5A", "look.alignment=left", "look.vertical_padding=80", "look.sound=on")
    shell("brand", "set", made["brand_id"], *look, "look.locale=de-AT", "look.theme=dark")
    shown = settings_in(shell("snippet", made["workspace_id"], "--brand", made["brand_id"])["snippet"])
    assert shown == {
        "apiBase": PUBLIC_URL,
        "workspaceId": made["workspace_id"],
        "brandId": made["brand_id"],
        "primaryColor": "#0a7c5a",
        "alignment": "left",
        "verticalPadding": 80,
        "sound": True,
        "locale": "de-AT",
        "theme": "dark",
    }
