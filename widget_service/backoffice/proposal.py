"""A suggestion as the piece of TOML that a person puts into a document, or begins one with."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.guesses import LOW, MEDIUM
from widget_service.backoffice.sample_requests import PAGING, SampleRequest
from widget_service.backoffice.samples import Steps, as_path
from widget_service.backoffice.suggestion import Suggestion

_BARE = re.compile(r"[A-Za-z0-9_-]+")
CURRENCY = "currency"
BEGINNING = """format = 1
name = "My back office"

[settings]                                  # given with --setting NAME=VALUE
currency = { kind = "currency", description = "for amounts without one" }

[money]
currency = { setting = "currency" }

[authentication]                            # see docs/connector.md: bearer, header, basic, oauth2, hmac …
kind = "bearer"
"""


@dataclass(frozen=True, slots=True)
class _Call:
    """The call that a capability is answered by, in pieces of TOML."""

    path: str
    query: Mapping[str, object]
    body: object
    root: Steps


def write_piece(
    suggestion: Suggestion, request: SampleRequest | str | None = None, declared: frozenset[str] = frozenset({CURRENCY})
) -> str:
    """The capability's tables. With the request that gave the sample, its path, query and body become templates.

    ``declared`` are the settings that the document has already; others that the piece needs are declared by it.
    """
    if isinstance(request, str):
        request = SampleRequest(request)
    name, call = suggestion.capability, _call(suggestion, request)
    table = f"capabilities.{_key(name)}"
    lines = [f"[{table}]"]
    if suggestion.plural:
        lines += _list_lines(suggestion, call, request)
    lines += ["", *_remarks(suggestion, request), f"[[{table}.calls]]", *_call_lines(suggestion, call)]
    lines += _table(f"{table}.map", suggestion.map)
    needed = dict(request.settings) if request is not None else {}
    if suggestion.record.pick is not None and not suggestion.plural:
        needed[CURRENCY] = "the player's currency"
    for setting in sorted(needed.keys() - declared):
        lines += ["", f"[settings.{setting}]", f"description = {_text(needed[setting])}"]
        lines += ['kind = "currency"'] if setting == CURRENCY else []
    return "\n".join(lines) + "\n"


def _call(suggestion: Suggestion, request: SampleRequest | None) -> _Call:
    record, whose = suggestion.record, suggestion.player_id
    root = () if suggestion.plural else record.steps
    if record.pick is not None and not suggestion.plural:
        root = ()
    root = whose.root if whose is not None and whose.root is not None else root
    if request is None:
        return _Call(CAPABILITIES[suggestion.capability].path.removeprefix("/v1"), {}, None, root)
    request.player_ids |= suggestion.sample_ids
    asked = frozenset(CAPABILITIES[suggestion.capability].query.model_fields)
    request.arguments = asked | PAGING if suggestion.plural else asked
    call = _Call(request.path(), request.query(), request.body_template(), root)
    if "{player_id" not in json.dumps([call.path, dict(call.query), call.body]):
        request.remarks.append("THE REQUEST NAMES NO PLAYER: everybody would get this answer. Where does it say whose?")
    return call


def _call_lines(suggestion: Suggestion, call: _Call) -> list[str]:
    record, whose = suggestion.record, suggestion.player_id
    lines = [] if call.body is None else ['method = "POST"', "read = true                                 # is it?"]
    lines.append(f"path = {_text(call.path)}")
    if call.root:
        lines.append(f"root = {_text(as_path(call.root))}")
    if record.pick is not None and not suggestion.plural:
        place, currency = record.pick
        wallets, by = as_path(place[len(call.root) :]), as_path((currency,))
        lines.append(f'pick = {{ list = {_text(wallets)}, by = {_text(by)}, equals = {{ setting = "currency" }} }}')
    if whose is None:
        lines.append("without_id = true                         # can it be another player's? then say where its id is")
    elif whose.root is not None or suggestion.plural is None:
        lines.append(f"id_path = {_text(whose.path)}{_comment(whose.remark)}")
    lines += [f"query = {_value(call.query)}"] if call.query else []
    return [*lines, f"body = {_value(call.body)}"] if call.body is not None else lines


def _remarks(suggestion: Suggestion, request: SampleRequest | None) -> list[str]:
    """What has to be asked before it is connected."""
    unsure = [row for row in suggestion.rows if row.remark and row.confidence in (LOW, MEDIUM)]
    remarks = [f"{row.canonical}: {row.remark}" for row in unsure]
    remarks += [f"{one.canonical}: {one.remark}" for one in suggestion.lists]
    remarks += request.remarks if request is not None else []
    return [f"# {_on_one_line(remark)}" for remark in remarks]


def _comment(text: str) -> str:
    return f"    # {_on_one_line(text)}" if text else ""


def _on_one_line(text: str) -> str:
    """A name or a word of the sample that held the end of a line would go on as TOML behind the comment."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _list_lines(suggestion: Suggestion, call: _Call, request: SampleRequest | None) -> list[str]:
    record, whose = suggestion.record, suggestion.player_id
    lines = [f"list = {_text(as_path(record.steps[len(call.root) :]))}"]
    lines += ["object_or_list = true"] if record.is_alone else []
    if whose is not None and whose.root is None:
        lines.append(f"item_id_path = {_text(whose.path)}{_comment(whose.remark)}")
    filters = sorted(request.filters) if request is not None else []
    lines += [f"filters = {_value(filters)}"] if filters else []
    said = json.dumps([dict(call.query), call.body])
    kind = "offset" if "{offset" in said else "page" if "{page" in said else "none"
    total = as_path(record.total[len(call.root) :]) if record.total and kind != "none" else ""
    return [*lines, f'paging = {{ kind = "{kind}"{f", total_path = {_text(total)}" if total else ""} }}']


def _table(name: str, members: Mapping[str, object]) -> list[str]:
    plain_members = {key: value for key, value in members.items() if not _is_table(value)}
    lines = ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in plain_members.items())]
    for key, value in members.items():
        if isinstance(value, Mapping) and _is_table(value):
            lines += _table(f"{name}.{_key(key)}", value)
    return lines


def _is_table(value: object) -> bool:
    """Whether it is an object of members, and no field with options."""
    return isinstance(value, Mapping) and not {"path", "of", "constant", "each"} & set(value)


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
