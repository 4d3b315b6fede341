"""A suggestion as the piece of TOML that a person puts into a document, or begins one with."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.samples import as_path
from widget_service.backoffice.suggestion import Suggestion

#: Parameters whose values are nobody's business: the document has [authentication] and [session] for them.
_SECRET = re.compile(r"token|key|secret|sid$|session|auth|pass|sign", re.IGNORECASE)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: What platforms call the parameters of paging, and what stands for them; which of them decide the kind.
_PARAMETERS: Mapping[str, str] = {
    "limit": "{limit}",
    "maxrows": "{limit}",
    "offset": "{offset}",
    "skeeprows": "{offset}",
    "page": "{page}",
    "pageindex": "{page}",
    "pagesize": "{page_size}",
    "perpage": "{page_size}",
    "cursor": "{cursor}",
}
BEGINNING = """format = 1
name = "My back office"

[authentication]                            # see docs/connector.md: bearer, header, basic, oauth2, hmac …
kind = "bearer"
"""


def write_piece(suggestion: Suggestion, url: str | None = None) -> str:
    """The capability's tables. With the URL that gave the sample, its path and query too."""
    name = suggestion.capability
    table = f"capabilities.{_key(name)}"
    lines = [f"[{table}]"]
    query = _query(url, suggestion)
    if suggestion.plural:
        lines += _list_lines(suggestion, query)
    lines += ["", f"[[{table}.calls]]", f"path = {_text(_path(url, suggestion))}"]
    if suggestion.plural is None and suggestion.record.steps:
        lines.append(f"root = {_text(as_path(suggestion.record.steps))}")
    if suggestion.id_path is None:
        lines.append("without_id = true                         # can it be another player's? then say where its id is")
    elif suggestion.plural is None:
        lines.append(f"id_path = {_text(suggestion.id_path)}")
    if query:
        lines.append(f"query = {_value(query)}")
    lines += _table(f"{table}.map", suggestion.map)
    return "\n".join(lines) + "\n"


def _list_lines(suggestion: Suggestion, query: Mapping[str, str]) -> list[str]:
    record = suggestion.record
    lines = [f"list = {_text(as_path(record.steps))}"]
    lines += ["object_or_list = true"] if record.is_alone else []
    lines += [f"item_id_path = {_text(suggestion.id_path)}"] if suggestion.id_path else []
    said = set(query.values())
    kind = "offset" if "{offset}" in said else "page" if "{page}" in said else "none"
    total = f", total_path = {_text(as_path(record.total))}" if record.total and kind != "none" else ""
    return [*lines, f'paging = {{ kind = "{kind}"{total} }}']


def _path(url: str | None, suggestion: Suggestion) -> str:
    if url is None:
        default = CAPABILITIES[suggestion.capability].path
        return default.removeprefix("/v1")
    path = _escaped(urlsplit(url).path or "/")
    for player in _player_ids(suggestion):
        path = re.sub(rf"(?<=/){re.escape(quote(player, safe=''))}(?=/|$)", "{player_id}", path)
    return path


def _query(url: str | None, suggestion: Suggestion) -> dict[str, str]:
    given = parse_qsl(urlsplit(url).query, keep_blank_values=True) if url else []
    ids = _player_ids(suggestion)
    query: dict[str, str] = {}
    for name, value in given:
        paged = _PARAMETERS.get(name.lower().replace("_", ""))
        if paged or not _SECRET.search(name):
            query[name] = paged or ("{player_id}" if value in ids else _escaped(value))
    return query


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _player_ids(suggestion: Suggestion) -> set[str]:
    if suggestion.id_path is None:
        return set()
    name = suggestion.id_path.split(".")[-1]
    return {str(item[name]) for item in suggestion.record.items if name in item}


def _table(name: str, members: Mapping[str, object]) -> list[str]:
    plain_members = {key: value for key, value in members.items() if not _is_table(value)}
    lines = ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in plain_members.items())]
    for key, value in members.items():
        if isinstance(value, Mapping) and _is_table(value):
            lines += _table(f"{name}.{_key(key)}", value)
    return lines


def _is_table(value: object) -> bool:
    """Whether it is an object of members, and no field with options."""
    return isinstance(value, Mapping) and not {"path", "of", "constant"} & set(value)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for U+007F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
