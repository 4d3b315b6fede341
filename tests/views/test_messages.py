"""Messages and events: shapes, idempotency, paging, streams (contract §4)."""

import json
import threading
import time

import pytest
from werkzeug.test import EnvironBuilder

from tests.support.servers import wait_until
from tests.views.casino import assert_refused, in_parallel, is_time
from widget_service.storage import directory
from widget_service.views import streams


@pytest.fixture
def browser(casino):
    return casino.visit(name="Ana Ruiz")


def path_of(browser, rest: str = "messages") -> str:
    return f"/v1/conversations/{browser.conversation_id}/{rest}"


def test_a_message_has_exactly_the_members_of_the_contract(casino, browser) -> None:
    answer = browser.send("Where is my withdrawal? 😀", client_message_id="m-1")
    assert answer.status_code == 201
    assert set(answer.json()) == {"success", "message"}
    assert answer.json()["success"] is True
    message = answer.json()["message"]
    assert set(message) == {"id", "conversation_id", "author", "text", "created_at", "client_message_id"}
    assert message["id"].startswith("msg_")
    assert message["conversation_id"] == browser.conversation_id
    assert message["author"] == {"type": "player", "name": "Ana Ruiz", "verified": True}
    assert message["text"] == "Where is my withdrawal? 😀"
    assert message["client_message_id"] == "m-1"
    assert is_time(message["created_at"])
    event = casino.outbox(browser.conversation_id)[-1]
    assert event["type"] == "message.created"
    assert event["data"]["message"] == message
    assert set(event["data"]) >= {"conversation", "player", "attributes"}


def test_an_anonymous_author_is_not_verified(open_casino) -> None:
    browser = open_casino.browser()
    browser.started(open_casino.id)
    author = browser.send("hello").json()["message"]["author"]
    assert author["type"] == "player"
    assert author["verified"] is False
    assert isinstance(author["name"], str)


