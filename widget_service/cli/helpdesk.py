"""``helpdesk connect``, ``rotate``, ``disconnect``, ``list``. The options of a vendor are its adapter's settings."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from pydantic import ValidationError

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.inputs import read_file, read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.events import iso, iso_or_none
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_mappings import HelpdeskMapping, MappedAttribute, write_mapping
from widget_service.helpdesks import Helpdesk, HelpdeskSettings, available
from widget_service.storage.administration.helpdesks import (
    change_helpdesk_mapping,
    change_helpdesk_secrets,
    connect_helpdesk,
    disconnect_helpdesk,
    find_helpdesk,
    list_helpdesks,
)

CURRENT, PREVIOUS = "webhook_secret", "webhook_secret_previous"
AS_GIVEN = {"ignore_unknown_options": True}


@click.group(cls=Noun)
def command() -> None:
    """Helpdesks: the same identity on Zendesk and others."""


@command.command(context_settings=AS_GIVEN)
@click.argument("workspace_id", metavar="WS")
@click.argument("vendor", metavar="VENDOR")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="--OPTION VALUE…")
def connect(workspace_id: str, vendor: str, options: tuple[str, ...]) -> Answer:
    """Connect a vendor's account. Its options are in docs/helpdesks; secrets may be given as - or @file."""
    helpdesk = _require_vendor(vendor)
    settings, secrets = _split(_validate(helpdesk, _read_options(helpdesk, options)))
    installation = open_installation()
    with installation.changing() as change:
        connection_id = connect_helpdesk(
            change, installation.cipher, workspace_id, vendor, settings=settings, secrets=secrets
        )
    url = f"{installation.settings.public_url}/v1/helpdesks/{connection_id}/webhook"
    return in_lines(connection_id=connection_id, webhook_url=url)


@command.command()
@click.argument("connection_id", metavar="HD")
@click.option("--webhook-secret", help="The new secret; the current one goes on as the previous one.")
@click.option("--forget-previous", is_flag=True, help="Refuse the previous secret from now on.")
def rotate(connection_id: str, webhook_secret: str | None, forget_previous: bool) -> Answer:
    """Change a connection's webhook secret without a gap."""
    if (webhook_secret is None) != forget_previous:
        raise ConfigurationError("Give either --webhook-secret or --forget-previous.")
    installation = open_installation()
    with installation.changing() as change:
        found = find_helpdesk(change.connection, installation.cipher, connection_id)
        secrets = {name: value for name, value in found.secrets.items() if name != PREVIOUS}
        if webhook_secret is not None:
            secrets = {**secrets, CURRENT: _one_line(read_secret(webhook_secret)), PREVIOUS: secrets[CURRENT]}
        _validate(_require_vendor(found.vendor), {**found.settings, **secrets})
        change_helpdesk_secrets(change, installation.cipher, found, secrets)
    return in_lines(connection_id=connection_id, previous=PREVIOUS in secrets)


@command.command()
@click.argument("connection_id", metavar="HD")
def disconnect(connection_id: str) -> Answer:
    """Refuse a connection's webhooks and references from now on, within seconds."""
    with open_installation().changing() as change:
        disconnect_helpdesk(change, connection_id)
    return in_lines(connection_id=connection_id, disconnected=True)


@command.command("list")
@click.argument("workspace_id", metavar="WS")
def list_command(workspace_id: str) -> Answer:
    """List a workspace's connections, without their secrets."""
    with open_installation().reading() as connection:
        rows = [
            {
                "connection_id": entry.id,
                "vendor": entry.vendor,
                "settings": dict(entry.settings),
                "created_at": iso(entry.created_at),
                "disconnected_at": iso_or_none(entry.disabled_at),
            }
            for entry in list_helpdesks(connection, workspace_id)
        ]
    columns = ("connection_id", "vendor", "created_at", "disconnected_at", "settings")
    return in_rows("connections", rows, columns)


@command.group(cls=Noun)
def mapping() -> None:
    """What of the player goes into the vendor's fields, as TOML."""


@mapping.command("export")
@click.argument("connection_id", metavar="HD")
def export_mapping(connection_id: str) -> Answer:
    """Print a connection's mapping."""
    installation = open_installation()
    with installation.reading() as connection:
        found = find_helpdesk(connection, installation.cipher, connection_id)
    carrier = _require_vendor(found.vendor).settings.carrier
    members = {"vendor": found.vendor, "reference": found.settings[carrier], "attributes": list(found.mapping)}
    return Answer(members, write_mapping(HelpdeskMapping.model_validate(members)).splitlines())


