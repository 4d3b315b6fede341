"""The messenger's session: every request's proof, refresh, logout, close, and what ends from outside."""

import time

import pytest

from tests.support.browser import ConfirmationKey
from tests.support.operator import CASINO
from tests.support.servers import wait_until
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused, is_time

NOW = int(time.time())


def endpoints(conversation_id: str) -> dict[str, tuple[str, str]]:
    one = f"/v1/conversations/{conversation_id}"
    return {
        "conversation": ("GET", one),
        "messages": ("GET", f"{one}/messages"),
        "send": ("POST", f"{one}/messages"),
        "events": ("GET", f"{one}/events"),
        "close": ("POST", f"{one}/close"),
        "refresh": ("POST", "/v1/session/refresh"),
        "logout": ("DELETE", "/v1/session"),
    }


ENDPOINTS = tuple(endpoints(""))
MESSAGE = {"client_message_id": "m-1", "text": "hello"}


def call(browser, name: str, *, of: str | None = None, **options):
    method, path = endpoints(of or browser.conversation_id)[name]
    body = {"json": MESSAGE} if name == "send" else {}
    return browser.request(method, path, **body, **options)


@pytest.fixture
def browser(casino):
    return casino.visit()


WRONG_PROOFS = {
    "another method": {"htm": "PUT"},
    "another address": {"htu": "http://127.0.0.1:8000/v1/other"},
    "no token hash": {"ath": None},
    "another token's hash": {"ath": "AAAA"},
    "long ago": {"iat": NOW - 500},
    "in the future": {"iat": NOW + 100_000},
    "no id": {"jti": None},
    "another type": {"header": {"typ": "JWT"}},
    "no key": {"header": {"jwk": None}},
    "another key than signed": {"header": {"jwk": ConfirmationKey().jwk}},
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_refuses_every_wrong_proof(browser, name) -> None:
    method, path = endpoints(browser.conversation_id)[name]
    for sentence, wrong in WRONG_PROOFS.items():
        proof = browser.proof(method, path, browser.session_token, **wrong)
        error = assert_refused(call(browser, name, proof=proof), 401, "INVALID_PROOF")
        assert abs(error["details"]["server_time"] - time.time()) < 5, sentence
    for header in (None, "", "proof", "a.b.c"):
        assert_refused(call(browser, name, headers={"DPoP": header}), 401, "INVALID_PROOF")
    assert browser.get(f"/v1/conversations/{browser.conversation_id}").status_code == 200, "nothing has ended"


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_takes_a_proof_once(browser, name) -> None:
    method, path = endpoints(browser.conversation_id)[name]
    used = browser.proof("GET", f"/v1/conversations/{browser.conversation_id}", browser.session_token)
    assert browser.get(f"/v1/conversations/{browser.conversation_id}", proof=used).status_code == 200
    again = browser.get(f"/v1/conversations/{browser.conversation_id}", proof=used)
    assert_refused(again, 401, "PROOF_REUSED")
    reused = browser.key.proof(method, browser.absolute(path), browser.session_token, jti="the-same-id")
    casino_key = browser.key.proof(
        "GET",
        browser.absolute(f"/v1/conversations/{browser.conversation_id}"),
        browser.session_token,
        jti="the-same-id",
    )
    assert browser.get(f"/v1/conversations/{browser.conversation_id}", proof=casino_key).status_code == 200
    assert_refused(call(browser, name, proof=reused), 401, "PROOF_REUSED")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_refuses_another_key_and_every_wrong_token(casino, browser, name) -> None:
    method, path = endpoints(browser.conversation_id)[name]
    thief = casino.browser()
    thief.session_token, thief.conversation_id = browser.session_token, browser.conversation_id
    assert_refused(call(thief, name), 401, "INVALID_SESSION")
    for token in ("wst_unknown", "wst_", "sess_unknown", "token", "é"):
        proof = browser.proof(method, path, token)
        headers = {
            "Authorization": f"DPoP {token}".encode("latin-1", "replace")
            .decode("ascii", "replace")
            .replace("\ufffd", "?")
        }
        assert_refused(call(browser, name, proof=proof, headers=headers), 401, "INVALID_SESSION")
    bearer = {"Authorization": f"Bearer {browser.session_token}", "DPoP": None}
    assert_refused(call(browser, name, headers=bearer), 401, "INVALID_SESSION")
    with_proof = {"Authorization": f"Bearer {browser.session_token}"}
    assert_refused(call(browser, name, headers=with_proof), 401, "INVALID_SESSION")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_without_any_authorization_there_is_no_session(browser, name) -> None:
    assert_refused(call(browser, name, headers={"Authorization": None}), 401, "INVALID_SESSION")


@pytest.mark.parametrize("name", ["conversation", "messages", "send", "events", "close"])
def test_another_conversations_id_is_not_found(casino, browser, name) -> None:
    other = casino.visit("40217")
    for of in (other.conversation_id, "conv_unknown", "x"):
        assert_refused(call(browser, name, of=of), 404, "CONVERSATION_NOT_FOUND")
    assert other.messages() == []


def test_the_token_comes_after_one_space_or_more(browser) -> None:
    headers = {"Authorization": f"DPoP   {browser.session_token}"}
    assert_refused(call(browser, "send", headers={**headers, "DPoP": "x"}), 401, "INVALID_PROOF")
    assert call(browser, "send", headers=headers).status_code == 201


def test_an_escaped_address_is_the_address(browser) -> None:
    escaped = f"/v1/conversations/{browser.conversation_id}".replace("_", "%5F")
    assert browser.request("GET", escaped).status_code == 200
    assert_refused(browser.request("GET", "/v1/conversations/a%20b"), 404, "CONVERSATION_NOT_FOUND")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_no_session_endpoint_answers_another_origin(browser, name) -> None:
    method, path = endpoints(browser.conversation_id)[name]
    preflight = browser.client.options(path, headers={"Origin": CASINO, "Access-Control-Request-Method": method})
    assert_refused(preflight, 405, "METHOD_NOT_ALLOWED")
    answer = call(browser, name, headers={"Origin": CASINO, "Accept": "application/json"})
    for one in (preflight, answer):
        assert not [header for header in one.headers if header.lower().startswith("access-control-")]


def test_the_conversation_is_read_as_in_start(casino) -> None:
    browser = casino.browser()
    started = browser.started(casino.id, player_token=casino.operator.player_token(name="Ana Ruiz"))
    answer = browser.get(f"/v1/conversations/{browser.conversation_id}").json()
    assert answer == {"success": True, "conversation": started["conversation"], "player": started["player"]}


def test_a_refresh_gives_a_new_token_and_the_old_one_lives_for_the_grace(casino, browser) -> None:
    old = browser.session_token
    answer = browser.refresh()
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "session"}
    session = answer.json()["session"]
    assert set(session) == {"token", "token_type", "expires_at", "expires_in", "scope"}
    assert session["token"].startswith("wst_")
    assert session["token"] != old
    assert session["token_type"] == "DPoP"
    assert session["expires_in"] == 900
    assert is_time(session["expires_at"])
    assert session["scope"] == "conversation:read conversation:write"
    path = f"/v1/conversations/{browser.conversation_id}"
    assert browser.get(path, token=old).status_code == 200
    assert browser.get(path).status_code == 200
    row = casino.row("SELECT MIN(expires_at) FROM sessions WHERE conversation_id = ?", browser.conversation_id)
    assert 25 <= row[0] - time.time() <= 30


