"""``key create``, ``import``, ``retire``, ``list``."""

from dataclasses import asdict
from typing import Any, get_args

import click

from widget_service.cli.answers import Answer, in_lines, in_rows
from widget_service.cli.inputs import read_file, read_secret, read_time
from widget_service.cli.installation import Installation, open_installation
from widget_service.cli.program import Noun
from widget_service.errors import ConfigurationError
from widget_service.events import iso_or_none
from widget_service.storage.administration import signing_keys
from widget_service.storage.administration.key_list import KeyEntry, list_signing_keys
from widget_service.workspaces import Algorithm

_workspace = click.argument("workspace_id", metavar="WS")
_not_after = click.option("--not-after", metavar="TIME", help="When it expires, as 2027-01-31 or with T12:00:00Z.")


@click.group(cls=Noun)
def command() -> None:
    """Keys that an operator signs player tokens with."""


@command.command()
@_workspace
@click.option("--algorithm", type=click.Choice(["HS256"]), default="HS256", help="Others are made at the signer.")
@_not_after
def create(workspace_id: str, algorithm: str, not_after: str | None) -> Answer:
    """Create an HS256 key, whose secret is shown once; use it as its UTF-8 text, never decoded."""
    installation = open_installation()
    expires_at = read_time(not_after) if not_after else None
    with installation.changing() as change:
        key = signing_keys.create_signing_key(change, installation.cipher, workspace_id, expires_at)
    return in_lines(kid=key.kid, algorithm=key.algorithm, secret=key.secret)


@command.command("import")
@_workspace
@click.option("--kid", help="The id that the tokens' headers name.")
@click.option("--algorithm", type=click.Choice(get_args(Algorithm)))
@click.option("--file", "file_name", metavar="F", help="Public PEM or JWK, or an HS256 secret's text; - is stdin.")
@click.option("--secret", metavar="S", help="An HS256 secret: its value, -, or @file.")
@click.option("--jwks-url", metavar="U", help="Take keys from the operator's own key set instead.")
@_not_after
def import_command(workspace_id: str, jwks_url: str | None, **options: str | None) -> Answer:
    """Import a key, or take the keys of a JWKS."""
    if jwks_url is not None:
        if any(options.values()):
            raise click.UsageError("--jwks-url goes with no other option.")
        return _import_key_set(open_installation(), workspace_id, jwks_url)
    return _import_key(workspace_id, _read_draft(**options))


@command.command()
@_workspace
@click.argument("kid", metavar="KID", required=False)
@click.option("--jwks-url", metavar="U", help="Take no more keys from that key set, instead of retiring one key.")
def retire(workspace_id: str, kid: str | None, jwks_url: str | None) -> Answer:
    """Refuse a key from now on, within seconds; its kid is never used again."""
    if (kid is None) == (jwks_url is None):
        raise click.UsageError("Give a KID or --jwks-url.")
    with open_installation().changing() as change:
        if jwks_url is not None:
            signing_keys.remove_key_set(change, workspace_id, jwks_url)
            return in_lines(kid=None, algorithm=None, jwks_url=jwks_url)
        algorithm = signing_keys.retire_signing_key(change, workspace_id, str(kid))
    return in_lines(kid=kid, algorithm=algorithm or None)


@command.command("list")
@_workspace
def list_command(workspace_id: str) -> Answer:
    """List a workspace's keys, when each was last used, and which may be retired."""
    installation = open_installation()
    with installation.reading() as connection:
        rows = [_described(entry) for entry in list_signing_keys(connection, workspace_id, installation.now)]
        urls = list(signing_keys.find_key_set_urls(connection, workspace_id))
    columns = ("kid", "algorithm", "created_at", "not_after", "last_used_at", "retired_at", "safe_to_retire")
    listed = in_rows("keys", rows, columns, jwks_urls=urls)
    return Answer(listed.members, [*listed.lines, *(f"and the keys of {url}" for url in urls)])


def _read_draft(**options: str | None) -> signing_keys.KeyDraft:
    kid, algorithm, not_after = options["kid"], options["algorithm"], options["not_after"]
    file_name, secret = options["file_name"], options["secret"]
    if kid is None or algorithm is None or (file_name is None) == (secret is None):
        raise click.UsageError("Give --kid, --algorithm and --file, or --jwks-url.")
    if secret is not None and algorithm != "HS256":
        raise click.UsageError("--secret goes with HS256; give a public key with --file.")
    text = read_file(file_name) if file_name is not None else read_secret(str(secret))
    expires_at = read_time(not_after) if not_after else None
    known: dict[str, Algorithm] = {name: name for name in get_args(Algorithm)}
    return signing_keys.KeyDraft(kid, known[algorithm], text, expires_at)


def _import_key(workspace_id: str, draft: signing_keys.KeyDraft) -> Answer:
    installation = open_installation()
    with installation.changing() as change:
        signing_keys.import_signing_key(change, installation.cipher, workspace_id, draft)
    return in_lines(kid=draft.kid, algorithm=draft.algorithm)


def _import_key_set(installation: Installation, workspace_id: str, url: str) -> Answer:
    from widget_service.destinations import require_url  # loads an HTTP client

    try:
        require_url(url, public_url=installation.settings.public_url)
    except ConfigurationError as error:
        raise ConfigurationError(f"--jwks-url: {error}") from error
    with installation.changing() as change:
        signing_keys.add_key_set(change, workspace_id, url)
    return in_lines(kid=None, algorithm=None, jwks_url=url)


def _described(entry: KeyEntry) -> dict[str, Any]:
    times = {
        name: iso_or_none(getattr(entry, name)) for name in ("created_at", "not_after", "last_used_at", "retired_at")
    }
    return {**asdict(entry), **times}
