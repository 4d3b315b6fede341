"""The worker as a process: quick, tidy, and there again after what it needs was away."""

import pickle
import random
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Databases
from tests.support.chat import Chat, arrived
from tests.support.operator import Operator
from tests.support.receiver import OK, Receiver
from tests.support.servers import PostgresCluster, RedisServer, wait_until
from tests.support.service import Service
from widget_service.delivery import Attempt
from widget_service.storage.jobs import JsonSerializer
from widget_service.worker import Shares

NewService = Callable[..., Service]


def test_a_message_is_with_the_agent_at_once(service: Service, new_receiver: Callable[..., Receiver]) -> None:
    operator, receiver = Operator.create(service), new_receiver()
    receiver.connect(service, operator.workspace_id)
    worker = service.spawn("worker")
    chat = Chat(service, operator, "5832")
    wait_until(lambda: receiver.requests, "the first event", seconds=20)
    delays = []
    for _ in range(9):
        began = time.time()
        chat.write(1)
        wait_until(arrived(receiver, [chat]), "the message", every=0.002)
        delays.append(receiver.requests[-1].at - began)
        time.sleep(random.random() * 0.1)  # noqa: S311
    worker.terminate()
    print(f"message to webhook: median {statistics.median(delays) * 1000:.0f} ms, most {max(delays) * 1000:.0f} ms")

    assert statistics.median(delays) < 5, "nobody waits for the worker's next round"


def test_a_stopped_worker_ends_what_it_has_begun(service: Service, new_receiver: Callable[..., Receiver]) -> None:
    operator = Operator.create(service)
    receiver = new_receiver(lambda received: time.sleep(1) or OK)
    receiver.connect(service, operator.workspace_id)
    worker = service.spawn("worker")
    chat = Chat(service, operator, "5832")
    chat.write(5)
    wait_until(lambda: receiver.requests, "the first event", seconds=20)
    worker.terminate()

    assert worker.wait(timeout=60) == 0
    assert len(receiver.requests) == 1
    # The lane is free at once: its successor does not wait for the lease to end.
    receiver.answer = lambda received: OK
    successor = service.spawn("worker")
    wait_until(arrived(receiver, [chat]), "the rest", seconds=10)
    assert [one.id for one in receiver.requests] == list(dict.fromkeys(one.id for one in receiver.requests))
    successor.terminate()


def test_a_worker_survives_the_databases_absence(
    databases: Databases, new_receiver: Callable[..., Receiver], new_service: NewService
) -> None:
    cluster = PostgresCluster()
    try:
        service = new_service(cluster.new_database())
        operator, receiver = Operator.create(service), new_receiver()
        receiver.connect(service, operator.workspace_id)
        worker = service.spawn("worker")
        chat = Chat(service, operator, "5832")
        wait_until(lambda: receiver.requests, "the first event", seconds=20)
        cluster.kill()
        wait_until(lambda: "worker.waits" in service.output(), "the worker to notice", seconds=20)
        cluster.start()
        wait_until(
            lambda: chat.browser.send("back").status_code == 201, "the service to recover", seconds=20, every=0.5
        )
        wait_until(lambda: "back" in receiver.texts(chat.id), "the event", seconds=20)

        assert worker.poll() is None
        service.stop()
    finally:
        cluster.remove()


def test_a_worker_survives_the_loss_of_the_job_queue(
    new_service: NewService, new_receiver: Callable[..., Receiver]
) -> None:
    redis_server = RedisServer()
    try:
        service = new_service(redis_url=redis_server.url)
        operator, receiver = Operator.create(service), new_receiver()
        receiver.connect(service, operator.workspace_id)
        service.spawn("worker")
        chat = Chat(service, operator, "5832")
        wait_until(lambda: receiver.requests, "the first event", seconds=20)
        redis_server.stop()
        wait_until(lambda: "jobs.trouble" in service.output(), "the worker to notice", seconds=20)
        redis_server.start()
        wait_until(lambda: write_once(chat), "the service to recover", seconds=20, every=0.5)
        wait_until(arrived(receiver, [chat]), "the event", seconds=20)
        service.stop()
    finally:
        redis_server.remove()


def write_once(chat: Chat) -> bool:
    """Whether a message got through: with its own proof each time, as a browser tries again."""
    text = f"{len(chat.sent) + 1}"
    if chat.browser.send(text).status_code != 201:
        return False
    chat.sent.append(text)
    return True


def test_the_jobs_file_is_beside_the_database_and_holds_no_pickles(service: Service) -> None:
    jobs = Path(service.database_url.removeprefix("sqlite:///") + "-jobs")
    worker = service.spawn("worker")
    wait_until(jobs.exists, "the file", seconds=20)
    worker.terminate()
    worker.wait(timeout=20)

    assert jobs.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        JsonSerializer().deserialize(pickle.dumps({"a": 1}))


def test_a_worker_refuses_a_database_that_was_not_migrated(databases: Databases) -> None:
    service = Service(databases.new("postgres", migrated=False))
    result = service.run("worker")
    service.remove()

    assert result.returncode == 2
    assert "widget-service db upgrade" in result.stderr


def attempt(ok: bool = True, milliseconds: int = 5) -> Attempt:
    return Attempt(200 if ok else 500, None if ok else "HTTP 500", milliseconds)


def taken(shares: Shares, webhook_id: str) -> int:
    count = 0
    while shares.enter(webhook_id):
        count += 1
    return count


@pytest.mark.parametrize(
    ("last", "threads"), [(None, 2), (attempt(), 18), (attempt(milliseconds=4000), 18), (attempt(ok=False), 2)]
)
def test_a_webhook_gets_its_share_of_the_threads(last: Attempt | None, threads: int) -> None:
    shares = Shares(24)
    if last:
        shares.note("wh", last)

    assert taken(shares, "wh") == threads


def test_slow_and_failing_webhooks_together_leave_a_quarter_of_the_threads() -> None:
    shares = Shares(24)
    for number in range(20):
        shares.note(f"failing-{number}", attempt(ok=False))
    shares.note("slow", attempt(milliseconds=9000))
    shares.note("well", attempt())
    used = sum(taken(shares, f"failing-{number}") for number in range(20)) + taken(shares, "slow")

    assert used == 18
    assert taken(shares, "well") >= 6


def test_a_webhook_that_recovers_gets_its_full_share_again() -> None:
    shares = Shares(24)
    shares.note("wh", attempt(ok=False))
    assert shares.enter("wh")
    shares.note("wh", attempt())
    shares.leave("wh")

    assert taken(shares, "wh") == 18


def test_threads_taken_at_once_never_exceed_the_share() -> None:
    shares = Shares(24)
    shares.note("wh", attempt())
    entered: list[Any] = []
    threads = [threading.Thread(target=lambda: entered.append(shares.enter("wh"))) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(entered) == 18
