"""Session ids for the agent side: issue, introspection, revocation, logout, metadata (RFC 7662, 7009, 8414)."""

import itertools
import time
from urllib.parse import quote

import jwt
import pytest

from tests.support.browser import Browser
from tests.support.operator import Agent, Operator
from tests.support.servers import wait_until
from tests.views.casino import assert_oauth_refused, assert_refused, is_time

INACTIVE = {"active": False}


@pytest.fixture
def browser(casino):
    return casino.visit(name="Ana", email="ana@mail.example", phone="+34600111222", auth_time=1000, acr="mfa")


@pytest.fixture
def agent(casino):
    return casino.agent()


def issued(agent, browser, **body) -> str:
    answer = agent.issue_session(browser.conversation_id, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["session_id"]


def test_a_session_id_has_exactly_the_members_of_the_contract(agent, browser) -> None:
    answer = agent.issue_session(browser.conversation_id)
    assert answer.status_code in (200, 201)
    body = answer.json()
    assert set(body) == {"session_id", "player_id", "scope", "expires_at", "expires_in"}
    assert body["session_id"].startswith("sess_")
    assert len(body["session_id"]) >= len("sess_") + 43, "256 bits"
    assert body["player_id"] == "5832"
    assert body["scope"] == "player:read"
    assert body["expires_in"] == 3600
    assert is_time(body["expires_at"])


def test_scopes_are_those_of_the_api_token_at_most(casino, agent, browser) -> None:
    every = "player:read withdrawals:cancel bonuses:write notes:write"
    assert agent.issue_session(browser.conversation_id, scope=every).json()["scope"].split() == every.split()
    asked = agent.issue_session(browser.conversation_id, scope="notes:write")
    assert asked.json()["scope"] == "notes:write"
    reader = casino.agent("sessions:issue", "player:read")
    assert issued(reader, browser)
    for scope in ("notes:write", "player:read notes:write", "conversations:read", "sessions:issue", "x", "", " ", "*"):
        answer = reader.issue_session(browser.conversation_id, scope=scope)
        assert_refused(answer, 403, "INSUFFICIENT_SCOPE")
    without = casino.agent("sessions:issue")
    assert_refused(without.issue_session(browser.conversation_id), 403, "INSUFFICIENT_SCOPE")


def test_a_player_closed_for_responsible_gaming_loses_the_bonus_scopes(casino, agent) -> None:
    browser = casino.visit("closed player", rg={"closed": True, "type": "self_exclusion"})
    both = agent.issue_session(browser.conversation_id, scope="player:read bonuses:write")
    assert both.json()["scope"] == "player:read"
    alone = agent.issue_session(browser.conversation_id, scope="bonuses:write")
    assert_refused(alone, 403, "INSUFFICIENT_SCOPE")


def test_who_is_closed_later_loses_the_bonus_scopes_of_what_was_issued(casino, agent) -> None:
    browser = casino.visit("later closed")
    sess = issued(agent, browser, scope="player:read bonuses:write")
    casino.visit("later closed", browser, rg={"closed": True})
    assert agent.introspect(sess)["scope"] == "player:read"


def test_an_anonymous_conversation_has_no_player_to_open(open_casino) -> None:
    browser = open_casino.browser()
    browser.started(open_casino.id)
    assert_refused(open_casino.agent().issue_session(browser.conversation_id), 403, "IDENTITY_REQUIRED")


@pytest.mark.parametrize("body", [{"format": "saml"}, {"scope": 5}, {"scope": ["player:read"]}, {"player_id": "40217"}])
def test_a_wrong_request_for_a_session_is_refused(agent, browser, body) -> None:
    assert_refused(agent.issue_session(browser.conversation_id, **body), 422, "INVALID_REQUEST")


def test_a_session_jwt_is_verified_by_our_published_keys(casino, agent, browser) -> None:
    answer = agent.issue_session(browser.conversation_id, format="jwt").json()
    assert set(answer) == {"session_id", "player_id", "scope", "expires_at", "expires_in", "session_jwt"}
    published = browser.client.get("/.well-known/jwks.json")
    assert published.status_code == 200
    keys = {key["kid"]: key for key in published.json()["keys"]}
    assert all(set(key) >= {"kty", "crv", "x", "y", "kid"} and "d" not in key for key in keys.values())
    header = jwt.get_unverified_header(answer["session_jwt"])
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    url = casino.service.url
    key = jwt.PyJWK(keys[header["kid"]])
    claims = jwt.decode(answer["session_jwt"], key, algorithms=["ES256"], audience=url, issuer=url)
    assert claims["sub"] == "5832"
    assert claims["sid"] == agent.introspect(answer["session_id"])["sid"]
    assert claims["conversation_id"] == browser.conversation_id
    assert claims["scope"] == "player:read"
    assert claims["exp"] - claims["iat"] == 300
    assert not [value for value in ("ana@mail.example", "+34600111222", "Ana") if value in str(claims)]


def test_introspection_of_a_session_id_has_exactly_the_members_of_the_contract(casino, agent, browser) -> None:
    sess = issued(agent, browser)
    seen = agent.introspect(sess)
    assert isinstance(seen.pop("sid"), str)
    assert seen.pop("exp") - seen.pop("iat") == 3600
    assert seen == {
        "active": True,
        "token_use": "session_id",
        "sub": "5832",
        "workspace_id": casino.id,
        "conversation_id": browser.conversation_id,
        "scope": "player:read",
        "token_type": "Bearer",
        "client_id": agent.token_id,
        "iss": casino.service.url,
        "auth_time": 1000,
        "acr": "mfa",
    }


def test_introspection_of_a_session_token_names_its_key(casino, agent, browser) -> None:
    seen = agent.introspect(browser.session_token)
    assert set(seen) - {"client_id"} == {
        *("active", "token_use", "sub", "sid", "workspace_id", "conversation_id", "scope", "token_type"),
        *("iss", "iat", "exp", "cnf", "auth_time", "acr"),
    }
    assert seen["token_use"] == "session_token"
    assert seen["token_type"] == "DPoP"
    assert seen["cnf"] == {"jkt": browser.key.thumbprint}
    assert seen["scope"] == "conversation:read conversation:write"
    assert seen["exp"] - seen["iat"] == 900


DEAD = [
    "x",
    "sess_unknown",
    "wst_unknown",
    "wat_unknown",
    "sess_",
    " ",
    "a.b.c",
    "é",
    "\0",
    "x" * 20_000,
    "sess_" + "x" * 20_000,
]


@pytest.mark.parametrize("token", DEAD, ids=range(len(DEAD)))
def test_anything_else_is_exactly_inactive(agent, token) -> None:
    answer = agent.post("/v1/oauth/introspect", data={"token": token})
    assert (answer.status_code, answer.json()) == (200, INACTIVE)


def test_what_is_no_session_of_the_workspace_is_inactive(casino, agent, browser) -> None:
    stranger = casino.neighbour().agent()
    sess = issued(agent, browser)
    for token in (sess, browser.session_token):
        assert stranger.introspect(token) == INACTIVE
        assert agent.introspect(token)["active"] is True
    for token in (agent.token, casino.operator.player_token(), sess + "x", sess[:-1], sess.upper(), f" {sess}"):
        assert agent.introspect(token) == INACTIVE


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "session_id", "unknown"])
def test_a_hint_does_not_matter(agent, browser, hint) -> None:
    assert agent.introspect(issued(agent, browser), token_type_hint=hint)["active"] is True


