"""What a webhook's receiver sees of one conversation's events, and what its answers lead to."""

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.browser import Browser
from tests.support.operator import Operator
from tests.support.receiver import OK, Answer, Received, Receiver
from tests.support.service import InProcessService
from widget_service.delivery import GIVE_UP_AFTER, PAUSES, Attempt, Delivery, find_retry
from widget_service.storage import Storage
from widget_service.storage.opening import open_storage
from widget_service.worker import LEASE, Courier, Housekeeper, Shares

DAY = 86_400


class Post:
    """One workspace with a receiver, and a courier whose clock the test moves."""

    def __init__(self, service: InProcessService, storage: Storage) -> None:
        self.service, self.storage = service, storage
        self.operator = Operator.create(service)
        self.receiver = Receiver()
        self.webhook_id = self.receiver.connect(service, self.operator.workspace_id)
        self.now = int(time.time()) + 5  # all that this test writes is due
        self.courier = Courier(storage, service.settings, lambda: self.now, Shares(8))

    def player(self, sub: str = "5832") -> Browser:
        """A player with a conversation (its first event: conversation.started)."""
        browser = Browser(self.service)
        browser.started(self.operator.workspace_id, player_token=self.operator.player_token(sub))
        return browser

    def due(self) -> list[tuple[str, str]]:
        with self.storage.reading() as store:
            return store.find_due_lanes(self.now, 100)

    def deliver(self) -> None:
        """Delivers everything that is due now."""
        for lane in self.due():
            self.courier.deliver_lane(lane)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.storage.reading() as store:
            return store.connection.all(sql, parameters)

    def states(self) -> list[tuple[int, bool, bool]]:
        """(attempts, delivered, failed) of each event, in order."""
        rows = self.rows("SELECT attempts, delivered_at, failed_at FROM outbox ORDER BY id")
        return [(attempts, delivered is not None, failed is not None) for attempts, delivered, failed in rows]

    def attempts(self) -> list[tuple[int | None, str | None]]:
        return [
            (status, error) for status, error in self.rows("SELECT status, error FROM delivery_attempts ORDER BY id")
        ]

    def close(self) -> None:
        self.courier.close()
        self.receiver.close()


@pytest.fixture
def storage(each_app_service: InProcessService) -> Iterator[Storage]:
    storage = open_storage(each_app_service.settings)
    yield storage
    storage.close()


@pytest.fixture
def post(each_app_service: InProcessService, storage: Storage) -> Iterator[Post]:
    post = Post(each_app_service, storage)
    yield post
    post.close()


def test_a_receiver_gets_signed_events_in_order_and_without_a_credential(post: Post) -> None:
    player = post.player()
    player.send("one")
    player.send("two")
    post.deliver()

    assert [one.type for one in post.receiver.requests] == [
        "conversation.started",
        "message.created",
        "message.created",
    ]
    assert post.receiver.texts(player.conversation_id or "") == ["one", "two"]
    assert post.receiver.refused == []
    ids = [row[0] for row in post.rows("SELECT event_id FROM outbox ORDER BY id")]
    assert [one.id for one in post.receiver.requests] == ids
    assert post.receiver.requests[0].headers["content-type"] == "application/json"
    assert "wst_" not in json.dumps([one.body for one in post.receiver.requests])
    assert post.states() == [(1, True, False)] * 3
    assert post.due() == []


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_a_delivery_whatever_is_in_it(post: Post, status: int) -> None:
    body = b"" if status == 204 else b"x" * 100_000
    post.receiver.answer = lambda received: (status, {}, body)
    post.player()
    post.deliver()

    assert post.states() == [(1, True, False)]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_any_other_answer_is_tried_again_and_a_redirect_is_not_followed(post: Post, status: int) -> None:
    post.receiver.answer = lambda received: (status, {"Location": "/elsewhere"}, b"")
    post.player()
    post.deliver()

    assert len(post.receiver.requests) == 1
    assert post.receiver.refused == []
    assert post.states() == [(1, False, False)]
    assert post.attempts() == [(status, f"HTTP {status}")]
    assert post.due() == []


