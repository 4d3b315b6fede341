"""SQLAlchemy's way into the database, for what is not hot: migrations and administration.

Both stores are opened as ``sqlite.py`` and ``postgres.py`` open them: the same file path, the same libpq address, the
same turn lock between processes.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from widget_service.errors import ConfigurationError, Unavailable
from widget_service.storage.limits import ADMINISTERING, as_statement

__all__ = ["Connection", "find_sqlite_path", "reading", "writing"]
SQLITE = "sqlite:///"


def find_sqlite_path(database_url: str) -> Path | None:
    """The database file, or None for PostgreSQL."""
    return Path(database_url.removeprefix(SQLITE)) if database_url.startswith(SQLITE) else None


@contextmanager
def reading(database_url: str) -> Iterator[Connection]:
    """A connection for reads. Raises Unavailable when the database is away."""
    with _translated(), _connected(database_url) as connection:
        yield connection


@contextmanager
def writing(database_url: str) -> Iterator[Connection]:
    """One durable transaction, undone by any exception. Raises Unavailable when the database is away."""
    with _translated(), _turn(database_url), _connected(database_url) as connection:
        if connection.dialect.name == "sqlite":
            # A plain BEGIN would fail at the first write under load, whatever the busy timeout.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            _end(connection, "ROLLBACK")
            raise
        _end(connection, "COMMIT")


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    with _engine(database_url).connect() as connection:
        if connection.dialect.name == "postgresql":
            # Not as options of the connection, and nothing prepared: a pooler in transaction mode keeps neither.
            connection.exec_driver_sql(as_statement(ADMINISTERING))
        yield connection


@lru_cache(maxsize=8)
def _engine(database_url: str) -> Engine:
    """Keeps no connection, but what it has learnt: the server's version, and the statements it has compiled."""
    path = find_sqlite_path(database_url)
    if path is not None:
        return create_engine("sqlite://", creator=lambda: _connect_sqlite(path), poolclass=NullPool)
    try:
        import psycopg  # loaded with PostgreSQL only: it is an extra, and costs the command line 0.1 s
    except ImportError as error:
        raise ConfigurationError("PostgreSQL needs an extra: pip install 'widget-service[postgres]'") from error

    from widget_service.storage.addresses import explain, require_readable

    require_readable(database_url)

    def connect() -> psycopg.Connection:
        try:
            return psycopg.connect(database_url, connect_timeout=5, prepare_threshold=None)
        except psycopg.Error as error:
            raise Unavailable(explain(error)) from None

    return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)


def _connect_sqlite(path: Path) -> sqlite3.Connection:
    # Contact details and sealed secrets are nobody else's to read; SQLite gives its -wal file the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _end(connection: Connection, word: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(word)
    elif word == "COMMIT":
        connection.commit()
    else:
        connection.rollback()


@contextmanager
def _turn(database_url: str) -> Iterator[None]:
    """The file lock by which processes take turns at writing to SQLite; PostgreSQL needs none."""
    path = find_sqlite_path(database_url)
    if path is None:
        yield
        return
    turn = os.open(f"{path}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise Unavailable(_first_line(error.orig)) from error
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(_first_line(error)) from error


def _first_line(error: BaseException | None) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__  # the whole has the file's name
    return next(iter(str(error).splitlines()), type(error).__name__)
