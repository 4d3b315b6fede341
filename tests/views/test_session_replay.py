"""A proof is used once on every worker, in the database and in Redis; sessions hold on all workers at once."""

import itertools
import threading
import time

import pytest

from tests.support.browser import Browser
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused, in_parallel


def sibling(service: InProcessService, **settings: str) -> InProcessService:
    """Another worker: an application of its own on the same installation."""
    names = {name.removeprefix("WIDGET_").lower(): value for name, value in service.environment.items()}
    return InProcessService(names.pop("database_url"), **{**names, **settings})


def on(service: InProcessService, browser: Browser) -> Browser:
    """The same browser, answered by another worker."""
    other = Browser(service, browser.origin, browser.key)
    other.session_token, other.conversation_id = browser.session_token, browser.conversation_id
    return other


@pytest.fixture(params=["sqlite", "postgres", "redis"])
def two_workers(request, databases) -> tuple[Casino, InProcessService]:
    redis = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    store = "sqlite" if request.param == "redis" else request.param
    first = InProcessService(databases.new(store), redis_url=redis)
    return Casino(first, "--anonymous"), sibling(first)


def test_a_proof_used_on_one_worker_is_refused_on_the_other(two_workers) -> None:
    casino, second = two_workers
    browser = casino.visit()
    path = f"/v1/conversations/{browser.conversation_id}"
    proof = browser.proof("GET", path, browser.session_token)
    assert browser.get(path, proof=proof).status_code == 200
    assert_refused(on(second, browser).get(path, proof=proof), 401, "PROOF_REUSED")
    token = casino.operator.player_token()
    proof = browser.proof("POST", casino.start_path, token)
    assert on(second, browser).start(casino.id, player_token=token, proof=proof).is_success
    assert_refused(browser.start(casino.id, player_token=token, proof=proof), 401, "PROOF_REUSED")


def test_a_restart_does_not_forget_a_proof(two_workers) -> None:
    casino, _ = two_workers
    browser = casino.visit()
    path = f"/v1/conversations/{browser.conversation_id}"
    proof = browser.proof("GET", path, browser.session_token)
    assert browser.get(path, proof=proof).status_code == 200
    assert_refused(on(sibling(casino.service), browser).get(path, proof=proof), 401, "PROOF_REUSED")


def test_of_many_bringers_of_a_proof_on_two_workers_one_wins(two_workers) -> None:
    casino, second = two_workers
    browser = casino.visit()
    path = f"/v1/conversations/{browser.conversation_id}"
    proof = browser.proof("GET", path, browser.session_token)
    callers = [browser, on(second, browser)] * 8
    answers = in_parallel([lambda one=one: one.get(path, proof=proof).status_code for one in callers])
    assert sorted(answers) == [200] + [401] * 15


def test_an_id_of_a_proof_belongs_to_its_key(two_workers) -> None:
    casino, _ = two_workers
    for browser in (casino.visit("5832"), casino.visit("40217")):
        path = f"/v1/conversations/{browser.conversation_id}"
        proof = browser.proof("GET", path, browser.session_token, jti="everybodys-id")
        assert browser.get(path, proof=proof).status_code == 200, "nobody can spend another's proof"


def test_an_ended_session_is_refused_on_every_worker_at_once(two_workers) -> None:
    casino, second = two_workers
    browser = casino.visit()
    other = on(second, browser)
    path = f"/v1/conversations/{browser.conversation_id}"
    assert other.get(path).status_code == 200
    assert browser.log_out().status_code == 200
    assert_refused(other.get(path), 401, "INVALID_SESSION")


def test_a_redis_that_forgot_refuses_a_proof_dated_ahead(databases, redis_server, redis_url) -> None:
    casino = Casino(InProcessService(databases.new("sqlite"), redis_url=redis_url))
    browser = casino.visit()
    path = f"/v1/conversations/{browser.conversation_id}"
    proof = browser.proof("GET", path, browser.session_token, iat=int(time.time()) + 50)
    assert browser.get(path, proof=proof).status_code == 200
    redis_server.flush()
    assert browser.get(path, proof=proof).status_code == 401


def test_a_refresh_beside_a_logout_leaves_no_session(two_workers) -> None:
    casino, second = two_workers
    for _ in range(12):
        browser = casino.visit()
        other = on(second, browser)
        works = [browser.refresh, other.log_out, other.refresh, browser.refresh]
        in_parallel(works, threads=4)
        row = casino.row(
            "SELECT COUNT(*) FROM sessions WHERE conversation_id = ? AND revoked_at IS NULL", browser.conversation_id
        )
        assert row == (0,), "a session that was refreshed while it was logged out has ended too"


def live_sessions(casino: Casino, conversation_id: str) -> int:
    sql = "SELECT COUNT(*) FROM sessions WHERE conversation_id = ? AND revoked_at IS NULL"
    return casino.row(sql, conversation_id)[0]


def commit_slowly(casino: Casino, monkeypatch) -> threading.Event:
    """The next durable unit of work waits before its commit; the event tells that it does."""
    write, waiting = casino.storage.write, threading.Event()

    def slow(work, *, durable=True):
        if not durable or waiting.is_set():
            return write(work, durable=durable)

        def wait(store):
            result = work(store)
            waiting.set()
            time.sleep(0.3)
            return result

        return write(wait)

    monkeypatch.setattr(casino.storage, "write", slow)
    return waiting


OPENINGS = {
    "refresh": lambda browser, agent: browser.refresh(),
    "session id": lambda browser, agent: agent.issue_session(browser.conversation_id),
}
ENDINGS = {
    "logout": lambda browser, agent: browser.log_out(),
    "close": lambda browser, agent: browser.post(f"/v1/conversations/{browser.conversation_id}/close"),
    "player logout": lambda browser, agent: agent.post("/v1/players/5832/logout"),
    "revocation": lambda browser, agent: agent.revoke(browser.session_token),
}
PAIRS = [pair for pair in itertools.product(OPENINGS, ENDINGS) if pair != ("session id", "revocation")]


@pytest.mark.parametrize(("opening", "ending"), PAIRS)
def test_no_session_is_made_beside_the_end_of_all(each_casino, monkeypatch, opening, ending) -> None:
    browser, agent = each_casino.visit(), each_casino.agent()
    ended = on(each_casino.service, browser)
    waiting = commit_slowly(each_casino, monkeypatch)
    first = threading.Thread(target=OPENINGS[opening], args=(browser, agent))
    first.start()
    assert waiting.wait(5)
    assert ENDINGS[ending](ended, agent).status_code == 200
    first.join(10)
    assert live_sessions(each_casino, ended.conversation_id) == 0


def test_two_closes_at_once_close_once(each_casino, monkeypatch) -> None:
    browser, agent = each_casino.visit(), each_casino.agent()
    path = f"/v1/conversations/{browser.conversation_id}/close"
    answers = in_parallel([lambda: agent.post(path).status_code for _ in range(8)])
    assert sorted(answers) == [200] + [409] * 7
    assert [event["type"] for event in each_casino.outbox(browser.conversation_id)].count("conversation.closed") == 1
