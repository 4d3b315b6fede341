"""Every setting of the service, once: its type, default and help.

Values come from the environment as ``WIDGET_<NAME>``; a secret may come from a file named by ``WIDGET_<NAME>_FILE``.
Anything unknown, doubled or weak refuses to start, naming the setting and never its value.
"""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from widget_service.chosen_secrets import require_chosen_secret
from widget_service.errors import ConfigurationError
from widget_service.origins import AllowedOrigin, InvalidOrigin

PREFIX = "WIDGET_"
#: Kubernetes injects these for a service named "widget"; they are not ours.
KUBERNETES_NAMES = re.compile(r"WIDGET_(PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?|SERVICE_\w+)$")
SAMPLES = ("changeme", "change-me", "secret", "password", "example", "your-", "insert", "replace", "xxxx", "0123456789")
SECRET_KEY_HINT = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def require_strong_secret(text: str) -> str:
    """The secret itself, or ValueError: under 32 bytes, one repeated character, a sample, or a PEM."""
    require_chosen_secret(text, 32)
    if any(sample in text.lower() for sample in SAMPLES):
        raise ValueError("is guessable: a repeated or sample text")
    return text


def require_token(text: str) -> str:
    """Nothing, or a secret of 16 bytes or more that is not guessable; ValueError."""
    return require_chosen_secret(text, 16) if text else text


def require_public_url(text: str) -> str:
    """Scheme, host and port only; https, or http on loopback. As browsers write it, like any other origin."""
    try:
        origin = AllowedOrigin.parse(text.removesuffix("/"))
    except InvalidOrigin as error:
        raise ValueError(f"must be scheme, host and port only, https or on loopback http. {error}") from error
    if origin.wildcard:
        raise ValueError("must be one host")
    return str(origin)