def test_after_a_failure_the_pauses_grow_for_a_day_and_then_the_event_is_given_up(post: Post) -> None:
    post.receiver.checks_time = False
    refuse_first(post, answer=(500, {}, b""))
    player = post.player()
    player.send("later")
    [(created_at,)] = post.rows("SELECT created_at FROM outbox ORDER BY id LIMIT 1")
    moments = []
    while not post.states()[0][2]:
        post.deliver()
        moments.append(post.now - created_at)
        [(post.now,)] = post.rows("SELECT next_attempt_at FROM outbox ORDER BY id LIMIT 1")

    pauses = [after - before for before, after in itertools.pairwise(moments)]
    assert all(0.8 * least <= pause <= 1.2 * least + 1 for least, pause in zip(PAUSES, pauses[:8], strict=True))
    assert all(pause <= 1.2 * 3600 for pause in pauses)
    assert moments[-1] == DAY
    assert 25 <= len(moments) <= 40
    # Its successor waited for it, and goes now.
    assert post.states() == [(len(moments), False, True), (1, True, False)]
    assert post.receiver.texts(player.conversation_id or "") == ["later"]


def refuse_first(post: Post, answer: Answer) -> None:
    """The receiver refuses the event that came first, always."""
    first: list[str] = []

    def decide(received: Received) -> Answer:
        first[:] = first or [received.id]
        return answer if received.id == first[0] else OK

    post.receiver.answer = decide


def test_what_follows_an_event_that_fails_waits_for_it(post: Post) -> None:
    player = post.player()
    post.deliver()
    fails = iter([True, True, False])
    post.receiver.answer = lambda received: (500, {}, b"") if received.text == "one" and next(fails) else OK
    for text in ("one", "two", "three"):
        player.send(text)
    for _ in range(3):
        post.deliver()
        post.now += 60

    seen = [one.text for one in post.receiver.requests if one.text]
    assert seen == ["one", "one", "one", "two", "three"]


def test_a_conversation_that_fails_does_not_hold_up_another(post: Post) -> None:
    stuck, other = post.player("5832"), post.player("40217")
    post.receiver.answer = lambda received: (500, {}, b"") if received.conversation_id == stuck.conversation_id else OK
    stuck.send("stuck")
    other.send("goes")
    post.deliver()

    assert post.receiver.texts(other.conversation_id or "") == ["goes"]
    assert post.receiver.texts(stuck.conversation_id or "") == []


def test_a_receiver_may_ask_for_a_longer_pause(post: Post) -> None:
    post.receiver.answer = lambda received: (503, {"Retry-After": "120"}, b"")
    post.player()
    post.deliver()

    assert post.rows("SELECT next_attempt_at FROM outbox") == [(post.now + 120,)]


def test_gone_disables_the_webhook_and_says_so_in_the_audit_trail(post: Post) -> None:
    post.receiver.answer = lambda received: (410, {}, b"")
    player = post.player()
    player.send("never")
    post.deliver()

    assert len(post.receiver.requests) == 1
    assert post.states() == [(1, False, True), (0, False, False)]
    assert post.due() == []
    listed = post.service.cli("webhook", "list", post.operator.workspace_id)["webhooks"]
    assert listed[0]["disabled_at"] is not None
    trail = post.rows("SELECT actor, subject FROM audit WHERE action = 'webhook.disabled'")
    assert trail == [("worker", post.webhook_id)]
    # Nothing new is written for it, and housekeeping gives up what waits.
    player.send("neither")
    Housekeeper(post.storage, post.service.settings, lambda: post.now).remove_expired()
    assert post.states() == [(1, False, True), (0, False, True)]


def test_a_disabled_webhook_gets_nothing_more(post: Post) -> None:
    player = post.player()
    post.deliver()
    player.send("too late")
    lane = (post.webhook_id, player.conversation_id or "")
    post.service.cli("webhook", "disable", post.webhook_id)

    assert post.due() == []
    post.courier.deliver_lane(lane)  # a job that was queued before
    assert [one.type for one in post.receiver.requests] == ["conversation.started"]


def test_a_disabled_workspaces_events_wait_until_it_is_enabled(post: Post) -> None:
    post.player()
    post.service.cli("workspace", "disable", post.operator.workspace_id)
    post.deliver()
    assert post.receiver.requests == []

    post.service.cli("workspace", "enable", post.operator.workspace_id)
    post.deliver()
    assert post.states() == [(1, True, False)]


