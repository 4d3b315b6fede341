"""What one API token writes is bounded: its calls by time, its workspace's pictures by bytes."""

from typing import Any

import pytest

from tests.support.operator import Agent
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_oauth_refused, assert_refused, in_parallel

REPLY = {"text": "Hello", "author": {"name": "Mia"}}
WRITES = {
    "reply": ("POST", "/v1/conversations/{id}/replies", {"json": REPLY}),
    "typing": ("POST", "/v1/conversations/{id}/typing", {}),
    "handover": ("POST", "/v1/conversations/{id}/handover", {}),
    "hand back": ("DELETE", "/v1/conversations/{id}/handover", {}),
    "session id": ("POST", "/v1/conversations/{id}/session", {"json": {}}),
    "close": ("POST", "/v1/conversations/{id}/close", {}),
    "logout": ("POST", "/v1/players/nobody/logout", {}),
    "picture removed": ("DELETE", "/v1/avatars/avt_unknown", {}),
    "picture": ("POST", "/v1/avatars", {"content": b"\x89PNG\r\n\x1a\n", "headers": {"Content-Type": "image/png"}}),
}


def picture(number: int, size: int = 64 * 1024) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + number.to_bytes(4, "big") + bytes(size - 12)


def upload(agent: Agent, content: bytes) -> Any:
    return agent.post("/v1/avatars", content=content, headers={"Content-Type": "image/png"})


@pytest.fixture
def limited(databases):
    settings = {"rate_writes_per_token": "2/minute", "rate_avatars_per_token": "2/minute"}
    return Casino(InProcessService(databases.new("sqlite"), rate_limits="on", **settings))


@pytest.fixture(params=["sqlite", "postgresql"])
def small(databases, request):
    """A casino whose pictures may take 128 KiB together."""
    return Casino(InProcessService(databases.new(request.param), avatar_bytes_per_workspace=2 * 64 * 1024))


@pytest.mark.parametrize("name", WRITES)
def test_each_write_is_limited_per_token_and_by_its_kind(limited, name) -> None:
    browser, agent, other = limited.visit(), limited.agent(), limited.agent()

    def write(one: Agent, what: str = name) -> Any:
        method, path, options = WRITES[what]
        return one.request(method, path.replace("{id}", browser.conversation_id), **options)

    assert 429 not in [write(agent).status_code for _ in range(2)]
    refused = write(agent)
    assert_refused(refused, 429, "RATE_LIMITED")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert write(other).status_code != 429, "another token is another count"
    assert write(agent, "typing" if name == "reply" else "reply").status_code != 429, "another kind is another count"


def test_revocations_are_limited_too(limited) -> None:
    agent = limited.agent()
    answers = [agent.post("/v1/oauth/revoke", data={"token": "sess_x"}) for _ in range(3)]
    assert [one.status_code for one in answers[:2]] == [200, 200]
    assert_oauth_refused(answers[2], 429, "temporarily_unavailable")


def test_a_limited_reply_is_not_written(limited) -> None:
    browser, agent = limited.visit(), limited.agent()
    for _ in range(3):
        agent.reply(browser.conversation_id, "Hello")
    assert len(browser.messages()) == 2


def test_the_pictures_of_a_workspace_have_a_quota(small) -> None:
    agent, second = small.agent(), small.agent()
    assert [upload(agent, picture(1)).status_code, upload(second, picture(2)).status_code] == [201, 201]
    refused = upload(second, picture(3, 100))
    assert_refused(refused, 413, "INVALID_REQUEST")
    assert small.count("avatars") == 2
    assert upload(small.neighbour().agent(), picture(3)).status_code == 201, "another workspace is another count"


def test_uploads_at_once_do_not_exceed_the_quota_together(small) -> None:
    agent = small.agent()
    answers = in_parallel([lambda n=n: upload(agent, picture(n)).status_code for n in range(8)], threads=8)
    assert sorted(answers) == [201] * 2 + [413] * 6
    assert small.count("avatars") == 2


def test_the_same_picture_is_kept_once(small) -> None:
    agent = small.agent()
    first, again = upload(agent, picture(1)), upload(agent, picture(1))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    stranger = upload(small.neighbour().agent(), picture(1))
    assert stranger.json()["avatar_id"] != first.json()["avatar_id"], "never another workspace's"


def test_a_removed_picture_makes_room(small) -> None:
    agent = small.agent()
    made = [upload(agent, picture(n)).json()["avatar_id"] for n in range(2)]
    assert upload(agent, picture(2)).status_code == 413
    assert agent.request("DELETE", f"/v1/avatars/{made[0]}").status_code == 200
    assert_refused(agent.get(f"/v1/avatars/{made[0]}"), 404, "NOT_FOUND")
    assert upload(agent, picture(2)).status_code == 201


def test_nobody_removes_another_workspaces_picture(small) -> None:
    avatar_id = upload(small.agent(), picture(1)).json()["avatar_id"]
    stranger = small.neighbour().agent()
    assert_refused(stranger.request("DELETE", f"/v1/avatars/{avatar_id}"), 404, "NOT_FOUND")
    assert stranger.get(f"/v1/avatars/{avatar_id}").status_code == 200
