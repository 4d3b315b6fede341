"""SQLite: readers without locks, and one writer per process with group commit.

Durable commits cost an fsync each. One caller therefore leads: it takes everything that waits, runs each piece in a
savepoint of its own, commits once, and only then lets the callers go on. Processes take turns by a file lock, which
wakes the next one at once; SQLite's own busy handler would sleep. Under gevent the flush and the wait for the turn
are on a native thread, so that they never stop the event streams.
"""

import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from functools import partial
from typing import Any, TypeVar

from widget_service.errors import Unavailable
from widget_service.sessions import Session
from widget_service.storage.store import Store
from widget_service.storage.waiting import offload

Result = TypeVar("Result")
GROUP_LIMIT = 64
#: What one statement can do wrong, without anything being wrong with the database.
NOT_THE_DATABASES = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
PRAGMAS = ("journal_mode=WAL", "busy_timeout=5000", "cache_size=-32000", "mmap_size=268435456", "temp_store=MEMORY")


class SqliteConnection:
    """The driver-level connection that a Store's verbs run on."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self.execute = self._connection.execute

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs a statement whose rows are fetched later."""
        return self._connection.execute(sql, parameters)

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
            connection.close()
            raise Unavailable(f"sqlite: {error}") from error
        except BaseException:
            self._readers.append(connection)
            raise
        self._readers.append(connection)

    def find_session(self, token_hash: bytes) -> Session | None:
        """See Storage.find_session."""
        with self.reading() as store:
            return store.find_session(token_hash)

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
    """One unit of work that waits for its group, or for its turn to lead one."""

    __slots__ = ("_called", "done", "durable", "error", "result", "work")

    def __init__(self, work: Callable[[Store], Any], durable: bool) -> None:
        self.work, self.durable = work, durable
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self._called = threading.Lock()
        self._called.acquire()

    def wait(self) -> None:
        self._called.acquire()

    def call(self) -> None:
        self._called.release()


class GroupCommitWriter:
    """The only writer of this process. Whoever comes first leads: runs all that waits, commits once, names the next.

    The statements run where the leader runs, without a change of thread; the flush alone is offloaded.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: deque[_Item] = deque()
        self._mutex = threading.Lock()
        self._led = False
        self._connection: SqliteConnection | None = None
        self._level = ""
        self._turn: int | None = None

    def write(self, work: Callable[[Store], Result], *, durable: bool) -> Result:
        """Returns the work's value once its group is committed."""
        item = _Item(work, durable)
        with self._mutex:
            self._waiting.append(item)
            leads, self._led = not self._led, True
        if not leads:
            item.wait()
        if not item.done:
            self._lead()
        if item.error is not None:
            raise item.error
        result: Result = item.result
        return result

    def close(self) -> None:
        """Closes the connection; what waits would open another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None

    def _lead(self) -> None:
        group: list[_Item] = []
        failure: BaseException = Unavailable("sqlite: the writer was ended")
        try:
            connection = self._connection or self._connect()
            self._take_turn()
            group = self._gather()  # only now: whoever has come while others had their turn is in it too
            self._commit(connection, group)
        except (sqlite3.Error, OSError) as error:
            failure = Unavailable(f"sqlite: {error}")
        finally:
            self._settle(group or self._gather(), failure)

    def _gather(self) -> list[_Item]:
        with self._mutex:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]

    def _settle(self, group: list[_Item], failure: BaseException) -> None:
        followers = group[1:]
        for item in group:
            if not item.done:  # nothing of the group was written
                item.done, item.result, item.error = True, None, failure
                self._forget_connection()
        for item in followers:
            item.call()
        with self._mutex:
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].call()

    def _commit(self, connection: SqliteConnection, group: list[_Item]) -> None:
        try:
            durable = any(item.durable for item in group)
            self._set_level(connection, "FULL" if durable else "NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            store = Store(connection)
            for item in group:
                _run(connection, store, item)
            commit = partial(connection.execute, "COMMIT")
            _ = offload(commit) if durable else commit()
        finally:
            fcntl.flock(self._open_turn(), fcntl.LOCK_UN)
        for item in group:
            item.done = True

    def _connect(self) -> SqliteConnection:
        self._connection = SqliteConnection(self._path)
        self._level = ""
        return self._connection

    def _forget_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _set_level(self, connection: SqliteConnection, level: str) -> None:
        # FULL flushes the log before the commit returns; NORMAL leaves that to the next durable group. Both survive
        # the end of the process, FULL a loss of power too.
        if level != self._level:
            connection.execute(f"PRAGMA synchronous={level}")
            self._level = level

    def _take_turn(self) -> None:
        turn = self._open_turn()
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            offload(partial(fcntl.flock, turn, fcntl.LOCK_EX))

    def _open_turn(self) -> int:
        if self._turn is None:
            self._turn = os.open(self._path + "-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._turn


def _run(connection: SqliteConnection, store: Store, item: _Item) -> None:
    connection.execute("SAVEPOINT item")
    try:
        # In a context of its own: the leader may be answering another request, whose context is none of the item's.
        item.result = Context().run(item.work, store)
    except NOT_THE_DATABASES as error:  # this statement's own: the transaction goes on
        item.error = error
        connection.execute("ROLLBACK TO item")
    except sqlite3.Error:
        raise
    except BaseException as error:  # handed to the caller that waits for it
        item.error = error
        connection.execute("ROLLBACK TO item")
    connection.execute("RELEASE item")
