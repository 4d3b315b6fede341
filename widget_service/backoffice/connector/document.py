"""The TOML of a connection, table by table: what may be written in it (docs/connector.md shows all of it)."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Limits

from widget_service.backoffice.connector.credentials import Authentication, HeaderName, NoAuthentication, Session
from widget_service.backoffice.connector.dates import require_format
from widget_service.backoffice.connector.fields import (
    Evidence,
    FieldText,
    Paths,
    Scalar,
    Strict,
    Subunits,
    WhenText,
    Zone,
    require_allowed,
)
from widget_service.backoffice.connector.paths import Path, parse_path
from widget_service.backoffice.connector.templates import Template, parse_all, parse_template

Code = Literal[
    "OK",
    "INVALID_SESSION",
    "PLAYER_NOT_FOUND",
    "WITHDRAWAL_CANNOT_CANCEL",
    "BALANCE_INSUFFICIENT",
    "INVALID_REQUEST",
    "BACK_OFFICE_UNAVAILABLE",
    "CAPABILITY_NOT_AVAILABLE",
    "RATE_LIMITED",
]
NAME = r"^[a-z][a-z0-9_]{0,39}$"


def _as_template(value: object) -> object:
    return parse_template(value if isinstance(value, str) else str(value).lower()) if _is_scalar(value) else value


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int, float))


def _as_path_template(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError("must begin with /")
    if any(mark in value for mark in "?#\\\r\n ") or "//" in value or {".", ".."} & set(value.split("/")):
        raise ValueError("must be a plain path: the query has its own table")
    return parse_template(value)


def _as_path_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _as_path(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a path")
    return require_allowed(parse_path(value))


def _as_token_path(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a path")
    path = parse_path(value)
    if path.call is not None:
        raise ValueError(f"{value!r} reads another call's answer: here a path begins with $")
    return path


def _as_scalars(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


TemplateText = Annotated[Template, BeforeValidator(_as_template)]
PathTemplate = Annotated[Template, BeforeValidator(_as_path_template)]
Body = Annotated[object, BeforeValidator(parse_all)]
OnePath = Annotated[Path, BeforeValidator(_as_path)]
#: What stays inside the connector (a token for the next call) may be read from anywhere.
InnerPath = Annotated[Path, BeforeValidator(_as_token_path)]
InnerPaths = Annotated[tuple[InnerPath, ...], BeforeValidator(_as_path_list)]
Scalars = Annotated[tuple[Scalar, ...], BeforeValidator(_as_scalars)]


class Declared(Strict):
    """A setting or a secret by name: its value is given with ``backoffice connect``."""

    description: str = ""
    default: str | None = None
    kind: Literal["text", "zone", "currency", "integer", "url"] = "text"


class Dates(Strict):
    """What is said of a date that says nothing itself."""

    zone: Zone = "UTC"
    format: Annotated[str, AfterValidator(require_format)] = "iso"
    #: Values that mean that there is no date, besides null, "", 0, the year 1 and a date of nothing but zeros.
    unset: Scalars = ()


class Money(Strict):
    """What is said of an amount that says nothing itself."""

    currency: FieldText | None = None
    subunits: Annotated[int, Limits(ge=1)] | dict[str, int] | Subunits | None = None


class Player(Strict):
    """How the platform writes the id by which we know the player."""

    id: Literal["text", "integer", "uuid"] = "text"


class ErrorRule(Strict):
    """An answer that is no answer: every condition given has to hold, and the first such rule counts."""

    status: Annotated[tuple[Annotated[int, Limits(ge=100, le=599)], ...] | None, BeforeValidator(_as_scalars)] = None
    path: InnerPath | None = None
    one_of: Scalars | None = None
    none_of: Scalars | None = None
    present: bool | None = None
    contains: str | None = None
    code: Code
    #: For our log; with INVALID_REQUEST it is also told in ``details.reason``.
    reason: str = Limits(default="refused", pattern=r"^[a-z][a-z0-9_]{0,59}$")

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        tests = [self.one_of, self.none_of, self.present, self.contains]
        if self.path is None and any(test is not None for test in tests):
            raise ValueError("'one_of', 'none_of', 'present' and 'contains' need a 'path'")
        if self.path is not None and sum(test is not None for test in tests) != 1:
            raise ValueError("a 'path' needs one of 'one_of', 'none_of', 'present' and 'contains'")
        if self.status is None and self.path is None:
            raise ValueError("needs a 'status' or a 'path'")
        return self


class Pick(Strict):
    """One element of a list in an answer: that in which ``by`` has the value of ``equals``."""

    list: InnerPaths
    by: InnerPath
    equals: FieldText


class Call(Strict):
    """One HTTP call."""

    name: str = Limits(default="answer", pattern=NAME)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: PathTemplate
    query: dict[str, TemplateText] = Limits(default_factory=dict)
    headers: dict[HeaderName, TemplateText] = Limits(default_factory=dict)
    body: Body = None
    form: dict[str, TemplateText] | None = None
    #: It changes nothing upstream although it is no GET, and may be sent twice.
    read: bool | None = None
    #: Where ``$`` begins for everything read from this call's answer, except the error rules.
    root: InnerPath | None = None
    pick: Pick | None = None
    #: The player's id in the answer, compared with the session's player.
    id_path: InnerPaths = ()
    #: The answer names no player: whoever writes this has made sure that it cannot be another's.
    without_id: bool = False
    #: Without it the members read from it are null; a foreign player and an ended session are refused all the same.
    optional: bool = False
    #: Values for the calls after this one: ``{<name>.<taken>}``.
    take: dict[Annotated[str, Limits(pattern=NAME)], InnerPath] = Limits(default_factory=dict)
    errors: tuple[ErrorRule, ...] = ()

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        if self.body is not None and self.form is not None:
            raise ValueError("has a 'body' or a 'form', not both")
        if self.method == "GET" and (self.body is not None or self.form is not None):
            raise ValueError("a GET has no body")
        return self


class Preliminary(Call):
    """A call before those of every question: a session of the platform's own, for instance."""

    without_id: bool = True
    #: With an ``id_path`` it says whose session it is: a proof of its own beside the player token.
    proves_session: bool = False
    #: Left out for a player whose token carried no session of the operator's, unless the setting ``verify_session``
    #: is "true".
    skip_without_session: bool = False

    @model_validator(mode="after")
    def _names_the_player(self) -> Self:
        if self.proves_session and not self.id_path:
            raise ValueError("'proves_session' needs an 'id_path'")
        return self


