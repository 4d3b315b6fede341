"""What every answer has, what is answered when nothing fits, and what no log may tell (contract §1, §2)."""

import json
import re
import time

import pytest

from tests.support.browser import Browser
from tests.support.operator import CASINO, Agent, Operator
from tests.support.servers import PostgresCluster, RedisServer, wait_until
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_oauth_refused, assert_refused, in_parallel, varies_by_origin

PATHS = [
    "/",
    "/v1",
    "/v1/",
    "/v1/unknown",
    "/favicon.ico",
    "/v1/conversations/",
    "/V1/conversations",
]


@pytest.mark.parametrize(
    "path", [*PATHS, "/v1/conversations/x/unknown", "/.well-known/unknown", "/%00", "/v1/%00", "/a" * 900]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found(casino, method, path) -> None:
    answer = casino.browser().client.request(method, casino.service.url + path)
    if path in ("/v1/conversations/",) and answer.status_code in (301, 308):
        pytest.fail("a redirect would lose the body")
    assert_refused(answer, 404, "NOT_FOUND")


METHODS = {
    "/v1/conversations": ("DELETE", "PUT", "PATCH", "OPTIONS", "POST"),
    "/v1/conversations/conv_x": ("DELETE", "PUT", "PATCH", "POST", "OPTIONS"),
    "/v1/conversations/conv_x/replies": ("GET", "PUT"),
    "/v1/players/5832/logout": ("GET", "PUT", "DELETE"),
    "/v1/players/5832/bonus": ("GET", "PUT"),
    "/v1/players/5832/withdrawals/w1/cancel": ("GET",),
    "/v1/players/5832/balances": ("POST", "PUT"),
    "/v1/session": ("GET", "POST", "PUT"),
    "/v1/session/refresh": ("GET", "DELETE"),
    "/.well-known/jwks.json": ("POST", "DELETE"),
    "/health/live": ("POST",),
}


@pytest.mark.parametrize("path", METHODS)
def test_a_wrong_method_is_not_allowed_and_told_which_is(casino, path) -> None:
    for method in METHODS[path]:
        answer = casino.browser().client.request(method, path)
        assert_refused(answer, 405, "METHOD_NOT_ALLOWED")
        allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
        assert allowed
        assert method not in allowed


def test_a_wrong_method_of_an_rfcs_endpoint_has_the_rfcs_shape(casino) -> None:
    assert_oauth_refused(casino.browser().client.get("/v1/oauth/introspect"), 405, "invalid_request")
    assert_oauth_refused(casino.browser().client.get("/v1/oauth/unknown"), 404, "invalid_request")


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/.well-known/jwks.json", "/v1/conversations", "/v1/unknown", "/metrics"]
)
def test_every_answer_has_its_id_and_is_not_kept(casino, path) -> None:
    client = casino.browser().client
    first, second = client.get(path), client.get(path)
    assert first.headers["X-Request-ID"].startswith("req_")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert first.headers["Cache-Control"] == "no-store"
    given = client.get(path, headers={"X-Request-ID": "mine"})
    assert given.headers["X-Request-ID"] != "mine", "the caller does not write our log"


def test_static_files_may_be_kept(casino) -> None:
    answer = casino.browser().client.get("/sdk/v1/messenger.js")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Request-ID"]


def test_every_answer_of_the_api_varies_by_origin(casino) -> None:
    client = casino.browser().client
    for path in ("/v1/conversations", "/v1/unknown", f"/v1/workspaces/{casino.id}/messenger", "/v1/session"):
        assert varies_by_origin(client.get(path)), path


