"""Mappings: which attributes of a player a page sets on a helpdesk's widget beside the reference, and where.

Only what the operator has signed is passed, and nothing that reaches the player in person. With the vendor these values
are the page's, and so the player's to change: they help agents and routing, and prove nothing.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from widget_service.assertions import PlayerAssertion

LONGEST_VALUE = 255
MOST_ATTRIBUTES = 16
CONTACT = frozenset({"email", "phone", "session_id"})
NAMES = frozenset({"player_id", "name", "currency", "language", "country", "vip_level", "segments", "email_verified"})
CUSTOM = "custom."
#: As vendors name a field among a chat's metadata, where the name counts too: Zendesk's is the longest.
FIELD_PREFIX = "zen:ticket_field:"

FieldType = Literal["text", "number", "boolean"]
Transform = Literal["as_is", "lowercase", "uppercase", "joined"]
TRANSFORMS: Mapping[Transform, Callable[[Any], Any]] = {
    "as_is": lambda value: value,
    "lowercase": lambda value: value.lower() if isinstance(value, str) else value,
    "uppercase": lambda value: value.upper() if isinstance(value, str) else value,
    "joined": lambda value: ",".join(map(str, value)) if isinstance(value, list | tuple) else value,
}


def _require_name(name: str) -> str:
    if name in CONTACT:
        raise ValueError("is a contact detail: a page's field is no place for it")
    if name not in NAMES and not (name.startswith(CUSTOM) and len(name) > len(CUSTOM)):
        raise ValueError(f"is no signed attribute: {', '.join(sorted(NAMES))} or {CUSTOM}NAME")
    return name


class MappedAttribute(BaseModel):
    """One attribute and the vendor's field for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)

    name: Annotated[str, StringConstraints(max_length=64), AfterValidator(_require_name)]
    field: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    type: FieldType = "text"
    transform: Transform = "as_is"


class HelpdeskMapping(BaseModel):
    """What a connection passes to the page: the field of the reference, and attributes beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)

    vendor: str
    reference: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    attributes: Annotated[list[MappedAttribute], Field(max_length=MOST_ATTRIBUTES)] = []


def map_attributes(mapping: Sequence[Mapping[str, Any]], player: PlayerAssertion) -> dict[str, Any]:
    """The vendor's fields with what was signed of the player.

    What the player has not, or what does not fit, is left out: nothing of it may keep a chat from opening.
    """
    found = {one["field"]: _convert(_find(player, one["name"]), one["type"], one["transform"]) for one in mapping}
    return {field: value for field, value in found.items() if value is not None}


def fit_beside(carried: Mapping[str, Any], mapped: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """What is carried, and as much of what is mapped, in its order, as the vendor keeps beside it: bytes of JSON."""
    fitting = dict(carried)
    for field, value in mapped.items():
        more = {**fitting, field: value}
        if _size(more) <= limit:
            fitting = more
    return {**fitting, **carried}


def largest_size(mapping: HelpdeskMapping) -> int:
    """Bytes of JSON that the reference and the attributes may take together, each as long as it may be, in ASCII."""
    longest = {"text": "x" * LONGEST_VALUE, "number": -sys.maxsize, "boolean": False}
    return _size({mapping.reference: longest["text"], **{one.field: longest[one.type] for one in mapping.attributes}})


def _size(fields: Mapping[str, Any]) -> int:
    return len(json.dumps({FIELD_PREFIX + name: value for name, value in fields.items()}, ensure_ascii=False).encode())


def write_mapping(mapping: HelpdeskMapping) -> str:
    """As TOML."""
    lines = [f"vendor = {_quoted(mapping.vendor)}", f"reference = {_quoted(mapping.reference)}"]
    for attribute in mapping.attributes:
        members = attribute.model_dump()
        lines += ["", "[[attributes]]", *(f"{name} = {_quoted(value)}" for name, value in members.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML, which JSON's strings are but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _find(player: PlayerAssertion, name: str) -> Any:
    if name.startswith(CUSTOM):
        return player.custom.get(name.removeprefix(CUSTOM))
    return getattr(player, name)


def _convert(value: Any, kind: str, transform: Transform) -> Any:
    value = TRANSFORMS[transform](value)
    if value is None or isinstance(value, list | tuple | dict):
        return None
    if kind == "text":
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return text if 0 < len(text) <= LONGEST_VALUE else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
