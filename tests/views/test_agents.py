"""The agent side: who may, lists, replies with an author, typing, handover, close (contract §5)."""

import base64

import pytest

from tests.support.operator import Agent
from tests.views.casino import assert_oauth_refused, assert_refused, is_time

# Each endpoint: the scope that opens it, the method, the path ("{id}" is a conversation), what is sent.
REPLY = {"text": "Hello", "author": {"name": "Mia", "kind": "ai"}}
TABLE = {
    "list": ("conversations:read", "GET", "/v1/conversations", {}),
    "read": ("conversations:read", "GET", "/v1/conversations/{id}", {}),
    "messages": ("conversations:read", "GET", "/v1/conversations/{id}/messages", {}),
    "reply": ("conversations:write", "POST", "/v1/conversations/{id}/replies", {"json": REPLY}),
    "typing": ("conversations:write", "POST", "/v1/conversations/{id}/typing", {"json": {}}),
    "handover": ("conversations:write", "POST", "/v1/conversations/{id}/handover", {"json": {"note": "tired"}}),
    "hand back": ("conversations:write", "DELETE", "/v1/conversations/{id}/handover", {}),
    "close": ("conversations:write", "POST", "/v1/conversations/{id}/close", {}),
    "session": ("sessions:issue", "POST", "/v1/conversations/{id}/session", {"json": {}}),
    "introspect": ("sessions:introspect", "POST", "/v1/oauth/introspect", {"data": {"token": "sess_x"}}),
    "revoke": ("sessions:revoke", "POST", "/v1/oauth/revoke", {"data": {"token": "sess_x"}}),
    "logout": ("sessions:revoke", "POST", "/v1/players/5832/logout", {}),
}
OF_A_CONVERSATION = [name for name, row in TABLE.items() if "{id}" in row[2]]


def call(agent: Agent, name: str, conversation_id: str = "", **more):
    _, method, path, options = TABLE[name]
    return agent.request(method, path.replace("{id}", conversation_id), **{**options, **more})


@pytest.fixture
def browser(casino):
    return casino.visit(name="Ana Ruiz")


@pytest.mark.parametrize("name", TABLE)
def test_every_endpoint_wants_its_scope_and_no_other(casino, browser, name) -> None:
    scope = TABLE[name][0]
    others = {one[0] for one in TABLE.values()} - {scope}
    refused = call(casino.agent(*others, "player:read"), name, browser.conversation_id)
    if "/oauth/" in TABLE[name][2]:
        assert_oauth_refused(refused, 403, "insufficient_scope")
    else:
        assert_refused(refused, 403, "INSUFFICIENT_SCOPE")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'  # RFC 6750 §3.1
    allowed = call(casino.agent(scope, "player:read"), name, browser.conversation_id)
    assert allowed.is_success, allowed.text


@pytest.mark.parametrize("name", TABLE)
def test_without_a_known_token_nobody_is_authorised(casino, browser, name) -> None:
    revoked = casino.agent()
    casino.cli("token", "revoke", revoked.token_id)
    bearers = [None, "", "Bearer", "Bearer ", "Bearer wat_unknown", "Bearer x", f"Basic {revoked.token}"]
    for bearer in [*bearers, f"Bearer {revoked.token}", f"Bearer {revoked.token[4:]}"]:
        _, method, path, options = TABLE[name]
        headers = {"Authorization": bearer} if bearer is not None else {}
        answer = browser.client.request(
            method, path.replace("{id}", browser.conversation_id), headers=headers, **options
        )
        if "/oauth/" in path:
            assert_oauth_refused(answer, 401, "invalid_token")
        else:
            assert_refused(answer, 401, "UNAUTHORIZED")
        told = "Bearer" if bearer is None or "/players/" in path else 'Bearer error="invalid_token"'
        assert answer.headers["WWW-Authenticate"] == told


@pytest.mark.parametrize("name", ["read", "messages", "close", "list"])
def test_a_session_token_is_no_api_token(casino, browser, name) -> None:
    answer = call(Agent(browser.client, browser.session_token), name, browser.conversation_id)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] in ("INVALID_SESSION", "UNAUTHORIZED")


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_another_workspaces_conversation_is_not_found(casino, browser, name) -> None:
    stranger = casino.neighbour().agent()
    for conversation_id in (browser.conversation_id, "conv_unknown", "x"):
        assert_refused(call(stranger, name, conversation_id), 404, "CONVERSATION_NOT_FOUND")
    assert casino.agent().get(f"/v1/conversations/{browser.conversation_id}").json()["conversation"]["status"] == "open"