@pytest.mark.parametrize("name", ["refresh", "logout"])
@pytest.mark.parametrize("raw", [b"[]", b'{"token": "x"}', b"{"])
def test_a_body_where_none_belongs_is_refused(browser, name, raw) -> None:
    answer = call(browser, name, content=raw, headers={"Content-Type": "application/json"})
    assert_refused(answer, 422 if b":" in raw else 400, "INVALID_REQUEST")


def test_a_logout_ends_every_credential_of_the_conversation(casino, browser) -> None:
    second_tab = browser.session_token
    browser.started(casino.id, player_token=casino.operator.player_token())
    agent = casino.agent()
    sess = agent.issue_session(browser.conversation_id).json()["session_id"]
    assert agent.introspect(sess)["active"] is True
    answer = browser.log_out()
    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    for token in (second_tab, browser.session_token):
        assert_refused(browser.get(f"/v1/conversations/{browser.conversation_id}", token=token), 401, "INVALID_SESSION")
        assert agent.introspect(token) == {"active": False}
    assert agent.introspect(sess) == {"active": False}
    assert_refused(browser.refresh(), 401, "INVALID_SESSION")
    assert_refused(browser.log_out(), 401, "INVALID_SESSION")
    assert casino.outbox(browser.conversation_id)[-1]["type"] == "session.revoked"


def test_a_logout_leaves_the_players_other_conversations_alone(casino) -> None:
    phone, desk = casino.visit("two devices"), casino.visit("two devices")
    phone.log_out()
    assert desk.get(f"/v1/conversations/{desk.conversation_id}").status_code == 200


def test_closing_ends_the_conversation_and_its_credentials(casino, browser) -> None:
    agent = casino.agent()
    sess = agent.issue_session(browser.conversation_id).json()["session_id"]
    answer = call(browser, "close")
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "conversation"}
    assert answer.json()["conversation"]["status"] == "closed"
    assert agent.introspect(sess) == {"active": False}
    assert_refused(call(browser, "close"), 401, "INVALID_SESSION")
    assert_refused(call(browser, "send"), 401, "INVALID_SESSION")
    assert casino.outbox(browser.conversation_id)[-1]["type"] == "conversation.closed"


