"""PostgreSQL through psycopg; prepared statements where the connection is ours, one transaction per unit of work."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from widget_service.sessions import Session
from widget_service.storage.backends import Backends
from widget_service.storage.gathering import Gathering
from widget_service.storage.limits import SERVING, SERVING_VOLATILE, as_options, as_statement
from widget_service.storage.pipeline import Backend, Pipeline
from widget_service.storage.store import Store
from widget_service.storage.waiting import is_gevent

Result = TypeVar("Result")


class PostgresStorage:
    """Connections to one database; others beside them whose commits are not flushed.

    ``pooled``: a pooler in transaction mode is in between, and nothing is said to a connection that is to last.
    """

    def __init__(self, url: str, *, size: int = 8, pooled: bool = False) -> None:
        self._durable = _new_backends(url, SERVING, size, pooled=pooled)
        self._volatile = _new_backends(url, SERVING_VOLATILE, size, pooled=pooled)
        self._sessions = Gathering(self._load_sessions)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """A Store in autocommit: each read its own snapshot."""
        with _pipeline(self._durable) as pipeline:
            yield Store(pipeline)

    def find_session(self, token_hash: bytes) -> Session | None:
        """See Storage.find_session."""
        return self._sessions.find(token_hash)

    def write(self, work: Callable[[Store], Result], *, durable: bool = True) -> Result:
        """See Storage.write."""
        with _pipeline(self._durable if durable else self._volatile) as pipeline, pipeline.transaction():
            return work(Store(pipeline))

    def claim(self, statement: Callable[[Store], Result]) -> Result:
        """See Storage.claim."""
        with _pipeline(self._volatile) as pipeline:
            return statement(Store(pipeline))

    def close(self) -> None:
        """See Storage.close."""
        self._durable.close()
        self._volatile.close()

    def _load_sessions(self, token_hashes: Sequence[bytes]) -> dict[bytes, Session]:
        with self.reading() as store:
            return store.find_sessions(token_hashes)


@contextmanager
def _pipeline(backends: Backends) -> Iterator[Pipeline]:
    with backends.lent() as backend, Pipeline(backend).opened() as pipeline:
        yield pipeline


def _new_backends(url: str, limits: Mapping[str, str], size: int, *, pooled: bool) -> Backends:
    kind = _kind_of_backend()
    options = None if pooled else as_options(limits)

    def connect() -> Backend:
        backend = kind.connect(url, autocommit=True, options=options, connect_timeout=2, tcp_user_timeout=5000)
        backend.terms = as_statement(limits) if pooled else None
        return backend

    return Backends(connect, size)


def _kind_of_backend() -> type[Backend]:
    if not is_gevent():
        return Backend
    from widget_service.storage.greenlets import GreenletBackend

    return GreenletBackend
