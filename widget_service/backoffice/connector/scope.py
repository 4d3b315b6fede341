"""What can be read from at one place of an answer: the answers so far, the item at hand, what was asked and given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.dates import read_time, require_zone
from widget_service.backoffice.connector.fields import Field, Paths, Subunits, When
from widget_service.backoffice.connector.owner import Owner
from widget_service.backoffice.connector.paths import Ambiguous, Path


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for a whole document: its settings, and what it says of dates and money that say nothing."""

    settings: Mapping[str, str]
    zone: str = "UTC"
    date_format: str = "iso"
    currency: Field | None = None
    subunits: int | Mapping[str, int] | Subunits | None = None
    #: What the platform writes where there is no date.
    unset_dates: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """One place: ``here`` is what ``$`` means, ``answers`` what the names before ``$`` mean."""

    given: Given
    answers: Mapping[str, object] = field(repr=False)
    here: object = field(repr=False)
    arguments: Mapping[str, object] = field(default_factory=dict)
    currency: str | None = None
    #: Where a currency stands if the place says nothing else.
    currency_field: Field | None = None
    #: Whose question it is; None where nothing is asked (a document that is tried out).
    owner: Owner | None = field(default=None, repr=False)

    def at(self, here: object) -> "Scope":
        """The same, with another thing at hand."""
        # Once or twice for each item of a list: replace() takes five times as long.
        return Scope(self.given, self.answers, here, self.arguments, self.currency, self.currency_field, self.owner)

    def with_currency(self, currency: str | None) -> "Scope":
        """The same, for amounts in that currency."""
        if not currency:
            return self
        return Scope(self.given, self.answers, self.here, self.arguments, currency, self.currency_field, self.owner)

    def find(self, paths: Paths) -> object:
        """The first that says something: not absent, not null, not an empty text. Raises Ambiguous for several."""
        for path in paths:
            found = path.find(self._document(path))
            if found is not None and found != "":
                return found
        return None

    def find_all(self, paths: Paths) -> list[object]:
        """Everything that all of them select and that says something."""
        found = (value for path in paths for value in path.find_all(self._document(path)))
        return [value for value in found if value is not None and value != ""]

    def select(self, path: Path) -> list[object]:
        """All nodes of one path, null included."""
        return path.find_all(self._document(path))

    def find_there(self, paths: Paths) -> tuple[bool, object]:
        """The first that is there at all, null included."""
        for path in paths:
            found = path.find_all(self._document(path))
            if len(found) > 1:
                raise Ambiguous("several values")
            if found:
                return True, found[0]
        return False, None

    def find_ids(self, paths: Paths) -> list[object]:
        """All ids at the first path that says something; among several those that say nothing too."""
        listed = (path.find_all(self._document(path)) for path in paths)
        return next((found for found in listed if any(one is not None and one != "" for one in found)), [])

    def holds(self, condition: When | None) -> bool:
        """Whether a condition is met."""
        if condition is None:
            return True
        if condition.one_of is None and condition.none_of is None:
            return bool(self.find_all(condition.path))
        found = self.find(condition.path)
        if condition.one_of is not None:
            return is_one_of(found, condition.one_of)
        return found is not None and not is_one_of(found, condition.none_of or ())

    def read_time(self, value: object, form: str | None = None, zone: str | None = None) -> datetime | None:
        """A moment, as the field or the document says it is written."""
        if (
            self.given.unset_dates
            and isinstance(value, (str, int, Decimal))
            and is_one_of(value, self.given.unset_dates)
        ):
            return None
        try:
            named = require_zone(self.resolve(zone or self.given.zone))
            return read_time(value, form or self.given.date_format, named)
        except ValueError as error:
            raise Unreadable(str(error)) from error

    def resolve(self, text: str) -> str:
        """``{settings.zone}`` as its value; anything else as it is."""
        if text.startswith("{settings.") and text.endswith("}"):
            return self.given.settings.get(text[len("{settings.") : -1], "")
        return text

    def _document(self, path: Path) -> object:
        return self.here if path.call is None else self.answers.get(path.call)


def is_one_of(value: object, listed: tuple[object, ...]) -> bool:
    """Whether it is among them: numbers and texts compared by how they are written, a boolean only with booleans."""
    if value is None:
        return False
    alike = [item for item in listed if isinstance(item, bool) is isinstance(value, bool)]
    return as_key(value) in {as_key(item) for item in alike}


def as_key(value: object) -> str:
    """How a value is written as a key: 1 and "1" are alike, 1 and true are not. Raises Unreadable for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, (int, float, str)):
        return str(value)
    raise Unreadable("no single value")
