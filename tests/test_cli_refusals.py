"""The command line's refusals: exit code 2 and one line on standard error, whatever is wrong."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import CASINO, Shell
from widget_service.cli import listening

SECRET = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path / 'widget.db'}")


@pytest.mark.parametrize(
    "arguments",
    [
        ("workspace",),
        ("nonsense",),
        ("workspace", "create"),
        ("workspace", "create", "--name", "Casino"),
        ("workspace", "create", "--name", "Casino", "--origin"),
        ("workspace", "create", "--name", "Casino", "--origin", "http://casino.example"),
        ("workspace", "create", "--name", "", "--origin", CASINO),
        ("workspace", "create", "--name", "Casino", "--origin", CASINO, "--nonsense"),
        ("workspace", "disable", "ws_none"),
        ("origin", "list", "ws_none"),
        ("brand", "set", "br_none", "debug=on"),
        ("brand", "set", "{brand_id}", "debug"),
        ("brand", "set", "{brand_id}", "debug=on", "debug=off"),
        ("brand", "set", "{brand_id}", "sparkle=on"),
        ("key", "create", "{workspace_id}", "--algorithm", "none"),
        ("key", "create", "{workspace_id}", "--not-after", "tomorrow"),
        ("key", "create", "{workspace_id}", "--not-after", "2001-01-01"),
        ("key", "create", "{workspace_id}", "--not-after", "9999-12-31T23:59:59-14:00"),
        ("key", "retire", "{workspace_id}", "k_\udcff"),
        ("key", "import", "{workspace_id}"),
        ("key", "import", "{workspace_id}", "--kid", "k1", "--algorithm", "HS256", "--file", "/nowhere"),
        ("key", "import", "{workspace_id}", "--kid", "k1", "--algorithm", "HS256", "--secret", "short"),
        ("key", "import", "{workspace_id}", "--kid", "k1", "--algorithm", "RS256", "--secret", SECRET),
        ("key", "import", "{workspace_id}", "--jwks-url", "http://casino.example/jwks"),
        ("key", "import", "{workspace_id}", "--jwks-url", "https://10.0.0.1/jwks"),
        ("key", "import", "{workspace_id}", "--jwks-url", "https://casino.example/jwks", "--kid", "k1"),
        ("key", "retire", "{workspace_id}", "k_none"),
        ("key", "retire", "{workspace_id}"),
        ("token", "create", "{workspace_id}"),
        ("token", "create", "{workspace_id}", "--scope", "everything"),
        ("token", "revoke", "tok_none"),
        ("webhook", "create", "{workspace_id}", "http://agent.example/hook"),
        ("webhook", "create", "{workspace_id}", "https://127.0.0.1/hook"),
        ("webhook", "disable", "wh_none"),
        ("session", "revoke", "sid_none"),
        ("player-token", "{workspace_id}"),
        ("player-token", "{workspace_id}", "--sub", "1", "--lifetime", "901"),
        ("player-token", "{workspace_id}", "--sub", "1", "--claim", "vip=gold"),
        ("player-token", "{workspace_id}", "--sub", "1", "--kid", "k_none"),
        ("doctor", "ws_none"),
    ],
)
def test_whatever_is_wrong_is_said_in_one_line(shell: Shell, arguments: tuple[str, ...]) -> None:
    made = shell.workspace()
    if arguments == ("workspace",):
        assert shell.run(*arguments).exit_code == 0
        return

    line = shell.refused(*(argument.format(**made) for argument in arguments))

    assert line.startswith("widget-service: ")
    assert SECRET not in line


def test_a_refused_command_changes_nothing(shell: Shell) -> None:
    shell.refused("workspace", "create", "--name", "Casino", "--origin", CASINO, "ftp://casino.example")

    assert shell("workspace", "list") == {"workspaces": []}


def test_without_a_command_there_is_help(shell: Shell) -> None:
    result = shell.run()

    assert result.exit_code == 0
    for name in ("workspace", "origin", "key", "token", "doctor", "secret-key"):
        assert f"  {name}" in result.stdout


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("look.primary_color=gren", "#0a7c5a"),
        ("look.primary_color=red;background:url(//evil.example)", "#0a7c5a"),
        ("look.primary_color=rgb(var(--x))", "#0a7c5a"),
        ("look.theme=darkest", "light or dark or auto"),
        ("look.sound=loud", "on or off"),
        ("look.sign_in=http://royal.example/login", "https address"),
        ("look.sign_in=javascript:alert(1)", "https address"),
        ("look.sign_in=https://royal.example@evil.example/", "https address"),
        ("look.sign_in=https://royal.example/a b", "https address"),
        ("look.sign_in=https://", "https address"),
        ("look.sign_in=https://[::1", "https address"),
        ("look.locale=tlh", "de, en, es"),
        ("texts.sparkle=!", "suggestions"),
        ("texts.tlh.greeting=nuqneH", "de, en, es"),
        ("texts.de.sparkle=!", "greeting"),
        ("texts.title=" + "x" * 81, "80"),
        ("texts.greeting=a\0b", "printable"),
        ("texts.typing={who} is writing", "{name}"),
        ("texts.title={name}", "{name}"),
        ("texts.suggestions=1|2|3|4|5|6|7", "6"),
        ("texts.suggestions=one||two", "6"),
        ("texts.suggestions=" + "x" * 81, "80"),
    ],
)
def test_what_no_messenger_can_show_is_refused_with_what_it_can(shell: Shell, assignment: str, said: str) -> None:
    line = shell.refused("brand", "set", shell.workspace()["brand_id"], assignment)

    assert assignment.partition("=")[0] in line
    assert all(word in line for word in said.split(", "))


@pytest.mark.parametrize(
    "database_url", ["postgresql://nobody:hidden@127.0.0.1:1/nothing", "sqlite:////nowhere/at/all/widget.db"]
)
def test_a_database_that_is_away_is_one_line_without_its_password(database_url: str) -> None:
    line = Shell(database_url).refused("db", "upgrade")

    assert "database" in line
    assert "hidden" not in line


def test_a_database_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "widget.db").write_text("this is no database, whatever its name says, and must stay as it is")
    line = Shell(f"sqlite:///{tmp_path / 'widget.db'}").refused("workspace", "list")

    assert "database" in line


def test_an_empty_postgresql_database_names_the_command_to_run(databases) -> None:
    shell = Shell(databases.new("postgres", migrated=False))

    assert "widget-service db upgrade" in shell.refused("workspace", "list")


def test_a_bad_setting_is_one_line(shell: Shell) -> None:
    shell.environment["WIDGET_PUBLIC_URL"] = "http://support.example"

    assert "WIDGET_PUBLIC_URL" in shell.refused("workspace", "list")


@pytest.mark.parametrize("program", ["serve", "back-office"])
def test_an_address_that_cannot_be_listened_on_is_one_line(shell: Shell, tmp_path: Path, monkeypatch, program) -> None:
    shell.environment["WIDGET_BACK_OFFICE_API_TOKEN"] = SECRET
    shell.environment["WIDGET_BACK_OFFICE_DATABASE_URL"] = f"sqlite:///{tmp_path / 'office.db'}"
    monkeypatch.setattr(listening, "PATIENCE", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "in use" in shell.refused(program, "--port", str(taken.getsockname()[1]))
    assert "cannot be listened on" in shell.refused(program, "--host", "203.0.113.9")


def test_what_is_logged_stands_beside_the_answer_not_in_it() -> None:
    program = """
import structlog
from widget_service.cli.answers import in_lines
from widget_service.cli.program import Program, Verb

def look():
    structlog.get_logger().warning("recorder.lost")
    return in_lines(found=True)

class Logging(Program):
    def get_command(self, ctx, cmd_name):
        return Verb("look", callback=look)

Logging("widget-service").main(["look", "--json"])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert (result.returncode, result.stdout) == (0, '{"found": true}\n')
    assert json.loads(result.stderr)["event"] == "recorder.lost"
