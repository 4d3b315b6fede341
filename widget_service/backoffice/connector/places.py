"""Where in a document a mistake stands: ``[capabilities.withdrawals.map] amount: …``."""

import json
import re

from pydantic import ValidationError

from widget_service.errors import ConfigurationError

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
    """A mistake in a document, with its table and its member."""

    def __init__(self, place: str, name: str, message: str) -> None:
        super().__init__(f"[{place}] {name}: {message}" if place else f"{name}: {message}")
        self.place = place
        self.name = name


def from_validation(error: ValidationError, place: str = "", name: str = "") -> DocumentError:
    """The first of pydantic's findings, in the document's words."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
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