def test_an_agent_reads_the_conversation_and_its_player(casino, browser) -> None:
    answer = casino.agent().get(f"/v1/conversations/{browser.conversation_id}").json()
    assert answer["success"] is True
    assert answer["player"] == {"player_id": "5832", "name": "Ana Ruiz", "verified": True}
    conversation = answer["conversation"]
    assert {"id", "brand_id", "status", "created_at", "attributes", "handover", "handover_note"} <= set(conversation)
    assert conversation["id"] == browser.conversation_id


@pytest.fixture
def busy(casino):
    """A workspace with six conversations: two players, one visitor, two without a message, one closed."""
    busy = casino.neighbour("--anonymous")
    made = []
    for number, sub in enumerate(["5832", "5832", "40217", "40217", None, "5832"]):
        browser = busy.browser()
        browser.started(busy.id, player_token=busy.operator.player_token(sub) if sub else None)
        if number not in (1, 3):
            browser.send(f"hello {number}")
        if number == 5:
            browser.post(f"/v1/conversations/{browser.conversation_id}/close")
        made.append(browser.conversation_id)
    return busy, made


def test_the_list_is_filtered(busy) -> None:
    casino, made = busy
    agent = casino.agent()

    def listed(**query) -> set[int]:
        answer = agent.get("/v1/conversations", params=query).json()
        assert set(answer) == {"conversations", "next_cursor"}
        assert answer["next_cursor"] is None
        return {made.index(one["id"]) for one in answer["conversations"]}

    assert listed() == {0, 2, 4, 5}, "those in which no player has written are left out"
    assert listed(include_empty="false") == {0, 2, 4, 5}
    assert listed(include_empty="true") == {0, 1, 2, 3, 4, 5}
    assert listed(status="open") == {0, 2, 4}
    assert listed(status="closed") == {5}
    assert listed(player_id="5832") == {0, 5}
    assert listed(player_id="5832", include_empty="true", status="open") == {0, 1}
    assert listed(player_id="nobody") == set()
    one = agent.get("/v1/conversations").json()["conversations"][0]
    assert {"id", "brand_id", "status", "created_at", "player", "attributes"} <= set(one)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 50])
