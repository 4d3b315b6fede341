"""Read answers, kept for some seconds for the session that asked, in this process: bounded, and never for a write."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from widget_service.backoffice import Caller, Question
from widget_service.backoffice_connections import BackOfficeConnection
from widget_service.ids import digest

MOST_KEPT = 512
LONGEST_KEPT = 65_536


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two questions the same one."""

    session: bytes = field(repr=False)
    connection_id: str
    capability: str
    arguments: tuple[tuple[str, object], ...]
    contact: bool

    @classmethod
    def of(cls, connection: BackOfficeConnection, question: Question, caller: Caller, *, contact: bool) -> "Key":
        """Of a question in somebody's name."""
        arguments = tuple(sorted(question.arguments.items()))
        return cls(digest(caller.session_id), connection.id, question.capability, arguments, contact)


class KeptAnswers:
    """The newest answers with their ends (``time.monotonic()``)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[bytes, float]] = OrderedDict()
        self._writes = 0

    @property
    def writes(self) -> int:
        """How many there were: what was read before the newest of them may be so no longer."""
        return self._writes

    def find(self, key: Key, now: float) -> bytes | None:
        """The answer, unless it is too old."""
        kept = self._kept.get(key)
        return kept[0] if kept is not None and now < kept[1] else None

    def keep(self, key: Key, answer: bytes, until: float, *, writes: int) -> None:
        """Until then, or until others push it out; not if somebody wrote since there were that many ``writes``."""
        if len(answer) > LONGEST_KEPT:
            return
        with self._lock:
            if self._writes != writes:
                return
            self._kept[key] = (answer, until)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def forget(self, caller: Caller) -> None:
        """A session has written: what it read is no longer so."""
        session = digest(caller.session_id)
        with self._lock:
            self._writes += 1
            for key in [key for key in self._kept if key.session == session]:
                del self._kept[key]