def test_a_refusals_beginning_is_kept_and_no_more(post: Post) -> None:
    post.receiver.answer = lambda received: (500, {}, b"broken\r\n\x1b[31m" + b"y" * 3000)
    post.player()
    post.deliver()

    [(status, error)] = post.attempts()
    assert status == 500
    assert error is not None
    assert error.startswith("HTTP 500: broken")
    assert len(error) <= 200
    assert error.isprintable()


def test_nobody_there_is_an_attempt_without_a_status(post: Post) -> None:
    post.receiver.close()
    post.player()
    post.deliver()

    [(status, error)] = post.attempts()
    assert status is None
    assert error is not None
    assert error.startswith("ConnectError")
    assert post.states() == [(1, False, False)]


def test_an_answer_that_takes_too_long_is_a_failure(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widget_service.delivery.TIMEOUTS", httpx.Timeout(0.2))
    post.receiver.answer = lambda received: time.sleep(1) or OK
    post.player()
    post.deliver()

    assert post.attempts() == [(None, "ReadTimeout: timed out")]


def test_a_secret_that_does_not_open_is_a_failed_attempt(post: Post) -> None:
    post.storage.write(lambda store: store.connection.run("UPDATE webhooks SET secret = ?", (b"broken",)))
    post.player()
    post.deliver()

    [(status, error)] = post.attempts()
    assert status is None
    assert "WIDGET_SECRET_KEY" in (error or "")
    assert post.receiver.requests == []


def test_a_lane_has_one_holder_and_is_free_when_the_holders_time_is_over(post: Post) -> None:
    player = post.player()
    lane = (post.webhook_id, player.conversation_id or "")
    now = post.now
    assert post.storage.write(lambda store: store.claim_lane(*lane, "hold_crashed", now, now + LEASE))

    assert post.due() == []
    post.courier.deliver_lane(lane)
    assert post.receiver.requests == []

    post.now += LEASE
    assert post.due() == [lane]
    post.deliver()
    assert post.states() == [(1, True, False)]


def test_a_holder_whose_time_was_over_does_not_undo_what_the_next_one_did(post: Post) -> None:
    post.player()
    [(outbox_id,)] = post.rows("SELECT id FROM outbox")
    post.deliver()
    post.storage.write(lambda store: store.settle_delivery(outbox_id, delivered_at=None, failed_at=post.now))

    assert post.states() == [(1, True, False)]


def test_due_lanes_come_in_turns_so_that_no_webhook_hides_another(post: Post) -> None:
    for number in range(6):
        post.player(f"busy-{number}")
    neighbour = Operator.create(post.service)
    quiet = Receiver()
    quiet_id = quiet.connect(post.service, neighbour.workspace_id)
    Browser(post.service).started(neighbour.workspace_id, player_token=neighbour.player_token())
    with post.storage.reading() as store:
        first = store.find_due_lanes(post.now, 2)
        capped = store.find_due_lanes(post.now, 100, 3)
    quiet.close()

    assert {webhook_id for webhook_id, _ in first} == {post.webhook_id, quiet_id}
    assert len(capped) == 4


@pytest.mark.parametrize(
    ("attempts", "age", "retry_after", "expected"),
    [
        (0, 0, 0, 2),
        (3, 100, 0, 60),
        (500, 7200, 0, 3600),
        (0, 0, 900, 900),
        (500, GIVE_UP_AFTER - 10, 0, 10),
        (500, GIVE_UP_AFTER, 0, None),
        (0, 3 * GIVE_UP_AFTER, 0, None),
    ],
)
def test_the_next_attempt_is_never_later_than_a_day_after_the_event(
    attempts: int, age: int, retry_after: int, expected: int | None
) -> None:
    now = 1_700_000_000
    delivery = Delivery(1, "evt", "wh", "ws", "{}", attempts, now - age, now, "https://agent.example", b"", False)
    retry = find_retry(delivery, Attempt(500, "HTTP 500", 1, retry_after), now, 0.5)

    assert (None if retry is None else retry - now) == expected