def test_an_unexpected_fault_is_ours_and_tells_nothing(casino, monkeypatch) -> None:
    def broken(*_arguments, **_options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(casino.storage, "write", broken)
    answer = casino.browser().start(casino.id, player_token=casino.operator.player_token())
    assert_refused(answer, 500, "INTERNAL_ERROR")
    assert "secret detail" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == CASINO
    assert varies_by_origin(answer)


def test_metrics_are_for_the_holder_of_their_token(databases) -> None:
    token = "metrics-token-of-many-letters-0815"
    service = InProcessService(databases.new("sqlite"), metrics_token=token)
    casino = Casino(service)
    casino.visit()
    client = service.client()
    for header in (None, "", "Bearer", "Bearer x", f"Basic {token}", f"Bearer {token}x", token):
        answer = client.get("/metrics", headers={"Authorization": header} if header is not None else {})
        assert_refused(answer, 401, "UNAUTHORIZED")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert re.search(r'widget_conversation_starts_total\{outcome="new"\} 1', answer.text)
    assert not [word for word in ("wst_", "5832", "eyJ") if word in answer.text]


def test_without_a_metrics_token_there_are_none(casino) -> None:
    answer = casino.browser().client.get("/metrics", headers={"Authorization": "Bearer "})
    assert_refused(answer, 404, "NOT_FOUND")


@pytest.fixture(scope="module")
def far_database():
    cluster = PostgresCluster()
    yield cluster
    cluster.remove()


def test_with_the_database_away_everything_is_unavailable_and_comes_back_by_itself(far_database) -> None:
    casino = Casino(InProcessService(far_database.new_database()), "--anonymous")
    browser, agent = casino.visit(), casino.agent()
    assert agent.get("/v1/conversations").status_code == 200
    far_database.stop()
    began = time.monotonic()
    calls = [
        lambda: casino.browser().start(casino.id, player_token=casino.operator.player_token()),
        lambda: browser.get(f"/v1/conversations/{browser.conversation_id}"),
        lambda: browser.send("hello"),
        browser.log_out,
        lambda: agent.get("/v1/conversations"),
        lambda: browser.client.get("/health/ready"),
        lambda: agent.post("/v1/oauth/introspect", data={"token": browser.session_token}),
    ]
    *answers, introspection = in_parallel(calls)
    assert time.monotonic() - began < 15, "nothing hangs"
    for answer in answers:
        assert_refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
    assert browser.client.get("/health/live").status_code == 200
    assert_oauth_refused(introspection, 503, "temporarily_unavailable")
    assert int(introspection.headers["Retry-After"]) > 0
    far_database.start()
    wait_until(lambda: browser.client.get("/health/ready").status_code == 200, "recovery", seconds=15, every=0.2)
    assert browser.send("hello again").status_code == 201
    assert [message["text"] for message in browser.messages()] == ["hello again"]
    assert casino.browser().start(casino.id, player_token=casino.operator.player_token()).status_code == 201


def test_a_database_that_died_between_two_requests_is_met_again_at_once(far_database) -> None:
    casino = Casino(InProcessService(far_database.new_database()))
    browser = casino.visit()
    far_database.kill()
    far_database.start()

    def answered() -> bool:
        answer = browser.send("after the crash")
        assert answer.status_code in (201, 503), answer.text
        return answer.status_code == 201

    wait_until(answered, "recovery", seconds=10, every=0.2)


def test_with_redis_away_a_proof_cannot_be_remembered_so_nothing_is_done(databases) -> None:
    server = RedisServer()
    try:
        casino = Casino(InProcessService(databases.new("sqlite"), redis_url=server.url))
        browser = casino.visit()
        path = f"/v1/conversations/{browser.conversation_id}"
        used = browser.proof("GET", path, browser.session_token)
        assert browser.get(path, proof=used).status_code == 200
        server.stop()
        answer = browser.send("hello")
        assert_refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
        time.sleep(1.1)
        server.start()
        again = browser.get(path, proof=used)
        assert again.status_code == 401, "a memory that was lost fails closed"
        assert again.json()["error"]["code"] in ("INVALID_PROOF", "PROOF_REUSED")
        assert browser.get(path).status_code == 200
        assert browser.messages() == []
    finally:
        server.remove()


def test_no_log_tells_a_secret(new_service) -> None:
    service = new_service(log_level="debug", metrics_token="metrics-token-of-many-letters-0815")
    operator = Operator.create(service)
    agent, browser = Agent.create(service, operator.workspace_id), Browser(service)
    contact = {"email": "ana@mail.example", "phone": "+34600111222", "session_id": "operator-session-4711"}
    player_token = operator.player_token(name="Ana Ruiz", **contact)
    page = {"url": "https://casino.example/wallet?login=url-secret-1", "title": "Wallet"}
    browser.started(operator.workspace_id, player_token=player_token, page=page)
    seen = [browser.session_token]
    browser.send("my card number is 4111-1111")
    browser.refresh()
    sess = agent.issue_session(browser.conversation_id, format="jwt").json()
    agent.introspect(sess["session_id"])
    agent.reply(browser.conversation_id, "reply-secret-2")
    proof = browser.proof("GET", f"/v1/conversations/{browser.conversation_id}", browser.session_token)
    for _ in range(2):
        browser.get(f"/v1/conversations/{browser.conversation_id}", proof=proof)
    browser.client.get(f"/v1/unknown?token={agent.token}&email=ana@mail.example")
    browser.client.post(
        "/v1/oauth/introspect", content=b"token=form-secret-3", headers={"Authorization": f"Bearer {agent.token}x"}
    )
    # Where the name of a member belongs, as a caller's mistake puts it there.
    agent.get("/v1/conversations", params={"sess_name-secret-4": ""})
    agent.post(f"/v1/conversations/{browser.conversation_id}/handover", json={"wst_name-secret-5": True})
    logout_token = operator.logout_token(sub="5832")
    for _ in range(2):
        browser.client.post(
            f"/v1/workspaces/{operator.workspace_id}/backchannel-logout", data={"logout_token": logout_token}
        )
    other = Browser(service)
    other.start(operator.workspace_id, player_token=player_token)
    other.start(operator.workspace_id, player_token=player_token[:-4] + "AAAA")
    other.start(operator.workspace_id, origin="https://evil.example", player_token=player_token)
    other.client.post(
        f"/v1/workspaces/{operator.workspace_id}/conversations",
        content=b'{"email": "ana@mail.example"',
        headers={"Origin": CASINO, "Content-Type": "application/json"},
    )
    browser.log_out()
    time.sleep(0.3)
    log = service.output()
    assert log.count('"answered"') > 10 or log.count("answered") > 10
    secrets = [
        player_token,
        logout_token,
        proof,
        agent.token,
        browser.session_token,
        operator.secret,
        sess["session_id"],
    ]
    secrets += [*seen, sess["session_jwt"], service.settings["WIDGET_SECRET_KEY"], "metrics-token-of-many-letters"]
    secrets += [*contact.values(), "Ana Ruiz", "4111-1111", "reply-secret-2", "form-secret-3", "url-secret-1"]
    secrets += ["name-secret-4", "name-secret-5"]
    parts = [part for secret in (player_token, logout_token, proof) for part in secret.split(".")[1:]]
    told = [secret for secret in [*secrets, *parts] if secret in log]
    assert told == []
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert all("request_id" in line for line in lines if line.get("event") == "answered")
