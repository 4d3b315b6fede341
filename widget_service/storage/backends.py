"""The connections to one PostgreSQL database that a process keeps: the one used last is taken first.

psycopg's pool costs a hot path as much CPU as a statement. Here a connection is made when one is wanted, and all that
idle are dropped as soon as one is found dead.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus

from widget_service.errors import Unavailable
from widget_service.storage.pipeline import Backend

PATIENCE = 3.0  # seconds until somebody has to be done with a connection
KEPT = 60.0  # seconds that one may idle: servers and firewalls end those that idle for long, and do not tell
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)
#: The connection answers, but is no good: a server that takes no writes, or a pooler that has changed servers below.
UNFIT = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InvalidSqlStatementName,
    psycopg.errors.DuplicatePreparedStatement,
)


class Backends:
    """At most ``size`` connections, each lent to one at a time."""

    def __init__(self, connect: Callable[[], Backend], size: int) -> None:
        self._connect = connect
        self._places = threading.Semaphore(size)
        self._idle: list[tuple[float, Backend]] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[Backend]:
        """A connection outside any transaction. Unavailable when there is none, or when it breaks meanwhile."""
        if not self._places.acquire(timeout=PATIENCE):
            raise Unavailable("postgresql: every connection is busy")
        try:
            backend = self._take()
            try:
                yield backend
            except UNFIT:
                backend.close()  # with all that idle: the next ones may reach another server, or this one mended
                raise
            finally:
                self._take_back(backend)
        except (*AWAY, *UNFIT) as error:
            raise Unavailable(f"postgresql: {type(error).__name__}") from error
        finally:
            self._places.release()

    def close(self) -> None:
        """Closes what idles; what is lent is closed when it comes back."""
        self._closed = True
        self._drop()

    def _take(self) -> Backend:
        try:
            since, backend = self._idle.pop()
        except IndexError:
            return self._connect()
        if time.monotonic() - since < KEPT:
            return backend
        backend.close()
        self._drop()  # all others have idled for longer
        return self._connect()

    def _take_back(self, backend: Backend) -> None:
        status = backend.pgconn.transaction_status
        if status == TransactionStatus.IDLE and not self._closed:
            self._idle.append((time.monotonic(), backend))
            return
        backend.close()
        if status == TransactionStatus.UNKNOWN:  # broken: the others have probably died with it
            self._drop()

    def _drop(self) -> None:
        idle, self._idle = self._idle, []
        for _, backend in idle:
            backend.close()
