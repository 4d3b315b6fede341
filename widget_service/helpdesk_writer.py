"""The worker's hand for write-backs: one connection at a time, in a lane of its own, at its vendor's pace."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import structlog

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError, Unavailable
from widget_service.helpdesk_access import VendorAccess
from widget_service.helpdesk_calls import Never, NotYet
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_write_backs import PAUSES, WriteBack, conclude_write_back
from widget_service.helpdesks import find_helpdesk
from widget_service.ids import new_id
from widget_service.settings import Settings
from widget_service.storage import Storage
from widget_service.storage.directory import open_connection
from widget_service.storage.helpdesk_write_backs import WRITE_BACK_LANE

#: Seconds: an errand has three calls at most after a login, each with its own limit.
LEASE = 90
#: Jobs that are done before other connections get their turn.
LONGEST_RUN = 20
LONGEST_PAUSE = 300  # seconds that a connection rests because its vendor is away

#: What comes of an answer that is not what an adapter took it for.
MISREAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

log = structlog.get_logger()


class HelpdeskWriter:
    """Looks for jobs, and does them: of ``threads`` connections at once, so that vendors that hang hold no more."""

    def __init__(self, storage: Storage, settings: Settings, clock: Callable[[], float], threads: int) -> None:
        self._storage, self._clock = storage, clock
        self._cipher = Cipher(settings.secret_key, settings.secret_key_previous)
        self._access = VendorAccess(storage, settings, self._cipher)
        self._room = threading.BoundedSemaphore(threads)
        self._most = threads
        self._failures: Counter[str] = Counter()
        self.stopping = threading.Event()

    def find_due(self) -> list[str]:
        """Connections with something to do. Raises Unavailable."""
        with self._storage.reading() as store:
            return store.find_due_write_back_connections(int(self._clock()), 2 * self._most)

    def write_back(self, connection_id: str) -> None:
        """Does what is due of the connection, until it is to rest. Without room, a later look finds it again."""
        if not self._room.acquire(blocking=False):
            return
        try:
            self._work(connection_id)
        except Unavailable as error:
            log.warning("write_back.interrupted", connection_id=connection_id, reason=error.reason)
        finally:
            self._room.release()

    def close(self) -> None:
        """Closes every connection."""
        self._access.close()

    def _work(self, connection_id: str) -> None:
        holder, pause = new_id("hold"), 0
        if not self._hold(connection_id, holder, LEASE):
            return
        with self._storage.reading() as store:
            jobs = store.find_due_write_backs(connection_id, int(self._clock()), LONGEST_RUN)
        for job in jobs:
            pause = self._do(job)
            if pause or self.stopping.is_set() or not self._hold(connection_id, holder, LEASE):
                break
        if pause:  # nobody calls the vendor before
            self._hold(connection_id, holder, pause)
            return
        self._storage.claim(lambda store: store.release_lane(connection_id, WRITE_BACK_LANE, holder))

    def _hold(self, connection_id: str, holder: str, seconds: int) -> bool:
        now = int(self._clock())
        until = now + seconds
        return self._storage.claim(lambda store: store.claim_lane(connection_id, WRITE_BACK_LANE, holder, now, until))

    def _do(self, job: WriteBack) -> int:
        """Seconds that the connection is to rest: none, as long as its vendor answers."""
        failure = self._attempt(job)
        now = int(self._clock())
        conclude = partial(conclude_write_back, job=job, failure=failure, now=now, jitter=random.random())  # noqa: S311
        self._storage.write(lambda store: conclude(store))
        reason = None if failure is None else failure.reason
        log.info("write_back.attempted", connection_id=job.connection_id, thread_id=job.thread_id, reason=reason)
        if not isinstance(failure, NotYet) or not failure.pauses:
            self._failures.pop(job.connection_id, None)
            return 0
        pause = PAUSES[min(self._failures[job.connection_id], len(PAUSES) - 1)]
        self._failures[job.connection_id] += 1
        return max(failure.retry_after, min(pause, LONGEST_PAUSE))

    def _attempt(self, job: WriteBack) -> NotYet | Never | None:
        try:
            with self._storage.reading() as store:
                row = store.find_helpdesk_connection_row(job.connection_id)
            if row is None:
                return Never("disconnected")
            self._write(open_connection(self._cipher, row), job)
        except (NotYet, Never) as failure:
            return failure
        except ConfigurationError:
            return NotYet("sealed_with_another_key", pauses=True)
        except MISREAD as failure:  # by an adapter, perhaps of a package: the next connection must have its turn
            log.warning("write_back.broke", connection_id=job.connection_id, error=type(failure).__name__)
            return NotYet(f"adapter:{type(failure).__name__}", pauses=True)
        return None

    def _write(self, connection: HelpdeskConnection, job: WriteBack) -> None:
        helpdesk = find_helpdesk(connection.vendor)
        if helpdesk is None or not helpdesk.writes_back(connection):
            raise Never("no_write_back")
        begin = partial(helpdesk.write_back, connection, job.identity)
        self._access.run(helpdesk, connection, begin, int(self._clock()))
