"""From a document's text to plans. Whatever is wrong is found here, with its place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.connector import checks
from widget_service.backoffice.connector.document import Capability, Document
from widget_service.backoffice.connector.mapping import ObjectMap, compile_map
from widget_service.backoffice.connector.naming import SESSIONS, check_naming, check_target, templates_of
from widget_service.backoffice.connector.places import DocumentError, Mistakes, from_validation, join
from widget_service.backoffice.connector.plans import NAMED_BY, Plan
from widget_service.backoffice.connector.shapes import AnswerShape, answer_shape, arguments_of
from widget_service.errors import ConfigurationError

LARGEST_DOCUMENT = 256 * 1024
#: Which capabilities can be answered by another one.
SAME_AS: Mapping[str, str] = {
    "withdrawals.pending": "withdrawals",
    "responsible_gaming.closed": "responsible_gaming",
    "balances": "player",
    "deposits.summary": "deposits",
}


@dataclass(frozen=True, slots=True)
class Plans:
    """All supported capabilities, and why the others are not."""

    plans: Mapping[str, Plan]
    same_as: Mapping[str, str]
    unknown: Mapping[str, str]


def read_document(text: str) -> Document:
    """Raises DocumentError, or ConfigurationError for what is no TOML."""
    if len(text) > LARGEST_DOCUMENT:
        raise ConfigurationError("the document is larger than 256 KiB")
    try:
        return Document.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the document is no TOML: {error}") from error
    except RecursionError as error:
        raise ConfigurationError("the document is nested too deep") from error
    except ValidationError as error:
        raise from_validation(error) from error


def compile_document(document: Document) -> Plans:
    """Raises DocumentError."""
    mistakes = Mistakes()
    known = checks.declared_names(document)
    with mistakes.noted():
        checks.check_credentials(document)
    with mistakes.noted():
        known = checks.check_preliminary(document)
    plans = _compile_all(document, known, mistakes)
    mistakes.require_none()
    return plans


def _compile_all(document: Document, known: frozenset[str], mistakes: Mistakes) -> Plans:
    plans: dict[str, Plan] = {}
    same_as: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for name, capability in document.capabilities.items():
        with mistakes.noted():
            if name not in CAPABILITIES:
                raise DocumentError("capabilities", name, f"is none; there are {', '.join(CAPABILITIES)}")
            if capability.status == "unknown":
                unknown[name] = capability.note
            elif capability.same_as is not None:
                same_as[name] = _require_same_as(name, capability, document)
            else:
                plans[name] = _compile(name, capability, document, known)
    return Plans(plans, same_as, unknown)


def _compile(name: str, capability: Capability, document: Document, known: frozenset[str]) -> Plan:
    place = join("capabilities", name)
    shape = answer_shape(CAPABILITIES[name].answer)
    arguments = arguments_of(CAPABILITIES[name])
    is_write = CAPABILITIES[name].writes
    _require_complete(capability, shape, place, is_write=is_write)
    mistakes = Mistakes()
    with mistakes.noted():
        checks.check_arguments(name, capability, arguments)
    with mistakes.noted():
        checks.check_calls(name, capability, frozenset(arguments), known)
    with mistakes.noted():
        if is_write:
            _require_own_things(name, capability, document, place)
    with mistakes.noted():
        plan = Plan(name, capability, shape.plural, _compile_map(name, capability, shape), is_write)
        _check_plan(plan, document, frozenset(arguments), mistakes)
    mistakes.require_none()
    return plan


def _check_plan(plan: Plan, document: Document, arguments: frozenset[str], mistakes: Mistakes) -> None:
    with mistakes.noted():
        checks.check_fields(plan, document, arguments)
    with mistakes.noted():
        check_naming(plan, document)
    with mistakes.noted():
        check_target(plan)


def _compile_map(name: str, capability: Capability, shape: AnswerShape) -> ObjectMap:
    members = shape.shape
    if shape.plural is not None:
        item = members.members[shape.plural].item
        assert item is not None  # noqa: S101 - a list of objects has one
        members = item
    # What a write answers, and whose profile it is, is told by the connector itself.
    told = CAPABILITIES[name].writes or name == "player"
    if told:
        members = replace(members, required=frozenset())
    return compile_map(capability.map, members, f"{join('capabilities', name)}.map")


def _require_complete(capability: Capability, shape: AnswerShape, place: str, *, is_write: bool) -> None:
    if not capability.calls:
        raise DocumentError(place, "calls", 'is missing: at least one call, or status = "unknown"')
    if not capability.map and not is_write:
        raise DocumentError(place, "map", "is missing")
    if bool(capability.list) != (shape.plural is not None):
        problem = "is missing: where the list stands" if shape.plural else "means nothing: the answer is no list"
        raise DocumentError(place, "list", problem)
    if shape.plural is None and (capability.paging.kind != "none" or capability.item_id_path or capability.only):
        raise DocumentError(place, "paging", "pages, item_id_path and only belong to lists")


def _require_same_as(name: str, capability: Capability, document: Document) -> str:
    place, other = join("capabilities", name), str(capability.same_as)
    if SAME_AS.get(name) != other:
        fit = SAME_AS.get(name)
        raise DocumentError(place, "same_as", f"can only be {fit!r}" if fit else "means nothing for this capability")
    target = document.capabilities.get(other)
    if target is None or target.status != "supported" or target.same_as is not None:
        raise DocumentError(place, "same_as", f"{other!r} has no calls of its own here")
    if capability.calls or capability.map:
        raise DocumentError(place, "same_as", "goes without calls and map")
    if name == "deposits.summary" and target.window is not None:
        raise DocumentError(place, "same_as", f"{other!r} is read in a window, and a summary is of a lifetime")
    return other


def _require_own_things(name: str, capability: Capability, document: Document, place: str) -> None:
    if name not in NAMED_BY:
        if capability.must_be_listed is not None:
            raise DocumentError(place, "must_be_listed", f"means nothing for {name}")
        return
    _, among = NAMED_BY[name]
    if capability.must_be_listed is None:
        if not _goes_with_session(document, capability):
            raise DocumentError(
                place, "must_be_listed", f"is missing: without the player's session it has to be {among!r}"
            )
        return
    target = document.capabilities.get(among)
    if capability.must_be_listed != among or target is None or target.status != "supported" or target.same_as:
        raise DocumentError(place, "must_be_listed", f"has to be {among!r}, with calls of its own here")


def _goes_with_session(document: Document, capability: Capability) -> bool:
    """Whether the platform itself can tell whose withdrawal it is."""
    if document.session is not None:
        return True
    calls = (*document.preliminary.values(), *capability.calls)
    named = {name for call in calls for template in templates_of(call) for name in template.names}
    return bool(named & SESSIONS)