def require_redis_url(text: str) -> str:
    """Nothing, or what the Redis client takes."""
    if text and _split_url(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return text


def _split_url(text: str) -> SplitResult:
    """The parts of a URL. ValueError without any of it: urllib repeats what it cannot read, such as a port."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL: in a user name and a password, write /, [, ], @ and : as %2F, %5B …") from None
    return parts


def require_networks(text: str) -> str:
    """A comma-separated list of addresses or CIDR networks."""
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(item, strict=False)
        except ValueError as error:
            raise ValueError("must be addresses or networks such as 10.0.0.0/8, separated by commas") from error
    return text


def require_proxy(text: str) -> str:
    """Nothing, or an http or https URL of scheme, host and port, with a user and password if need be."""
    parts = _split_url(text)
    complete = parts.scheme in ("http", "https") and parts.hostname and parts.port
    if text and (not complete or parts.path not in ("", "/") or parts.query or parts.fragment):
        raise ValueError("must be an http or https URL with host and port only")
    return text


def require_rate(text: str) -> str:
    """``<count>/<second|minute|hour|day>``."""
    if not re.fullmatch(r"[1-9]\d{0,8}/(second|minute|hour|day)", text):
        raise ValueError("must look like 120/minute")
    return text


Rate = Annotated[str, AfterValidator(require_rate)]
Secret = Annotated[str, Field(repr=False, json_schema_extra={"secret": True})]
Seconds = Annotated[int, Field(ge=1, le=31_536_000)]


class Settings(BaseModel):
    """The settings of one process. Times are seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    database_url: Secret = Field("sqlite:///widget.db", description="sqlite:///file or postgresql://…")
    database_pooler: Literal["none", "transaction"] = Field(
        "none", description="transaction: a pooler such as PgBouncer in transaction mode stands before PostgreSQL"
    )
    redis_url: Annotated[Secret, AfterValidator(require_redis_url)] = Field(
        "", description="redis://… for proof replay, rate limits and fan-out between processes"
    )
    public_url: Annotated[str, AfterValidator(require_public_url)] = Field(
        "http://127.0.0.1:8080", description="where the world reaches this service: scheme, host and port only"
    )
    secret_key: Annotated[Secret, AfterValidator(require_strong_secret)] = Field(
        description="encrypts secrets and personal data at rest; 32 bytes or more, no default"
    )
    secret_key_previous: Secret = Field("", description="the key before: keeps old ciphertext readable until rewrapped")
    player_token_lifetime: Annotated[int, Field(ge=30, le=900)] = Field(
        300, description="longest exp − iat of a player token; 900 at most"
    )
    session_token_lifetime: Seconds = Field(900, description="life of a session token before it is refreshed")
    session_idle_lifetime: Seconds = Field(1800, description="a session unused for so long ends")
    session_absolute_lifetime: Seconds = Field(28800, description="no refresh goes beyond this")
    session_refresh_grace: Annotated[int, Field(ge=0, le=300)] = Field(
        30, description="the old token still answers for so long after a refresh"
    )
    session_id_lifetime: Seconds = Field(3600, description="life of the agent's session id")
    session_jwt_lifetime: Annotated[int, Field(ge=30, le=900)] = Field(300, description="life of a session JWT")
    reference_lifetime: Seconds = Field(28800, description="life of a helpdesk reference")
    empty_conversation_lifetime: Seconds = Field(
        86400, description="a conversation without a message is removed after this"
    )
    webhook_retention: Seconds = Field(604800, description="delivered events and their attempts are kept for so long")
    rate_limits: Literal["on", "off"] = Field("on", description="off is for benchmarks only")
    rate_starts_per_address: Rate = Field("120/minute", description="conversation starts per address")
    rate_starts_per_player: Rate = Field("10/minute", description="conversation starts per verified player")
    rate_messages_per_session: Rate = Field("60/minute", description="player messages per session")
    rate_refusals_per_address: Rate = Field("60/minute", description="refusals per address")
    rate_introspections_per_token: Rate = Field("6000/minute", description="introspections per API token")
    rate_writes_per_token: Rate = Field(
        "6000/minute",
        description="replies, typing, handovers, closes, session ids, revocations and logouts of players per API token,"
        " each kind counted apart",
    )
    rate_avatars_per_token: Rate = Field("60/hour", description="agents' pictures uploaded per API token")
    avatar_bytes_per_workspace: Annotated[int, Field(ge=65536)] = Field(
        16_777_216, description="agents' pictures of a workspace take so many bytes at most"
    )
    rate_refreshes_per_session: Rate = Field("30/minute", description="refreshes per session")
    rate_requests_per_session: Rate = Field("600/minute", description="everything a messenger asks, per session")
    rate_player_data_per_session: Rate = Field("300/minute", description="calls of the player data, per session id")
    streams_per_session: Annotated[int, Field(ge=1)] = Field(
        8, description="event streams open at once for one session, in one process"
    )
    streams_per_address: Annotated[int, Field(ge=1)] = Field(
        200, description="event streams open at once for one address, in one process"
    )
    trusted_proxies: Annotated[str, AfterValidator(require_networks)] = Field(
        "", description="comma-separated networks whose X-Forwarded-For is believed"
    )
    gateway_timeout: Annotated[int, Field(ge=1, le=55)] = Field(
        10, description="a back office has so long for everything that one question takes"
    )
    gateway_parallel: Annotated[int, Field(ge=1, le=5000)] = Field(
        256, description="calls under way at once to one back office, in one process"
    )
    egress_proxy: Annotated[Secret, AfterValidator(require_proxy)] = Field(
        "", description="http://[user:password@]host:port through which back offices are called"
    )
    metrics_token: Annotated[Secret, AfterValidator(require_token)] = Field(
        "", description="bearer token of /metrics, 16 bytes or more; without it /metrics does not exist"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    back_office_database_url: Annotated[str, Field(pattern=r"^sqlite:///.")] = Field(
        "sqlite:///back-office.db", description="reference back office only: sqlite:///file, its own"
    )
    back_office_api_token: Annotated[Secret, AfterValidator(require_token)] = Field(
        "", description="reference back office only: the API token it accepts, 16 bytes or more"
    )
    back_office_introspection_url: str = Field("", description="reference back office only: where it asks")
    back_office_introspection_token: Annotated[Secret, AfterValidator(require_token)] = Field(
        "", description="reference back office only: its API token here"
    )


def load_settings(environ: Mapping[str, str], **defaults: Any) -> Settings:
    """Settings from ``WIDGET_*``; ``defaults`` stand in for what the environment leaves out.

    Raises ConfigurationError with one line that names the setting and never its value.
    """
    given: dict[str, Any] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or KUBERNETES_NAMES.fullmatch(name):
            continue
        field, text = _read_setting(name, value, environ)
        given[field] = text
    if "secret_key" not in given and "secret_key" not in defaults:
        raise ConfigurationError(f"WIDGET_SECRET_KEY is not set. Make one with: {SECRET_KEY_HINT}")
    return make_settings({**defaults, **given})


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Validated Settings, or ConfigurationError naming the first setting at fault."""
    try:
        settings = Settings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise ConfigurationError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
    if settings.secret_key_previous:
        try:
            require_strong_secret(settings.secret_key_previous)
        except ValueError as error:
            raise ConfigurationError(f"WIDGET_SECRET_KEY_PREVIOUS: {error}") from None
    if not re.match(r"(sqlite:///.|postgresql://.)", settings.database_url):
        raise ConfigurationError("WIDGET_DATABASE_URL: must start with sqlite:/// or postgresql://")
    return settings


def _read_setting(name: str, value: str, environ: Mapping[str, str]) -> tuple[str, str]:
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field, value
    base = field.removesuffix("_file")
    if base == field or base not in Settings.model_fields or not is_secret(base):
        raise ConfigurationError(f"{name}: there is no such setting")
    if PREFIX + base.upper() in environ:
        raise ConfigurationError(f"{PREFIX}{base.upper()}: give the value or the file, not both")
    try:
        return base, Path(value).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}: cannot be read") from error


def is_secret(field: str) -> bool:
    """Whether a setting is a secret: may come from a file, is never shown."""
    extra = Settings.model_fields[field].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("secret"))
