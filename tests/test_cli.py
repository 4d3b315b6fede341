"""The command line as operators meet it: one JSON object, or one line of refusal and exit code 2."""

import json
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest
from sqlalchemy import insert

from tests.support.operator import new_private_key, public_pem
from tests.support.service import PROGRAM, clean_environment
from tests.support.shell import CASINO, PUBLIC_URL, Shell
from widget_service.cli.program import spread
from widget_service.ids import digest
from widget_service.storage import schema
from widget_service.storage.engine import reading, writing

SECRET = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path / 'widget.db'}")


@pytest.fixture
def each_shell(database_url: str) -> Shell:
    return Shell(database_url)


def test_a_workspace_is_created_with_exactly_what_an_operator_needs(each_shell: Shell) -> None:
    made = each_shell.workspace()

    assert set(made) == {"workspace_id", "brand_id", "kid", "algorithm", "secret"}
    assert made["workspace_id"].startswith("ws_")
    assert made["brand_id"].startswith("br_")
    assert made["algorithm"] == "HS256"
    assert len(made["secret"].encode()) == 64


def test_without_json_the_secret_is_shown_too(shell: Shell) -> None:
    result = shell.run("workspace", "create", "--name", "Casino", "--origin", CASINO)

    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "workspace_id",
        "brand_id",
        "kid",
        "algorithm",
        "secret",
    ]


@pytest.mark.parametrize("options", [("--origin", "{}", "--origin", "{}"), ("--origin", "{}", "{}")])
def test_several_origins_are_given_with_one_flag_or_with_one_each(shell: Shell, options: tuple[str, ...]) -> None:
    given = iter([CASINO, "https://m.casino.example"])
    arguments = [next(given) if option == "{}" else option for option in options]
    made = shell("workspace", "create", *arguments, "--name", "Casino", "--anonymous")

    assert shell("origin", "list", made["workspace_id"]) == {"origins": [CASINO, "https://m.casino.example"]}
    assert shell("brand", "list", made["workspace_id"])["brands"][0]["anonymous"] is True


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--o", "a", "b", "--n", "x"], ["--o", "a", "--o", "b", "--n", "x"]),
        (["w", "--o", "a", "--o", "b"], ["w", "--o", "a", "--o", "b"]),
        (["--o=a", "b"], ["--o=a", "--o", "b"]),
        (["--o"], ["--o"]),
        (["--o", "-x", "b"], ["--o", "-x", "--o", "b"]),
        (["--o", "a", "--json", "b"], ["--o", "a", "--json", "b"]),
    ],
)
def test_a_flag_may_have_several_values(given: list[str], read: list[str]) -> None:
    assert spread(given, ["--o"]) == read


def test_origins_are_added_listed_and_removed(each_shell: Shell) -> None:
    workspace_id = each_shell.workspace()["workspace_id"]
    wild = "https://*.casino.example"

    assert set(each_shell("origin", "add", workspace_id, wild.upper())["origins"]) == {CASINO, wild}
    assert set(each_shell("origin", "add", workspace_id, wild)["origins"]) == {CASINO, wild}
    assert each_shell("origin", "remove", workspace_id, wild) == {"origins": [CASINO]}
    assert each_shell("origin", "list", workspace_id) == {"origins": [CASINO]}
    assert "does not list" in each_shell.refused("origin", "remove", workspace_id, wild)


def test_with_several_brands_the_origin_commands_ask_for_one(shell: Shell) -> None:
    made = shell.workspace()
    workspace_id = made["workspace_id"]
    noir = shell("brand", "create", workspace_id, "--name", "Noir", "--origin", "https://noir.example")["brand_id"]

    assert noir in shell.refused("origin", "list", workspace_id)
    assert shell("origin", "list", workspace_id, "--brand", noir) == {"origins": ["https://noir.example"]}
    assert shell("origin", "list", workspace_id, "--brand", made["brand_id"]) == {"origins": [CASINO]}


