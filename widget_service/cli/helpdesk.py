"""``helpdesk connect``, ``rotate``, ``disconnect``, ``list``. The options of a vendor are its adapter's settings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from pydantic import ValidationError

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.events import iso, iso_or_none
from widget_service.helpdesks import Helpdesk, HelpdeskSettings, available
from widget_service.storage.administration.helpdesks import (
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
