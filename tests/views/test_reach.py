"""How far a logout, a closing and a limit reach: beyond the conversation and the process that they happen in."""

import time

import pytest

from tests.support.browser import Browser
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused
from widget_service.messages import ConversationEvent
from widget_service.views.limits import address_prefix, reported_prefix
from widget_service.views.streams import _until_closed


def log_out(casino: Casino, **claims: str) -> None:
    token = casino.operator.logout_token(**claims)
    path = f"/v1/workspaces/{casino.id}/backchannel-logout"
    assert casino.service.client().post(path, data={"logout_token": token}).status_code == 200


def test_an_operator_sessions_logout_kills_the_token_that_began_it_in_the_same_second(each_casino) -> None:
    token = each_casino.operator.player_token("5832", session_id="op-1", iat=int(time.time()) + 5)
    browser = each_casino.browser()
    browser.started(each_casino.id, player_token=token)
    log_out(each_casino, sid="op-1")
    assert_refused(browser.start(each_casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")


def test_an_operator_sessions_logout_refuses_its_tokens_that_nobody_has_brought_yet(each_casino) -> None:
    past = int(time.time()) - 60
    waiting = {name: each_casino.operator.player_token("lazy", session_id=name, iat=past) for name in ("op-1", "op-2")}
    log_out(each_casino, sid="op-1")
    refused = each_casino.browser().start(each_casino.id, player_token=waiting["op-1"])
    assert_refused(refused, 401, "INVALID_PLAYER_TOKEN")
    assert each_casino.browser().start(each_casino.id, player_token=waiting["op-2"]).status_code == 201


def test_a_players_logout_kills_the_tokens_of_closed_conversations_too(each_casino) -> None:
    token = each_casino.operator.player_token("5832", iat=int(time.time()) + 5)
    browser = each_casino.browser()
    browser.started(each_casino.id, player_token=token)
    assert browser.post(f"/v1/conversations/{browser.conversation_id}/close").status_code == 200
    assert each_casino.agent().post("/v1/players/5832/logout").status_code == 200
    assert_refused(browser.start(each_casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")


@pytest.mark.parametrize("player_id", ["/5832", "a/b", "//", "x" * 255])
def test_a_player_of_any_id_can_be_logged_out(casino, player_id) -> None:
    browser = casino.visit(player_id)
    assert casino.agent().post(f"/v1/players/{player_id}/logout").json()["conversations"] == 1
    assert_refused(browser.get(f"/v1/conversations/{browser.conversation_id}"), 401, "INVALID_SESSION")


def test_a_player_id_that_nobody_can_have_is_not_found(casino) -> None:
    assert_refused(casino.agent().post(f"/v1/players/{'x' * 256}/logout"), 404, "NOT_FOUND")


def test_who_has_logged_out_of_an_open_conversation_hears_nothing_more() -> None:
    said = [ConversationEvent(1, "message", {}), ConversationEvent(2, "typing", {})]
    assert _until_closed(said) == []


def test_what_was_said_before_the_closing_is_still_told() -> None:
    said = [ConversationEvent(1, "message", {}), ConversationEvent(2, "closed", {}), ConversationEvent(3, "typing", {})]
    assert [event.seq for event in _until_closed(said)] == [1, 2]


def test_a_logout_wakes_the_streams_of_other_processes(each_casino) -> None:
    browser = each_casino.visit()
    before = each_casino.row("SELECT last_seq FROM conversations WHERE id = ?", browser.conversation_id)
    assert browser.log_out().status_code == 200
    after = each_casino.row("SELECT last_seq FROM conversations WHERE id = ?", browser.conversation_id)
    assert after is not None
    assert before is not None
    assert after[0] > before[0]


def test_a_player_closed_on_one_device_loses_the_bonus_scope_on_every_device(each_casino) -> None:
    agent = each_casino.agent()
    desk = each_casino.visit("closing", iat=int(time.time()) - 10)
    wanted = {"scope": "player:read bonuses:write"}
    held = agent.post(f"/v1/conversations/{desk.conversation_id}/session", json=wanted).json()
    assert held["scope"] == "player:read bonuses:write"
    each_casino.visit("closing", rg={"closed": True})
    assert agent.introspect(held["session_id"])["scope"] == "player:read"
    again = agent.post(f"/v1/conversations/{desk.conversation_id}/session", json=wanted).json()
    assert again["scope"] == "player:read"


@pytest.fixture(scope="module")
def limited(databases) -> Casino:
    settings = {"rate_limits": "on", "streams_per_session": 2, "rate_refreshes_per_session": "3/minute"}
    return Casino(InProcessService(databases.new("sqlite"), **settings))


def test_a_session_has_only_so_many_streams_open(limited) -> None:
    browser, other = limited.visit("streamer"), limited.visit("bystander")
    parts = limited.service.app.extensions["widget-service"]
    subscriptions = [parts.fanout.subscribe(browser.conversation_id, (sid_of(limited, browser),)) for _ in range(2)]
    refused = assert_refused(open_stream_answer(browser), 429, "RATE_LIMITED")
    assert refused["message"]
    subscriptions.pop().close()
    assert parts.fanout.count_of(sid_of(limited, browser)) == 1
    assert parts.fanout.count_of(sid_of(limited, other)) == 0


def sid_of(casino: Casino, browser: Browser) -> str:
    row = casino.row("SELECT sid FROM sessions WHERE conversation_id = ?", browser.conversation_id)
    assert row is not None
    return row[0]


def open_stream_answer(browser: Browser):
    path = f"/v1/conversations/{browser.conversation_id}/events"
    return browser.client.get(path, headers=browser.headers("GET", path))


def test_a_session_is_refreshed_only_so_often(limited) -> None:
    browser = limited.visit("refresher")
    for _ in range(3):
        assert browser.refresh().status_code == 200
    answer = browser.refresh()
    assert_refused(answer, 429, "RATE_LIMITED")
    assert int(answer.headers["Retry-After"]) > 0


def test_an_ipv4_caller_on_a_dual_stack_socket_is_counted_as_itself() -> None:
    assert address_prefix("::ffff:192.0.2.7") == "192.0.2.7"
    assert address_prefix("::ffff:192.0.2.8") != address_prefix("::ffff:192.0.2.7")
    assert reported_prefix("::ffff:192.0.2.7") == "192.0.2.0/24"
    assert address_prefix("2001:db8::1") == "2001:db8::/64"


def test_a_strangers_inventions_are_counted_under_one_name(casino) -> None:
    parts = casino.service.app.extensions["widget-service"]
    parts.recorder.flush()
    before = casino.count("counts")
    for number in range(20):
        browser = casino.browser(origin=f"https://x{number}.example")
        assert_refused(browser.start(casino.id, player_token=casino.operator.player_token()), 403, "ORIGIN_NOT_ALLOWED")
        token = casino.operator.player_token(header={"kid": f"unknown-{number}"})
        assert_refused(casino.browser().start(casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")
    parts.recorder.flush()
    assert casino.count("counts") - before <= 4
