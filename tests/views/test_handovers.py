"""Handover: a state, a filter, an event, a way back; and a note that only colleagues read (contract §4 to §6)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.views.casino import assert_refused, is_time

NOTE = "INTERNAL: suspected bonus abuse"


@pytest.fixture
def browser(each_casino):
    return each_casino.visit(name="Ana Ruiz")


def path_of(browser) -> str:
    return f"/v1/conversations/{browser.conversation_id}/handover"


def read(casino, browser) -> dict:
    return casino.agent().get(f"/v1/conversations/{browser.conversation_id}").json()["conversation"]


def told(casino, browser) -> list:
    """What the webhooks are told of handovers."""
    events = casino.outbox(browser.conversation_id)
    return [event["data"]["handover"] for event in events if event["type"] == "conversation.handover"]


def polled(browser) -> list[dict]:
    path = f"/v1/conversations/{browser.conversation_id}/events"
    events = browser.get(path, headers={"Accept": "application/json"}).json()["events"]
    return [event["data"] for event in events if event["type"] == "handover"]


def waiting(casino, **query) -> list[str]:
    answer = casino.agent().get("/v1/conversations", params={"handover": "waiting", **query})
    return [one["id"] for one in answer.json()["conversations"]]


def test_whoever_waits_for_a_person_is_seen_in_the_conversation_and_in_the_list(each_casino, browser) -> None:
    agent = each_casino.agent()
    assert read(each_casino, browser)["handover"] is None

    answer = agent.post(path_of(browser), json={"note": NOTE})

    assert answer.status_code == 200
    handover = answer.json()["handover"]
    assert set(answer.json()) == {"success", "handover"}
    assert set(handover) == {"at", "by"}
    assert is_time(handover["at"])
    assert handover["by"] == agent.token_id
    assert read(each_casino, browser)["handover"] == handover
    (listed,) = agent.conversations()
    assert (listed["handover"], listed["handover_note"]) == (handover, NOTE)


def test_the_list_is_filtered_by_who_waits(each_casino, browser) -> None:
    others = [each_casino.visit("40217") for _ in range(2)]
    others[0].send("hello")
    assert waiting(each_casino) == []

    each_casino.agent().post(path_of(browser))

    assert waiting(each_casino) == [browser.conversation_id], "without a message too: a person is wanted"
    assert waiting(each_casino, status="open", player_id="5832") == [browser.conversation_id]
    assert waiting(each_casino, player_id="40217") == waiting(each_casino, status="closed") == []
    assert each_casino.neighbour().agent().conversations(handover="waiting") == []


@pytest.mark.parametrize("value", ["none", "", "true", "Waiting"])
def test_another_value_of_the_filter_is_refused(each_casino, value) -> None:
    answer = each_casino.agent().get("/v1/conversations", params={"handover": value})
    assert_refused(answer, 422, "INVALID_REQUEST")


def test_it_holds_until_it_is_handed_back(each_casino, browser) -> None:
    agent = each_casino.agent()
    handover = agent.post(path_of(browser), json={"note": NOTE}).json()["handover"]

    answer = agent.request("DELETE", path_of(browser))

    assert (answer.status_code, answer.json()) == (200, {"success": True, "handover": None})
    shown = read(each_casino, browser)
    assert (shown["handover"], shown["handover_note"]) == (None, None)
    assert waiting(each_casino) == []
    assert told(each_casino, browser) == [handover, None]
    again = agent.post(path_of(browser)).json()["handover"]
    assert told(each_casino, browser) == [handover, None, again]


def test_it_holds_until_the_close(each_casino, browser) -> None:
    agent = each_casino.agent()
    agent.post(path_of(browser), json={"note": NOTE})
    browser.post(f"/v1/conversations/{browser.conversation_id}/close")

    shown = read(each_casino, browser)
    assert (shown["status"], shown["handover"], shown["handover_note"]) == ("closed", None, None)
    assert waiting(each_casino) == []
    for method in ("POST", "DELETE"):
        assert_refused(agent.request(method, path_of(browser)), 409, "CONVERSATION_CLOSED")


def test_what_is_not_handed_over_is_handed_back_without_a_word(each_casino, browser) -> None:
    answer = each_casino.agent().request("DELETE", path_of(browser))
    assert (answer.status_code, answer.json()) == (200, {"success": True, "handover": None})
    assert told(each_casino, browser) == []


def test_handing_over_again_changes_the_note_alone(each_casino, browser) -> None:
    first, second = each_casino.agent(), each_casino.agent()
    handover = first.post(path_of(browser), json={"note": NOTE}).json()["handover"]

    assert second.post(path_of(browser)).json()["handover"] == handover
    assert read(each_casino, browser)["handover_note"] == NOTE
    assert second.post(path_of(browser), json={"note": "newer"}).json()["handover"] == handover
    assert read(each_casino, browser)["handover_note"] == "newer"
    assert len(told(each_casino, browser)) == len(polled(browser)) == 1


def test_of_many_at_once_one_hands_over(each_casino, browser) -> None:
    agent = each_casino.agent()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: agent.post(path_of(browser), json={"note": NOTE}), range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()) for answer in answers}) == 1
    assert len(told(each_casino, browser)) == len(polled(browser)) == 1


def test_beside_a_close_nothing_is_left_waiting(each_casino) -> None:
    agent = each_casino.agent()
    browsers = [each_casino.visit(str(number)) for number in range(6)]

    def both(browser) -> list[int]:
        close = f"/v1/conversations/{browser.conversation_id}/close"
        with ThreadPoolExecutor(2) as pool:
            return [one.status_code for one in pool.map(agent.post, [path_of(browser), close])]

    for browser in browsers:
        assert both(browser) in ([200, 200], [409, 200])
        types = [event["type"] for event in each_casino.outbox(browser.conversation_id)]
        assert types[-1] == "conversation.closed"
    assert waiting(each_casino) == []


def test_the_note_reaches_no_player_stream_or_webhook(each_casino, browser) -> None:
    agent = each_casino.agent()
    handover = agent.post(path_of(browser), json={"note": NOTE}).json()["handover"]
    agent.post(path_of(browser), json={"note": NOTE + " again"})
    browser.send("hello?")

    assert polled(browser) == [{"at": handover["at"]}]
    base = f"/v1/conversations/{browser.conversation_id}"
    for path in (base, base + "/messages", base + "/events"):
        answer = browser.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        assert "INTERNAL" not in answer.text
        assert agent.token_id not in answer.text
    assert "INTERNAL" not in json.dumps(each_casino.outbox(browser.conversation_id))
    (event,) = (one for one in each_casino.outbox(browser.conversation_id) if one["type"] == "conversation.handover")
    assert event["data"]["handover"] == handover
    assert event["data"]["player"] == {"player_id": "5832", "verified": True}


def test_only_the_agent_side_hands_over_and_back(each_casino, browser) -> None:
    stranger, reader = each_casino.neighbour().agent(), each_casino.agent("conversations:read")
    for method in ("POST", "DELETE"):
        assert_refused(stranger.request(method, path_of(browser)), 404, "CONVERSATION_NOT_FOUND")
        assert_refused(reader.request(method, path_of(browser)), 403, "INSUFFICIENT_SCOPE")
        assert browser.client.request(method, path_of(browser)).status_code == 401
    assert read(each_casino, browser)["handover"] is None
    wrong = each_casino.agent().request("DELETE", path_of(browser), json={"note": "x"})
    assert_refused(wrong, 422, "INVALID_REQUEST")
