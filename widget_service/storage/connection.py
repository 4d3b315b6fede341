"""What a driver's connection must answer for the verbs. Placeholders are ``?``."""

from collections.abc import Sequence
from typing import Any, Protocol


class Connection(Protocol):
    """SqliteConnection and PostgresConnection."""

    dialect: str

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None: ...

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None: ...


class Verbs:
    """Base of the verb families."""

    __slots__ = ()
    connection: Connection
