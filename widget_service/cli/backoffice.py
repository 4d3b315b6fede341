"""``backoffice connect``, ``disconnect``, ``list``, ``export``, ``import``, ``test``: whose player data agents read."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace

import click

from widget_service.backoffice.connector.token_host import TOKEN_HOST
from widget_service.backoffice.gateway import egress_of
from widget_service.backoffice.offices import open_back_office
from widget_service.backoffice.preset_files import read_preset
from widget_service.backoffice_connections import API_TOKEN, MOST_CACHE_SECONDS, BackOfficeConnection
from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.backoffice_suggest import suggestion
from widget_service.cli.backoffice_test import test
from widget_service.cli.inputs import read_assignments, read_file, read_secret
from widget_service.cli.installation import Installation, open_installation
from widget_service.cli.program import Noun
from widget_service.destinations import require_url
from widget_service.errors import ConfigurationError
from widget_service.events import iso, iso_or_none
from widget_service.storage.administration.backoffice import (
    connect_back_office,
    disconnect_back_office,
    find_back_office,
    list_back_offices,
    new_back_office_id,
)


@click.group(cls=Noun)
def command() -> None:
    """Back offices: whose player data the agents read, with both proofs."""


command.add_command(test)
command.add_command(suggestion)


@command.command()
@click.argument("workspace_id", metavar="WS")
@click.option("--url", required=True, help="The back office's base URL.")
@click.option("--api-token", help="The operator's API token there; - and @file do too.")
@click.option("--preset", help="A platform that is known: docs/platforms.md.")
@click.option("--file", "file", help="A connector's TOML: docs/connector.md.")
@click.option("--secret", "secrets", multiple=True, help="NAME=VALUE that the connector asks for; NAME=@file, NAME=-.")
@click.option("--setting", "settings", multiple=True, help="NAME=VALUE that the connector asks for.")
@click.option("--token-host", help="Another host to which the connector may send credentials for a token.")
@click.option("--allow-private", is_flag=True, help="The URL may be in a private network.")
@click.option("--cache", type=click.IntRange(0, MOST_CACHE_SECONDS), default=0, help="Seconds a read answer is kept.")
def connect(
    workspace_id: str,
    url: str,
    api_token: str | None,
    preset: str | None,
    file: str | None,
    secrets: tuple[str, ...],
    settings: tuple[str, ...],
    token_host: str | None,
    allow_private: bool,
    cache: int,
) -> Answer:
    """Connect a workspace to its operator's back office, in place of the one before."""
    installation = open_installation()
    document = _read_document(preset, file)
    connection = BackOfficeConnection(
        id=new_back_office_id(),
        workspace_id=workspace_id,
        kind="connector" if document else "reference",
        preset=preset,
        url=url.rstrip("/"),
        document=document,
        secrets=_read_secrets(api_token, secrets),
        settings=_settings(settings, token_host),
        allow_private=allow_private,
        cache_seconds=cache,
    )
    return _keep(installation, connection)


@command.command()
@click.argument("connection_id", metavar="BO")
def disconnect(connection_id: str) -> Answer:
    """Ask a back office nothing from now on, within seconds."""
    with open_installation().changing() as change:
        disconnect_back_office(change, connection_id)
    return in_lines(connection_id=connection_id, disconnected=True)


@command.command("list")
@click.argument("workspace_id", metavar="WS")
def list_command(workspace_id: str) -> Answer:
    """List a workspace's connections, without their secrets."""
    with open_installation().reading() as connection:
        rows = [
            {
                "connection_id": entry.id,
                "kind": entry.kind,
                "preset": entry.preset,
                "url": entry.url,
                "settings": dict(entry.settings),
                "allow_private": entry.allow_private,
                "cache_seconds": entry.cache_seconds,
                "created_at": iso(entry.created_at),
                "disconnected_at": iso_or_none(entry.disabled_at),
            }
            for entry in list_back_offices(connection, workspace_id)
        ]
    return in_rows("connections", rows, ("connection_id", "kind", "preset", "created_at", "disconnected_at", "url"))


@command.command()
@click.argument("workspace_id", metavar="WS")
def export(workspace_id: str) -> Answer:
    """Print the connector of a workspace's back office, as TOML."""
    found = _find(open_installation(), workspace_id)
    if not found.document:
        raise ConfigurationError("The back office speaks the player API itself: there is no connector to print.")
    return Answer({"connection_id": found.id, "document": found.document}, found.document.splitlines())


@command.command("import")
@click.argument("workspace_id", metavar="WS")
@click.argument("file")
def import_command(workspace_id: str, file: str) -> Answer:
    """Replace the connector of a workspace's back office with a file's; - is standard input. Its secrets stay."""
    installation = open_installation()
    found, document = _find(installation, workspace_id), _require_toml(read_file(file))
    changed = replace(found, id=new_back_office_id(), kind="connector", preset=None, document=document)
    return _keep(installation, changed)


def _keep(installation: Installation, connection: BackOfficeConnection) -> Answer:
    public_url = installation.settings.public_url
    try:
        require_url(connection.url, public_url=public_url, allow_private=connection.allow_private)
    except ConfigurationError as error:
        raise ConfigurationError(f"--url: {error}") from error
    if "?" in connection.url:
        raise ConfigurationError("--url: has a query")
    if connection.kind == "reference" and set(connection.secrets) != {API_TOKEN}:
        raise ConfigurationError("A back office that speaks the player API takes --api-token, and no other secret.")
    open_back_office(connection, egress_of(installation.settings))  # what cannot be read is not kept
    with installation.changing() as change:
        connect_back_office(change, installation.cipher, connection)
    return in_lines(connection_id=connection.id)


def _find(installation: Installation, workspace_id: str) -> BackOfficeConnection:
    with installation.reading() as connection:
        return find_back_office(connection, installation.cipher, workspace_id)


def _read_document(preset: str | None, file: str | None) -> str:
    if preset is not None and file is not None:
        raise ConfigurationError("Give --preset or --file, not both.")
    if preset is not None:
        return read_preset(preset)
    return _require_toml(read_file(file)) if file is not None else ""


def _require_toml(text: str) -> str:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"The connector is no TOML: {error}") from None
    if not text.strip():
        raise ConfigurationError("The connector is empty.")
    return text


def _settings(texts: tuple[str, ...], token_host: str | None) -> dict[str, str]:
    given = read_assignments(texts)
    return given if token_host is None else {**given, TOKEN_HOST: token_host}


def _read_secrets(api_token: str | None, secrets: tuple[str, ...]) -> Mapping[str, str]:
    given = {name: _read_line(value) for name, value in read_assignments(secrets).items()}
    if api_token is not None:
        given = {**given, API_TOKEN: _read_line(api_token)}
    empty = [name for name, value in given.items() if not value]
    if empty:
        raise ConfigurationError(f"{empty[0]}: is empty")
    return given


def _read_line(text: str) -> str:
    """Without the one line end that a file's text has."""
    return read_secret(text).removesuffix("\n").removesuffix("\r")
