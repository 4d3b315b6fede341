"""Where in a document a mistake stands: ``[capabilities.withdrawals.map] amount: …``."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic import ValidationError

from widget_service.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Names of the alternatives of an authentication, which pydantic puts among the keys.
_ALTERNATIVES = frozenset({"none", "bearer", "header", "key_pair", "query", "basic", "oauth2", "hmac"})


_IN_OUR_WORDS = {
    "Extra inputs are not permitted": "is not known here",
    "Field required": "is missing",
    "Unable to extract tag using discriminator": "needs a 'kind'",
    "Input should be a valid dictionary": "must be a table",
    "Input should be a valid tuple": "must be a list",
    "Input should be a valid boolean": "must be true or false",
    "Input should be a valid string": "must be a text",
}


class DocumentError(ConfigurationError):
    """A mistake in a document, with its table and its member; ``each`` are all, where several are told at once."""

    def __init__(self, place: str, name: str, message: str) -> None:
        super().__init__(f"[{place}] {name}: {message}" if place else f"{name}: {message}")
        self.place = place
        self.name = name
        self.each: tuple[DocumentError, ...] = (self,)

    @classmethod
    def all_of(cls, found: Sequence["DocumentError"]) -> "DocumentError":
        """One error that tells them all in one line, none twice."""
        by_text = {str(one): one for several in found for one in several.each}
        first, *others = by_text.values()
        if not others:
            return first
        told = cls(first.place, first.name, "")
        told.args = ("; ".join(by_text),)
        told.each = tuple(by_text.values())
        return told


class Mistakes:
    """Collects what is wrong, so that one ``connect`` tells all of it."""

    def __init__(self) -> None:
        self._found: list[DocumentError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """A mistake inside is noted, and what follows is still looked at."""
        try:
            yield
        except DocumentError as error:
            self._found.append(error)

    def require_none(self) -> None:
        """Raises DocumentError with all that was noted."""
        if self._found:
            raise DocumentError.all_of(self._found)


def from_validation(error: ValidationError, place: str = "", name: str = "") -> DocumentError:
    """Pydantic's findings in the document's words."""
    findings = error.errors(include_url=False, include_context=False, include_input=False)
    return DocumentError.all_of([_from_finding(found, place, name) for found in findings])


def _from_finding(found: "ErrorDetails", place: str, name: str) -> DocumentError:
    keys = [key for key in found["loc"] if isinstance(key, (str, int)) and not _is_pydantics(key)]
    if place.startswith("authentication") or (keys and keys[0] == "authentication"):
        keys = [key for at, key in enumerate(keys) if at != 1 or key not in _ALTERNATIVES]
    table = [*([place] if place else []), *([name] if name and keys else []), *map(_quoted, keys[:-1])]
    return DocumentError(".".join(table), _quoted(keys[-1] if keys else name or "document"), _message(found["msg"]))


def join(*keys: str | int) -> str:
    """A table's name as it is written in a document."""
    return ".".join(map(_quoted, keys))


def _is_pydantics(key: str | int) -> bool:
    return isinstance(key, str) and (key.startswith("function-") or key in ("Subunits", "dict[str,int]", "[key]"))


def _quoted(key: str | int) -> str:
    return str(key) if _BARE.fullmatch(str(key)) else json.dumps(str(key), ensure_ascii=False)


def _message(text: str) -> str:
    plain = text.removeprefix("Value error, ")
    for theirs, ours in _IN_OUR_WORDS.items():
        if plain.startswith(theirs):
            return ours
    return plain
