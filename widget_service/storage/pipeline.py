"""Statements on one PostgreSQL connection, sent together and answered in order.

psycopg's own pipeline sends every statement by itself, as soon as it is executed: a system call and a turn of gevent's
loop each, which together cost more CPU than the statements. Here nothing leaves before somebody asks for a row, and
then all that has gathered leaves at once. What is spoken is libpq's pipeline mode; the waiting is psycopg's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

TEXT, BINARY = 0, 1
#: Our statements are constants; the few that are put together from parts stay below this by far.
MOST_PREPARED = 256
GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Backend(psycopg.Connection[tuple[Any, ...]]):
    """A connection that remembers what it has prepared.

    ``terms`` is for one that is not ours alone: a statement that every transaction begins with. Then nothing is
    prepared: the next transaction may run on another server connection.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.prepared: dict[str, bytes] = {}
        self.terms: str | None = None


class PostgresAnswer:
    """The rows of a statement that was asked; the first who wants some sends all that was asked so far."""

    __slots__ = ("_pipeline", "_result")

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self._result: PGresult | None = None

    def settle(self, result: PGresult) -> None:
        """Keeps what the server answered."""
        self._result = result

    @property
    def result(self) -> PGresult:
        """libpq's own."""
        if self._result is None:
            self._pipeline.send()
        if self._result is None:  # a failure before it, which was caught, took this answer with it
            raise psycopg.InternalError("the statement was skipped")
        return self._result

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row, or None."""
        rows = self.fetchall()
        return rows[0] if rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._pipeline.load(self.result)


class _Preparation:
    """What the server answers to the making of a prepared statement: it counts only once it was made."""

    __slots__ = ("_name", "_prepared", "_sql")

    def __init__(self, prepared: dict[str, bytes], sql: str, name: bytes) -> None:
        self._prepared, self._sql, self._name = prepared, sql, name

    def settle(self, _result: PGresult) -> None:
        self._prepared[self._sql] = self._name


class Pipeline:
    """The driver-level connection that a Store's verbs run on."""

    dialect = "postgresql"

    def __init__(self, backend: Backend) -> None:
        self._backend, self._pgconn = backend, backend.pgconn
        self._asked: list[PostgresAnswer | _Preparation] = []
        self._preparing: dict[str, bytes] = {}
        self._transformer = Transformer(backend)
        self._is_transaction = False

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> PostgresAnswer:
        """Adds a statement to what is sent next."""
        if self._backend.terms and not self._asked and not self._is_transaction:
            self._ask(self._backend.terms)  # what is sent together is one transaction, also without BEGIN
        return self._ask(sql, parameters)

    def _ask(self, sql: str, parameters: Sequence[Any] = ()) -> PostgresAnswer:
        name = self._backend.prepared.get(sql) or self._preparing.get(sql) or self._prepare(sql)
        values = [_dumped(one) for one in parameters]
        formats = [BINARY if type(one) is bytes else TEXT for one in parameters]
        if name:
            self._pgconn.send_query_prepared(name, values, formats)
        else:
            self._pgconn.send_query_params(_numbered(sql), values, None, formats)
        answer = PostgresAnswer(self)
        self._asked.append(answer)
        return answer

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self.ask(sql, parameters).fetchone()

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.ask(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Adds a statement whose outcome nobody reads; a failure comes out at the latest with the commit."""
        self.ask(sql, parameters)

    def send(self) -> None:
        """Sends what was asked and waits for all of it; the first failure is raised, what came after it was skipped."""
        asked, self._asked = self._asked, []
        self._preparing = {}
        if not asked:
            return
        self._pgconn.pipeline_sync()
        try:
            results = self._backend.wait(self._exchange(len(asked)))
        except BaseException:
            self._pgconn.finish()  # in the middle of an answer: nobody may use it again
            raise
        for one, result in zip(asked, results, strict=True):
            if result.status not in GOOD:
                raise error_from_result(result)
            one.settle(result)

    def load(self, result: PGresult) -> list[tuple[Any, ...]]:
        """The rows as Python's values."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    @contextmanager
    def opened(self) -> Iterator["Pipeline"]:
        """Speaks pipeline mode meanwhile. A connection that cannot be left clean is closed."""
        self._pgconn.enter_pipeline_mode()
        try:
            yield self
            self.send()
        except BaseException:
            self._clean()
            raise
        self._pgconn.exit_pipeline_mode()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN travels with the first statements, COMMIT with the last; opened() undoes what did not get there."""
        self._is_transaction = True
        self.run("BEGIN")
        if self._backend.terms:
            self.run(self._backend.terms)
        yield
        if self.ask("COMMIT").result.command_status != b"COMMIT":  # a failure was caught and forgotten
            raise psycopg.InternalError("the transaction was undone")

    def _prepare(self, sql: str) -> bytes | None:
        if self._backend.terms or len(self._backend.prepared) >= MOST_PREPARED:
            return None
        name = _name(sql)
        self._pgconn.send_prepare(name, _numbered(sql))
        self._preparing[sql] = name
        self._asked.append(_Preparation(self._backend.prepared, sql, name))
        return name

    def _exchange(self, expected: int) -> PQGen[list[PGresult]]:
        results = []
        yield from generators.send(self._pgconn)
        for _ in range(expected):
            results += yield from generators.fetch_many(self._pgconn)
        yield from generators.fetch_many(self._pgconn)  # the end of the batch
        return results

    def _clean(self) -> None:
        # Where a statement of the batch failed, a ROLLBACK in it is skipped too: then it is asked for once more.
        for _ in range(2):
            with suppress(psycopg.Error):
                if self._asked or self._pgconn.transaction_status != TransactionStatus.IDLE:
                    self.run("ROLLBACK")
                    self.send()
        if self._asked or self._pgconn.transaction_status != TransactionStatus.IDLE:
            self._pgconn.finish()
            return
        self._pgconn.exit_pipeline_mode()


@lru_cache(maxsize=1024)
def _name(sql: str) -> bytes:
    # By content: should two processes meet on one server connection after all, the same name is the same statement.
    return b"w_" + sha256(sql.encode()).hexdigest()[:32].encode()


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> bytes:
    # Our statements are constants without a question mark in their texts.
    first, *others = sql.split("?")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))).encode()


def _dumped(value: str | bytes | int | float | list[bytes] | None) -> bytes | None:
    """As libpq takes it: the server knows the type from the place where the parameter stands."""
    if value is None or type(value) is bytes:
        return value
    if type(value) is str:
        if "\0" in value:  # libpq would cut it there
            raise psycopg.DataError("a text with NUL")
        return value.encode()
    if type(value) in (int, float):
        return str(value).encode()
    if type(value) is list:  # of hashes
        return b"{%s}" % b",".join(b'"\\\\x%s"' % one.hex().encode() for one in value)
    raise psycopg.ProgrammingError(f"no parameter: {type(value).__name__}")
