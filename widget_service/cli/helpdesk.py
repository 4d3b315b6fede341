"""``helpdesk connect``, ``set``, ``rotate``, ``disconnect``, ``list``, ``mapping``."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import click
from pydantic import ValidationError

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.helpdesk_options import one_line, read_options, require_vendor, split, validate
from widget_service.cli.inputs import read_file, read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.events import iso, iso_or_none
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_mappings import HelpdeskMapping, MappedAttribute, largest_size, write_mapping
from widget_service.helpdesks import Helpdesk
from widget_service.storage.administration.helpdesks import (
    change_helpdesk_mapping,
    change_helpdesk_secrets,
    change_helpdesk_settings,
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
    helpdesk = require_vendor(vendor)
    installation = open_installation()
    given = read_options(helpdesk, options)
    settings, secrets = split(validate(helpdesk, given, installation.settings.public_url))
    with installation.changing() as change:
        connection_id = connect_helpdesk(
            change, installation.cipher, workspace_id, vendor, settings=settings, secrets=secrets
        )
    url = f"{installation.settings.public_url}/v1/helpdesks/{connection_id}/webhook"
    return in_lines(connection_id=connection_id, webhook_url=url)


@command.command("set", context_settings=AS_GIVEN)
@click.argument("connection_id", metavar="HD")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="--OPTION VALUE…")
def set_command(connection_id: str, options: tuple[str, ...]) -> Answer:
    """Change a connection's options; an empty value takes one away. The webhook's secret is changed by rotate."""
    installation = open_installation()
    with installation.changing() as change:
        found = find_helpdesk(change.connection, installation.cipher, connection_id)
        helpdesk = require_vendor(found.vendor)
        given = read_options(helpdesk, options)
        _require_changeable(helpdesk, given)
        members = {**found.settings, **found.secrets, **given}
        kept = {name: value for name, value in members.items() if value != ""}
        settings, secrets = split(validate(helpdesk, kept, installation.settings.public_url))
        change_helpdesk_settings(change, installation.cipher, found, settings, secrets)
    return in_lines(connection_id=connection_id, changed=", ".join(sorted(given)))


@command.command(context_settings=AS_GIVEN)
@click.argument("connection_id", metavar="HD")
@click.option("--webhook-secret", help="The new secret; the current one goes on as the previous one.")
@click.option("--forget-previous", is_flag=True, help="Refuse the previous secret from now on.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[--SECRET VALUE…]")
def rotate(connection_id: str, webhook_secret: str | None, forget_previous: bool, options: tuple[str, ...]) -> Answer:
    """Change a connection's webhook secret without a gap, or any other of its secrets at once."""
    if [webhook_secret is not None, forget_previous, bool(options)].count(True) != 1:
        raise ConfigurationError("Give either --webhook-secret or --forget-previous, or another of its secrets.")
    installation = open_installation()
    with installation.changing() as change:
        found = find_helpdesk(change.connection, installation.cipher, connection_id)
        secrets = _rotated(found, webhook_secret, options)
        validate(require_vendor(found.vendor), {**found.settings, **secrets}, installation.settings.public_url)
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
                "write_backs": {"waiting": entry.waiting, "failed": entry.failed},
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
    carrier = require_vendor(found.vendor).settings.carrier
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
        helpdesk = require_vendor(found.vendor)
        given = _require_fields(helpdesk, found, given)
        settings = {**found.settings, helpdesk.settings.carrier: given.reference}
        change_helpdesk_mapping(change, found, settings, [one.model_dump() for one in given.attributes])
    return in_lines(connection_id=connection_id, reference=given.reference, attributes=len(given.attributes))


def _rotated(found: HelpdeskConnection, webhook_secret: str | None, options: tuple[str, ...]) -> dict[str, Any]:
    """All secrets of a connection, some of them new."""
    helpdesk = require_vendor(found.vendor)
    given = read_options(helpdesk, options)
    others = set(given) - (helpdesk.settings.secret_names() - {CURRENT, PREVIOUS})
    if others:
        raise ConfigurationError(f"--{min(others).replace('_', '-')}: is no secret of the vendor's; see helpdesk set")
    if given:
        return {**found.secrets, **given}
    kept = {name: value for name, value in found.secrets.items() if name != PREVIOUS}
    if webhook_secret is None:
        return kept
    return {**kept, CURRENT: one_line(read_secret(webhook_secret)), PREVIOUS: kept[CURRENT]}


def _require_changeable(helpdesk: Helpdesk, given: Mapping[str, str]) -> None:
    elsewhere = {CURRENT: "rotate", PREVIOUS: "rotate", helpdesk.settings.carrier: "mapping import"}
    for name in sorted(given):
        if name in elsewhere:
            raise ConfigurationError(f"--{name.replace('_', '-')}: is changed by helpdesk {elsewhere[name]}")
    if not given:
        raise ConfigurationError("Give an option to change.")


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


def _require_fields(helpdesk: Helpdesk, connection: HelpdeskConnection, given: HelpdeskMapping) -> HelpdeskMapping:
    """The mapping with each field as the vendor writes it; every one carries one thing. Raises ConfigurationError."""
    if given.vendor != helpdesk.name:
        raise ConfigurationError(f"vendor: is {given.vendor}, and the connection is {helpdesk.name}'s")
    seen: list[str] = []
    fields = [("reference", given.reference), *((f"attributes[{n}].field", one.field) for n, one in _numbered(given))]
    for where, name in fields:
        field = _read_field(helpdesk, connection, where, name)
        if field in seen:
            raise ConfigurationError(f"{where}: {name} already carries something else")
        seen.append(field)
    for n, one in _numbered(given):
        if one.type not in helpdesk.settings.field_types:
            raise ConfigurationError(f"attributes[{n}].type: {helpdesk.name} takes no {one.type} in {one.field}")
    attributes = [one.model_copy(update={"field": seen[n + 1]}) for n, one in _numbered(given)]
    whole = given.model_copy(update={"reference": seen[0], "attributes": attributes})
    if (size := largest_size(whole)) > helpdesk.settings.largest_fields:
        kept = helpdesk.settings.largest_fields
        raise ConfigurationError(f"attributes: may take {size} bytes with the reference; {helpdesk.name} keeps {kept}")
    return whole


def _read_field(helpdesk: Helpdesk, connection: HelpdeskConnection, where: str, name: str) -> str:
    members, carrier = {**connection.settings, **connection.secrets}, helpdesk.settings.carrier
    try:
        return str(getattr(helpdesk.settings.model_validate({**members, carrier: name}), carrier))
    except ValidationError as error:
        if all(one["loc"][0] != carrier for one in error.errors()):
            return name  # a secret that was stored before a rule for it goes on working
        raise ConfigurationError(f"{where}: {name} is no field of {helpdesk.name}") from None


def _numbered(given: HelpdeskMapping) -> Iterable[tuple[int, MappedAttribute]]:
    return enumerate(given.attributes)