def test_the_cursor_walks_the_whole_list_once(busy, limit) -> None:
    casino, made = busy
    agent, walked, cursor = casino.agent(), [], None
    for _ in range(len(made)):
        query = {"include_empty": "true", "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = agent.get("/v1/conversations", params=query).json()
        assert len(answer["conversations"]) <= limit
        walked += [one["id"] for one in answer["conversations"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert cursor is None
    assert walked == sorted(made, reverse=True), "newest first, each once"


def test_another_workspaces_conversations_are_not_listed(casino, browser) -> None:
    browser.send("hello")
    assert casino.neighbour().agent().conversations() == []


WRONG_QUERIES = [{"status": "x"}, {"limit": "0"}, {"limit": "1000"}, {"cursor": "x"}, {"include_empty": "yes"}]


@pytest.mark.parametrize("query", [*WRONG_QUERIES, {"nonsense": "1"}, {"player_id": "\0"}, {"player_id": ""}])
def test_a_wrong_filter_is_refused(casino, query) -> None:
    assert_refused(casino.agent().get("/v1/conversations", params=query), 422, "INVALID_REQUEST")


def test_a_reply_has_exactly_the_members_of_the_contract(casino, browser) -> None:
    answer = casino.agent().reply(browser.conversation_id, "Hello", client_message_id="r-1")
    assert answer.status_code == 201
    assert set(answer.json()) == {"success", "message"}
    message = answer.json()["message"]
    assert set(message) == {"id", "conversation_id", "author", "text", "created_at", "client_message_id"}
    assert message["author"] == {"type": "agent", "name": "Mia", "kind": "ai"}
    assert is_time(message["created_at"])
    assert browser.messages() == [message]
    plain = casino.agent().post(
        f"/v1/conversations/{browser.conversation_id}/replies", json={"text": "x", "author": {"name": "Mia"}}
    )
    assert set(plain.json()["message"]) == {"id", "conversation_id", "author", "text", "created_at"}
    assert plain.json()["message"]["author"] == {"type": "agent", "name": "Mia"}


def test_a_reply_is_idempotent(casino, browser) -> None:
    agent = casino.agent()
    first = agent.reply(browser.conversation_id, "Hello", client_message_id="r-1")
    again = agent.reply(browser.conversation_id, "Hello", client_message_id="r-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert_refused(agent.reply(browser.conversation_id, "Bye", client_message_id="r-1"), 409, "CONFLICT")
    assert len(browser.messages()) == 1


WRONG_REPLIES = {
    "no author": {"text": "a"},
    "no name": {"text": "a", "author": {}},
    "an empty name": {"text": "a", "author": {"name": ""}},
    "a name of 256 characters": {"text": "a", "author": {"name": "n" * 256}},
    "a robot": {"text": "a", "author": {"name": "a", "kind": "robot"}},
    "an author that says it is the player": {"text": "a", "author": {"name": "a", "type": "player"}},
    "a picture from elsewhere": {"text": "a", "author": {"name": "a", "avatar_url": "https://evil.example/a.png"}},
    "an unknown picture": {"text": "a", "author": {"name": "a", "avatar_id": "avt_unknown"}},
    "no text": {"author": {"name": "a"}},
    "4001 characters": {"text": "a" * 4001, "author": {"name": "a"}},
    "an id of 65 characters": {"text": "a", "author": {"name": "a"}, "client_message_id": "i" * 65},
}


@pytest.mark.parametrize("sentence", WRONG_REPLIES)
def test_a_wrong_reply_is_refused(casino, browser, sentence) -> None:
    path = f"/v1/conversations/{browser.conversation_id}/replies"
    assert_refused(casino.agent().post(path, json=WRONG_REPLIES[sentence]), 422, "INVALID_REQUEST")
    assert browser.messages() == []


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_avatar_is_served_from_our_origin_to_its_own_workspace(casino, browser) -> None:
    agent = casino.agent()
    made = agent.post("/v1/avatars", content=PIXEL, headers={"Content-Type": "image/png"})
    assert made.status_code == 201, made.text
    author = {"name": "Mia", "avatar_id": made.json()["avatar_id"]}
    path = f"/v1/conversations/{browser.conversation_id}/replies"
    url = agent.post(path, json={"text": "a", "author": author}).json()["message"]["author"]["avatar_url"]
    assert url.startswith(casino.service.url + "/")
    picture = browser.client.get(url)
    assert (picture.status_code, picture.content, picture.headers["Content-Type"]) == (200, PIXEL, "image/png")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    stranger = casino.neighbour()
    other = stranger.visit()
    answer = stranger.agent().post(
        f"/v1/conversations/{other.conversation_id}/replies", json={"text": "a", "author": author}
    )
    assert_refused(answer, 422, "INVALID_REQUEST")


@pytest.mark.parametrize(("media_type", "status"), [("image/svg+xml", 415), ("text/html", 415), ("image/jpeg", 422)])
def test_what_is_no_picture_is_no_avatar(casino, media_type, status) -> None:
    answer = casino.agent().post("/v1/avatars", content=PIXEL, headers={"Content-Type": media_type})
    assert_refused(answer, status, "INVALID_REQUEST")


@pytest.mark.parametrize("name", ["reply", "typing", "handover", "close", "session"])
def test_nothing_is_done_in_a_closed_conversation(casino, browser, name) -> None:
    agent = casino.agent()
    closed = call(agent, "close", browser.conversation_id)
    assert closed.status_code == 200
    assert closed.json()["conversation"]["status"] == "closed"
    assert_refused(call(agent, name, browser.conversation_id), 409, "CONVERSATION_CLOSED")
    assert call(agent, "read", browser.conversation_id).json()["conversation"]["status"] == "closed"
    assert call(agent, "messages", browser.conversation_id).status_code == 200


def test_a_reply_that_was_given_is_given_again_after_the_close(casino, browser) -> None:
    agent = casino.agent()
    first = agent.reply(browser.conversation_id, "Hello", client_message_id="r-1")
    call(agent, "close", browser.conversation_id)
    again = agent.reply(browser.conversation_id, "Hello", client_message_id="r-1")
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize(("name", "body"), [("typing", {"text": "x"}), ("handover", {"note": 5}), ("close", {"x": 1})])
def test_a_wrong_member_is_refused(casino, browser, name, body) -> None:
    assert_refused(call(casino.agent(), name, browser.conversation_id, json=body), 422, "INVALID_REQUEST")


@pytest.mark.parametrize("name", ["typing", "handover", "close"])
def test_no_body_is_an_empty_one(casino, browser, name) -> None:
    _, method, path, _ = TABLE[name]
    assert casino.agent().request(method, path.replace("{id}", browser.conversation_id)).status_code == 200
