"""What a driver's connection must answer for the verbs. Placeholders are ``?``."""

from collections.abc import Sequence
from typing import Any, Protocol


class Answer(Protocol):
    """The rows of a statement that was sent; asking for them may wait."""

    def fetchone(self) -> tuple[Any, ...] | None: ...

    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Connection(Protocol):
    """SqliteConnection and PostgresConnection."""

    dialect: str

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> Answer: ...

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None: ...

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None: ...


class Verbs:
    """Base of the verb families."""

    __slots__ = ()
    connection: Connection
