"""What the names in a document's templates stand for, for one question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from widget_service.backoffice import Caller
from widget_service.backoffice.connector.amounts import (
    Unreadable,
    read_integer,
    read_number,
    subunits_of,
    to_minor_units,
)
from widget_service.backoffice.connector.dates import require_zone, write_time
from widget_service.backoffice.connector.scope import Given, Scope
from widget_service.backoffice.connector.templates import as_text
from widget_service.backoffice.connector.transforms import find_currency
from widget_service.errors import BackOfficeUnavailable, InvalidRequest, InvalidSession

#: Formats that make a kind of JSON value; every other one is for times.
FORMATS = frozenset({"text", "integer", "number", "boolean", "minor_units"})


@dataclass(frozen=True, slots=True)
class Values:
    """Finds a name's value. Names of settings and secrets are checked when the document is read."""

    caller: Caller
    given: Given
    secrets: Mapping[str, str] = field(repr=False)
    arguments: Mapping[str, object]
    #: What the upstream calls an argument's values.
    translations: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    idempotency_key: str | None = None
    #: What calls have taken, what paging adds, the listed thing: ``session.sid``, ``page``, ``listed.bonus_id``.
    found: Mapping[str, object] = field(default_factory=dict, repr=False)

    def find(self, name: str, form: str | None) -> object:
        """The value as the format says; None where there is none."""
        value = self._value(name)
        if value is None or (value == "" and name not in self.found):
            return None
        if isinstance(value, datetime):
            zone = require_zone(self._zone())
            return write_time(value, form or self.given.date_format, zone)
        return value if form is None else self._formatted(name, value, form)

    def add(self, found: Mapping[str, object]) -> "Values":
        """With more of what was found."""
        return replace(self, found={**self.found, **found})

    def ask(self, arguments: Mapping[str, object]) -> "Values":
        """With other arguments in place of the same."""
        return replace(self, arguments={**self.arguments, **arguments})

    def _value(self, name: str) -> object:
        if name in self.found:
            return self.found[name]
        space, _, rest = name.partition(".")
        if rest:
            return {"settings": self.given.settings, "secrets": self.secrets}.get(space, {}).get(rest)
        match name:
            case "player_id":
                return self.caller.player_id
            case "session_id":
                return self.caller.session_id
            case "operator_session_id":
                return require_operator_session(self.caller)
            case "session_jwt":
                return issue_jwt(self.caller)
            case "idempotency_key":
                return self.idempotency_key
        value = self.arguments.get(name)
        translation = self.translations.get(name)
        return value if translation is None or value is None else translation.get(str(value))

    def _zone(self) -> str:
        zone = self.given.zone
        return self.given.settings.get(zone[10:-1], "") if zone.startswith("{settings.") else zone

    def _formatted(self, name: str, value: object, form: str) -> object:
        try:
            match form:
                case "integer":
                    return read_integer(value)
                case "number":
                    return read_number(value)
                case "boolean":
                    return as_text(value) == "true"
                case "minor_units":
                    return self._minor_units(value)
        except Unreadable as error:
            # What the agent gave (an id that is no number where the platform has numbers), or the document's author.
            if name in self.arguments:
                raise InvalidRequest("not_sendable", status=422, details={"field": name}) from error
            raise BackOfficeUnavailable(f"not_sendable:{name}") from error
        return as_text(value)

    def _minor_units(self, value: object) -> int:
        taken = next((str(code) for name, code in self.found.items() if name.endswith(".currency")), None)
        currency = taken or find_currency(None, Scope(self.given, {}, None))
        if currency is None:
            raise BackOfficeUnavailable("no_currency")
        declared = self.given.subunits
        units = declared if isinstance(declared, (int, Mapping)) else None
        return to_minor_units(read_number(value), subunits_of(currency, units))


def require_operator_session(caller: Caller) -> str:
    """Raises InvalidSession: the operator's own session was never given to us, so nobody can be asked in its name."""
    if not caller.operator_session_id:
        raise InvalidSession("no_operator_session")
    return caller.operator_session_id


def issue_jwt(caller: Caller) -> str:
    """The session as a signed JWT."""
    if caller.session_jwt is None:
        raise InvalidSession("no_session_jwt")
    return caller.session_jwt()
