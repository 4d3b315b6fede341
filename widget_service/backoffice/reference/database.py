"""The SQLite file: real transactions, one writer at a time; a file that is new is seeded."""

import os
import queue
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from widget_service.backoffice.reference.schema import APPLICATION_ID, TABLES, VERSION
from widget_service.errors import ConfigurationError, Unavailable

#: Seconds a transaction waits for its turn; then the answer is UNAVAILABLE.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Books:
    """One transaction."""

    connection: sqlite3.Connection

    def find(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """The first row."""
        row: sqlite3.Row | None = self.connection.execute(statement, values).fetchone()
        return row

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Every row."""
        return self.connection.execute(statement, values).fetchall()

    def number(self, statement: str, *values: Any) -> int:
        """The one number that is asked for; what is null is 0."""
        return int(self.connection.execute(statement, values).fetchone()[0] or 0)

    def change(self, statement: str, *values: Any) -> int:
        """How many rows were changed."""
        return self.connection.execute(statement, values).rowcount

    def add(self, table: str, members: Mapping[str, Any]) -> None:
        """A row; the names are our own."""
        names = ", ".join(members)
        marks = ", ".join("?" * len(members))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(members.values()))  # noqa: S608

    def next(self, sequence: str) -> int:
        """The next number of a sequence."""
        row = self.find("UPDATE sequences SET last = last + 1 WHERE name = ? RETURNING last", sequence)
        assert row is not None  # noqa: S101 - every sequence is seeded
        return int(row[0])


class Database:
    """Connections to one file. ``seed`` fills an empty one."""

    def __init__(self, path: str, seed: Callable[[Books], None]) -> None:
        self._path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        with self.writing() as books:
            if _is_empty(books):
                _make_tables(books)
                seed(books)
            _require_ours(books)
        _close_to_others(path)

    @contextmanager
    def reading(self) -> Iterator[Books]:
        """One unchanging view. Raises Unavailable."""
        with self._transaction("BEGIN") as books:
            yield books

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Alone, and durable when it is over: the lock is taken first, so that what was read still holds."""
        with self._transaction("BEGIN IMMEDIATE") as books:
            yield books

    def close(self) -> None:
        """Closes what is idle."""
        while not self._idle.empty():
            self._idle.get().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Books]:
        connection = self._take()
        try:
            connection.execute(begin)
            yield Books(connection)
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Unavailable("store_away") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.put(connection)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            pass
        try:
            # Players' names and notes are nobody else's to read; SQLite gives its -wal and -shm the same mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            made = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            made.row_factory = sqlite3.Row
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
        except (sqlite3.DatabaseError, OSError) as error:  # not one at all, too
            raise Unavailable("store_away") from error
        return made


def _close_to_others(path: str) -> None:
    """Takes from a file of before, once it is known to be ours, what others may do with it."""
    for file in (path, f"{path}-wal", f"{path}-shm"):
        with suppress(FileNotFoundError, PermissionError):  # another user's, whose group may share it on purpose
            os.chmod(file, 0o600)


def _is_empty(books: Books) -> bool:
    return books.number("SELECT count(*) FROM sqlite_schema") == 0


def _require_ours(books: Books) -> None:
    # Never dropped and made anew: the path may name somebody else's file.
    if books.number("PRAGMA application_id") != APPLICATION_ID:
        raise ConfigurationError("WIDGET_BACK_OFFICE_DATABASE_URL: this file is not a reference back office's")
    if books.number("PRAGMA user_version") != VERSION:
        raise ConfigurationError("WIDGET_BACK_OFFICE_DATABASE_URL: this file is of another version; remove it")


def _make_tables(books: Books) -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            books.change(statement)
    books.change(f"PRAGMA application_id = {APPLICATION_ID}")
    books.change(f"PRAGMA user_version = {VERSION}")
