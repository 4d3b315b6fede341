"""One canonical member of a document's map: where it comes from and what is done to it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from widget_service.backoffice.connector.dates import require_format, require_zone
from widget_service.backoffice.connector.paths import Path, parse_path

Evidence = Literal["A", "B", "C", "D"]
Transform = Literal[
    "text", "number", "integer", "minor_units", "currency_key", "sole_key", "date", "in_future", "enum", "boolean",
    "bool_to_kyc", "concat", "sum", "add", "subtract", "divide", "absolute", "sign", "strings", "keys", "labels",
]  # fmt: skip
#: Which of the options below each transform understands; ``path`` and the common ones are everybody's.
OPTIONS: Mapping[str, frozenset[str]] = {
    "minor_units": frozenset({"subunits", "currency"}),
    "currency_key": frozenset({"currency"}),
    "date": frozenset({"format", "zone"}),
    "in_future": frozenset({"format", "zone"}),
    "sum": frozenset({"missing", "at_least"}),
    "enum": frozenset({"values", "of", "unmapped"}),
    "boolean": frozenset({"true", "false", "reverse", "present"}),
    "bool_to_kyc": frozenset({"present"}),
    "concat": frozenset({"of", "separator"}),
    "add": frozenset({"of", "missing", "at_least"}),
    "subtract": frozenset({"of", "missing", "at_least"}),
    "divide": frozenset({"of", "currency"}),
    "sign": frozenset({"positive", "negative"}),
    "labels": frozenset({"labels"}),
}
COMMON = frozenset({"path", "of", "constant", "setting", "argument", "transform", "otherwise", "evidence", "nothing"})
SOURCES = ("path", "of", "constant", "setting", "argument", "labels")
#: Never passed on, whatever they are mapped to (in lower case, without "_" and "-").
NEVER = frozenset({
    "password", "passwordhash", "pin", "securityquestion", "securityanswer", "secretquestion", "secretanswer",
    "iban", "bic", "accountnumber", "cardnumber", "pan", "cvv", "documentnumber", "passportnumber", "personalid",
    "nationalid", "ssn", "taxid", "birthdate", "dateofbirth", "dob", "address", "address1", "address2", "street",
    "postalcode", "zipcode", "zip", "ip", "ipaddress", "lastip", "signupip", "loginip", "authtoken", "jwetoken",
    "accesstoken", "refreshtoken", "sessionid", "sid", "totp", "otpsecret",
})  # fmt: skip


def require_allowed(path: Path) -> Path:
    """Raises ValueError for what must not leave a back office."""
    if path.last_name.lower().replace("_", "").replace("-", "") in NEVER:
        raise ValueError(f"{path.last_name!r} is never passed on")
    return path


def _as_paths(value: object) -> object:
    texts = value if isinstance(value, list) and value else [value]
    paths = [require_allowed(parse_path(text)) for text in texts if isinstance(text, str)]
    if len(paths) < len(texts):
        raise ValueError("must be a path or a list of paths")
    return tuple(paths)


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


def _require_known_zone(text: str) -> str:
    if not text.startswith("{settings."):
        require_zone(text)
    return text


#: An IANA name, or ``{settings.…}``.
Zone = Annotated[str, AfterValidator(_require_known_zone)]


class Strict(BaseModel):
    """A table of the document: unknown names are refused, and nothing is changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


#: One path, or several of which the first that says something counts.
Paths = Annotated[tuple[Path, ...], BeforeValidator(_as_paths)]
Scalar = str | int | float | bool


class Subunits(Strict):
    """Where an upstream tells how many minor units make one unit of each currency."""

    list: Paths
    code: Paths
    subunits: Paths


def _as_field(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class Field(Strict):
    """``"$.path"`` alone, or a table with these members."""

    path: Paths = ()
    of: "tuple[FieldText, ...]" = ()
    constant: Scalar | None = None
    setting: str | None = None
    #: A member of the question: what was asked for comes back (``withdrawal_id``).
    argument: str | None = None
    transform: Transform | None = None
    #: Taken if nothing came of the rest.
    otherwise: "FieldText | None" = None
    evidence: Evidence | None = None
    #: Values that say nothing: "N/A", -1.
    nothing: Annotated[tuple[Scalar, ...], BeforeValidator(_as_tuple)] = ()

    subunits: Annotated[int, "at least 1"] | dict[str, int] | Subunits | None = None
    currency: "FieldText | None" = None
    format: str | None = None
    zone: Zone | None = None
    values: dict[str, str] | None = None
    unmapped: str | None = None
    true: Annotated[tuple[Scalar, ...] | None, BeforeValidator(_as_tuple)] = None
    false: Annotated[tuple[Scalar, ...] | None, BeforeValidator(_as_tuple)] = None
    reverse: bool = False
    present: bool = False
    separator: str = " "
    missing: Literal["zero"] | None = None
    at_least: int | None = None
    positive: str | None = None
    negative: str | None = None
    labels: dict[str, Paths] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        given = self.model_fields_set
        if sum(name in given for name in SOURCES) != 1:
            raise ValueError(f"needs exactly one of {', '.join(SOURCES)}")
        allowed = COMMON | OPTIONS.get(self.transform or "", frozenset())
        if strangers := given - allowed:
            raise ValueError(f"{min(strangers)!r} means nothing for {self.transform or 'a plain path'!r}")
        self._require_options()
        return self

    def _require_options(self) -> None:
        if self.transform in ("date", "in_future"):
            require_format(self.format or "iso")
        if self.transform == "enum" and not self.values:
            raise ValueError("an enum needs its 'values'")
        if self.transform == "sign" and not (self.positive and self.negative):
            raise ValueError("'sign' needs 'positive' and 'negative'")
        if self.transform in ("add", "subtract", "divide", "concat") and len(self.of) < 2:
            raise ValueError(f"'{self.transform}' needs two or more in 'of'")
        if self.transform == "divide" and len(self.of) != 2:
            raise ValueError("'divide' needs exactly two in 'of'")
        if isinstance(self.subunits, int) and self.subunits < 1:
            raise ValueError("'subunits' begin at 1")
        if self.nothing and not self.path:
            raise ValueError("'nothing' belongs to a 'path'")
        if self.transform == "boolean" and self.present and (self.true or self.false):
            raise ValueError("'present' goes without 'true' and 'false'")


FieldText = Annotated[Field, BeforeValidator(_as_field)]


class When(Strict):
    """A condition on an answer: an object that exists only then is null otherwise."""

    path: Paths
    one_of: tuple[Scalar, ...] | None = None
    none_of: tuple[Scalar, ...] | None = None


def _as_when(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


WhenText = Annotated[When, BeforeValidator(_as_when)]


class Each(Strict):
    """A list inside an answer: one element for each thing at the first path that is there."""

    each: Paths
    #: The player's id in each element.
    item_id_path: Paths = ()
    object_or_list: bool = False
    map: dict[str, Any]


Field.model_rebuild()
