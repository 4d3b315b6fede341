"""Write-back: who a thread's player is, written where the vendor's agents read it and no player can write.

A job says only that a thread has changed. What is written is what stands when it is done, so that jobs may be late,
repeated and out of order. Never part of a webhook: the worker does them, and tries again for a day.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from widget_service.audit import AuditEvent, AuditStore
from widget_service.helpdesk_calls import Never, NotYet

#: Seconds before the second, third … attempt; the last pause repeats. Each is varied by a fifth.
PAUSES = (2, 5, 15, 60, 300, 900, 1800, 3600)
GIVE_UP_AFTER = 86_400


@dataclass(frozen=True, slots=True)
class ThreadIdentity:
    """What a vendor is to be told of a thread; without a player it is nobody's, whatever was written before."""

    thread_id: str
    player_id: str | None
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class WriteBack:
    """One job. ``generation`` counts the thread's changes; ``attempts`` those already made since the last of them."""

    connection_id: str
    thread_id: str
    generation: int
    attempts: int
    created_at: int
    workspace_id: str
    status: str
    player_id: str | None
    customer_id: str | None

    @property
    def identity(self) -> ThreadIdentity:
        """As the thread stands now."""
        player_id = self.player_id if self.status == "verified" else None
        return ThreadIdentity(self.thread_id, player_id, self.customer_id)


class WriteBackStore(AuditStore, Protocol):
    """What jobs need kept."""

    def settle_write_back(self, job: WriteBack, *, done_at: int | None, failed_at: int | None, error: str) -> bool: ...

    def postpone_write_back(self, job: WriteBack, next_attempt_at: int, error: str) -> None: ...

    def add_count(self, key: tuple[str, int, str, str, str, str, str, str], count: int) -> None: ...


def conclude_write_back(
    store: WriteBackStore, job: WriteBack, failure: NotYet | Never | None, *, now: int, jitter: float
) -> None:
    """Writes what an attempt came to. ``jitter`` is in 0 … 1."""
    if failure is None:
        store.settle_write_back(job, done_at=now, failed_at=None, error="")
        _count(store, job, now, "written")
        return
    retry_at = _find_retry(job, failure, now, jitter)
    if retry_at is None:
        _give_up(store, job, failure.reason, now)
        return
    store.postpone_write_back(job, retry_at, failure.reason)
    _count(store, job, now, "postponed", failure.reason)


def _find_retry(job: WriteBack, failure: NotYet | Never, now: int, jitter: float) -> int | None:
    deadline = job.created_at + GIVE_UP_AFTER
    if isinstance(failure, Never) or now >= deadline:
        return None
    pause = PAUSES[min(job.attempts, len(PAUSES) - 1)] * (0.8 + 0.4 * jitter)
    return min(now + max(1, round(pause), failure.retry_after), deadline)


def _give_up(store: WriteBackStore, job: WriteBack, reason: str, now: int) -> None:
    if store.settle_write_back(job, done_at=None, failed_at=now, error=reason):
        details: dict[str, Any] = {"thread_id": job.thread_id, "reason": reason, "attempts": job.attempts + 1}
        action = "helpdesk.write_back_failed"
        store.add_audit(AuditEvent(job.workspace_id, now, "worker", action, job.connection_id, details))
    _count(store, job, now, "failed", reason)


def _count(store: WriteBackStore, job: WriteBack, now: int, result: str, reason: str = "-") -> None:
    store.add_count((job.workspace_id, now // 60, "write_back", result, reason, "-", job.connection_id, "-"), 1)
