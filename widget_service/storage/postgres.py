"""PostgreSQL through psycopg and its pool; prepared statements, one transaction per unit of work."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from widget_service.errors import Unavailable
from widget_service.storage.store import Store
from widget_service.storage.waiting import is_gevent

Result = TypeVar("Result")
#: Nothing hangs: connect, a statement, a lock and a dead peer all have an end.
OPTIONS = "-c statement_timeout=5000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=10000"
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)


@lru_cache(maxsize=1024)
def _to_format_style(sql: LiteralString) -> LiteralString:
    # Our statements are constants without a question mark or percent sign in their texts.
    return sql.replace("?", "%s")


class PostgresConnection:
    """The driver-level connection that a Store's verbs run on."""

    dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        """Sends a statement; several may be under way before the first is fetched."""
        return self._connection.execute(_to_format_style(sql), parameters)

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self._connection.execute(_to_format_style(sql), parameters).fetchone()

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._connection.execute(_to_format_style(sql), parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Sends a statement whose outcome nobody reads; a failure comes out at the latest with the commit."""
        self._connection.execute(_to_format_style(sql), parameters)


class PostgresStorage:
    """A pool of connections to one database; a second, small one whose commits are not flushed."""

    def __init__(self, url: str, *, size: int = 8) -> None:
        self._durable = _new_pool(url, OPTIONS, size)
        self._volatile = _new_pool(url, OPTIONS + " -c synchronous_commit=off", size)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """A Store in autocommit: each read its own snapshot."""
        with _connection(self._durable) as connection:
            yield Store(PostgresConnection(connection))

    def write(self, work: Callable[[Store], Result], *, durable: bool = True) -> Result:
        """See Storage.write."""
        # In pipeline mode a statement whose rows nobody asks for costs no round trip of its own.
        with (
            _connection(self._durable if durable else self._volatile) as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            return work(Store(PostgresConnection(connection)))

    def claim(self, statement: Callable[[Store], Result]) -> Result:
        """See Storage.claim."""
        with _connection(self._volatile) as connection:
            return statement(Store(PostgresConnection(connection)))

    def close(self) -> None:
        """See Storage.close."""
        self._durable.close(timeout=1)
        self._volatile.close(timeout=1)


def _new_pool(url: str, options: str, size: int) -> ConnectionPool[psycopg.Connection[tuple[Any, ...]]]:
    return ConnectionPool(
        url,
        connection_class=_connection_class(),
        min_size=1,
        max_size=size,
        timeout=3.0,
        max_waiting=2000,
        reconnect_timeout=0,
        open=True,
        kwargs={"autocommit": True, "options": options, "connect_timeout": 2, "tcp_user_timeout": 5000},
    )


def _connection_class() -> type[psycopg.Connection[tuple[Any, ...]]]:
    if not is_gevent():
        return psycopg.Connection
    from widget_service.storage.greenlets import GreenletConnection

    return GreenletConnection


@contextmanager
def _connection(
    pool: ConnectionPool[psycopg.Connection[tuple[Any, ...]]],
) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    try:
        with pool.connection() as connection:
            yield connection
    except AWAY as error:
        # The others of the pool have probably died with it: look at them before the next request meets one.
        pool.check()
        raise Unavailable(f"postgresql: {type(error).__name__}") from error
