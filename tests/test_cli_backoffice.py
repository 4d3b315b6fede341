"""``widget-service backoffice``: what is connected, what is refused, what is shown, and no secret anywhere."""

import time
from collections.abc import Iterator

import pytest

from tests.backoffice.scripted_back_office import API_TOKEN, ScriptedBackOffice, truth
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused
from widget_service.backoffice.preset_files import available_presets

CONNECTOR = """
format = 1
name = "A platform"

[authentication]
kind = "bearer"

[session]
source = "operator_session_id"
header = "X-SessionId"

[secrets]
key_id = { description = "the key's id" }

[capabilities.balances]
evidence = "A"

[[capabilities.balances.calls]]
path = "/v1/players/{player_id}/balances"
id_path = "$.player_id"

[capabilities.balances.map]
currency = "$.currency"
cash_balance = { path = "$.cash_balance", transform = "number" }
"""


@pytest.fixture(scope="module")
def casino(databases) -> Casino:
    return Casino(InProcessService(databases.new("sqlite")))


@pytest.fixture(scope="module")
def office() -> Iterator[ScriptedBackOffice]:
    office = ScriptedBackOffice()
    yield office
    office.close()


@pytest.fixture
def connector(tmp_path) -> str:
    file = tmp_path / "connector.toml"
    file.write_text(CONNECTOR)
    return str(file)


def connect(casino: Casino, url: str, *options: str) -> list[str]:
    return ["backoffice", "connect", casino.id, "--url", url, *options]


