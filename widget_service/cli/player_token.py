"""``player-token``: a signed player token, for trying out. Operators' backends sign their own."""

import json
import secrets
from typing import Any

import click
import jwt

from widget_service import strict_json
from widget_service.cli.answers import Answer
from widget_service.cli.inputs import read_assignments
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Verb
from widget_service.errors import ConfigurationError
from widget_service.events import iso
from widget_service.storage.administration.signing_keys import require_secret_key
from widget_service.storage.administration.workspaces import require_workspace


@click.command(cls=Verb)
@click.argument("workspace_id", metavar="WS")
@click.option("--sub", required=True, help="The player's id.")
@click.option("--name", help="The player's name.")
@click.option("--email", help="The player's e-mail address.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=JSON", help="Any claim, as JSON; several may follow.")
@click.option("--kid", help="Which HS256 key signs; the newest unless told.")
@click.option("--lifetime", type=click.IntRange(1, 900), default=300, show_default=True, help="Seconds.")
def command(workspace_id: str, kid: str | None, lifetime: int, claims: tuple[str, ...], **known: str | None) -> Answer:
    """Sign a player token with one of the workspace's HS256 keys."""
    installation = open_installation()
    with installation.reading() as connection:
        require_workspace(connection, workspace_id)
        used_kid, secret = require_secret_key(connection, installation.cipher, workspace_id, kid, installation.now)
    payload = {
        "iss": workspace_id,
        "aud": installation.settings.public_url,
        "iat": installation.now,
        "exp": installation.now + lifetime,
        "jti": secrets.token_urlsafe(16),
        **{name: value for name, value in known.items() if value is not None},
        **_read_claims(claims),
    }
    token = _sign(payload, secret, used_kid)
    members = {"player_token": token, "kid": used_kid, "expires_at": iso(installation.now + lifetime)}
    return Answer(members, [token])


def _read_claims(texts: tuple[str, ...]) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    for name, text in read_assignments(texts).items():
        try:
            claims[name] = strict_json.parse(text)
        except strict_json.MalformedJson as error:
            raise ConfigurationError(f'--claim {name}: is not JSON; write a text as {name}="…"') from error
    return claims


def _sign(payload: dict[str, Any], secret: bytes, kid: str) -> str:
    # Not jwt.encode: it refuses or converts claims that one may want to try out.
    signer = jwt.PyJWS()
    header = {"kid": kid, "typ": "JWT"}
    return signer.encode(json.dumps(payload).encode(), secret, algorithm="HS256", headers=header)
