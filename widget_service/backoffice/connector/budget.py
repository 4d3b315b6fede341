"""What one question may spend on reading answers: a document's author and a back office choose both factors of it.

Steps are counted, not seconds, so that a refusal is the same on every machine. Between slices of steps the process is
given to others: under gevent one long evaluation would hold every stream and every start of all workspaces.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from widget_service.errors import BackOfficeUnavailable

#: One step looks at one node or takes one name of a path: a microsecond or two.
MOST_STEPS = 1_000_000
STEPS_AT_ONCE = 2_000
#: Comparing so many characters costs a step.
CHARACTERS_A_STEP = 1_000


@dataclass(slots=True)
class Budget:
    """One question's. ``until``: the question's deadline on the monotonic clock."""

    until: float
    most: int = MOST_STEPS
    pause: Callable[[float], object] = time.sleep
    spent: int = 0
    _paused_at: int = 0

    def spend(self, steps: int) -> None:
        """Raises BackOfficeUnavailable (``too_costly``, ``timeout``) when nothing is left."""
        self.spent += steps
        if self.spent - self._paused_at < STEPS_AT_ONCE:
            return
        if self.spent > self.most:
            raise BackOfficeUnavailable("too_costly")
        if time.monotonic() > self.until:
            raise BackOfficeUnavailable("timeout")
        self._paused_at = self.spent
        self.pause(0)


_CURRENT: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def spending(budget: Budget) -> Iterator[Budget]:
    """What is read inside is paid from this budget; each greenlet and each thread has its own."""
    token = _CURRENT.set(budget)
    try:
        yield budget
    finally:
        _CURRENT.reset(token)


def spend(steps: int) -> None:
    """From the question's budget; outside a question (a document that is tried out) nothing is counted."""
    budget = _CURRENT.get()
    if budget is not None:
        budget.spend(steps)
