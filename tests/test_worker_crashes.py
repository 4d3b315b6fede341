"""Workers that die, receivers that fail: nothing is lost, nothing overtakes, nobody waits for a stranger."""

import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.support.chat import Chat, arrived, in_order
from tests.support.operator import Operator
from tests.support.receiver import OK, Answer, Received, Receiver
from tests.support.servers import wait_until
from tests.support.service import Service
from widget_service.storage.engine import writing

NewService = Callable[..., Service]


def flaky(seed: int) -> Callable[[Received], Answer]:
    chance = random.Random(seed)  # noqa: S311 (the same run again)

    def answer(received: Received) -> Answer:
        time.sleep(chance.random() * 0.02)
        return (503, {}, b"") if chance.random() < 0.1 else OK

    return answer


@pytest.mark.parametrize(
    "store",
    [
        pytest.param("sqlite", marks=pytest.mark.long),
        pytest.param("postgres", marks=pytest.mark.long),
        "postgres and redis",
    ],
)
def test_two_workers_keep_each_conversation_in_order_while_deliveries_fail(
    store: str, new_service: NewService, new_receiver: Callable[..., Receiver], request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_url") if "redis" in store else None
    service = new_service(store=store.split()[0], redis_url=redis_url)
    operator, receiver = Operator.create(service), new_receiver(flaky(7))
    receiver.connect(service, operator.workspace_id)
    for _ in range(2):
        service.spawn("worker")
    chats = [Chat(service, operator, f"player-{number}") for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda chat: chat.write(6), chats))

    wait_until(arrived(receiver, chats), "every event", seconds=60)
    in_order(receiver, chats)


def end_leases(service: Service) -> None:
    """As if the half minute were over for which a lane is kept for a worker that is gone."""
    with writing(service.database_url) as connection:
        connection.execute(text("UPDATE outbox_lanes SET held_until = 0"))


# "make soak" kills them on both stores, and much more often.
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def test_killed_workers_lose_nothing_and_let_nothing_overtake(
    store: str, new_service: NewService, new_receiver: Callable[..., Receiver]
) -> None:
    service = new_service(store=store)
    operator = Operator.create(service)
    receiver = new_receiver(lambda received: time.sleep(0.05) or OK)
    receiver.connect(service, operator.workspace_id)
    chats = [Chat(service, operator, f"player-{number}") for number in range(6)]
    for chat in chats:
        chat.write(10)
    workers = [service.spawn("worker") for _ in range(2)]
    for worker in workers:
        seen = len(receiver.requests)
        wait_until(lambda seen=seen: len(receiver.requests) >= seen + 8, "some deliveries", seconds=20)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert not arrived(receiver, chats)()
    end_leases(service)
    service.spawn("worker")

    wait_until(arrived(receiver, chats), "every event", seconds=60)
    in_order(receiver, chats)


def test_a_slow_receiver_and_a_dead_one_hold_up_nobody_else(
    new_service: NewService, new_receiver: Callable[..., Receiver]
) -> None:
    service = new_service()
    slow = new_receiver(lambda received: time.sleep(3) or OK)
    dead = new_receiver(lambda received: time.sleep(6) or (500, {}, b""))
    quick = new_receiver()
    operators = [Operator.create(service) for _ in range(3)]
    for operator, receiver in zip(operators, (slow, dead, quick), strict=True):
        receiver.connect(service, operator.workspace_id)
    for operator in operators[:2]:
        for number in range(20):
            Chat(service, operator, f"player-{number}")
    service.spawn("worker")
    wait_until(lambda: len(slow.requests) >= 3 and len(dead.requests) >= 2, "the slow ones to be busy", seconds=20)
    wait_until(lambda: slow.accepted, "the worker to know which is slow", seconds=20)
    chat = Chat(service, operators[2], "5832")
    chat.write(3)
    wait_until(arrived(quick, [chat]), "the quick receiver's events", seconds=60)

    assert len(slow.accepted) < 20, "the quick one's events came before those that were there first"
