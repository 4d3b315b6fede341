"""The options of a vendor's connection, which are its adapter's settings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from widget_service.cli.inputs import read_secret
from widget_service.destinations import require_url
from widget_service.errors import ConfigurationError
from widget_service.helpdesks import Helpdesk, HelpdeskSettings, available


def require_vendor(name: str) -> Helpdesk:
    """The vendor's adapter. Raises ConfigurationError."""
    found = available()
    if name not in found:
        raise ConfigurationError(f"There is no helpdesk {name}. Known: {', '.join(sorted(found))}")
    return found[name]


def read_options(helpdesk: Helpdesk, arguments: Sequence[str]) -> dict[str, str]:
    """``--field-id 42`` as ``{"field_id": "42"}``; secrets are read from where they are. Raises ConfigurationError."""
    given: dict[str, str] = {}
    for name, value in _pairs(helpdesk, arguments):
        if name not in helpdesk.settings.model_fields:
            known = ", ".join(f"--{one.replace('_', '-')}" for one in helpdesk.settings.model_fields)
            raise ConfigurationError(f"{helpdesk.name} has no option --{name.replace('_', '-')}. Known: {known}")
        if name in given:
            raise ConfigurationError(f"--{name.replace('_', '-')}: is given twice")
        given[name] = one_line(read_secret(value)) if name in helpdesk.settings.secret_names() else value
    return given


def _pairs(helpdesk: Helpdesk, arguments: Sequence[str]) -> Iterable[tuple[str, str]]:
    waiting = list(arguments)
    while waiting:
        option = waiting.pop(0)
        name, equals, value = option.removeprefix("--").partition("=")
        if not option.startswith("--"):
            raise ConfigurationError(f"{option}: is no option of the form --name value")
        name = name.replace("-", "_")
        if not equals and _is_switch(helpdesk, name) and (not waiting or waiting[0].startswith("--")):
            yield name, "true"
            continue
        if not equals and not waiting:
            raise ConfigurationError(f"{option}: needs a value")
        yield name, value if equals else waiting.pop(0)


def _is_switch(helpdesk: Helpdesk, name: str) -> bool:
    field = helpdesk.settings.model_fields.get(name)
    return field is not None and field.annotation is bool


def one_line(text: str) -> str:
    """Without the one line end that a file's text has."""
    return text.removesuffix("\n").removesuffix("\r")


def validate(helpdesk: Helpdesk, given: Mapping[str, Any], public_url: str) -> HelpdeskSettings:
    """The settings, or ConfigurationError naming the first option at fault, never its value."""
    try:
        settings = helpdesk.settings.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "".join(f"--{str(part).replace('_', '-')}: " for part in first["loc"][:1])
        raise ConfigurationError(f"{where}{first['msg'].removeprefix('Value error, ')}") from None
    for name in sorted(settings.url_names()):
        url = getattr(settings, name)
        try:
            require_url(url, public_url=public_url, allow_private=settings.allow_private) if url else None
        except ConfigurationError as error:
            raise ConfigurationError(f"--{name.replace('_', '-')}: {error}") from None
    return settings


def split(settings: HelpdeskSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be shown, and what is sealed."""
    members = settings.model_dump(exclude_none=True)
    names = settings.secret_names()
    public = {name: value for name, value in members.items() if name not in names}
    return public, {name: members[name] for name in names & members.keys()}