def test_a_key_is_created_imported_listed_and_retired(each_shell: Shell, tmp_path: Path) -> None:
    made = each_shell.workspace()
    workspace_id = made["workspace_id"]
    (tmp_path / "key.pem").write_text(public_pem(new_private_key("ES256")))

    created = each_shell("key", "create", workspace_id, "--algorithm", "HS256")
    assert set(created) == {"kid", "algorithm", "secret"}
    imported = each_shell(
        "key", "import", workspace_id, "--kid", "k1", "--algorithm", "ES256", "--file", str(tmp_path / "key.pem")
    )
    assert imported == {"kid": "k1", "algorithm": "ES256"}
    assert each_shell("key", "retire", workspace_id, made["kid"]) == {"kid": made["kid"], "algorithm": "HS256"}

    keys = each_shell("key", "list", workspace_id)["keys"]
    assert {key["kid"]: key["retired_at"] is None for key in keys} == {
        made["kid"]: False,
        created["kid"]: True,
        "k1": True,
    }


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("way", ["file", "-", "@file", "--secret"])
def test_a_secret_is_taken_as_its_text_from_anywhere(shell: Shell, tmp_path: Path, way: str, ending: str) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    (tmp_path / "secret").write_bytes((SECRET + ending).encode())
    given = {
        "file": ("--file", str(tmp_path / "secret")),
        "-": ("--file", "-"),
        "@file": ("--secret", f"@{tmp_path / 'secret'}"),
        "--secret": ("--secret", SECRET),
    }[way]
    shell("key", "import", workspace_id, "--kid", "k1", "--algorithm", "HS256", *given, stdin=SECRET + ending)
    token = shell("player-token", workspace_id, "--sub", "5832", "--kid", "k1")["player_token"]

    assert jwt.decode(token, SECRET, algorithms=["HS256"], audience=PUBLIC_URL)["sub"] == "5832"


