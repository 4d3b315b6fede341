"""SQLite: readers without locks, and one writer per process with group commit.

Durable commits cost an fsync each. The writer therefore takes everything that waits, runs each piece in a savepoint
of its own, commits once, and only then lets the callers go on. Processes take turns by a file lock, which wakes the
next one at once; SQLite's own busy handler would sleep. The writer is a native thread even under gevent, so that an
fsync never stops the event streams.
"""

import fcntl
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from widget_service.errors import Unavailable
from widget_service.storage.store import Store
from widget_service.storage.waiting import Completion, new_completion, new_native_lock, start_native_thread

Result = TypeVar("Result")
GROUP_LIMIT = 64
PRAGMAS = ("journal_mode=WAL", "busy_timeout=5000", "cache_size=-32000", "mmap_size=268435456", "temp_store=MEMORY")


class SqliteConnection:
    """The driver-level connection that a Store's verbs run on."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self.execute = self._connection.execute

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Runs a statement whose outcome nobody reads."""
        self._connection.execute(sql, parameters)

    def close(self) -> None:
        """Closes the driver's connection."""
        self._connection.close()


class SqliteStorage:
    """One database file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._readers: deque[SqliteConnection] = deque()
        self._writer = GroupCommitWriter(path)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """A Store on a reader of its own; under gevent a read never yields, so one reader serves them all."""
        try:
            connection = self._readers.pop() if self._readers else SqliteConnection(self._path)
        except sqlite3.Error as error:
            raise Unavailable(f"sqlite: {error}") from error
        try:
            yield Store(connection)
        except sqlite3.Error as error:
            raise Unavailable(f"sqlite: {error}") from error
        finally:
            self._readers.append(connection)

    def write(self, work: Callable[[Store], Result], *, durable: bool = True) -> Result:
        """See Storage.write."""
        return self._writer.write(work, durable=durable)

    def claim(self, statement: Callable[[Store], Result]) -> Result:
        """See Storage.claim."""
        return self._writer.write(statement, durable=False)

    def close(self) -> None:
        """See Storage.close."""
        self._writer.close()
        while self._readers:
            self._readers.pop().close()


class _Item:
    __slots__ = ("completion", "durable", "error", "result", "work")

    def __init__(self, work: Callable[[Store], Any], durable: bool, completion: Completion) -> None:
        self.work, self.durable, self.completion = work, durable, completion
        self.result: Any = None
        self.error: BaseException | None = None


class GroupCommitWriter:
    """The only writer of this process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._queue: deque[_Item] = deque()
        self._wake = new_native_lock()
        self._wake.acquire()
        self._running = False
        self._closed = False
        self._guard = new_native_lock()

    def write(self, work: Callable[[Store], Result], *, durable: bool) -> Result:
        """Queues the work and waits until it is committed."""
        if not self._running:
            self._start()
        item = _Item(work, durable, new_completion())
        self._queue.append(item)
        self._signal()
        item.completion.wait()
        if item.error is not None:
            raise item.error
        result: Result = item.result
        return result

    def close(self) -> None:
        """Lets the thread end after what is queued."""
        self._closed = True
        self._signal()

    def _signal(self) -> None:
        with self._guard:
            if self._wake.locked():
                self._wake.release()

    def _start(self) -> None:
        with self._guard:
            if not self._running:
                self._running = True
                start_native_thread(self._run)

    def _run(self) -> None:
        connection: SqliteConnection | None = None
        with Path(self._path + "-turn").open("a") as turn:
            while not (self._closed and not self._queue):
                self._wake.acquire()
                while self._queue:
                    group = [self._queue.popleft() for _ in range(min(len(self._queue), GROUP_LIMIT))]
                    try:
                        connection = connection or SqliteConnection(self._path)
                        fcntl.flock(turn, fcntl.LOCK_EX)
                        _commit_group(connection, group)
                    except (sqlite3.Error, OSError) as error:
                        connection = _give_up(connection, group, error)
                    finally:
                        fcntl.flock(turn, fcntl.LOCK_UN)
                    for item in group:
                        item.completion.done()
        if connection is not None:
            connection.close()


def _commit_group(connection: SqliteConnection, group: list[_Item]) -> None:
    # FULL flushes the log before the commit returns; NORMAL leaves that to the next durable group. Both survive
    # the end of the process, FULL a loss of power too.
    level = "FULL" if any(item.durable for item in group) else "NORMAL"
    connection.execute(f"PRAGMA synchronous={level}")
    connection.execute("BEGIN IMMEDIATE")
    store = Store(connection)
    for item in group:
        connection.execute("SAVEPOINT item")
        try:
            item.result = item.work(store)
        except sqlite3.Error:
            raise
        except BaseException as error:
            item.error = error
            connection.execute("ROLLBACK TO item")
        connection.execute("RELEASE item")
    connection.execute("COMMIT")


def _give_up(connection: SqliteConnection | None, group: list[_Item], error: Exception) -> SqliteConnection | None:
    """Nothing of the group was written: every caller hears so, and the next group gets a new connection."""
    for item in group:
        item.error = Unavailable(f"sqlite: {error}")
    if connection is not None:
        connection.close()
    return None
