"""OIDC Back-Channel Logout 1.0: what a logout token ends, and every one that is refused (contract §5)."""

import time

import pytest

from tests.support.operator import Operator
from tests.views.casino import assert_refused

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def log_out(casino, token: str, **options):
    path = f"/v1/workspaces/{options.pop('workspace_id', casino.id)}/backchannel-logout"
    return casino.browser().client.post(path, data={"logout_token": token}, **options)


def assert_invalid(answer) -> None:
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]


def alive(browser) -> bool:
    return browser.get(f"/v1/conversations/{browser.conversation_id}").status_code == 200


def test_sub_ends_all_of_the_players_sessions(casino) -> None:
    phone, desk, other = casino.visit("leaving"), casino.visit("leaving"), casino.visit("staying")
    agent = casino.agent()
    sess = agent.issue_session(phone.conversation_id).json()["session_id"]
    answer = log_out(casino, casino.operator.logout_token(sub="leaving"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [alive(one) for one in (phone, desk, other)] == [False, False, True]
    assert agent.introspect(sess) == {"active": False}


def test_sub_refuses_the_players_tokens_signed_before(casino) -> None:
    unused = casino.operator.player_token("leaving early", iat=int(time.time()) - 5)
    assert log_out(casino, casino.operator.logout_token(sub="leaving early")).status_code == 200
    assert_refused(casino.browser().start(casino.id, player_token=unused), 401, "INVALID_PLAYER_TOKEN")
    assert (
        casino.browser().start(casino.id, player_token=casino.operator.player_token("leaving early")).status_code == 201
    )


def test_sid_ends_those_whose_player_token_had_that_session_id(casino) -> None:
    here = casino.visit("two logins", session_id="op-1")
    there = casino.visit("two logins", session_id="op-2")
    without = casino.visit("two logins")
    assert here.refresh().status_code == 200, "a refreshed session is the same session"
    assert log_out(casino, casino.operator.logout_token(sid="op-1")).status_code == 200
    assert [alive(one) for one in (here, there, without)] == [False, True, True]


def test_sid_is_the_workspaces_own(casino, open_casino) -> None:
    here, there = casino.visit(session_id="op-same"), open_casino.visit(session_id="op-same")
    assert log_out(casino, casino.operator.logout_token(sid="op-same")).status_code == 200
    assert (alive(here), alive(there)) == (False, True)


def test_sid_leaves_a_later_login_of_the_same_browser_alone(casino) -> None:
    browser = casino.visit("logs in again", session_id="op-old")
    old = browser.session_token
    casino.visit("logs in again", browser, session_id="op-new")
    assert log_out(casino, casino.operator.logout_token(sid="op-old")).status_code == 200
    path = f"/v1/conversations/{browser.conversation_id}"
    assert_refused(browser.get(path, token=old), 401, "INVALID_SESSION")
    assert alive(browser)


def test_the_doctor_knows_whose_session_was_logged_out(casino) -> None:
    token = casino.operator.player_token("of no browser yet", session_id="op-gone", iat=at(-10), exp=at(100))
    assert log_out(casino, casino.operator.logout_token(sid="op-gone")).status_code == 200
    assert "logged_out" in casino.service.run("doctor", casino.id, "--player-token", token).stdout


def test_an_unknown_player_or_session_is_logged_out_already(casino) -> None:
    assert log_out(casino, casino.operator.logout_token(sub="never seen")).status_code == 200
    assert log_out(casino, casino.operator.logout_token(sid="never seen")).status_code == 200


def other_secret(operator: Operator) -> str:
    secret = "another-secret-of-enough-length-and-letters"
    return Operator(operator.workspace_id, operator.kid, secret, operator.service_url).logout_token(sub="5832")


def at(seconds: int) -> int:
    return int(time.time()) + seconds


WRONG = {
    "another secret": other_secret,
    "an unknown key": lambda operator: operator.logout_token(sub="5832", header={"kid": "unknown"}),
    "another type": lambda operator: operator.logout_token(sub="5832", header={"typ": "JWT"}),
    "no type": lambda operator: operator.logout_token(sub="5832", header={"typ": None}),
    "another issuer": lambda operator: operator.logout_token(sub="5832", iss="ws_other"),
    "another audience": lambda operator: operator.logout_token(sub="5832", aud="https://other.example"),
    "no audience": lambda operator: operator.logout_token(sub="5832", aud=None),
    "no events": lambda operator: operator.logout_token(sub="5832", events=None),
    "other events": lambda operator: operator.logout_token(sub="5832", events={"x": {}}),
    "a text as events": lambda operator: operator.logout_token(sub="5832", events=EVENT),
    "an event that is no object": lambda operator: operator.logout_token(sub="5832", events={EVENT: True}),
    "a nonce": lambda operator: operator.logout_token(sub="5832", nonce="x"),
    "nobody": lambda operator: operator.logout_token(),
    "a number as sub": lambda operator: operator.logout_token(sub=5832),
    "a number as sid": lambda operator: operator.logout_token(sid=5832),
    "no jti": lambda operator: operator.logout_token(sub="5832", jti=None),
    "no iat": lambda operator: operator.logout_token(sub="5832", iat=None),
    "no exp": lambda operator: operator.logout_token(sub="5832", exp=None),
    "expired": lambda operator: operator.logout_token(sub="5832", iat=at(-200), exp=at(-100)),
    "a life of 121 seconds": lambda operator: operator.logout_token(sub="5832", exp=at(122)),
    "an end before its beginning": lambda operator: operator.logout_token(sub="5832", exp=at(-5)),
    "the future": lambda operator: operator.logout_token(sub="5832", iat=at(60), exp=at(120)),
    "a player token": lambda operator: operator.player_token("5832"),
    "a word": lambda operator: "token",
    "nothing": lambda operator: "",
    "20 KiB": lambda operator: "x" * 20_000,
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_logout_token_is_refused_and_ends_nothing(casino, sentence) -> None:
    browser = casino.visit()
    assert_invalid(log_out(casino, WRONG[sentence](casino.operator)))
    assert alive(browser)


def test_a_logout_token_is_used_once(each_casino) -> None:
    token = each_casino.operator.logout_token(sub="5832")
    assert log_out(each_casino, token).status_code == 200
    assert_invalid(log_out(each_casino, token))


def test_a_logout_token_holds_in_its_own_workspace(casino, open_casino) -> None:
    token = casino.operator.logout_token(sub="5832")
    for workspace_id in (open_casino.id, "ws_unknown", "%00"):
        answer = log_out(casino, token, workspace_id=workspace_id)
        assert answer.status_code in (400, 404)
    assert_invalid(log_out(casino, token, workspace_id=open_casino.id))
    assert_invalid(log_out(casino, token, workspace_id="ws_unknown"))


def test_a_logout_token_is_no_player_token_and_the_other_way_round(casino) -> None:
    answer = casino.browser().start(casino.id, player_token=casino.operator.logout_token(sub="5832"))
    assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")


def test_only_a_form_is_read(casino) -> None:
    path, client = f"/v1/workspaces/{casino.id}/backchannel-logout", casino.browser().client
    token = casino.operator.logout_token(sub="5832")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert_invalid(client.post(path, json={"logout_token": token}))
    assert_invalid(client.post(path))
    assert_invalid(client.post(path, content=f"logout_token={token}&logout_token={token}", headers=form))
    assert_invalid(client.post(path, content=b"logout_token=" + b"x" * 70_000, headers=form))
    assert_invalid(client.post(f"{path}?logout_token={token}", content=b"", headers=form))
    assert client.post(path, data={"logout_token": token, "something": "else"}).status_code == 200