class Paging(Strict):
    """How a list is read part by part. The templates know limit, offset, page, page_size and cursor."""

    kind: Literal["none", "offset", "page", "cursor"] = "none"
    #: What one page holds; with ``offset`` the most that may be asked for at once.
    size: Annotated[int, Limits(ge=1, le=1000)] = 100
    first_page: Literal[0, 1] = 1
    total_path: InnerPath | None = None
    #: Something is there, and it is not null or false: another page follows.
    more_path: InnerPath | None = None
    cursor_path: InnerPath | None = None
    most_pages: Annotated[int, Limits(ge=1, le=50)] = 10
    order: Literal["newest_first", "any"] = "newest_first"

    @model_validator(mode="after")
    def _has_a_cursor(self) -> Self:
        if (self.kind == "cursor") != (self.cursor_path is not None):
            raise ValueError("'cursor_path' belongs to the kind 'cursor'")
        return self


class Window(Strict):
    """The longest range of dates that the upstream takes at once."""

    days: Annotated[int, Limits(ge=1, le=3660)]
    wider: Literal["refuse", "split"] = "refuse"
    #: How far back is asked when the question has no ``from_date``.
    default_days: Annotated[int, Limits(ge=1, le=3660)] | None = None
    most: Annotated[int, Limits(ge=1, le=24)] = 6


class Capability(Strict):
    """One thing that can be asked (``withdrawals``, ``"withdrawals.cancel"`` …)."""

    status: Literal["supported", "unknown"] = "supported"
    evidence: Evidence | None = None
    note: str = ""
    #: Answered by another one: ``withdrawals.pending`` from ``withdrawals``, ``responsible_gaming.closed`` …
    same_as: str | None = None
    #: In this order; ``$`` is the answer of ``main``, the first unless told.
    calls: tuple[Call, ...] = ()
    main: str | None = None
    list: InnerPaths = ()
    object_or_list: bool = False
    absent_list: Literal["refuse", "empty"] = "refuse"
    #: The player's id in each item of the list.
    item_id_path: InnerPaths = ()
    #: Only items for which it holds.
    only: WhenText | None = None
    currency: FieldText | None = None
    map: dict[str, Any] = Limits(default_factory=dict)
    extra: dict[Annotated[str, Limits(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")], FieldText] = Limits(
        default_factory=dict
    )
    paging: Paging = Paging()
    #: The arguments by which the upstream itself filters; by the others we do.
    filters: tuple[str, ...] = ()
    #: What the upstream calls an argument's values: ``status = { pending = "0" }``.
    values: dict[str, dict[str, Scalar]] = Limits(default_factory=dict)
    window: Window | None = None
    #: A write that names a thing: it must be in this list of the same player's, and open.
    must_be_listed: str | None = None
    idempotency_header: HeaderName | None = None
    errors: tuple[ErrorRule, ...] = ()


class Document(Strict):
    """The whole document."""

    format: Literal[1]
    name: Annotated[str, Limits(min_length=1, max_length=100)]
    description: str = ""
    evidence: Evidence = "C"
    base_path: Annotated[Template | None, BeforeValidator(_as_path_template)] = None
    settings: dict[Annotated[str, Limits(pattern=NAME)], Declared] = Limits(default_factory=dict)
    secrets: dict[Annotated[str, Limits(pattern=NAME)], Declared] = Limits(default_factory=dict)
    player: Player = Player()
    dates: Dates = Dates()
    money: Money = Money()
    headers: dict[HeaderName, TemplateText] = Limits(default_factory=dict)
    authentication: Annotated[Authentication, Limits(discriminator="kind")] = NoAuthentication(kind="none")
    session: Session | None = None
    preliminary: dict[Annotated[str, Limits(pattern=NAME)], Preliminary] = Limits(default_factory=dict)
    errors: tuple[ErrorRule, ...] = ()
    capabilities: dict[str, Capability]


__all__ = ["Capability", "Document", "Paths"]
