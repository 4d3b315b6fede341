"""A document's maps: checked against the canonical shapes when they are read, followed when an answer is there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from widget_service.backoffice.canonical.currencies import as_code
from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.fields import SOURCES, Each, Field, When
from widget_service.backoffice.connector.members import Unmapped, read_member
from widget_service.backoffice.connector.paths import Ambiguous
from widget_service.backoffice.connector.places import DocumentError, Mistakes, from_validation
from widget_service.backoffice.connector.scope import Scope
from widget_service.backoffice.connector.shapes import OURS, Shape
from widget_service.backoffice.connector.transforms import UNKNOWN, evaluate, raw_text
from widget_service.errors import BackOfficeUnavailable

_FIELD = frozenset(SOURCES) - {"labels"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One member."""

    field: Field
    shape: Shape


@dataclass(frozen=True, slots=True)
class ObjectMap:
    """An object, null unless ``when`` holds; without ``when``, if it is nullable and nothing came of any member."""

    members: Mapping[str, "Node"]
    when: When | None = None
    nullable: bool = False
    #: What says which currency it is comes first: the amounts beside it need it.
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListMap:
    """A list: of each thing at a path, or of elements named one by one."""

    each: Each | None
    item: ObjectMap | None
    elements: tuple[ObjectMap, ...] = ()


Node = Leaf | ObjectMap | ListMap


def compile_map(raw: Mapping[str, object], shape: Shape, place: str) -> ObjectMap:
    """Raises DocumentError with the member's place."""
    members: dict[str, Node] = {}
    when: When | None = None
    mistakes = Mistakes()
    for name, value in raw.items():
        with mistakes.noted():
            if name == "when" and "when" not in shape.members:
                when = _condition(value, place)
                continue
            member = shape.members.get(name)
            if member is None or name in OURS:
                raise DocumentError(place, name, _unknown(name, shape))
            members[name] = _compile(value, member, place, name)
    for name in sorted(shape.required - set(raw)):
        with mistakes.noted():
            raise DocumentError(place, name, "is missing: without it no answer can be given")
    mistakes.require_none()
    return ObjectMap(members, when, shape.nullable, tuple(sorted(members, key=lambda name: name != "currency")))


def _unknown(name: str, shape: Shape) -> str:
    if name in OURS:
        return "is set by the connector itself"
    return f"is no canonical member here; there are {', '.join(sorted(set(shape.members) - OURS))}"


def _compile(value: object, shape: Shape, place: str, name: str) -> Node:
    if shape.kind == "object":
        if not isinstance(value, Mapping) or (_FIELD & set(value)) - set(shape.members):
            raise DocumentError(place, name, "is an object: a table with its members")
        return compile_map(value, shape, f"{place}.{name}")
    if shape.kind == "list" and shape.item is not None:
        return _compile_list(value, shape.item, place, name)
    return Leaf(_read_field(value, place, name), shape)


def _compile_list(value: object, item: Shape, place: str, name: str) -> ListMap:
    if isinstance(value, list) and all(isinstance(element, Mapping) for element in value):
        elements = [compile_map(element, item, f"{place}.{name}.{index}") for index, element in enumerate(value)]
        return ListMap(None, None, tuple(elements))
    if not isinstance(value, Mapping) or "each" not in value:
        raise DocumentError(place, name, "is a list: a table with 'each' and 'map', or a list of tables")
    try:
        each = Each.model_validate(value)
    except ValidationError as error:
        raise from_validation(error, f"{place}.{name}") from error
    return ListMap(each, compile_map(each.map, item, f"{place}.{name}.map"))


def _read_field(value: object, place: str, name: str) -> Field:
    if isinstance(value, (str, list)):
        value = {"path": value}
    if not isinstance(value, Mapping):
        raise DocumentError(place, name, "must be a path or a table")
    try:
        return Field.model_validate(value)
    except ValidationError as error:
        raise from_validation(error, place, name) from error


def _condition(value: object, place: str) -> When:
    try:
        return When.model_validate({"path": value} if isinstance(value, (str, list)) else value)
    except ValidationError as error:
        raise from_validation(error, place, "when") from error


def read_object(node: ObjectMap, scope: Scope, place: str = "") -> dict[str, object] | None:
    """The object's members by their canonical names. Raises BackOfficeUnavailable for what cannot be read."""
    if not _holds(node.when, scope, place):
        return None
    members: dict[str, object] = {}
    for name in node.order:
        child = node.members[name]
        members[name] = _read(child, scope, f"{place}.{name}" if place else name)
        if name == "currency" and isinstance(members[name], str):
            members[name] = _currency(str(members[name]), f"{place}.{name}" if place else name)
            scope = scope.with_currency(str(members[name]))
        if name == "status" and members[name] == UNKNOWN and isinstance(child, Leaf):
            raw = raw_text(child.field, scope)
            members |= {"raw_status": raw} if raw is not None else {}
    if node.nullable and node.when is None and all(value in (None, [], UNKNOWN) for value in members.values()):
        return None
    return members


def _read(node: Node, scope: Scope, place: str) -> object:
    if isinstance(node, ObjectMap):
        found = read_object(node, scope, place)
        return {} if found is None and not node.nullable else found
    if isinstance(node, ListMap):
        return _read_list(node, scope, place)
    try:
        return read_member(evaluate(node.field, scope), node.shape, scope)
    except Unmapped:
        raise
    except Unreadable as error:
        raise unreadable(error, place) from error


def _read_list(node: ListMap, scope: Scope, place: str) -> list[dict[str, object]]:
    if node.each is None or node.item is None:
        named = [_read_element(element, scope, place) for element in node.elements]
        return [element for element in named if element is not None]
    try:
        there, listed = scope.find_there(node.each.each)
    except Unreadable as error:
        raise unreadable(error, place) from error
    if not there or listed is None:
        return []
    if isinstance(listed, dict) and node.each.object_or_list:
        listed = [listed]
    if not isinstance(listed, list):
        raise BackOfficeUnavailable(f"unreadable:{place}")
    places = [scope.at(item) for item in listed]
    if node.each.item_id_path and scope.owner is not None:
        for one in places:
            scope.owner.require(one.find_ids(node.each.item_id_path), place)
    elements = [_read_element(node.item, one, place) for one in places]
    return [element for element in elements if element is not None]


def unreadable(error: Unreadable, place: str) -> BackOfficeUnavailable:
    """What is told of a value that cannot be read, or that is not one."""
    kind = "ambiguous" if isinstance(error, Ambiguous) else "unreadable"
    return BackOfficeUnavailable(f"{kind}:{place}")


def _currency(code: str, place: str) -> str:
    try:
        return as_code(code)
    except ValueError as error:
        raise BackOfficeUnavailable(f"unreadable:{place}") from error


def _holds(when: When | None, scope: Scope, place: str) -> bool:
    try:
        return scope.holds(when)
    except Unreadable as error:
        raise unreadable(error, f"{place}.when" if place else "when") from error


def _read_element(node: ObjectMap, scope: Scope, place: str) -> dict[str, object] | None:
    """None for one that has no canonical word for what it is: a limit of a kind that is not listed."""
    try:
        return read_object(node, scope, place)
    except Unmapped:
        return None
