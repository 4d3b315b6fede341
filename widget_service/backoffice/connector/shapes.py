"""What a canonical member takes, read off the canonical models: a map can name nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from widget_service.backoffice.canonical import Capability

Kind = Literal["text", "money", "integer", "boolean", "time", "enum", "object", "list", "strings"]
_SIMPLE: Mapping[type, Kind] = MappingProxyType(
    {bool: "boolean", int: "integer", Decimal: "money", datetime: "time", date: "time", str: "text"}
)
#: Set by the connector itself, never by a map.
OURS = frozenset({"player_id", "success", "total", "raw_status", "extra", "range"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One member: an object has members, a list its items, an enum its choices."""

    kind: Kind
    members: Mapping[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None
    choices: frozenset[str] = frozenset()
    nullable: bool = False
    #: Members of an object without which the canonical model takes none.
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """A capability's answer; ``plural`` is the list's name if it is one."""

    shape: Shape
    plural: str | None


def answer_shape(model: type[BaseModel]) -> AnswerShape:
    """Of an answer model."""
    shape = _of_model(model)
    lists = [name for name, member in shape.members.items() if member.kind == "list" and name not in OURS]
    paged = {"player_id", "total"} <= set(shape.members)
    return AnswerShape(shape, lists[0] if paged and len(lists) == 1 else None)


def shape_of(annotation: Any) -> Shape:
    """Of a member's annotation. Raises TypeError for one that no map can fill."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return shape_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return _of_union(get_args(annotation))
    if origin is Literal:
        return Shape("enum", choices=frozenset(map(str, get_args(annotation))))
    if origin in (list, tuple):
        item = shape_of(get_args(annotation)[0])
        return Shape("list", item=item) if item.kind == "object" else Shape("strings", choices=item.choices)
    if isinstance(annotation, type):
        return _of_class(annotation)
    raise TypeError(f"{annotation} cannot be mapped")


def _of_class(annotation: type) -> Shape:
    if issubclass(annotation, BaseModel):
        return _of_model(annotation)
    if issubclass(annotation, Enum):
        return Shape("enum", choices=frozenset(str(choice.value) for choice in annotation))
    for kind, name in _SIMPLE.items():
        if issubclass(annotation, kind):
            return Shape(name)
    raise TypeError(f"{annotation} cannot be mapped")


def _of_union(alternatives: tuple[Any, ...]) -> Shape:
    (shape, *others) = [shape_of(one) for one in alternatives if one is not NoneType]
    if others:
        kinds = {shape.kind, *(other.kind for other in others)}
        shape = Shape("money") if kinds <= {"money", "integer"} else shape
    nullable = NoneType in alternatives
    return replace(shape, nullable=nullable)


def _of_model(model: type[BaseModel]) -> Shape:
    members: dict[str, Shape] = {}
    for name, described in model.model_fields.items():
        if name != "extra":
            members[described.alias or name] = shape_of(described.annotation)
    required = frozenset(
        described.alias or name for name, described in model.model_fields.items() if described.is_required()
    )
    return Shape("object", members, required=required - OURS)


def arguments_of(capability: Capability) -> dict[str, Shape]:
    """What can be asked, by name: the query's or the body's members, and the path's withdrawal."""
    arguments = {"withdrawal_id": Shape("text")} if "{withdrawal_id}" in capability.path else {}
    for model in (capability.query, capability.body):
        if model is not None:
            arguments |= _of_model(model).members
    return arguments
