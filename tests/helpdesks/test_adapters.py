"""What every vendor's adapter keeps to, and how they are found and configured."""

import json
import pkgutil
from pathlib import Path

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.support.shell import Shell
from widget_service.helpdesk_connections import LONGEST_EXTERNAL_ID, mint_external_id, names_another_player
from widget_service.helpdesks import Helpdesk, HelpdeskSettings, available, parse_time
from widget_service.helpdesks.zendesk.settings import normal_id

ROOT = Path(__file__).parent.parent.parent
SECRET = "kT7-wQ2_zV9xLp4RbN6sYd1M"
VENDORS = available()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path / 'widget.db'}")


def test_every_file_of_the_folder_is_a_vendor() -> None:
    folder = ROOT / "widget_service" / "helpdesks"
    files = {module.name for module in pkgutil.iter_modules([str(folder)])}

    assert files == set(VENDORS)


@pytest.mark.parametrize("helpdesk", VENDORS.values(), ids=VENDORS)
def test_what_is_called_a_secret_is_kept_as_one(helpdesk: Helpdesk) -> None:
    ends = ("secret", "secrets", "secret_previous", "password", "token")
    named = {name for name in helpdesk.settings.model_fields if name.endswith(ends)}

    assert issubclass(helpdesk.settings, HelpdeskSettings)
    assert named == helpdesk.settings.secret_names()


@pytest.mark.parametrize("helpdesk", VENDORS.values(), ids=VENDORS)
def test_a_vendor_is_documented_with_all_its_options(helpdesk: Helpdesk) -> None:
    text = (ROOT / "docs" / "helpdesks" / f"{helpdesk.name}.md").read_text(encoding="utf-8")
    options = {f"--{name.replace('_', '-')}" for name in helpdesk.settings.model_fields} - {"--webhook-secret-previous"}

    assert {option for option in options if f"`{option}" not in text} == set()


def connect(shell: Shell, *options: str) -> tuple[str, ...]:
    return ("helpdesk", "connect", shell.workspace()["workspace_id"], "zendesk", *options)


def test_connecting_prints_the_address_for_the_vendor(shell: Shell) -> None:
    made = shell(*connect(shell, "--webhook-secret", SECRET, "--field-id=17826865089553"))

    assert made["webhook_url"] == f"https://support.example/v1/helpdesks/{made['connection_id']}/webhook"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_or_from_standard_input(shell: Shell, tmp_path: Path, end: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes((SECRET + end).encode())

    assert shell(*connect(shell, "--webhook-secret", f"@{file}", "--field-id", "1"))["connection_id"]
    assert shell(*connect(shell, "--webhook-secret", "-", "--field-id", "1"), stdin=SECRET + end)["connection_id"]


def test_no_secret_is_ever_listed_or_stored_in_clear(shell: Shell) -> None:
    messaging = ("--messaging-key-id", "app_1", "--messaging-secret", SECRET + "-m")
    made = shell(*connect(shell, "--webhook-secret", SECRET, "--field-id", "1", *messaging))
    shell("helpdesk", "rotate", made["connection_id"], "--webhook-secret", SECRET + "-2")
    with Path(shell.database_url.removeprefix("sqlite:///")).open("rb") as file:
        content = file.read()

    workspace_id = next(one["workspace_id"] for one in shell("workspace", "list")["workspaces"])
    listed = shell("helpdesk", "list", workspace_id)
    settings = listed["connections"][0]["settings"]
    assert {name: settings[name] for name in ("field_id", "messaging_key_id")} == {
        "field_id": "1",
        "messaging_key_id": "app_1",
    }
    assert SECRET not in json.dumps(listed)
    assert SECRET.encode() not in content


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--field-id", "1"), "--webhook-secret"),
        (("--webhook-secret", SECRET), "--field-id"),
        (("--webhook-secret", "short", "--field-id", "1"), "16 characters"),
        (("--webhook-secret", SECRET + " x", "--field-id", "1"), "white space"),
        (("--webhook-secret", SECRET, "--field-id", "Player"), "--field-id"),
        (("--webhook-secret", SECRET, "--field-id", "1.78e13"), "--field-id"),
        (("--webhook-secret", SECRET, "--field-id"), "--field-id"),
        (("--webhook-secret", SECRET, "--field-id", "1", "--field-id", "2"), "twice"),
        (("--webhook-secret", SECRET, "--field-id", "1", "--colour", "red"), "--colour"),
        (("--webhook-secret", SECRET, "--field-id", "1", "red"), "red"),
        (("--webhook-secret", SECRET, "--field-id", "1", "--webhook-id", "x"), "--webhook-id"),
        (("--webhook-secret", SECRET, "--field-id", "1", "--messaging-key-id", "app_1"), "messaging_secret"),
        (("--webhook-secret", "@/nowhere", "--field-id", "1"), "/nowhere"),
    ],
)
def test_a_wrong_option_is_refused_by_its_name_and_never_by_its_value(
    shell: Shell, options: tuple[str, ...], named: str
) -> None:
    line = shell.refused(*connect(shell, *options))

    assert named in line
    assert SECRET not in line