def test_the_same_id_again_is_the_first_message_again(casino, browser) -> None:
    first = browser.send("once", client_message_id="same")
    again = browser.send("once", client_message_id="same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["message"] == first.json()["message"]
    assert_refused(browser.send("twice", client_message_id="same"), 409, "CONFLICT")
    assert [message["text"] for message in browser.messages()] == ["once"]
    types = [event["type"] for event in casino.outbox(browser.conversation_id)]
    assert types.count("message.created") == 1


def test_an_id_counts_within_its_conversation_and_its_side_only(casino, browser) -> None:
    other = casino.visit("40217")
    agent = casino.agent()
    assert browser.send("mine", client_message_id="1").status_code == 201
    assert other.send("theirs", client_message_id="1").status_code == 201
    assert agent.reply(browser.conversation_id, "ours", client_message_id="1").status_code == 201


def test_one_id_sent_many_times_at_once_is_one_message(each_casino) -> None:
    browser = each_casino.visit()
    answers = in_parallel([lambda: browser.send("once", client_message_id="same") for _ in range(24)])
    assert sorted(one.status_code for one in answers) == [200] * 23 + [201]
    assert len({one.json()["message"]["id"] for one in answers}) == 1
    assert len(browser.messages()) == 1


def test_messages_sent_at_once_all_have_their_place(each_casino) -> None:
    browser = each_casino.visit()
    sent = in_parallel([lambda n=n: browser.send(f"text {n}").json()["message"]["id"] for n in range(24)])
    listed = [message["id"] for message in browser.messages()]
    assert sorted(listed) == sorted(sent)
    assert len(set(listed)) == 24


BODIES = {
    "no text": ({"client_message_id": "a"}, 422),
    "an empty text": ({"client_message_id": "a", "text": ""}, 422),
    "4001 characters": ({"client_message_id": "a", "text": "x" * 4001}, 422),
    "a number as the text": ({"client_message_id": "a", "text": 5}, 422),
    "null as the text": ({"client_message_id": "a", "text": None}, 422),
    "no id": ({"text": "a"}, 422),
    "an empty id": ({"client_message_id": "", "text": "a"}, 422),
    "an id of 65 characters": ({"client_message_id": "i" * 65, "text": "a"}, 422),
    "a number as the id": ({"client_message_id": 5, "text": "a"}, 422),
    "an author from the page": ({"client_message_id": "a", "text": "a", "author": {"type": "agent"}}, 422),
    "verified from the page": ({"client_message_id": "a", "text": "a", "verified": True}, 422),
    "a list": ([], 400),
    "NUL in the text": (b'{"client_message_id":"a","text":"\\u0000"}', 400),
    "NUL in the id": (b'{"client_message_id":"\\u0000","text":"a"}', 400),
    "a lone surrogate": (b'{"client_message_id":"a","text":"\\ud83d"}', 400),
    "a member twice": (b'{"client_message_id":"a","text":"a","text":"b"}', 400),
    "no body": (b"", 400),
    "65 KiB": (b'{"client_message_id":"a","text":"' + b"x" * 66_000 + b'"}', 413),
}


@pytest.mark.parametrize("sentence", BODIES)
def test_a_wrong_message_is_refused_and_not_kept(browser, sentence) -> None:
    body, status = BODIES[sentence]
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = browser.post(path_of(browser), content=raw, headers={"Content-Type": "application/json"})
    assert_refused(answer, status, "INVALID_REQUEST")
    assert browser.messages() == []


@pytest.mark.parametrize(
    "text", ["x" * 4000, "é" * 4000, "😀" * 4000, " ", "\u202eabc", "<script>alert(1)</script>", "a\nb\t"]
)
def test_a_text_of_up_to_4000_characters_is_kept_as_it_is(each_casino, text) -> None:
    browser = each_casino.visit()
    assert browser.send(text, client_message_id="i" * 64).status_code == 201
    assert browser.messages()[0]["text"] == text


def test_the_transcript_is_read_in_pages_oldest_first(casino, browser) -> None:
    agent = casino.agent()
    for number in range(7):
        browser.send(f"m{number}")
    agent.reply(browser.conversation_id, "m7")
    ids = [message["id"] for message in browser.messages()]
    assert [message["text"] for message in browser.messages()] == [f"m{number}" for number in range(8)]
    for reader in (browser, agent):

        def page(reader=reader, **query) -> tuple[list[str], bool]:
            answer = reader.get(path_of(browser), params=query).json()
            assert set(answer) == {"messages", "has_more"}
            return [message["text"] for message in answer["messages"]], answer["has_more"]

        assert page(after=ids[0], limit=3) == (["m1", "m2", "m3"], True)
        assert page(after=ids[4]) == (["m5", "m6", "m7"], False)
        assert page(after=ids[7]) == ([], False)
        assert page(before=ids[3], limit=2) == (["m1", "m2"], True)
        assert page(before=ids[2], limit=2) == (["m0", "m1"], False)
        assert page(before=ids[0]) == ([], False)
        assert page(after=ids[1], before=ids[4]) == (["m2", "m3"], False)
        assert page(limit=8) == ([f"m{number}" for number in range(8)], False)
        assert page(limit=3) == (["m5", "m6", "m7"], True), "without a place: the newest, oldest first"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "201"},
        {"limit": "x"},
        {"limit": "1e1"},
        {"after": "x"},
        {"after": "msg_" + "0" * 32},
        {"before": "msg_" + "0" * 32},
        {"after": "\0"},
        {"unknown": "1"},
        [("limit", "1"), ("limit", "2")],
    ],
)
def test_a_wrong_query_is_refused(browser, query) -> None:
    assert_refused(browser.get(path_of(browser), params=query), 422, "INVALID_REQUEST")


def test_another_conversations_message_is_no_place_in_this_one(casino, browser) -> None:
    other = casino.visit("40217")
    foreign = other.send("hello").json()["message"]["id"]
    assert_refused(browser.get(path_of(browser), params={"after": foreign}), 422, "INVALID_REQUEST")


def poll(browser, **query):
    answer = browser.get(path_of(browser, "events"), params=query, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"events", "next"}
    return answer.json()


def test_polling_tells_what_came_after(casino, browser) -> None:
    agent = casino.agent()
    empty = poll(browser)
    assert empty["events"] == []
    sent = browser.send("hello").json()["message"]
    agent.post(path_of(browser, "typing"), json={})
    reply = agent.reply(browser.conversation_id, "hi").json()["message"]
    agent.post(path_of(browser, "handover"), json={"note": "over to Mia"})
    told = poll(browser, after=empty["next"])
    assert [event["type"] for event in told["events"]] == ["message", "typing", "message", "handover"]
    assert told["events"][0]["data"] == sent
    assert told["events"][2]["data"] == reply
    assert poll(browser, after=told["next"])["events"] == []
    assert poll(browser, after=told["events"][1]["id"])["events"] == told["events"][2:]