def wait_until_refused(browser) -> None:
    def refused() -> bool:
        answer = browser.get(f"/v1/conversations/{browser.conversation_id}")
        return answer.status_code == 401 and answer.json()["error"]["code"] == "INVALID_SESSION"

    wait_until(refused, "the session to end", seconds=5, every=0.1)


def test_a_removed_origin_ends_its_sessions_within_five_seconds_and_takes_them_back(casino) -> None:
    moving = casino.neighbour(origins=(CASINO, "https://second.example"))
    here, there = moving.visit(), moving.visit(browser=moving.browser(origin="https://second.example"))
    moving.cli("origin", "remove", moving.id, "https://second.example")
    wait_until_refused(there)
    assert moving.agent().introspect(there.session_token) == {"active": False}
    assert here.get(f"/v1/conversations/{here.conversation_id}").status_code == 200


def test_an_origin_that_moved_to_another_brand_ends_the_sessions_of_the_first(casino) -> None:
    moving = casino.neighbour(origins=(CASINO, "https://second.example"))
    browser = moving.visit(browser=moving.browser(origin="https://second.example"))
    moving.cli("brand", "create", moving.id, "--name", "Two", "--origin", "https://second.example")
    moving.cli("origin", "remove", moving.id, "https://second.example", "--brand", moving.operator.brand_id)
    wait_until_refused(browser)


def test_a_disabled_workspace_ends_everything_within_five_seconds(casino) -> None:
    closed = casino.neighbour()
    browser, agent = closed.visit(), closed.agent()
    sess = agent.issue_session(browser.conversation_id).json()["session_id"]
    closed.cli("workspace", "disable", closed.id)
    wait_until_refused(browser)
    refused = wait_until(
        lambda: (a := agent.get("/v1/conversations")).status_code == 401 and a, "the API token", every=0.1
    )
    assert_refused(refused, 401, "UNAUTHORIZED")
    closed.cli("workspace", "enable", closed.id)
    wait_until(lambda: agent.introspect(sess)["active"], "the session to be believed again", seconds=5, every=0.2)


def test_the_command_line_revokes_a_session(casino, browser) -> None:
    casino.service.cli("session", "revoke", "-", stdin=browser.session_token, answers=True)
    assert_refused(browser.get(f"/v1/conversations/{browser.conversation_id}"), 401, "INVALID_SESSION")


def alive(browser, token: str | None = None) -> bool:
    answer = browser.get(f"/v1/conversations/{browser.conversation_id}", token=token)
    if answer.status_code != 200:
        assert_refused(answer, 401, "INVALID_SESSION")
    return answer.status_code == 200


def test_a_session_token_lives_for_a_quarter_of_an_hour(browser, clock) -> None:
    clock.advance(895)
    assert alive(browser)
    clock.advance(10)
    assert not alive(browser)
    assert_refused(browser.refresh(), 401, "INVALID_SESSION")


def test_the_old_token_dies_half_a_minute_after_a_refresh(browser, clock) -> None:
    old = browser.session_token
    clock.advance(600)
    browser.refresh()
    clock.advance(25)
    assert alive(browser, old)
    clock.advance(10)
    assert not alive(browser, old)
    clock.advance(800)
    assert alive(browser), "the new one has its own quarter of an hour"


def test_no_refresh_goes_beyond_eight_hours(browser, clock) -> None:
    began = clock()
    while clock() - began < 8 * 3600 - 800:
        assert browser.refresh().status_code == 200
        clock.advance(800)
    last = browser.refresh().json()["session"]
    assert last["expires_in"] == pytest.approx(began + 8 * 3600 - clock(), abs=3)
    clock.advance(last["expires_in"] + 2)
    assert not alive(browser)
    assert_refused(browser.refresh(), 401, "INVALID_SESSION")


def test_half_an_hour_without_use_ends_a_session(databases, clock) -> None:
    patient = Casino(InProcessService(databases.new("sqlite"), session_token_lifetime=28800))
    used, unused = patient.visit(), patient.visit()
    for _ in range(3):
        clock.advance(1700)
        assert alive(used)
    assert not alive(unused)
    assert patient.agent().introspect(unused.session_token) == {"active": False}
    assert used.refresh().status_code == 200
    clock.advance(1795)
    assert alive(used)
    clock.advance(1805)
    assert not alive(used)


def test_a_use_that_is_not_written_yet_counts_for_a_refresh(databases, clock) -> None:
    patient = Casino(InProcessService(databases.new("sqlite"), session_token_lifetime=28800))
    browser = patient.visit()
    clock.advance(1795)
    assert alive(browser)
    clock.advance(10)
    assert browser.refresh().status_code == 200


def test_short_settings_hold(databases) -> None:
    hasty = Casino(InProcessService(databases.new("sqlite"), session_token_lifetime=2, session_absolute_lifetime=3))
    browser = hasty.browser()
    assert browser.started(hasty.id, player_token=hasty.operator.player_token())["session"]["expires_in"] == 2
    time.sleep(2.1)
    assert not alive(browser)
