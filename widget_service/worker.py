"""``widget-service worker``: delivers what stands in the outbox, and removes what has ended.

The outbox is the truth. A look ten times a second finds the lanes (webhook × conversation) whose oldest event is
due and queues a job for each; whoever takes the job claims the lane in the database for half a minute, delivers its
events in order, and lets it go. A worker that dies loses nothing: its lanes are free when their time is over. What is
written back to helpdesks goes the same way, a lane for each connection.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import httpx
import structlog
from huey import crontab  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]
from huey.consumer import Worker as HueyWorker

from widget_service.delivery import Attempt, attempt_delivery, conclude
from widget_service.destinations import safe_client
from widget_service.encryption import Cipher
from widget_service.errors import Unavailable
from widget_service.helpdesk_writer import HelpdeskWriter
from widget_service.ids import new_id
from widget_service.settings import Settings
from widget_service.storage import Storage, housekeeping
from widget_service.storage.jobs import Jobs
from widget_service.storage.store import Store

Lane = tuple[str, str]
THREADS = 24
LEASE = 30  # seconds; extended before each delivery, which takes less
LOOK_EVERY = 0.1  # seconds; a look at an empty outbox takes 0.01 ms on SQLite, 0.15 ms on PostgreSQL
LOOK_FOR_WRITE_BACKS_EVERY = 0.5  # seconds; nobody waits for them as an agent waits for a message
LOOK_AGAIN = 0.02  # seconds, while there is more than was queued
LONGEST_PAUSE = 2.0  # seconds between two looks, however long a look takes
FORGET_AFTER = 1.0  # seconds after which a queued lane is queued again: the queue may have lost it
LONGEST_RUN = 200  # events that one job delivers before others get their turn
SLOW = 2000  # milliseconds
BATCH = 200  # rows that one transaction of the housekeeping removes
STOP_WITHIN = 15  # seconds that deliveries under way are given

log = structlog.get_logger()


class Shares:
    """How many threads a webhook may keep busy, so that one that is slow or away never holds up the others.

    A quarter of the threads is always left to the webhooks that last answered quickly. One that failed, or was not
    asked yet, gets two.
    """

    FEW = 2

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads * 3 // 4)
        self._busy: Counter[str] = Counter()
        self._moods: dict[str, Literal["well", "slow", "failing"]] = {}
        self._guard = threading.Lock()

    def room(self, webhook_id: str) -> int:
        """How many more threads it may have now."""
        busy = self._busy[webhook_id]
        if self.is_well(webhook_id):
            return self._most - busy
        left = self._most - sum(count for other, count in list(self._busy.items()) if not self.is_well(other))
        return left if self._moods.get(webhook_id) == "slow" else min(left, self.FEW - busy)

    def budget(self, webhook_id: str) -> int:
        """How many of its lanes are worth queuing now."""
        return 2 * self._most if self.is_well(webhook_id) else self.room(webhook_id)

    def is_well(self, webhook_id: str) -> bool:
        """Whether it last answered, and quickly."""
        return self._moods.get(webhook_id) == "well"

    def enter(self, webhook_id: str) -> bool:
        """Takes a thread for it, if it may have one; then leave() must follow."""
        with self._guard:
            if self.room(webhook_id) <= 0:
                return False
            self._busy[webhook_id] += 1
            return True

    def leave(self, webhook_id: str) -> None:
        """Gives the thread back."""
        with self._guard:
            self._busy[webhook_id] -= 1
            if not self._busy[webhook_id]:
                del self._busy[webhook_id]

    def note(self, webhook_id: str, attempt: Attempt) -> None:
        """Remembers how it last answered."""
        quick = attempt.milliseconds <= SLOW
        self._moods[webhook_id] = "failing" if not attempt.succeeded else "well" if quick else "slow"


class Courier:
    """Delivers one lane at a time, in order, for as long as it holds the lane."""

    def __init__(self, storage: Storage, settings: Settings, clock: Callable[[], float], shares: Shares) -> None:
        self._storage = storage
        self._clock = clock
        self._shares = shares
        self._cipher = Cipher(settings.secret_key, settings.secret_key_previous)
        self._clients = {private: _new_client(settings, private) for private in (False, True)}
        self.stopping = threading.Event()

    def deliver_lane(self, lane: Lane) -> None:
        """Delivers until nothing is due, an attempt fails, or another holds the lane. Raises Unavailable."""
        holder = new_id("hold")
        if not self._hold(lane, holder):
            return
        for _ in range(LONGEST_RUN):
            if not self._deliver_next(lane) or self.stopping.is_set() or not self._hold(lane, holder):
                break
        self._storage.claim(lambda store: store.release_lane(*lane, holder))

    def close(self) -> None:
        """Closes every connection."""
        for client in self._clients.values():
            client.close()

    def _hold(self, lane: Lane, holder: str) -> bool:
        now = int(self._clock())
        return self._storage.claim(lambda store: store.claim_lane(*lane, holder, now, now + LEASE))

    def _deliver_next(self, lane: Lane) -> bool:
        """Whether the lane's next event may follow."""
        with self._storage.reading() as store:
            delivery = store.find_next_delivery(*lane)
        now = int(self._clock())
        if delivery is None or delivery.next_attempt_at > now:
            return False
        attempt = attempt_delivery(self._clients[delivery.allow_private], self._cipher, delivery, now)
        self._shares.note(delivery.webhook_id, attempt)
        _log_attempt(delivery.event_id, delivery.webhook_id, attempt)
        verdict = partial(conclude, delivery=delivery, attempt=attempt, now=int(self._clock()), jitter=random.random())  # noqa: S311
        # Not flushed: what a loss of power takes back is delivered again.
        return self._storage.write(lambda store: verdict(store), durable=False)