def test_a_key_set_is_taken_and_left(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    url = "https://casino.example/jwks.json"

    assert shell("key", "import", workspace_id, "--jwks-url", url)["jwks_url"] == url
    assert shell("key", "list", workspace_id)["jwks_urls"] == [url]
    shell("key", "retire", workspace_id, "--jwks-url", url)
    assert shell("key", "list", workspace_id)["jwks_urls"] == []


def test_a_token_is_created_shown_once_listed_and_revoked(each_shell: Shell) -> None:
    workspace_id = each_shell.workspace()["workspace_id"]
    made = each_shell("token", "create", workspace_id, "--scope", "sessions:issue", "player:read")

    assert set(made) == {"token", "token_id"}
    assert made["token"].startswith("wat_")
    (listed,) = each_shell("token", "list", workspace_id)["tokens"]
    assert (listed["token_id"], listed["scopes"]) == (made["token_id"], ["sessions:issue", "player:read"])
    assert "token" not in listed
    assert each_shell("token", "revoke", made["token_id"]) == {"token_id": made["token_id"]}
    assert each_shell("token", "list", workspace_id)["tokens"][0]["revoked_at"] is not None


def test_a_leaked_token_is_revoked_by_itself(shell: Shell) -> None:
    made = shell("token", "create", shell.workspace()["workspace_id"], "--scope", "sessions:issue")

    assert shell("token", "revoke", "-", stdin=made["token"] + "\n") == {"token_id": made["token_id"]}


def test_a_webhook_is_created_listed_and_disabled(each_shell: Shell) -> None:
    workspace_id = each_shell.workspace()["workspace_id"]
    made = each_shell("webhook", "create", workspace_id, "https://agent.example/hook")

    assert set(made) == {"webhook_id", "secret"}
    assert made["secret"].startswith("whsec_")
    each_shell("webhook", "disable", made["webhook_id"])
    (listed,) = each_shell("webhook", "list", workspace_id)["webhooks"]
    assert listed["disabled_at"] is not None


def test_a_brand_is_set(shell: Shell) -> None:
    brand_id = shell.workspace()["brand_id"]
    brand = shell("brand", "set", brand_id, "history=player", "texts.title=Hello = Hi", "look.theme=dark")

    assert (brand["history"], brand["texts"], brand["look"]) == ("player", {"title": "Hello = Hi"}, {"theme": "dark"})


@pytest.mark.parametrize(
    ("assignment", "kept"),
    [
        ("look.primary_color=#0A7C5A", "#0a7c5a"),
        ("look.primary_color=SeaGreen", "seagreen"),
        ("look.primary_color=rgb(10 124 90 / 90%)", "rgb(10 124 90 / 90%)"),
        ("look.sound=true", True),
        ("look.sound=off", False),
        ("look.reopen=off", False),
        ("look.page_title=off", False),
        ("look.sign_in=https://royal.example/login?from=chat", "https://royal.example/login?from=chat"),
        ("texts.contact=help@royal.example", "help@royal.example"),
        ("look.locale=de-AT", "de-AT"),
        ("texts.greeting=Hello,\nhow can we help?", "Hello,\nhow can we help?"),
        ("texts.de.greeting=Servus!", "Servus!"),
        ("texts.typing={name} tippt …", "{name} tippt …"),
        (
            "texts.suggestions= Where is my money? |How do I verify myself?",
            "Where is my money?|How do I verify myself?",
        ),
        ("texts.fr.suggestions=Où est mon retrait\u202f?|👩\u200d💻", "Où est mon retrait\u202f?|👩\u200d💻"),
        ("texts.es.suggestions=¿Dónde está mi retiro?", "¿Dónde está mi retiro?"),
    ],
)
def test_an_operator_makes_the_messenger_theirs(shell: Shell, assignment: str, kept: object) -> None:
    family, _, member = assignment.partition("=")[0].partition(".")
    brand_id = shell.workspace()["brand_id"]

    assert shell("brand", "set", brand_id, assignment)[family] == {member: kept}
    assert shell("brand", "set", brand_id, f"{family}.{member}=")[family] == {}


def test_a_workspace_is_disabled_and_enabled(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]

    assert shell("workspace", "disable", workspace_id) == {"workspace_id": workspace_id, "disabled": True}
    assert shell("workspace", "list")["workspaces"][0]["disabled"] is True
    assert shell("workspace", "enable", workspace_id) == {"workspace_id": workspace_id, "disabled": False}


def test_the_service_key_is_made_by_the_upgrade_and_rotated(shell: Shell) -> None:
    first = shell("db", "upgrade")["service_key"]
    assert shell("db", "upgrade")["service_key"] == first
    second = shell("service-key", "rotate")

    assert second["algorithm"] == "ES256"
    keys = shell("service-key", "list")["keys"]
    assert {(key["kid"], key["retired_at"] is None, key["published"]) for key in keys} == {
        (second["kid"], True, True),
        (first, False, True),
    }


def test_after_a_rewrap_the_new_secret_key_is_enough(shell: Shell) -> None:
    shell("db", "upgrade")
    workspace_id = shell.workspace()["workspace_id"]
    old = shell.environment["WIDGET_SECRET_KEY"]
    shell.environment.update(WIDGET_SECRET_KEY=SECRET, WIDGET_SECRET_KEY_PREVIOUS=old)

    counts = shell("secret-key", "rewrap")
    assert (counts["rewrapped"], counts["current"], counts["unreadable"]) == (2, 0, 0)
    assert shell("secret-key", "rewrap")["current"] == 2
    del shell.environment["WIDGET_SECRET_KEY_PREVIOUS"]
    assert shell("player-token", workspace_id, "--sub", "5832")["player_token"]
    assert len(shell("service-key", "list")["keys"]) == 1


def test_a_wrong_secret_key_is_named(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    shell.environment["WIDGET_SECRET_KEY"] = SECRET

    assert "WIDGET_SECRET_KEY" in shell.refused("player-token", workspace_id, "--sub", "5832")


def test_a_player_token_carries_what_was_asked(shell: Shell) -> None:
    made = shell.workspace()
    options = ("--name", "Ana", "--claim", "vip_level=3", 'custom={"tier": "gold"}', "--lifetime", "60")
    answer = shell("player-token", made["workspace_id"], "--sub", "5832", *options)
    claims = jwt.decode(answer["player_token"], made["secret"], algorithms=["HS256"], audience=PUBLIC_URL)

    assert claims["exp"] - claims["iat"] == 60
    assert (claims["iss"], claims["sub"], claims["name"]) == (made["workspace_id"], "5832", "Ana")
    assert (claims["vip_level"], claims["custom"]) == (3, {"tier": "gold"})
    assert jwt.get_unverified_header(answer["player_token"])["kid"] == made["kid"]
    assert answer["kid"] == made["kid"]


def test_without_json_a_player_token_is_all_that_is_printed(shell: Shell) -> None:
    result = shell.run("player-token", shell.workspace()["workspace_id"], "--sub", "5832")

    assert result.stdout.count(".") == 2
    assert len(result.stdout.split()) == 1


def add_session(database_url: str, workspace_id: str, token: str, sid: str) -> None:
    now = int(time.time())
    with writing(database_url) as connection:
        connection.execute(
            insert(schema.sessions).values(
                token_hash=digest(token),
                sid=sid,
                token_use="session_token",
                workspace_id=workspace_id,
                brand_id="br_1",
                conversation_id="conv_1",
                scope="conversation:read",
                client_id="messenger",
                issued_at=now,
                expires_at=now + 900,
                absolute_expires_at=now + 900,
                last_used_at=now,
            )
        )


@pytest.mark.parametrize("way", ["sid", "token", "-"])
def test_a_session_is_revoked_by_its_id_or_its_token(each_shell: Shell, way: str) -> None:
    workspace_id = each_shell.workspace()["workspace_id"]
    add_session(each_shell.database_url, workspace_id, "wst_first", "sid_1")
    add_session(each_shell.database_url, workspace_id, "wst_refreshed", "sid_1")
    given = {"sid": "sid_1", "token": "wst_first", "-": "-"}[way]

    assert each_shell("session", "revoke", given, stdin="wst_first\n")["sid"] == "sid_1"
    with reading(each_shell.database_url) as connection:
        rows = connection.execute(schema.sessions.select()).all()
    assert len(rows) == 2
    assert all(row.revoked_at for row in rows)
    assert "sid_none" in each_shell.refused("session", "revoke", "sid_none")
    assert "wst_none" not in each_shell.refused("session", "revoke", "wst_none")


def test_the_settings_are_listed_without_any_environment() -> None:
    result = subprocess.run(
        [PROGRAM, "settings", "--json"], env=clean_environment({}), capture_output=True, text=True, timeout=60
    )
    listed = {entry["name"]: entry for entry in json.loads(result.stdout)["settings"]}

    assert (result.returncode, result.stderr) == (0, "")
    assert set(listed["WIDGET_SECRET_KEY"]) >= {"name", "default", "help", "secret"}
    assert listed["WIDGET_SECRET_KEY"]["secret"] is True
    assert listed["WIDGET_SESSION_TOKEN_LIFETIME"]["default"] == 900
    assert all(entry["help"] for entry in listed.values())


def test_the_page_of_settings_has_what_the_command_prints() -> None:
    from widget_service.cli.settings import describe_settings

    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    table = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `WIDGET_")]
    rows = {cells[0]: cells[1:] for cells in table}

    for entry in describe_settings():
        default, explained = rows.pop(f"`{entry['name']}`")
        shown = f"`{entry['default']}`" if entry["default"] not in ("", None) else ("required", "none")
        assert default in shown
        assert explained == entry["help"] + (" (secret)" if entry["secret"] else "")
    assert rows == {}


def test_the_program_also_runs_as_a_module(shell: Shell) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "widget_service.cli", "workspace", "list", "--json"],
        env=clean_environment(shell.environment),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, '{"workspaces": []}\n', "")


def test_the_upgrade_prints_nothing_but_its_answer(shell: Shell) -> None:
    result = subprocess.run(
        [PROGRAM, "db", "upgrade", "--json"],
        env=clean_environment(shell.environment),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert set(json.loads(result.stdout)) == {"revision", "service_key"}
    assert result.stderr == ""


def test_a_light_command_loads_no_web_framework_and_no_migrations(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    program = (
        "import sys\nfrom widget_service.cli import main\n"
        f"try:\n    main(['origin', 'list', '{workspace_id}'])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "heavy = {'alembic', 'flask', 'gevent', 'httpx', 'gunicorn', 'huey', 'psycopg', 'redis'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=clean_environment(shell.environment),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (result.returncode, result.stderr) == (0, "")
