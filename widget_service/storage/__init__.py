"""The seam between the rooms and a database: one Storage per process, one Store per unit of work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:  # the verbs bring every room along, and not every command needs them
    from widget_service.sessions import Session
    from widget_service.storage.store import Store

Result = TypeVar("Result")


class Storage(Protocol):
    """SQLite and PostgreSQL answer this alike; ``tests/storage/conformance.py`` holds them to it.

    Every method raises ``Unavailable`` when the database is away.
    """

    def reading(self) -> "AbstractContextManager[Store]":
        """A Store for reads; each statement sees what was committed before it."""

    def find_session(self, token_hash: bytes) -> "Session | None":
        """As the Store's, for the busiest question: those who ask at once may share one statement."""

    def write(self, work: "Callable[[Store], Result]", *, durable: bool = True) -> Result:
        """Runs ``work`` in one transaction and returns its value once that is committed.

        Durable: flushed to the disk first. An exception from ``work`` undoes all of it and comes out here.
        ``work`` must be short and must not wait for anything but the database.
        """

    def claim(self, statement: "Callable[[Store], Result]") -> Result:
        """Runs one statement on its own, atomic but not flushed before the answer."""

    def close(self) -> None:
        """Ends connections and threads."""
