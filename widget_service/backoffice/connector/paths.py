"""Where something stands in an upstream's answer: JSONPath (RFC 9535), with the name of the call it is read from.

``$.Data.Id`` reads the answer at hand, ``kpi$.Data.LastDepositAmount`` that of the call named ``kpi``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.selectors import IndexSelector, NameSelector

from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.budget import spend
from widget_service.backoffice.connector.selection import Step, compile_query, select

LONGEST_PATH = 300
_TEXT = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""")
_CALL_AND_QUERY = re.compile(r"([a-z][a-z0-9_]*)?(\$.*)", re.DOTALL)


class _Environment(JSONPathEnvironment):
    """The standard's language without regular expressions: a document's author could make one that takes for ever."""

    def __init__(self) -> None:
        super().__init__(strict=True)
        self.function_extensions = {name: self.function_extensions[name] for name in ("length", "count", "value")}


_ENVIRONMENT = _Environment()


class Ambiguous(Unreadable):
    """A path that gives several values where one is meant: which of them is not for us to choose."""


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; ``call`` is None for the answer at hand."""

    text: str
    call: str | None = field(compare=False)
    #: Names and indices, if there is nothing else in it: a plain walk is twenty times cheaper.
    _steps: tuple[str | int, ...] | None = field(repr=False, compare=False)
    _selectors: tuple[Step, ...] = field(repr=False, compare=False)
    last_name: str = field(compare=False)

    def find_all(self, document: object) -> list[object]:
        """Everything it selects; nothing is an empty list. Raises BackOfficeUnavailable for a spent budget."""
        if self._steps is None:
            return select(self._selectors, document, document) if isinstance(document, (dict, list)) else []
        spend(len(self._steps) or 1)
        found = _walk(document, self._steps)
        return [] if found is _NOTHING else [found]

    def find(self, document: object) -> object:
        """The one thing it selects, or None. Raises Ambiguous if there are several."""
        found = self.find_all(document)
        if len(found) > 1:
            raise Ambiguous("several values")
        return found[0] if found else None

    def exists(self, document: object) -> bool:
        """Whether it selects anything, null included."""
        return bool(self.find_all(document))


def parse_path(text: str) -> Path:
    """Raises ValueError with a sentence for the document's author."""
    match = _CALL_AND_QUERY.fullmatch(text)
    if match is None or len(text) > LONGEST_PATH:
        raise ValueError(f"{text!r} is no path: it begins with $, or with a call's name and $")
    try:
        query = _ENVIRONMENT.compile(match[2])
    except JSONPathError as error:
        raise ValueError(f"{text!r} is no JSONPath of RFC 9535: {str(error).splitlines()[0]}") from error
    if not isinstance(query, JSONPath):
        raise ValueError(f"{text!r} is no JSONPath of RFC 9535")
    if "," in _TEXT.sub("", match[2]):
        # Two selectors in each of ten brackets select the same thing a thousand times.
        raise ValueError(f"{text!r} selects several things in one bracket: write a list of paths")
    try:
        selectors = compile_query(query)
    except ValueError as error:
        raise ValueError(f"{text!r} {error}") from error
    return Path(text, match[1], _plain_steps(query), selectors, _last_name(query))


def _last_name(query: JSONPath) -> str:
    """The last member name in it, for judging what is asked for."""
    names = re.findall(r"'((?:[^'\\]|\\.)*)'", str(query))
    return names[-1] if names else ""


def _plain_steps(query: JSONPath) -> tuple[str | int, ...] | None:
    steps: list[str | int] = []
    for segment in query.segments:
        match tuple(segment.selectors):
            case (NameSelector(name=name),):
                steps.append(name)
            case (IndexSelector(index=index),):
                steps.append(index)
            case _:
                return None
    return tuple(steps)


_NOTHING = object()


def _walk(document: object, steps: tuple[str | int, ...]) -> object:
    for step in steps:
        if isinstance(step, str):
            if not isinstance(document, Mapping) or step not in document:
                return _NOTHING
            document = document[step]
        else:
            if not isinstance(document, Sequence) or isinstance(document, str):
                return _NOTHING
            if not -len(document) <= step < len(document):
                return _NOTHING
            document = document[step]
    return document