def test_the_hint_of_a_reference_does_not_hide_a_session_id(agent, browser) -> None:
    assert agent.introspect(issued(agent, browser), token_type_hint="reference")["active"] is True


def test_a_session_id_ends_after_an_hour(agent, browser, clock) -> None:
    sess = issued(agent, browser)
    clock.advance(3590)
    assert agent.introspect(sess)["active"] is True
    clock.advance(20)
    assert agent.introspect(sess) == INACTIVE


WRONG_FORMS = {
    "no token": {"data": {"x": "1"}},
    "JSON": {"json": {"token": "sess_x"}},
    "nothing": {},
    "a token twice": {"content": "token=a&token=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    "too much": {"data": {"token": "x" * 70_000}},
}


@pytest.mark.parametrize(("path", "sentence"), list(itertools.product(["introspect", "revoke"], WRONG_FORMS)))
def test_a_wrong_form_is_refused_in_the_rfcs_shape(agent, path, sentence) -> None:
    answer = agent.post(f"/v1/oauth/{path}", **WRONG_FORMS[sentence])
    assert_oauth_refused(answer, 413 if sentence == "too much" else 400, "invalid_request")


def test_the_token_is_not_read_from_the_address(agent, browser) -> None:
    sess = issued(agent, browser)
    answer = agent.post(f"/v1/oauth/introspect?token={sess}", data={"token_type_hint": "x"})
    assert_oauth_refused(answer, 400, "invalid_request")


def test_revoking_a_session_id_ends_only_itself(casino, agent, browser) -> None:
    first, second = issued(agent, browser), issued(agent, browser)
    answer = agent.revoke(first)
    assert (answer.status_code, answer.content) == (200, b"")
    assert agent.introspect(first) == INACTIVE
    assert agent.introspect(second)["active"] is True
    assert browser.messages() == []
    assert agent.revoke(first).status_code == 200, "again"
    event = casino.outbox(browser.conversation_id)[-1]
    assert event["type"] == "session.revoked"
    assert first not in str(event)


def test_revoking_a_session_token_ends_it_and_what_it_was_refreshed_to(agent, browser) -> None:
    old = browser.session_token
    browser.refresh()
    assert agent.revoke(old).status_code == 200
    assert agent.introspect(browser.session_token) == INACTIVE
    path = f"/v1/conversations/{browser.conversation_id}"
    assert_refused(browser.get(path), 401, "INVALID_SESSION")
    assert_refused(browser.get(path, token=old), 401, "INVALID_SESSION")


def test_revoking_what_is_not_ours_answers_200_and_does_nothing(casino, agent, browser) -> None:
    sess = issued(agent, browser)
    stranger = casino.neighbour().agent()
    for token in ("x", "sess_unknown", sess, browser.session_token, agent.token):
        assert stranger.revoke(token, token_type_hint="access_token").status_code == 200
    assert agent.introspect(sess)["active"] is True
    assert agent.get("/v1/conversations").status_code == 200


def test_what_cannot_be_revoked_is_not_said_to_be(agent, browser) -> None:
    session_jwt = agent.issue_session(browser.conversation_id, format="jwt").json()["session_jwt"]
    reference = f"ref_{'0' * 44}.{'A' * 43}"
    for token in (session_jwt, reference):
        assert_oauth_refused(agent.revoke(token), 400, "unsupported_token_type")  # RFC 7009 §2.2.1
    forged = f"{session_jwt[:-4]}AAAA"
    for token in (forged, reference[:-1], "a.b.c", "ü.b.c"):
        assert agent.revoke(token).status_code == 200, token


def test_a_players_logout_ends_all_of_the_players_sessions(casino, agent) -> None:
    phone, desk, other = casino.visit("leaving"), casino.visit("leaving"), casino.visit("staying")
    tokens = [issued(agent, phone), issued(agent, desk), phone.session_token, desk.session_token]
    kept = [issued(agent, other), other.session_token]
    assert casino.neighbour().agent().post("/v1/players/leaving/logout").status_code == 200
    assert agent.introspect(tokens[0])["active"] is True, "another workspace's player of that id is another"
    answer = agent.post("/v1/players/leaving/logout")
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert [agent.introspect(token) for token in tokens] == [INACTIVE] * 4
    assert all(agent.introspect(token)["active"] for token in kept)
    assert agent.post("/v1/players/never-seen/logout").status_code == 200


def test_any_player_id_can_be_logged_out(service) -> None:
    operator = Operator.create(service)
    agent = Agent.create(service, operator.workspace_id)
    for sub in ("a b", "ana@casino", "a/b", "ünï", "100%", "a?b#c", "a;b", "logout", "\u200b"):
        browser = Browser(service)
        browser.started(operator.workspace_id, player_token=operator.player_token(sub))
        assert agent.post(f"/v1/players/{quote(sub, safe='')}/logout").status_code == 200, sub
        assert agent.introspect(browser.session_token) == INACTIVE, sub


def test_a_revoked_api_token_is_refused_within_five_seconds(casino) -> None:
    agent = casino.agent()
    assert agent.get("/v1/conversations").status_code == 200
    casino.cli("token", "revoke", agent.token_id)
    wait_until(lambda: agent.get("/v1/conversations").status_code == 401, "the revocation", seconds=5, every=0.1)


def test_the_metadata_are_those_of_rfc_8414(casino, browser) -> None:
    answer = browser.client.get("/.well-known/oauth-authorization-server")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    url = casino.service.url
    assert found["issuer"] == url
    assert found["jwks_uri"] == f"{url}/.well-known/jwks.json"
    assert found["introspection_endpoint"] == f"{url}/v1/oauth/introspect"
    assert found["revocation_endpoint"] == f"{url}/v1/oauth/revoke"
    assert found["dpop_signing_alg_values_supported"] == ["ES256"]
    for endpoint in ("introspection", "revocation"):  # as registered: OAuth Access Token Types
        assert found[f"{endpoint}_endpoint_auth_methods_supported"] == ["Bearer"]
    assert isinstance(found["response_types_supported"], list)
    for name in ("jwks_uri",):
        assert browser.client.get(found[name]).status_code == 200


def test_service_keys_overlap(casino, agent, browser) -> None:
    before = agent.issue_session(browser.conversation_id, format="jwt").json()["session_jwt"]
    casino.cli("service-key", "rotate")
    time.sleep(1.1)
    after = agent.issue_session(browser.conversation_id, format="jwt").json()["session_jwt"]
    keys = {key["kid"]: key for key in browser.client.get("/.well-known/jwks.json").json()["keys"]}
    kids = [jwt.get_unverified_header(one)["kid"] for one in (before, after)]
    assert kids[0] != kids[1]
    for token, kid in zip((before, after), kids, strict=True):
        jwt.decode(token, jwt.PyJWK(keys[kid]), algorithms=["ES256"], audience=casino.service.url)


def test_a_revoked_api_token_takes_its_session_ids_along(each_casino) -> None:
    browser = each_casino.visit()
    leaked, other = each_casino.agent(), each_casino.agent()
    its_own, the_others = issued(leaked, browser), issued(other, browser)
    assert other.introspect(its_own)["active"] is True
    each_casino.cli("token", "revoke", leaked.token_id)

    assert other.introspect(its_own) == {"active": False}
    assert other.introspect(the_others)["active"] is True
    assert other.introspect(browser.session_token)["active"] is True


def test_a_token_that_is_remembered_a_moment_longer_issues_nothing(each_casino) -> None:
    browser, leaked = each_casino.visit(), each_casino.agent()
    assert issued(leaked, browser)
    each_casino.storage.write(
        lambda store: store.connection.run("UPDATE api_tokens SET revoked_at = 1 WHERE id = ?", (leaked.token_id,))
    )
    assert_refused(leaked.issue_session(browser.conversation_id), 401, "UNAUTHORIZED")