@mapping.command("import")
@click.argument("connection_id", metavar="HD")
@click.argument("file")
def import_mapping(connection_id: str, file: str) -> Answer:
    """Replace a connection's mapping with a file's; - is standard input. Refused with the field's name."""
    given, installation = _read_mapping(read_file(file)), open_installation()
    with installation.changing() as change:
        found = find_helpdesk(change.connection, installation.cipher, connection_id)
        helpdesk = _require_vendor(found.vendor)
        _require_fields(helpdesk, found, given)
        settings = {**found.settings, helpdesk.settings.carrier: given.reference}
        change_helpdesk_mapping(change, found, settings, [one.model_dump() for one in given.attributes])
    return in_lines(connection_id=connection_id, reference=given.reference, attributes=len(given.attributes))


def _read_mapping(text: str) -> HelpdeskMapping:
    """Raises ConfigurationError, which names the member at fault."""
    try:
        return HelpdeskMapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"The mapping is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ConfigurationError(f"{_path(first['loc'])}: {first['msg'].removeprefix('Value error, ')}") from None


def _path(parts: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def _require_fields(helpdesk: Helpdesk, connection: HelpdeskConnection, given: HelpdeskMapping) -> None:
    """Every field has the vendor's form and type, and carries one thing. Raises ConfigurationError."""
    if given.vendor != helpdesk.name:
        raise ConfigurationError(f"vendor: is {given.vendor}, and the connection is {helpdesk.name}'s")
    seen: set[str] = set()
    fields = [("reference", given.reference), *((f"attributes[{n}].field", one.field) for n, one in _numbered(given))]
    for where, name in fields:
        if name in seen:
            raise ConfigurationError(f"{where}: {name} already carries something else")
        seen.add(name)
        try:
            checked = {**connection.settings, **connection.secrets, helpdesk.settings.carrier: name}
            helpdesk.settings.model_validate(checked)
        except ValidationError:
            raise ConfigurationError(f"{where}: {name} is no field of {helpdesk.name}") from None
    for n, one in _numbered(given):
        if one.type not in helpdesk.settings.field_types:
            raise ConfigurationError(f"attributes[{n}].type: {helpdesk.name} takes no {one.type} in {one.field}")


def _numbered(given: HelpdeskMapping) -> Iterable[tuple[int, MappedAttribute]]:
    return enumerate(given.attributes)


def _require_vendor(name: str) -> Helpdesk:
    found = available()
    if name not in found:
        raise ConfigurationError(f"There is no helpdesk {name}. Known: {', '.join(sorted(found))}")
    return found[name]


def _read_options(helpdesk: Helpdesk, arguments: Sequence[str]) -> dict[str, str]:
    """``--field-id 42`` as ``{"field_id": "42"}``; secrets are read from where they are. Raises ConfigurationError."""
    given: dict[str, str] = {}
    for name, value in _pairs(arguments):
        if name not in helpdesk.settings.model_fields:
            known = ", ".join(f"--{one.replace('_', '-')}" for one in helpdesk.settings.model_fields)
            raise ConfigurationError(f"{helpdesk.name} has no option --{name.replace('_', '-')}. Known: {known}")
        if name in given:
            raise ConfigurationError(f"--{name.replace('_', '-')}: is given twice")
        given[name] = _one_line(read_secret(value)) if name in helpdesk.settings.secret_names() else value
    return given


def _pairs(arguments: Sequence[str]) -> Iterable[tuple[str, str]]:
    waiting = list(arguments)
    while waiting:
        option = waiting.pop(0)
        name, equals, value = option.removeprefix("--").partition("=")
        if not option.startswith("--"):
            raise ConfigurationError(f"{option}: is no option of the form --name value")
        if not equals and not waiting:
            raise ConfigurationError(f"{option}: needs a value")
        yield name.replace("-", "_"), value if equals else waiting.pop(0)


def _one_line(text: str) -> str:
    """Without the one line end that a file's text has."""
    return text.removesuffix("\n").removesuffix("\r")


def _validate(helpdesk: Helpdesk, given: Mapping[str, Any]) -> HelpdeskSettings:
    """The settings, or ConfigurationError naming the first option at fault, never its value."""
    try:
        return helpdesk.settings.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "".join(f"--{str(part).replace('_', '-')}: " for part in first["loc"][:1])
        raise ConfigurationError(f"{where}{first['msg'].removeprefix('Value error, ')}") from None


def _split(settings: HelpdeskSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be shown, and what is sealed."""
    members = settings.model_dump(exclude_none=True)
    names = settings.secret_names()
    public = {name: value for name, value in members.items() if name not in names}
    return public, {name: members[name] for name in names & members.keys()}
