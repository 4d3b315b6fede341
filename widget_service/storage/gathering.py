"""One statement for all who ask the same question at once.

A round trip to the database costs a busy process more than the row that it brings. While one is under way, whoever
asks next waits together; the first of them then asks for all. Nobody waits who is alone, and each answer was read
after its question was asked.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from widget_service.errors import Unavailable

Key = TypeVar("Key")
Value = TypeVar("Value")
LIMIT = 64  # keys of one question


class _Question(Generic[Key, Value]):
    """One who asks, and waits for the answer or for the turn to ask for all."""

    __slots__ = ("_called", "answer", "answered", "error", "key")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.answer: Value | None = None
        self.error: Unavailable | None = None
        self.answered = False
        self._called = threading.Lock()
        self._called.acquire()

    def wait(self) -> None:
        self._called.acquire()

    def call(self) -> None:
        self._called.release()


class Gathering(Generic[Key, Value]):
    """``load`` answers many keys with one statement; a key that it leaves out is not there."""

    def __init__(self, load: Callable[[Sequence[Key]], Mapping[Key, Value]]) -> None:
        self._load = load
        self._waiting: list[_Question[Key, Value]] = []
        self._mutex = threading.Lock()
        self._asking = False

    def find(self, key: Key) -> Value | None:
        """The key's value, or None. Raises Unavailable for all whom one failure concerns."""
        question: _Question[Key, Value] = _Question(key)
        with self._mutex:
            self._waiting.append(question)
            leads, self._asking = not self._asking, True
        if not leads:
            question.wait()
        if not question.answered:
            self._ask()
        if question.error is not None:
            raise question.error
        return question.answer

    def _ask(self) -> None:
        with self._mutex:
            asked, self._waiting = self._waiting[:LIMIT], self._waiting[LIMIT:]
        failure = Unavailable("gathering: who asked was ended")
        try:
            found = self._load([one.key for one in asked])
            for one in asked:
                one.answer, one.answered = found.get(one.key), True
        except Unavailable as error:
            failure = error
            raise
        finally:
            self._settle(asked, failure)

    def _settle(self, asked: list[_Question[Key, Value]], failure: Unavailable) -> None:
        for one in asked[1:]:  # the first is who asked
            if not one.answered:
                one.answered, one.error = True, failure
            one.call()
        with self._mutex:
            self._asking = bool(self._waiting)
            if self._waiting:
                self._waiting[0].call()