TOKEN = ("--api-token", API_TOKEN)
REFUSED = [
    (("http://127.0.0.1:9/api?x=1", *TOKEN), "--url: has a query"),
    (("ftp://127.0.0.1", *TOKEN), "--url: The URL must begin with https://"),
    (("https://10.0.0.1", *TOKEN), "--url: The URL's address is not public"),
    (("https://169.254.169.254", *TOKEN, "--allow-private"), "--url: The URL's address is not public"),
    (("https://user:word@bo.example", *TOKEN), "--url: The URL has a user name or password"),
    (("https://bo.example",), "--api-token"),
    (("https://bo.example", "--api-token", ""), "api_token: is empty"),
    (("https://bo.example", *TOKEN, "--secret", "key=x"), "no other secret"),
    (("https://bo.example", *TOKEN, "--secret", "key"), "must be NAME=VALUE"),
    (("https://bo.example", *TOKEN, "--preset", "nobody"), "There is no preset nobody"),
    (("https://bo.example", *TOKEN, "--preset", "nobody", "--file", "x"), "not both"),
    (("https://bo.example", *TOKEN, "--file", "/dev/null"), "The connector is empty"),
    (("https://bo.example", *TOKEN, "--cache", "11"), "11"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_a_connection_that_cannot_be_is_refused_in_one_line(casino, options, sentence) -> None:
    refused = casino.service.run("backoffice", "connect", casino.id, "--url", *options)

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert API_TOKEN not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_connector_with_a_mistake_is_refused_with_its_place(casino, tmp_path) -> None:
    for text, sentence in (("x = ", "no TOML"), (CONNECTOR.replace("cash_balance =", "cash ="), "cash")):
        file = tmp_path / "broken.toml"
        file.write_text(text)
        refused = casino.service.run(*connect(casino, "https://bo.example", *TOKEN, "--file", str(file)))
        assert refused.exit_code == 2
        assert sentence in refused.stderr


def test_a_private_network_is_called_only_where_it_is_allowed(casino) -> None:
    allowed = casino.neighbour()

    assert allowed.cli(*connect(allowed, "https://10.0.0.1", *TOKEN, "--allow-private"))["connection_id"]


def test_nothing_of_a_connection_is_shown_that_is_secret(casino, office, tmp_path) -> None:
    file = tmp_path / "token"
    file.write_text(API_TOKEN + "\n")
    made = casino.cli(*connect(casino, office.url, "--api-token", f"@{file}"))
    office.asked.clear()
    shown = [
        casino.service.run("backoffice", "list", casino.id).stdout,
        casino.service.run("backoffice", "list", casino.id, "--json").stdout,
        casino.service.run("backoffice", "test", casino.id, "--player", "5832", "--session", "sess_mine").stdout,
    ]

    assert made["connection_id"].startswith("bo_")
    assert all(text and API_TOKEN not in text and "sess_mine" not in text for text in shown)
    assert office.asked[0][2]["authorization"] == f"Bearer {API_TOKEN}"


def test_what_comes_back_is_shown_beside_the_names_that_the_back_office_used(casino, office) -> None:
    casino.cli(*connect(casino, office.url, *TOKEN))
    office.answering = lambda player, rest: (200, truth("40217" if rest == "/kyc" else player, rest))
    tried = casino.cli("backoffice", "test", casino.id, "--player", "5832")["capabilities"]
    found = {one["capability"]: one for one in tried}

    assert found["player"]["answer"]["email"] == "a•••@p•••.example"
    assert "$.email (text, e-mail)" in found["player"]["upstream"][0]["names"]
    assert (found["kyc"]["error"], found["kyc"]["reason"]) == ("BACK_OFFICE_UNAVAILABLE", "foreign_player")
    assert "withdrawals.cancel" not in found, "nothing is written"
    only = ("--capability", "balances", "withdrawals")
    assert len(casino.cli("backoffice", "test", casino.id, "--player", "5832", *only)["capabilities"]) == 2
    refused = casino.service.run("backoffice", "test", casino.id, "--player", "5832", "--capability", "notes.add")
    assert refused.exit_code == 2


def test_a_connector_is_exported_and_imported_and_keeps_its_secrets(casino, office, connector, tmp_path) -> None:
    desk = casino.neighbour()
    made = desk.cli(*connect(desk, office.url, *TOKEN, "--file", connector, "--secret", "key_id=k-7"))
    exported = desk.service.run("backoffice", "export", desk.id).stdout
    assert exported.strip() == CONNECTOR.strip()
    changed = tmp_path / "changed.toml"
    changed.write_text(CONNECTOR.replace("A platform", "Another"))
    imported = desk.cli("backoffice", "import", desk.id, str(changed))

    assert imported["connection_id"] != made["connection_id"]
    assert 'name = "Another"' in desk.service.run("backoffice", "export", desk.id).stdout
    test = desk.cli("backoffice", "test", desk.id, "--player", "5832", "--operator-session", "op-1")["capabilities"]
    assert {one["capability"] for one in test if "answer" in one} == {"balances"}
    assert {one["error"] for one in test if "error" in one} == {"CAPABILITY_NOT_AVAILABLE"}


def test_a_connector_is_given_the_operators_own_session_of_this_player_token(casino, office, connector) -> None:
    desk = casino.neighbour()
    desk.cli(*connect(desk, office.url, *TOKEN, "--file", connector, "--secret", "key_id=k-7"))
    time.sleep(0.3)
    agent = desk.agent("sessions:issue", "player:read")
    office.asked.clear()
    for claims, status in (({"session_id": "op-session-1"}, 200), ({}, 401)):
        visit = desk.visit("5832" if claims else "40217", **claims)
        session_id = agent.issue_session(visit.conversation_id).json()["session_id"]
        player_id = "5832" if claims else "40217"
        answer = agent.get(f"/v1/players/{player_id}/balances", headers={"X-Session-ID": session_id})
        assert answer.status_code == status, answer.text
    assert_refused(answer, 401, "INVALID_SESSION")
    assert [headers["x-sessionid"] for _, _, headers, _ in office.asked] == ["op-session-1"]


@pytest.mark.parametrize("verb", [("export",), ("test", "--player", "5832"), ("import", "-")])
def test_what_is_not_connected_is_said(casino, verb) -> None:
    alone = casino.neighbour()
    refused = alone.service.run("backoffice", verb[0], alone.id, *verb[1:], stdin=CONNECTOR)

    assert refused.exit_code == 2
    assert "has no back office" in refused.stderr


def test_every_preset_is_found_by_its_name() -> None:
    assert "softswiss_relay" in available_presets()
