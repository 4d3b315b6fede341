"""The seam between us and a helpdesk's vendor: one room of this folder each, or a package with an entry point.

A vendor's room has a ``HELPDESK`` that is a :class:`Helpdesk`. It keeps nothing, connects to nobody and decides no
identity: it says what the page sets, whether a webhook is the vendor's, what the webhook tells, in our words, and which
calls of the vendor's API write down who a player is.
"""

import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Annotated, Any, ClassVar, Protocol, Self

import jwt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from widget_service.assertions import PlayerAssertion
from widget_service.chosen_secrets import require_chosen_secret
from widget_service.helpdesk_calls import Access, Errand
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_mappings import FieldType
from widget_service.helpdesk_write_backs import ThreadIdentity

GROUP = "widget_service.helpdesks"
SHORTEST_SECRET = 16
#: Seconds after which credentials that do not end are looked at again.
CREDENTIALS_LAST = 86_400
#: What vendors publish for trying things out: everybody can sign with it.
PUBLIC_SECRETS = frozenset({"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="})
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_LATEST = 2**33  # seconds: nanoseconds up to there fit 64 bits
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (offsets are subtracted by hand, to the nanosecond)


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request as it came: ``url`` is the public one, ``headers`` have lower-case names, ``raw`` is the body."""

    method: str
    url: str
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)
    now: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A request that is the vendor's. ``key`` says which secret; ``sent_at`` is nanoseconds.

    With ``quarantined`` (a reason) the content is not to be read at all: a player can break what a vendor's template
    makes of fields. With ``damaged`` some values of it are UNREADABLE (``damaged_json.py``): it binds nobody, but what
    it ends is over.
    """

    key: str
    sent_at: int
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    quarantined: str = ""
    damaged: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something told that means nothing to us; the reason is counted."""

    reason: str


@dataclass(frozen=True, slots=True)
class UserToken:
    """The vendor's own login token for a player. ``expires_at`` is Unix seconds.

    ``customer_id`` is the customer that the vendor has made for the player, where it makes them; ``widget`` what the
    vendor's widget takes, where that is more than the token.
    """

    token: str = field(repr=False)
    token_type: str
    expires_at: int
    customer_id: str | None = None
    widget: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the vendor wants to hear of a webhook that was taken."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def require_webhook_secret(text: str) -> str:
    """The secret, or ValueError: short, with white space, or one that a vendor has published."""
    if text in PUBLIC_SECRETS:
        raise ValueError("is the vendor's public test secret")
    if len(text) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    if not text.isprintable() or any(character.isspace() for character in text):
        raise ValueError("has white space or control characters")
    return require_chosen_secret(text, SHORTEST_SECRET)


Secret = Annotated[str, AfterValidator(require_webhook_secret)]


def secret_field(default: Any = ..., *, description: str) -> Any:
    """A member that is sealed and never shown. Said of the member: within a union pydantic would forget it."""
    return Field(default, repr=False, json_schema_extra={"secret": True}, description=description)


def url_field(default: Any, *, description: str) -> Any:
    """A member that is a URL which we call: checked as every such URL is, when it is given and when it is called."""
    return Field(default, json_schema_extra={"url": True}, description=description)


class HelpdeskSettings(BaseModel):
    """What ``helpdesk connect`` takes for a vendor: its members are the options."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    #: The member that names the field of the reference: every other field of a mapping has its form.
    carrier: ClassVar[str] = "field_id"
    #: Bytes that the vendor keeps of a chat's fields, the reference among them.
    largest_fields: ClassVar[int] = 65_536
    field_types: ClassVar[frozenset[FieldType]] = frozenset({"text", "number", "boolean"})
    allow_private: bool = Field(False, description="the vendor's API may have an address of a private network")

    @classmethod
    def url_names(cls) -> frozenset[str]:
        """The members that are URLs which we call."""
        extras = {name: one.json_schema_extra for name, one in cls.model_fields.items()}
        return frozenset(name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("url"))

    @classmethod
    def secret_names(cls) -> frozenset[str]:
        """The members that are sealed and never shown."""
        extras = {name: one.json_schema_extra for name, one in cls.model_fields.items()}
        return frozenset(name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("secret"))

    @classmethod
    def of(cls, connection: HelpdeskConnection) -> Self:
        """As they were checked when they were given: not checked again at each request."""
        if not connection.opened:
            connection.opened.append(cls.model_construct(**connection.settings, **connection.secrets))
        opened: Self = connection.opened[0]
        return opened


