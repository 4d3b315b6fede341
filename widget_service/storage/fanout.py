"""Waking the streams of a conversation when something new stands in the store.

A wake-up is a hint; what is new is always read from the store. Within one process it is a condition, between
processes Redis carries it, and without Redis each process looks once in a while for what others wrote.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

import structlog

from widget_service.errors import Unavailable
from widget_service.storage import Storage

LOOK_EVERY = 0.7  # seconds; a logout must reach the streams of other processes within one
SLICE = 200  # conversations asked about at once

log = structlog.get_logger()


class Wire(Protocol):
    """Carries conversation ids between processes. Both raise Unavailable."""

    def tell(self, conversation_id: str) -> None: ...

    def listen(self) -> Iterator[str | None]: ...


class Subscription:
    """One stream's wait."""

    __slots__ = ("_bell", "_fanout", "conversation_id", "owners")

    def __init__(self, fanout: "Fanout", conversation_id: str, owners: tuple[str, ...]) -> None:
        self._fanout = fanout
        self.conversation_id = conversation_id
        self.owners = owners
        # A lock that is held until somebody rings: a tenth of the memory of an Event, and there are thousands.
        self._bell = threading.Lock()
        self._bell.acquire()

    def wait(self, timeout: float) -> bool:
        """True when woken; False after the timeout (seconds)."""
        return self._bell.acquire(timeout=timeout)

    def ring(self) -> None:
        """Ends the wait, or the next one; ringing twice is ringing once."""
        with suppress(RuntimeError):
            self._bell.release()

    def close(self) -> None:
        """Ends the wait."""
        self._fanout.forget(self)


class Fanout:
    """Wakes subscriptions of this process, and those of other processes when there is a wire."""

    def __init__(self, storage: Storage, wire: Wire | None = None) -> None:
        self._storage = storage
        self._wire = wire
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._seen: dict[str, int] = {}
        self._open: Counter[str] = Counter()
        self._helper: threading.Thread | None = None
        self._closed = threading.Event()

    def subscribe(self, conversation_id: str, owners: tuple[str, ...] = ()) -> Subscription:
        """A new wait for the conversation, counted for each of its owners."""
        subscription = Subscription(self, conversation_id, owners)
        self._open.update(owners)
        self._subscriptions.setdefault(conversation_id, set()).add(subscription)
        self._start_helper()
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Ends a wait."""
        waiting = self._subscriptions.get(subscription.conversation_id)
        if waiting is None:
            return
        if subscription in waiting:
            waiting.discard(subscription)
            self._open.subtract(subscription.owners)
            for owner in subscription.owners:
                if self._open[owner] <= 0:
                    del self._open[owner]
        if not waiting:
            del self._subscriptions[subscription.conversation_id]
            self._seen.pop(subscription.conversation_id, None)

    def wake(self, conversation_id: str) -> None:
        """Something new stands in the store for this conversation."""
        self._wake_here(conversation_id)
        if self._wire is None:
            return
        try:
            self._wire.tell(conversation_id)
        except Unavailable as error:
            log.warning("fanout.tell_failed", reason=error.reason)

    def count(self) -> int:
        """How many streams wait here."""
        return sum(len(waiting) for waiting in list(self._subscriptions.values()))

    def count_of(self, owner: str) -> int:
        """How many streams wait here for that owner."""
        return self._open[owner]

    def close(self) -> None:
        """Ends the thread that looks; one that listens ends with its wire."""
        self._closed.set()

    def _wake_here(self, conversation_id: str) -> None:
        for subscription in list(self._subscriptions.get(conversation_id, ())):
            subscription.ring()

    def _start_helper(self) -> None:
        if self._helper is not None and self._helper.is_alive():
            return
        target: Callable[[], None] = self._look if self._wire is None else self._listen
        self._helper = threading.Thread(target=target, daemon=True, name="fanout")
        self._helper.start()

    def _listen(self) -> None:
        assert self._wire is not None  # noqa: S101 - started only with a wire
        while not self._closed.is_set():
            try:
                for conversation_id in self._wire.listen():
                    if conversation_id is None:  # connected (again): what was said meanwhile is unknown
                        self._wake_all()
                    else:
                        self._wake_here(conversation_id)
            except Unavailable as error:
                log.warning("fanout.listen_failed", reason=error.reason)
                self._closed.wait(1)

    def _wake_all(self) -> None:
        for conversation_id in list(self._subscriptions):
            self._wake_here(conversation_id)

    def _look(self) -> None:
        while not self._closed.wait(LOOK_EVERY):
            waiting = list(self._subscriptions)
            for first in range(0, len(waiting), SLICE):
                with suppress(Unavailable):
                    self._look_at(waiting[first : first + SLICE])
                time.sleep(0)  # thousands of streams hold up no request

    def _look_at(self, waiting: list[str]) -> None:
        with self._storage.reading() as store:
            newest = store.find_last_seqs(waiting)
        for conversation_id, seq in newest.items():
            if self._seen.get(conversation_id) != seq:
                self._seen[conversation_id] = seq
                self._wake_here(conversation_id)
