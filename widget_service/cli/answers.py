"""What a command answers, for people and for programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """``members`` are the JSON object, ``lines`` the text; with a ``failure`` the command ends with 2 after both."""

    members: Mapping[str, Any]
    lines: Sequence[str]
    failure: str | None = None


def in_lines(**members: Any) -> Answer:
    """An answer whose text has a line for each member that says something."""
    width = max(map(len, members))
    shown = {name: value for name, value in members.items() if value is not None}
    return Answer(members, [f"{name:{width}}  {_as_text(value)}" for name, value in shown.items()])


def in_rows(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], **more: Any) -> Answer:
    """An answer whose text is a table of some members of each row."""
    return Answer({name: rows, **more}, as_table([columns, *([row[column] for column in columns] for row in rows)]))


def as_table(rows: Sequence[Iterable[Any]]) -> list[str]:
    """Lines with columns as wide as their widest text."""
    texts = [[_as_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]


def _as_text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(_as_text, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_as_text(item)}" for name, item in value.items())
    return str(value)