def test_polling_takes_the_last_event_id_header_too(browser) -> None:
    browser.send("one")
    browser.send("two")
    first = poll(browser)["events"][0]["id"]
    headers = {"Accept": "application/json", "Last-Event-ID": first}
    events = browser.get(path_of(browser, "events"), headers=headers).json()["events"]
    assert [event["data"]["text"] for event in events] == ["two"]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "'", "\u0661".encode().decode("latin-1")])
def test_a_wrong_last_event_id_is_refused(browser, last) -> None:
    if last.isascii():
        headers = {"Accept": "application/json", "Last-Event-ID": last}
        assert_refused(browser.get(path_of(browser, "events"), headers=headers), 422, "INVALID_REQUEST")
    assert_refused(browser.get(path_of(browser, "events"), params={"after": last}), 422, "INVALID_REQUEST")


def test_a_closed_conversation_tells_its_end_last(casino, browser) -> None:
    browser.send("hello")
    with browser.events(last_event_id="0") as events:
        assert next(events)["event"] == "message"
        casino.agent().post(path_of(browser, "close"))
        assert [event["event"] for event in events] == ["closed"], "and then the stream ends"


def test_a_stream_tells_in_order_with_ids_and_goes_on_after_the_last(casino, browser) -> None:
    agent = casino.agent()
    for number in range(3):
        browser.send(f"m{number}")
    with browser.events(last_event_id="0") as events:
        told = [next(events) for _ in range(3)]
        assert [json.loads(event["data"])["text"] for event in told] == ["m0", "m1", "m2"]
        assert {event["event"] for event in told} == {"message"}
        assert sorted(told, key=lambda event: int(event["id"])) == told
        agent.reply(browser.conversation_id, "live")
        live = next(events)
        assert json.loads(live["data"])["author"]["type"] == "agent"
    with browser.events(last_event_id=told[1]["id"]) as events:
        assert [json.loads(next(events)["data"])["text"] for _ in range(2)] == ["m2", "live"]


def test_a_waiting_stream_keeps_nothing_of_its_request(casino, browser) -> None:
    headers = browser.headers("GET", path_of(browser, "events"), more={"Accept": "text/event-stream"})
    request = EnvironBuilder(path_of(browser, "events"), casino.service.url, headers=headers).get_environ()
    stream = casino.service.app(request, lambda *_: None)
    assert next(stream).startswith(b"retry: ")
    assert request == {}, "neither credentials nor memory, for hours"
    stream.close()


def test_the_streams_of_a_real_server(service) -> None:
    from tests.support.browser import Browser
    from tests.support.operator import Agent, Operator

    operator = Operator.create(service)
    agent, browser = Agent.create(service, operator.workspace_id), Browser(service)
    browser.started(operator.workspace_id, player_token=operator.player_token())
    told: list[dict[str, str]] = []
    ended = threading.Event()

    def follow() -> None:
        with browser.events() as events:
            for event in events:
                told.append(event)
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
    time.sleep(0.5)
    agent.reply(browser.conversation_id, "hello")
    wait_until(lambda: told, "the reply", seconds=5)
    agent.post(path_of(browser, "typing"), json={})
    agent.post(path_of(browser, "handover"), json={})
    wait_until(lambda: len(told) == 3, "typing and handover", seconds=5)
    assert [event["event"] for event in told] == ["message", "typing", "handover"]
    assert not ended.is_set()
    other_tab = Browser(service, key=browser.key)
    other_tab.session_token, other_tab.conversation_id = browser.session_token, browser.conversation_id
    assert other_tab.log_out().status_code == 200
    assert ended.wait(5), "a revoked session ends its stream"


@pytest.mark.parametrize("ending", ["logout", "revocation", "refresh"])
def test_an_ended_session_ends_its_stream(casino, browser, ending) -> None:
    browser.send("hello")
    with browser.events(last_event_id="0") as events:
        next(events)
        if ending == "logout":
            browser.log_out()
        elif ending == "revocation":
            casino.agent().revoke(browser.session_token)
        else:
            browser.refresh()
            casino.agent().reply(browser.conversation_id, "still here")
            assert json.loads(next(events)["data"])["text"] == "still here", "within the grace"
            browser.log_out()
        assert list(events) == []


def test_a_disabled_workspace_ends_its_streams_at_the_next_heartbeat(casino, monkeypatch) -> None:
    assert streams.HEARTBEAT + directory.FRESH_FOR < 14, "within 15 s, on a busy machine too"
    monkeypatch.setattr(streams, "HEARTBEAT", 0.2)
    closed = casino.neighbour()
    browser = closed.visit()
    with browser.events() as events:
        closed.cli("workspace", "disable", closed.id)
        assert list(events) == []
