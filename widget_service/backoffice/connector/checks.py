"""What one table of a document cannot know of the others: every name that is used has to exist, and to be allowed."""

from collections.abc import Iterable, Mapping

from widget_service.backoffice.connector.credentials import Signature
from widget_service.backoffice.connector.dates import require_format
from widget_service.backoffice.connector.document import Call, Capability, Document
from widget_service.backoffice.connector.fields import Field, Subunits
from widget_service.backoffice.connector.naming import SESSIONS
from widget_service.backoffice.connector.paths import Path
from widget_service.backoffice.connector.places import DocumentError, join
from widget_service.backoffice.connector.plans import Plan, fields_of
from widget_service.backoffice.connector.settings import API_TOKEN
from widget_service.backoffice.connector.templates import Placeholder, Template, templates_in
from widget_service.backoffice.connector.values import FORMATS

_ALWAYS = frozenset({"player_id", "idempotency_key", "now"}) | SESSIONS
_PAGING = frozenset({"limit", "offset", "page", "page_size", "cursor"})
_SIGNED = frozenset({"method", "path", "query", "target", "body", "body_sha256", "timestamp", "nonce"})


def declared_names(document: Document) -> frozenset[str]:
    """What every template may name."""
    settings = {f"settings.{name}" for name in document.settings}
    return _ALWAYS | settings | {f"secrets.{name}" for name in (API_TOKEN, *document.secrets)}


def check_preliminary(document: Document) -> frozenset[str]:
    """The names that the preliminary calls take. Raises DocumentError."""
    known = declared_names(document)
    for name, call in document.preliminary.items():
        if call.name not in ("answer", name):
            raise DocumentError(join("preliminary", name), "name", "is the table's own name")
        check_call(call, known, join("preliminary", name))
        known |= {f"{name}.{taken}" for taken in call.take}
    return known


def check_credentials(document: Document) -> None:
    """Raises DocumentError for a name in the authentication or the headers that does not exist."""
    known = declared_names(document)
    signature = document.authentication if isinstance(document.authentication, Signature) else None
    for name, template in document.headers.items():
        check_template(template, known, "headers", name)
    if document.base_path is not None:
        _check_path(document.base_path, known, "", "base_path")
    if document.dates.zone.startswith("{") and document.dates.zone[1:-1] not in known:
        raise DocumentError("dates", "zone", f"{document.dates.zone} is not declared")
    for name, value in document.authentication:
        extra = _SIGNED if signature and name in ("canonical", "headers") else frozenset()
        signed = frozenset({"signature"}) if signature and name == "headers" else frozenset()
        for template in templates_in(value):
            check_template(template, known | extra | signed, "authentication", name)


def check_call(call: Call, known: frozenset[str], place: str) -> None:
    """Raises DocumentError for a name that does not exist at this call."""
    _check_path(call.path, known, place, "path")
    for table in ("query", "headers", "form"):
        for name, template in (getattr(call, table) or {}).items():
            check_template(template, known, f"{place}.{table}", name)
    for template in templates_in(call.body):
        check_template(template, known, place, "body")


def check_template(template: Template, known: frozenset[str], place: str, name: str) -> None:
    """Raises DocumentError for a name or a format that does not exist."""
    for piece in template.pieces:
        if not isinstance(piece, Placeholder):
            continue
        if piece.name not in known:
            raise DocumentError(place, name, f"{{{piece.name}}} is not known here")
        if piece.format is not None and piece.format not in FORMATS:
            try:
                require_format(piece.format)
            except ValueError as error:
                raise DocumentError(place, name, f"{{{piece.name}:{piece.format}}}: {error}") from error


def _check_path(template: Template, known: frozenset[str], place: str, name: str) -> None:
    check_template(template, known, place, name)
    for used in sorted(template.names):
        if used.startswith("secrets.") or used in SESSIONS:
            raise DocumentError(place, name, f"{{{used}}} would stand in every log on the way: use a header")


def check_calls(name: str, capability: Capability, arguments: frozenset[str], known: frozenset[str]) -> None:
    """Raises DocumentError for what a capability's calls cannot know, or do not say of whose answer it is."""
    place, names = join("capabilities", name), set[str]()
    known |= arguments | _PAGING | ({f"listed.{one}" for one in _LISTED} if capability.must_be_listed else set())
    for index, call in enumerate(capability.calls):
        at = f"{place}.calls.{index}"
        if call.name in names or any(one.startswith(f"{call.name}.") for one in known):
            raise DocumentError(at, "name", f"{call.name!r} is taken: calls need names of their own")
        names.add(call.name)
        check_call(call, known, at)
        known |= {f"{call.name}.{taken}" for taken in call.take}
        if not (call.id_path or call.without_id or (capability.item_id_path and call is _main(capability))):
            raise DocumentError(
                at, "id_path", "is missing: say where the answer names its player, or without_id = true"
            )
    if capability.main is not None and capability.main not in names:
        raise DocumentError(place, "main", f"there is no call named {capability.main!r}")


#: Members of the things that writes name.
_LISTED = ("withdrawal_id", "amount", "currency", "requested_at", "bonus_id", "bonus_type_id", "name", "code")


def _main(capability: Capability) -> Call:
    return next((call for call in capability.calls if call.name == capability.main), capability.calls[0])


def check_fields(plan: Plan, document: Document, arguments: frozenset[str]) -> None:
    """Raises DocumentError for a call, a setting or an argument that a map names and that is not there."""
    place = join("capabilities", plan.name)
    calls = {call.name for call in plan.capability.calls} | ({"listed"} if plan.capability.must_be_listed else set())
    fields = [*fields_of(plan.map), *(one for named in plan.capability.extra.values() for one in _all(named))]
    fields += _all(plan.capability.currency) if plan.capability.currency else []
    fields += [one for call in plan.capability.calls if call.pick for one in _all(call.pick.equals)]
    for field in fields:
        _check_field(field, document, arguments, place)
        for path in _paths(field):
            if path.call is not None and path.call not in calls:
                raise DocumentError(f"{place}.map", path.text, f"there is no call named {path.call!r}")


def _check_field(field: Field, document: Document, arguments: frozenset[str], place: str) -> None:
    if field.setting is not None and field.setting not in document.settings:
        raise DocumentError(f"{place}.map", "setting", f"{field.setting!r} is not declared in [settings]")
    if field.argument is not None and field.argument not in arguments:
        raise DocumentError(f"{place}.map", "argument", f"{field.argument!r} is no argument here")
    if field.zone is not None and field.zone.startswith("{") and field.zone[1:-1] not in declared_names(document):
        raise DocumentError(f"{place}.map", "zone", f"{field.zone} is not declared")


def _all(field: Field) -> list[Field]:
    below = [*field.of, *(one for one in (field.otherwise, field.currency) if one is not None)]
    return [field, *(inner for one in below for inner in _all(one))]


def _paths(field: Field) -> Iterable[Path]:
    yield from field.path
    yield from (path for paths in (field.labels or {}).values() for path in paths)
    if isinstance(field.subunits, Subunits):
        yield from (*field.subunits.list, *field.subunits.code, *field.subunits.subunits)


def check_arguments(name: str, capability: Capability, arguments: Mapping[str, object]) -> None:
    """Raises DocumentError for a filter or a translation of something that cannot be asked."""
    place = join("capabilities", name)
    for used in (*capability.filters, *capability.values):
        if used not in arguments:
            there = ", ".join(sorted(arguments)) or "none"
            raise DocumentError(place, used, f"is no argument of {name} (there are: {there})")
