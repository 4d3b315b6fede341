"""Texts with declared names in braces: ``/clients/{player_id}/payments``. Nothing in them is executed.

``{name}`` or ``{name:format}``; ``{{`` and ``}}`` are braces. A text that is one placeholder with the format
``integer``, ``number`` or ``boolean`` becomes that kind of JSON value. What needs a name without a value is left out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?)(?::([^{}]+))?\}|([{}])")
#: Finds a value by name and format; None where there is none.
Find = Callable[[str, str | None], object]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A declared name, and how its value is written."""

    name: str
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text."""

    text: str
    pieces: tuple[str | Placeholder, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names it needs."""
        return frozenset(piece.name for piece in self.pieces if isinstance(piece, Placeholder))

    def fill(self, find: Find) -> object:
        """The text, or the value of its only placeholder; None if a name has no value."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Placeholder):
            return find(self.pieces[0].name, self.pieces[0].format)
        return self.fill_text(find)

    def fill_text(self, find: Find, encode: Callable[[str], str] = str) -> str | None:
        """The text, with ``encode`` applied to what is put in; None if a name has no value."""
        parts: list[str] = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            value = find(piece.name, piece.format)
            if value is None:
                return None
            parts.append(encode(as_text(value)))
        return "".join(parts)


def parse_template(text: str) -> Template:
    """Raises ValueError for a brace that stands alone."""
    pieces: list[str | Placeholder] = []
    end = 0
    for match in _PIECE.finditer(text):
        if match[3]:
            raise ValueError(f"{text!r}: a brace that stands alone is written twice, and names are lower-case")
        literal = text[end : match.start()] + (match[0][0] if match[1] is None else "")
        pieces += [literal] if literal else []
        pieces += [Placeholder(match[1], match[2])] if match[1] else []
        end = match.end()
    pieces += [text[end:]] if text[end:] else []
    return Template(text, tuple(pieces))


def as_segment(text: str) -> str:
    """A value inside one path segment: whatever it holds, it never leaves it.

    Dots are encoded too where they would be the whole segment's meaning; ``calls.py`` refuses what decodes to one.
    """
    return quote(text, safe="")


def as_text(value: object) -> str:
    """A value as it stands in a path, a query or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def templates_in(value: object) -> Iterator[Template]:
    """Every template inside nested tables and arrays."""
    if isinstance(value, Template):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from templates_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from templates_in(item)


def parse_all(value: object) -> object:
    """Tables and arrays with every text in them parsed."""
    if isinstance(value, str):
        return parse_template(value)
    if isinstance(value, Mapping):
        return {str(name): parse_all(item) for name, item in value.items()}
    if isinstance(value, list):
        return [parse_all(item) for item in value]
    return value


#: A member that is left out, as opposed to one that is null.
LEFT_OUT = object()


def fill_all(value: object, find: Find) -> object:
    """The same with every text filled in; members and items without a value are left out."""
    if isinstance(value, Template):
        filled = value.fill(find)
        return LEFT_OUT if filled is None else filled
    if isinstance(value, Mapping):
        members = ((name, fill_all(item, find)) for name, item in value.items())
        return {name: item for name, item in members if item is not LEFT_OUT}
    if isinstance(value, list):
        return [item for item in (fill_all(item, find) for item in value) if item is not LEFT_OUT]
    return value
