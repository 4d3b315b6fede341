"""Rate limits: what counts, for whom, and what never does (contract §4)."""

import time

import pytest

from tests.support.browser import Browser
from tests.support.operator import CASINO
from tests.support.servers import RedisServer
from tests.support.service import InProcessService
from tests.views.casino import EVIL, Casino, assert_oauth_refused, assert_refused


@pytest.fixture
def limited(databases):
    """Makes a casino whose service has the given limits; what is not given is out of reach."""

    def make(**limits: str) -> Casino:
        far = ("starts_per_address", "starts_per_player", "messages_per_session", "refusals_per_address")
        chosen = {f"rate_{name}": "1000/minute" for name in far}
        return Casino(
            InProcessService(databases.new("sqlite"), **{**chosen, "rate_limits": "on", **limits}), "--anonymous"
        )

    return make


def assert_limited(answer) -> None:
    assert_refused(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61


def start(casino: Casino, *, address: str = "127.0.0.1", forwarded: str | None = None, sub: str | None = None, **more):
    browser = Browser(casino.service)
    browser.client = casino.service.client(address=address)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    token = casino.operator.player_token(sub) if sub else None
    return browser.start(casino.id, player_token=token, headers=headers, **more)


def test_starts_are_limited_per_address(limited) -> None:
    casino = limited(rate_starts_per_address="3/minute")
    assert [start(casino).status_code for _ in range(3)] == [201] * 3
    assert_limited(start(casino))
    assert start(casino, address="192.0.2.7").status_code == 201, "another address is another count"


def test_the_default_is_120_starts_a_minute(databases) -> None:
    casino = Casino(InProcessService(databases.new("sqlite"), rate_limits="on"), "--anonymous")
    answers = [casino.browser().start(casino.id).status_code for _ in range(121)]
    assert answers == [201] * 120 + [429]


def test_each_workspace_has_its_own_count(limited) -> None:
    casino = limited(rate_starts_per_address="2/minute")
    neighbour = casino.neighbour("--anonymous")
    for _ in range(2):
        start(casino)
    assert_limited(start(casino))
    assert start(neighbour).status_code == 201


def test_the_limit_comes_before_the_body(limited) -> None:
    casino = limited(rate_starts_per_address="1/minute")
    start(casino)
    assert_limited(start(casino, nonsense=1))
    assert_limited(start(casino, origin=EVIL))


def test_refused_starts_count_too(limited) -> None:
    casino = limited(rate_starts_per_address="2/minute")
    assert start(casino, nonsense=1).status_code == 422
    assert start(casino, origin=EVIL).status_code == 403
    assert_limited(start(casino))


def test_the_window_ends(limited) -> None:
    casino = limited(rate_starts_per_address="1/second")
    start(casino)
    answer = start(casino)
    if answer.status_code == 429:
        time.sleep(int(answer.headers["Retry-After"]))
    assert start(casino).status_code == 201


def test_one_ipv6_network_is_one_address(limited) -> None:
    casino = limited(rate_starts_per_address="2/minute")
    assert start(casino, address="2001:db8:1:2::1").status_code == 201
    assert start(casino, address="2001:db8:1:2:ffff::2").status_code == 201
    assert_limited(start(casino, address="2001:db8:1:2:aaaa:bbbb:cccc:dddd"))
    assert start(casino, address="2001:db8:1:3::1").status_code == 201


def test_nobody_chooses_an_address_of_his_own(limited) -> None:
    casino = limited(rate_starts_per_address="2/minute")
    answers = [start(casino, forwarded=f"192.0.2.{number}").status_code for number in range(3)]
    assert answers == [201, 201, 429]


def test_a_trusted_proxy_tells_the_address(limited) -> None:
    casino = limited(rate_starts_per_address="2/minute", trusted_proxies="10.0.0.0/8,127.0.0.1")
    assert [start(casino, forwarded="192.0.2.1").status_code for _ in range(3)] == [201, 201, 429]
    assert start(casino, forwarded="192.0.2.2").status_code == 201
    through_two = [start(casino, forwarded="192.0.2.3, 10.1.2.3").status_code for _ in range(3)]
    assert through_two == [201, 201, 429]
    made_up = [start(casino, forwarded=f"198.51.100.{n}, 192.0.2.4, 10.1.2.3").status_code for n in range(3)]
    assert made_up == [201, 201, 429], "what stands left of the first untrusted address is the caller's own text"
    stranger = [start(casino, address="203.0.113.9", forwarded=f"192.0.2.{n}").status_code for n in range(100, 103)]
    assert stranger == [201, 201, 429], "only a trusted proxy is believed"


@pytest.mark.parametrize("text", ["x", "999.1.1.1", "192.0.2.1:80", "[::1]", ",,,", " "])
def test_a_forwarded_text_that_is_no_address_is_no_way_out(limited, text) -> None:
    casino = limited(rate_starts_per_address="1/minute", trusted_proxies="127.0.0.1")
    assert start(casino, forwarded=text).status_code == 201
    assert_limited(start(casino, forwarded=f"{text}{text}"))


def test_starts_are_limited_per_verified_player(limited) -> None:
    casino = limited(rate_starts_per_player="2/minute")
    answers = [start(casino, sub="5832", address=f"192.0.2.{number}").status_code for number in range(3)]
    assert answers == [201, 201, 429]
    assert start(casino, sub="40217").status_code == 201
    assert start(casino).status_code == 201, "a visitor is no player"
    neighbour = casino.neighbour()
    assert start(neighbour, sub="5832").status_code == 201


def test_a_players_count_is_not_moved_by_unverified_claims(limited) -> None:
    casino = limited(rate_starts_per_player="2/minute")
    forged = casino.neighbour().operator
    forged.workspace_id, forged.kid = casino.id, casino.operator.kid
    for _ in range(5):
        answer = casino.browser().start(casino.id, player_token=forged.player_token("5832"))
        assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")
    for _ in range(5):
        answer = casino.browser().start(casino.id, player_token=casino.operator.player_token("5832"), proof="x")
        assert_refused(answer, 401, "INVALID_PROOF")
    assert [start(casino, sub="5832").status_code for _ in range(3)] == [201, 201, 429]


def test_the_players_limit_comes_after_the_proof_and_before_the_pin(limited) -> None:
    casino = limited(rate_starts_per_player="1/minute")
    token = casino.operator.player_token("5832")
    casino.browser().started(casino.id, player_token=token)
    assert_refused(casino.browser().start(casino.id, player_token=token, proof="x"), 401, "INVALID_PROOF")
    assert_limited(casino.browser().start(casino.id, player_token=token))


def test_a_limited_start_spends_no_token_and_writes_nothing(limited) -> None:
    casino = limited(rate_starts_per_player="1/second")
    start(casino, sub="5832")
    token, browser = casino.operator.player_token("5832"), casino.browser()
    written = casino.count("conversations"), casino.count("spent_tokens")
    answer = browser.start(casino.id, player_token=token)
    if answer.status_code == 429:
        assert (casino.count("conversations"), casino.count("spent_tokens")) == written
        time.sleep(int(answer.headers["Retry-After"]))
        assert casino.browser().start(casino.id, player_token=token).status_code == 201


def test_messages_are_limited_per_session(limited) -> None:
    casino = limited(rate_messages_per_session="2/minute")
    browser, other = casino.visit("5832"), casino.visit("40217")
    assert [browser.send(str(n)).status_code for n in range(3)] == [201, 201, 429]
    assert_limited(browser.send("x"))
    browser.refresh()
    assert_limited(browser.send("a refreshed session is the same session"))
    assert other.send("hello").status_code == 201
    assert browser.messages()


def test_refusals_are_limited_per_address_and_grants_are_not(limited) -> None:
    casino = limited(rate_refusals_per_address="3/minute")
    refused = [start(casino, origin=EVIL) for _ in range(5)]
    assert [one.status_code for one in refused] == [403, 403, 403, 429, 429]
    assert_limited(refused[-1])
    assert_limited(start(casino))  # nothing of this address is judged any more, the right one neither
    assert start(casino, address="192.0.2.9").status_code == 201
    assert start(casino, origin=EVIL, address="192.0.2.9").status_code == 403
    assert start(casino.neighbour(), origin=EVIL).status_code == 403


def test_refusals_of_the_agent_side_are_limited_too(limited) -> None:
    casino = limited(rate_refusals_per_address="2/minute")
    client = casino.service.client(address="192.0.2.5")
    answers = [client.get("/v1/conversations", headers={"Authorization": f"Bearer wat_{n}"}) for n in range(3)]
    assert [one.status_code for one in answers] == [401, 401, 429]
    assert casino.agent().get("/v1/conversations").status_code == 200


def guess_api_token(casino: Casino, client, secret: str):
    return client.get("/v1/conversations", headers={"Authorization": f"Bearer {secret}"})


def guess_metrics_token(casino: Casino, client, secret: str):
    return client.get("/metrics", headers={"Authorization": f"Bearer {secret}"})


def guess_livechat_secret(casino: Casino, client, secret: str):
    connected = casino.__dict__.setdefault("livechat", [])
    if not connected:
        options = ["--webhook-secret", LIVECHAT_SECRET, "--organization-id", "o-1"]
        connected.append(casino.cli("helpdesk", "connect", casino.id, "livechat", *options)["connection_id"])
    body = {"secret_key": secret, "organization_id": "o-1", "action": "incoming_chat", "payload": {}}
    return client.post(f"/v1/helpdesks/{connected[0]}/webhook", json=body)


METRICS_TOKEN, LIVECHAT_SECRET = "m3tr1cs-of-The-Royal-4711", "Lc9-q7Zr-81kd-Wp5v-02xm"
GUESSES = [guess_api_token, guess_metrics_token, guess_livechat_secret]


@pytest.mark.parametrize("guess", GUESSES, ids=lambda one: one.__name__)
def test_after_too_many_guesses_the_right_secret_is_not_judged(limited, guess) -> None:
    casino = limited(rate_refusals_per_address="3/minute", metrics_token=METRICS_TOKEN)
    rights = dict(zip(GUESSES, (casino.agent().token, METRICS_TOKEN, LIVECHAT_SECRET), strict=True))
    client = casino.service.client(address="192.0.2.5")
    wrong = [guess(casino, client, f"wat_wrong-{number}").status_code for number in range(5)]
    assert wrong == [401, 401, 401, 429, 429]
    assert_limited(guess(casino, client, rights[guess]))
    other = guess(casino, casino.service.client(address="192.0.2.6"), rights[guess])
    assert other.status_code not in (401, 429), "another address is not concerned"


def test_a_messengers_right_token_is_not_judged_after_too_many_wrong_ones(limited) -> None:
    casino = limited(rate_refusals_per_address="3/minute")
    browser = casino.visit("5832")
    right, browser.session_token = browser.session_token, "wst_wrong"
    path = f"/v1/conversations/{browser.conversation_id}/messages"
    assert [browser.get(path).status_code for _ in range(4)] == [401, 401, 401, 429]
    browser.session_token = right
    assert_limited(browser.get(path))


def test_introspections_are_limited_per_token(limited) -> None:
    casino = limited(rate_introspections_per_token="2/minute")
    agent, other = casino.agent(), casino.agent()
    assert [agent.introspect("sess_x") for _ in range(2)] == [{"active": False}] * 2
    answer = agent.post("/v1/oauth/introspect", data={"token": "sess_x"})
    assert_oauth_refused(answer, 429, "temporarily_unavailable")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert other.introspect("sess_x") == {"active": False}


def test_switched_off_nothing_is_limited(databases) -> None:
    casino = Casino(InProcessService(databases.new("sqlite"), rate_starts_per_address="1/hour"), "--anonymous")
    assert [start(casino).status_code for _ in range(3)] == [201] * 3


def test_workers_share_a_count_through_redis(databases, redis_url) -> None:
    settings = {"rate_limits": "on", "rate_starts_per_address": "2/minute", "redis_url": redis_url}
    casino = Casino(InProcessService(databases.new("sqlite"), **settings), "--anonymous")
    names = {name.removeprefix("WIDGET_").lower(): value for name, value in casino.service.environment.items()}
    second = InProcessService(names.pop("database_url"), **names)
    statuses = [Browser(service).start(casino.id).status_code for service in (casino.service, second, casino.service)]
    assert statuses == [201, 201, 429]


def test_with_redis_away_starts_are_refused_and_come_back_by_themselves(databases) -> None:
    server = RedisServer()
    try:
        settings = {"rate_limits": "on", "redis_url": server.url}
        casino = Casino(InProcessService(databases.new("sqlite"), **settings), "--anonymous")
        assert casino.browser().start(casino.id).status_code == 201
        server.stop()
        written = casino.count("conversations")
        answer = casino.browser().start(casino.id)
        assert_refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Access-Control-Allow-Origin"] == CASINO
        assert casino.count("conversations") == written
        server.start()
        assert casino.browser().start(casino.id).status_code == 201
    finally:
        server.remove()
