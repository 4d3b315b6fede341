"""What is kept of refusals: nothing that a stranger worded, and of each workspace its share."""

import json

import pytest

from tests.support.browser import Browser
from tests.support.operator import CASINO, Agent, Operator
from tests.support.service import InProcessService
from tests.views.casino import EVIL, Casino, assert_refused
from widget_service.logs import logged_path

SAID = "The-Royal-cheats-its-players"
#: What a token may say of its key before anybody knows one: in each, the place of a text of the stranger's own.
INVENTED_HEADERS = [
    {"kid": SAID},
    {"kid": SAID, "typ": "at+jwt"},
    {"kid": SAID, "jku": "https://x.example"},
    {"kid": SAID, "crit": ["exp"]},
]


@pytest.mark.parametrize("header", INVENTED_HEADERS, ids=str)
def test_no_row_has_a_strangers_wording_for_a_key(casino, header) -> None:
    token = casino.operator.player_token(header=header)
    assert_refused(casino.browser().start(casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")
    assert SAID not in told_rows(casino)


def test_no_row_has_a_strangers_wording_for_an_origin(databases) -> None:
    casino = Casino(InProcessService(databases.new("sqlite")), origins=(CASINO, "https://*.royal.example"))
    said = "cheats-its-players"
    for origin in (f"https://{said}.royal.example", f"https://{said}.example", said):
        browser = casino.browser(origin=origin)
        assert browser.start(casino.id, player_token="no-token").status_code in (401, 403)
        browser.client.options(f"/v1/workspaces/{casino.id}/conversations", headers={"Origin": origin})
    assert said not in told_rows(casino)
    with casino.storage.reading() as store:
        counted = {origin for (origin,) in store.connection.all("SELECT origin FROM counts")}
    assert counted == {"https://*.royal.example", "other"}, "the line of the list that allowed it is known"


def told_rows(casino) -> str:
    """Everything that counts and samples of refusals keep, as text."""
    casino.service.app.extensions["widget-service"].recorder.flush()
    with casino.storage.reading() as store:
        return repr([store.connection.all(f"SELECT * FROM {table}") for table in ("counts", "audit")])  # noqa: S608 - our own words


def test_samples_of_refusals_are_counted_apart_for_each_workspace(casino) -> None:
    for number in range(40):
        casino.service.client().get("/v1/conversations", headers={"Authorization": f"Bearer wat_{number}"})
    neighbour = casino.neighbour()
    for one in (casino, neighbour):
        for _ in range(25):
            assert_refused(one.browser(origin=EVIL).start(one.id), 403, "ORIGIN_NOT_ALLOWED")
    told_rows(casino)
    sampled = "SELECT count(*) FROM audit WHERE action = 'refused' AND workspace_id = ?"
    assert [casino.row(sampled, one)[0] >= 20 for one in (casino.id, neighbour.id)] == [True, True]


NO_FIELD = "3f9c81ab4d5e6f708192a3b4c5d6e7f8"
PATHS = {
    "/v1/players/ana@mail.example/balances": "/v1/players/…/balances",
    "/v1/players/a/b@mail.example/balances": "/v1/players/…/…/balances",
    "/v1/avatars/wat_Jt0p6s7TqL": "/v1/avatars/…",
    f"/v1/avatars/avt_{NO_FIELD}": f"/v1/avatars/avt_{NO_FIELD}",
    f"/v1/avatars/wat_{NO_FIELD}": "/v1/avatars/…",
    f"/v1/avatars/{NO_FIELD}": "/v1/avatars/…",
    f"/v1/conversations/conv_{NO_FIELD}\n": "/v1/conversations/…",
    "/v1//conversations": "/v1//conversations",
    "/wst_secret": "/…",
    "": "",
}


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_a_logged_path_has_our_words_and_our_ids_alone(path: str) -> None:
    assert logged_path(path, {"", "v1", "players", "balances", "avatars", "conversations"}) == PATHS[path]


def test_no_line_of_the_log_repeats_what_stands_in_a_path(new_service) -> None:
    service = new_service(log_level="debug")
    operator = Operator.create(service)
    agent, browser = Agent.create(service, operator.workspace_id), Browser(service)
    browser.started(operator.workspace_id, player_token=operator.player_token("ana@mail.example"))
    secrets = [agent.token, browser.session_token, "ana@mail.example", "sess_Canary-1", "eyJhbGciOiJFUzI1NiJ9.c.s"]
    for secret in secrets:
        for path in (
            "/{}",
            "/v1/avatars/{}",
            "/v1/conversations/{}",
            "/v1/helpdesks/{}/webhook",
            "/v1/players/{}",
            "/v1/players/{}/balances",
            "/v1/players/{}/unknown",
            "/v1/workspaces/{}/messenger",
            "/sdk/{}",
        ):
            for method in ("GET", "POST"):
                agent.client.request(method, path.format(secret), headers={"Authorization": f"Bearer {agent.token}"})
    log = service.output()
    assert log.count('"refused"') > len(secrets)
    assert [secret for secret in secrets if secret in log] == []


def test_a_line_of_a_refusal_says_who_and_where(new_service) -> None:
    service = new_service()
    operator = Operator.create(service)
    Browser(service).start(operator.workspace_id, origin=EVIL)
    service.client().get("/v1/conversations", headers={"Authorization": "Bearer wat_unknown"})
    lines = [json.loads(line) for line in service.output().splitlines() if '"refused"' in line]
    told = {(line["code"], line["workspace_id"], line["address"]) for line in lines}
    assert told >= {
        ("ORIGIN_NOT_ALLOWED", operator.workspace_id, "127.0.0.0/24"),
        ("UNAUTHORIZED", "-", "127.0.0.0/24"),
    }
    assert all(line["path"].startswith("/v1/") for line in lines)