class Housekeeper:
    """Removes what has ended, in short transactions."""

    def __init__(self, storage: Storage, settings: Settings, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._settings = settings
        self._clock = clock
        self.stopping = threading.Event()

    def remove_expired(self) -> None:
        """Proofs, spent tokens, sessions, lanes, logouts; and what waits for webhooks that are disabled."""
        now = int(self._clock())
        for removal in (*housekeeping.EXPIRED, *housekeeping.RECORDS):
            self._in_batches(removal.table, partial(removal.remove, now=now, limit=BATCH))
        self._in_batches("disabled_deliveries", lambda store: store.fail_disabled_deliveries(now, BATCH))

    def remove_old(self) -> None:
        """Empty conversations, typing, and deliveries that nobody looks at any more."""
        now = int(self._clock())
        age = self._settings.empty_conversation_lifetime
        before = now - self._settings.webhook_retention
        self._in_batches("conversations", lambda store: housekeeping.remove_empty_conversations(store, now, age, BATCH))
        self._in_batches("typing", lambda store: housekeeping.TYPING.remove(store, now, BATCH))
        self._in_batches("deliveries", lambda store: housekeeping.remove_settled_deliveries(store, before, BATCH))

    def _in_batches(self, what: str, remove: Callable[[Store], int]) -> None:
        total = 0
        try:
            while not self.stopping.is_set():
                removed = self._storage.write(remove, durable=False)
                total += removed
                if removed < BATCH:
                    break
        except Unavailable as error:
            log.warning("housekeeping.failed", what=what, reason=error.reason)
        if total:
            log.info("housekeeping.removed", what=what, count=total)


class Worker:
    """One process: a look-out, and threads that take jobs from the queue."""

    def __init__(
        self, settings: Settings, storage: Storage, *, threads: int = THREADS, clock: Callable[[], float] = time.time
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._threads = threads
        self._shares = Shares(threads)
        self._courier = Courier(storage, settings, clock, self._shares)
        self._housekeeper = Housekeeper(storage, settings, clock)
        self._writer = HelpdeskWriter(storage, settings, clock, max(1, threads // 4))
        self._jobs = Jobs(settings.database_url, settings.redis_url)
        self._queued: dict[Lane, float] = {}
        self._next_write_back = 0.0
        self._stopping = False
        huey = self._jobs.huey
        self._deliver = huey.task(name="deliver")(self._deliver_lane)
        self._write_back = huey.task(name="write_back")(self._writer.write_back)
        huey.periodic_task(crontab(minute="*"), name="remove_expired")(self._housekeeper.remove_expired)
        huey.periodic_task(crontab(minute="*/10"), name="remove_old")(self._housekeeper.remove_old)
        self._consumer = _Consumer(huey, workers=threads)

    def run(self) -> None:
        """Works until stop() is called, then lets deliveries under way end."""
        _forward_huey_log()
        self._consumer.start()
        log.info("worker.started", threads=self._threads)
        try:
            while not self._stopping:
                time.sleep(self.look())
                self._consumer.check_worker_health()
        finally:
            self._courier.stopping.set()
            self._housekeeper.stopping.set()
            self._writer.stopping.set()
            self._consumer.ring()
            self._consumer.stop(graceful=True)
            self._courier.close()
            self._writer.close()
            self._jobs.close()
            self._storage.close()
        log.info("worker.stopped")

    def stop(self, *_signal: Any) -> None:
        """Fit for a signal handler: takes no lock."""
        self._stopping = True

    def look(self) -> float:
        """Queues the lanes that are due; seconds until the next look."""
        began = time.monotonic()
        try:
            is_more = self._queue_due_lanes()
            self._queue_write_backs()
        except Unavailable as error:
            log.warning("worker.waits", reason=error.reason)
            return 1.0
        took = time.monotonic() - began
        # Looks at a very long outbox must not become all that the database does.
        pause = max(LOOK_AGAIN, 4 * took) if is_more else max(LOOK_EVERY, 20 * took)
        return min(pause, LONGEST_PAUSE)

    def _queue_due_lanes(self) -> bool:
        """Whether there is more than was queued."""
        most = 2 * self._threads
        with self._storage.reading() as store:
            lanes = store.find_due_lanes(int(self._clock()), 2 * most, most)
        if not lanes or self._jobs.count() > 2 * most:
            return False
        self._forget_queued()
        budgets = {webhook_id: self._shares.budget(webhook_id) for webhook_id, _ in lanes}
        for lane in lanes:
            if budgets[lane[0]] > 0 and lane not in self._queued:
                budgets[lane[0]] -= 1
                self._queued[lane] = time.monotonic()
                self._jobs.add(self._deliver, *lane)
        self._consumer.ring()
        found = Counter(webhook_id for webhook_id, _ in lanes)
        return any(count >= most and self._shares.is_well(webhook_id) for webhook_id, count in found.items())

    def _queue_write_backs(self) -> None:
        if time.monotonic() < self._next_write_back:
            return
        self._next_write_back = time.monotonic() + LOOK_FOR_WRITE_BACKS_EVERY
        due = self._writer.find_due()
        for connection_id in due:
            self._jobs.add(self._write_back, connection_id)
        if due:
            self._consumer.ring()

    def _forget_queued(self) -> None:
        since = time.monotonic() - FORGET_AFTER
        self._queued = {lane: at for lane, at in list(self._queued.items()) if at > since}

    def _deliver_lane(self, webhook_id: str, conversation_id: str) -> None:
        """A job. One that finds its webhook's share used up ends: a later look queues the lane again."""
        self._queued.pop((webhook_id, conversation_id), None)
        if not self._shares.enter(webhook_id):
            return
        try:
            self._courier.deliver_lane((webhook_id, conversation_id))
        except Unavailable as error:
            log.warning("delivery.interrupted", webhook_id=webhook_id, reason=error.reason)
        finally:
            self._shares.leave(webhook_id)


class _Hand(HueyWorker):  # type: ignore[misc]
    """Waits for the bell instead of looking into the queue's file all the time."""

    bell: threading.Condition

    def sleep(self) -> None:
        with self.bell:
            self.bell.wait(0.5)


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's threads; signals are ours."""

    worker_class = _Hand

    def __init__(self, huey: Any, workers: int) -> None:
        self._bell = threading.Condition()
        super().__init__(huey, workers=workers, shutdown_timeout=STOP_WITHIN)

    def ring(self) -> None:
        """There are jobs."""
        with self._bell:
            self._bell.notify_all()

    def _create_worker(self) -> _Hand:
        hand: _Hand = super()._create_worker()
        hand.bell = self._bell
        return hand

    def _set_signal_handlers(self) -> None:
        """None of its own."""


class _Forward(logging.Handler):
    """What Huey has to say, in our log's form; every thread says the same, so once in a while is enough."""

    EVERY = 10.0  # seconds

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        key = f"{record.msg} {kind}"
        if record.created - self._said.get(key, 0.0) >= self.EVERY:
            self._said[key] = record.created
            log.warning("jobs.trouble", message=record.getMessage()[:200], error=kind)


def _forward_huey_log() -> None:
    huey_log = logging.getLogger("huey")
    huey_log.setLevel(logging.WARNING)
    huey_log.propagate = False
    huey_log.handlers = [_Forward()]


def _new_client(settings: Settings, allow_private: bool) -> httpx.Client:
    return safe_client(settings.public_url, allow_private, 10.0)


def _log_attempt(event_id: str, webhook_id: str, attempt: Attempt) -> None:
    # Not the error's text: it may quote what the receiver answered.
    write = log.info if attempt.succeeded else log.warning
    write(
        "delivery.attempted",
        event_id=event_id,
        webhook_id=webhook_id,
        status=attempt.status,
        ok=attempt.succeeded,
        ms=attempt.milliseconds,
    )
