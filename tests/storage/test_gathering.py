"""Who asks while another is being answered waits, and is answered together with all who wait."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.support.servers import wait_until
from widget_service.errors import Unavailable
from widget_service.storage.gathering import LIMIT, Gathering


class Archive:
    """Answers with the key itself; the first question is held until ``go_on``."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.questions: list[list[str]] = []
        self.asked, self.go_on = threading.Event(), threading.Event()
        self._failure = failure

    def load(self, keys: Sequence[str]) -> dict[str, str]:
        self.questions.append(list(keys))
        if len(self.questions) == 1:
            self.asked.set()
            self.go_on.wait(20)
            if self._failure is not None:
                raise self._failure
        return {key: f"{key}!" for key in keys if key != "unknown"}


def ask_beside(archive: Archive, keys: list[str]) -> tuple[Future, list[Future]]:
    """Asks for "first", for the other keys while that is held, and lets it go on; all are done."""
    gathering = Gathering(archive.load)
    with ThreadPoolExecutor(len(keys) + 1) as pool:
        first = pool.submit(gathering.find, "first")
        assert archive.asked.wait(20)
        others = [pool.submit(gathering.find, key) for key in keys]
        wait_until(lambda: len(gathering._waiting) == len(keys), "everybody waits", seconds=20)
        archive.go_on.set()
    return first, others


def test_who_asks_alone_is_answered_alone() -> None:
    archive = Archive()
    archive.go_on.set()
    gathering = Gathering(archive.load)
    assert [gathering.find(key) for key in ("a", "unknown", "a")] == ["a!", None, "a!"]
    assert archive.questions == [["a"], ["unknown"], ["a"]]


def test_those_who_ask_meanwhile_share_one_question_that_is_asked_after_theirs() -> None:
    archive = Archive()
    first, others = ask_beside(archive, ["a", "b", "unknown", "a"])
    assert first.result() == "first!"
    assert [one.result() for one in others] == ["a!", "b!", None, "a!"]
    assert archive.questions[0] == ["first"]
    assert sorted(archive.questions[1]) == ["a", "a", "b", "unknown"]


def test_more_than_fit_into_one_question_are_answered_all_the_same() -> None:
    archive = Archive()
    keys = [f"key-{number}" for number in range(LIMIT + 5)]
    _, others = ask_beside(archive, keys)
    assert [one.result() for one in others] == [f"{key}!" for key in keys]
    assert [len(question) for question in archive.questions] == [1, LIMIT, 5]


def test_a_failure_reaches_only_those_whom_it_concerns() -> None:
    first, others = ask_beside(Archive(Unavailable("away")), ["a", "b"])
    with pytest.raises(Unavailable):
        first.result()
    assert [one.result() for one in others] == ["a!", "b!"]


def test_nobody_hangs_when_who_asked_for_all_is_ended() -> None:
    class Ended(BaseException):
        pass

    archive = Archive(Ended())
    first, others = ask_beside(archive, ["a"])
    with pytest.raises(Ended):
        first.result()
    assert others[0].result() == "a!"


def test_a_shared_question_that_fails_is_told_to_all_who_shared_it() -> None:
    class Failing(Archive):
        def load(self, keys: Sequence[str]) -> dict[str, str]:
            found = super().load(keys)
            if len(keys) > 1:
                raise Unavailable("away")
            return found

    _, others = ask_beside(Failing(), ["a", "b", "c"])
    assert [type(one.exception()) for one in others] == [Unavailable] * 3
