"""Waiting for a native thread, from a thread or from a greenlet.

Under gevent's monkey patching ``threading`` makes greenlets; a database writer must be a real thread, and a greenlet
that waits for it must yield to its hub.
"""

import _thread
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from gevent import monkey


class Completion(Protocol):
    """Done once, waited for once."""

    def wait(self) -> None:
        """Returns after done() was called."""

    def done(self) -> None:
        """Called from the native thread."""


def is_gevent() -> bool:
    """Whether this process runs on gevent's hub."""
    return bool(monkey.is_module_patched("threading"))


def new_native_lock() -> Any:
    """A lock of the operating system, also under gevent. Hold it for microseconds only."""
    return monkey.get_original("_thread", "allocate_lock")()


def start_native_thread(target: Callable[[], None]) -> None:
    """Starts a real thread, also under gevent."""
    if is_gevent():
        monkey.get_original("_thread", "start_new_thread")(target, ())
        return
    threading.Thread(target=target, daemon=True, name="native").start()


class _ThreadCompletion:
    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._lock.acquire()

    def wait(self) -> None:
        self._lock.acquire()

    def done(self) -> None:
        self._lock.release()


class _HubWaker:
    """One async watcher per hub; the only libev call that other threads may make is to send it."""

    def __init__(self) -> None:
        from gevent import get_hub

        self._done: deque[_GreenletCompletion] = deque()
        self._hub = get_hub()
        self._watcher = self._hub.loop.async_()
        self._watcher.start(self._wake)

    def new(self) -> "_GreenletCompletion":
        return _GreenletCompletion(self)

    def done(self, completion: "_GreenletCompletion") -> None:
        self._done.append(completion)
        self._watcher.send()

    def _wake(self) -> None:
        while self._done:
            self._done.popleft().switch()


class _GreenletCompletion:
    __slots__ = ("_waiter", "_waker")

    def __init__(self, waker: _HubWaker) -> None:
        from gevent.hub import Waiter

        self._waker = waker
        self._waiter: Waiter[None] = Waiter()

    def wait(self) -> None:
        self._waiter.get()

    def done(self) -> None:
        self._waker.done(self)

    def switch(self) -> None:
        self._waiter.switch(None)


_wakers: dict[int, _HubWaker] = {}


def new_completion() -> Completion:
    """A completion fit for the caller: thread or greenlet."""
    if not is_gevent():
        return _ThreadCompletion()
    from gevent import get_hub

    hub = get_hub()
    waker = _wakers.get(id(hub))
    if waker is None:
        waker = _wakers[id(hub)] = _HubWaker()
    return waker.new()
