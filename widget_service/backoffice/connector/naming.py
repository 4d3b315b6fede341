"""Whether a document's calls name the player: a constant in the player's place answers every player with one's data."""

from collections.abc import Iterable, Mapping

from widget_service.backoffice.connector.credentials import ClientCredentials
from widget_service.backoffice.connector.document import Call, Document
from widget_service.backoffice.connector.fields import Field
from widget_service.backoffice.connector.places import DocumentError, join
from widget_service.backoffice.connector.plans import NAMED_BY, Plan, fields_of
from widget_service.backoffice.connector.templates import Template, templates_in

SESSIONS = frozenset({"session_id", "operator_session_id", "session_jwt"})
_PLAYER = frozenset({"player_id"}) | SESSIONS
#: What says which thing a write is about, and which of the writes' arguments may be left out by an agent.
_TARGETS: Mapping[str, str] = {
    "withdrawals.cancel": "withdrawal_id",
    "bonus.cancel": "bonus_id",
    "bonus.add": "bonus_type_id",
}
_MAY_BE_MISSING = frozenset({"bonus_id"})


def templates_of(call: Call) -> Iterable[Template]:
    """All of a call's."""
    yield call.path
    yield from templates_in([call.query, call.headers, call.form or {}, call.body])


def check_naming(plan: Plan, document: Document) -> None:
    """Raises DocumentError for a capability whose answer could be of anybody."""
    place, capability = join("capabilities", plan.name), plan.capability
    if _always_names(document):
        return
    _, naming = _follow(_of_preliminary(document), plan)
    if not naming:
        raise DocumentError(
            place,
            "calls",
            "none names {player_id}, the player's session or a value from a call that does: "
            "every player would get the same one's data",
        )
    for index, call in enumerate(capability.calls):
        has_id = call.id_path or (capability.item_id_path and call.name == plan.main.name)
        if call.name not in naming and not has_id and _is_read_from(plan, call):
            raise DocumentError(
                f"{place}.calls.{index}",
                "path",
                "names no player, and neither does its answer: what is read from it would be the same for everybody",
            )


def check_target(plan: Plan) -> None:
    """Raises DocumentError for a write that can be sent without the thing that it is about."""
    target = _TARGETS.get(plan.name)
    if target is None:
        return
    place, capability = join("capabilities", plan.name), plan.capability
    calls = [call for call in capability.calls if not call.read and call.method != "GET"]
    named = {name for call in calls for template in templates_of(call) for name in template.names}
    if not named & {target, f"listed.{target}"}:
        raise DocumentError(place, "calls", f"none names {{{target}}}: nobody could say what the write is about")
    if target in _MAY_BE_MISSING and capability.must_be_listed is None:
        among = NAMED_BY[plan.name][1]
        raise DocumentError(place, "must_be_listed", f"is missing: {target} may be left out, so it has to be {among!r}")


def _always_names(document: Document) -> bool:
    """Whether every call carries the player's session anyway."""
    if document.session is not None:
        return True
    # A token of client credentials is kept for all players, whatever it was asked for with.
    kept = isinstance(document.authentication, ClientCredentials)
    values: list[object] = [] if kept else [value for _, value in document.authentication]
    named = _names(templates_in([*values, dict(document.headers)]))
    if document.base_path is not None:
        named |= document.base_path.names
    return bool(named & _PLAYER)


def _names(templates: Iterable[Template]) -> set[str]:
    return {name for template in templates for name in template.names}


def _of_preliminary(document: Document) -> set[str]:
    """The names that carry the player once the preliminary calls were made."""
    bound = set(_PLAYER)
    for name, call in document.preliminary.items():
        is_sure = not call.optional and not call.skip_without_session
        _bind(call, name, bound, is_sure=is_sure)
    return bound


def _follow(bound: set[str], plan: Plan) -> tuple[set[str], set[str]]:
    """The names that carry the player, and the calls that name one of them."""
    if plan.capability.must_be_listed:
        bound |= {f"listed.{name}" for name in ("withdrawal_id", "bonus_id")}
        bound |= {NAMED_BY[plan.name][0]} if plan.name in NAMED_BY else set()
    naming: set[str] = set()
    for call in plan.capability.calls:
        if _bind(call, call.name, bound, is_sure=not call.optional):
            naming.add(call.name)
    return bound, naming


def _bind(call: Call, name: str, bound: set[str], *, is_sure: bool) -> bool:
    """Whether a call names the player; then what it takes, and a platform's session that it is sent in, do so too."""
    used = _names(templates_of(call))
    if not used & bound:
        return False
    if is_sure:
        bound |= {f"{name}.{taken}" for taken in call.take}
        # A login in the player's name ties the session that it is sent in to the player.
        bound |= {one for one in used if "." in one and not one.startswith(("settings.", "secrets."))}
    return True


def _is_read_from(plan: Plan, call: Call) -> bool:
    """Whether a member's value comes from a call. A table of subunits or of other words is no player's."""
    fields: list[Field] = [*fields_of(plan.map), *plan.capability.extra.values()]
    is_main = call.name == plan.main.name
    if is_main and plan.is_write:
        return False
    texts = [path for field in fields for path in field.path]
    texts += [path for field in fields for paths in (field.labels or {}).values() for path in paths]
    return (is_main and plan.plural is not None) or any(
        path.call == call.name or (path.call is None and is_main) for path in texts
    )