class WithoutApi:
    """What an adapter answers whose vendor's API is not called; one that calls it says otherwise."""

    def writes_back(self, connection: HelpdeskConnection) -> bool:
        """No."""
        return False

    def log_in(self, connection: HelpdeskConnection, kept: Access, now: int) -> Errand[Access]:
        """Nothing is asked: what credentials there are are good until they are changed."""
        yield from ()
        return Access(expires_at=now + CREDENTIALS_LAST)

    def write_back(self, connection: HelpdeskConnection, identity: ThreadIdentity, access: Access) -> Errand[None]:
        """Nothing."""
        yield from ()

    def customer_token(
        self, connection: HelpdeskConnection, customer_id: str | None, access: Access, now: int
    ) -> Errand[UserToken] | None:
        """None."""
        return None


class Helpdesk(Protocol):
    """What a vendor must answer."""

    name: str
    settings: type[HelpdeskSettings]

    def attributes(self, connection: HelpdeskConnection, reference: str) -> dict[str, Any]:
        """What the page sets on the vendor's widget: the field's id and the reference's text."""

    def user_token(self, connection: HelpdeskConnection, player: PlayerAssertion, now: int) -> UserToken | None:
        """The vendor's login token; None where the vendor, or this connection, has none."""

    def authenticate(self, request: WebhookRequest, connection: HelpdeskConnection) -> Verdict:
        """Whether the vendor sent this, now, for this connection.

        Raises InvalidWebhook (401, 403) and InvalidRequest (authentic, but no JSON object).
        """

    def events(self, verdict: Verdict, connection: HelpdeskConnection) -> Sequence[HelpdeskEvent | Ignored]:
        """What it tells, each for itself. Pure; whatever has an unknown shape is Ignored."""

    def acknowledge(self) -> Acknowledgement:
        """The answer to a webhook that was taken, whatever came of it."""

    def writes_back(self, connection: HelpdeskConnection) -> bool:
        """Whether this connection has a place for a player's id that no player can write."""

    def log_in(self, connection: HelpdeskConnection, kept: Access, now: int) -> Errand[Access]:
        """What the vendor's API is called with from now on; ``kept`` is what the last login gave."""

    def write_back(self, connection: HelpdeskConnection, identity: ThreadIdentity, access: Access) -> Errand[None]:
        """Who the thread's player is, or that it is nobody's. Looks first: done again, it writes nothing."""

    def customer_token(
        self, connection: HelpdeskConnection, customer_id: str | None, access: Access, now: int
    ) -> Errand[UserToken] | None:
        """A login token that only the vendor can make, for that customer of the vendor's or for a new one.

        None where the vendor, or this connection, has none.
        """


def available() -> dict[str, Helpdesk]:
    """Every vendor by name: this folder's, then those of installed packages, which replace none of ours."""
    return {**dict(_of_packages()), **dict(_of_folder())}


@lru_cache(maxsize=64)
def find_helpdesk(vendor: str) -> Helpdesk | None:
    """The vendor of that name, or None."""
    return available().get(vendor)


def sign_user_token(claims: Mapping[str, Any], kid: str | None, secret: str) -> str:
    """A JWT as vendors take it: HS256, the secret's UTF-8 text as the key, ``kid`` in the header where there is one."""
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(dict(sorted(claims.items())), secret, algorithm="HS256", headers=headers, sort_headers=True)


def parse_time(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time, whatever its fraction or offset. Raises ValueError."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 time")
    day, clock, fraction, sign, hours, minutes = match.groups()
    seconds = (datetime.fromisoformat(f"{day}T{clock}") - _EPOCH) // timedelta(seconds=1)
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    seconds += offset if sign == "-" else -offset
    if offset >= 86_400 or not 0 <= seconds < _LATEST:
        raise ValueError("not a time of ours")
    return seconds * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def _of_folder() -> Iterator[tuple[str, Helpdesk]]:
    for module in pkgutil.iter_modules(__path__):
        found: Helpdesk = import_module(f"{__name__}.{module.name}").HELPDESK
        yield found.name, found


def _of_packages() -> Iterator[tuple[str, Helpdesk]]:
    for entry in entry_points(group=GROUP):
        yield entry.name, entry.load()