def test_what_is_not_there_is_refused(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    options = ("--webhook-secret", SECRET, "--field-id", "1")

    assert "zendesk" in shell.refused("helpdesk", "connect", workspace_id, "pigeon", *options)
    shell.refused("helpdesk", "connect", "ws_unknown", "zendesk", *options)
    shell.refused("helpdesk", "rotate", "hd_unknown", "--webhook-secret", SECRET)
    shell.refused("helpdesk", "disconnect", "hd_unknown")
    shell.refused("helpdesk", "list", "ws_unknown")
    made = shell("helpdesk", "connect", workspace_id, "zendesk", *options)
    shell.refused("helpdesk", "rotate", made["connection_id"])
    shell("helpdesk", "disconnect", made["connection_id"])
    shell.refused("helpdesk", "rotate", made["connection_id"], "--webhook-secret", SECRET + "-2")


def test_references_and_sealed_secrets_outlive_a_change_of_the_secret_key(each_app_service) -> None:
    from tests.support.service import SECRET_KEY
    from widget_service.app import create_app

    desk = ZendeskDesk(each_app_service)
    ticket = desk.account.open_ticket()
    reference = desk.reference("5832", claims={"email": "ana@example.com"})
    new = {"secret_key": "Ym3Fw8Ta5Cn1Xk7Bq9Ev2Sd6Jr4Lz0Oh", "secret_key_previous": SECRET_KEY}

    service = desk.casino.service
    service.environment.update({f"WIDGET_{name.upper()}": value for name, value in new.items()})
    counts = service.cli("secret-key", "rewrap")
    service.settings = service.settings.model_copy(update=new)
    service.app = create_app(service.settings)
    desk.client = service.client()

    assert counts["unreadable"] == 0
    desk.bring(ticket, reference)
    assert desk.status(ticket) == "verified"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (17826865089553, "17826865089553"),
        ("17826865089553 ", "17826865089553"),
        ("0", "0"),
        (1.7826865089553e13, None),
        (True, None),
        ("１２", None),
        ("-1", None),
        ("9" * 21, None),
        ("", None),
        (None, None),
    ],
)
def test_an_id_is_its_exact_decimal_text(value: object, expected: str | None) -> None:
    assert normal_id(value) == expected


def test_a_time_is_read_to_the_nanosecond_in_any_offset() -> None:
    noon = parse_time("2026-03-01T12:00:00Z")

    assert noon == 1_772_366_400 * 10**9
    assert parse_time("2026-03-01T14:00:00+02:00") == parse_time("2026-03-01T05:30:00-06:30") == noon
    assert parse_time("2026-03-01T11:59:58.412907331Z") == noon - 2 * 10**9 + 412_907_331


def test_a_minted_id_is_the_workspaces_own_and_contradicts_only_its_own_kind() -> None:
    long = mint_external_id("ws_1", "p" * 255)

    assert mint_external_id("ws_1", "5832") == "ws_1:5832"
    assert len(long) <= LONGEST_EXTERNAL_ID
    assert not names_another_player(long, "ws_1", "p" * 255)
    assert names_another_player("ws_1:40217", "ws_1", "5832")
    assert not names_another_player("ws_2:40217", "ws_1", "5832")
    assert not names_another_player("40217", "ws_1", "5832")
    assert not names_another_player("", "ws_1", "5832")
    assert not names_another_player(None, "ws_1", "5832")


def test_no_player_can_be_named_like_the_hash_of_another() -> None:
    long = mint_external_id("ws_1", "p" * 255)
    assert mint_external_id("ws_1", long.removeprefix("ws_1:")) != long
