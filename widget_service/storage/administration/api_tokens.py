"""API tokens: created with scopes and shown once, revoked, listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from sqlalchemy import Connection, select, update

from widget_service.errors import ConfigurationError
from widget_service.ids import digest, new_id, new_secret
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.workspaces import lock_workspace, require_workspace
from widget_service.storage.schema import api_token_networks, api_tokens, sessions
from widget_service.workspaces import API_SCOPES

TOKEN_PREFIX = "wat"


@dataclass(frozen=True, slots=True)
class ApiTokenEntry:
    """An API token as lists show it. Times are Unix seconds."""

    id: str
    scopes: tuple[str, ...]
    created_at: int
    last_used_at: int | None
    revoked_at: int | None
    networks: tuple[str, ...] = ()


def create_api_token(
    change: Change, workspace_id: str, scopes: Iterable[str], networks: Iterable[str] = ()
) -> tuple[str, str]:
    """(token id, token). The token is shown once; its SHA-256 is kept. Raises ConfigurationError.

    ``networks``, addresses or CIDR, are from where it may be used; none for anywhere.
    """
    lock_workspace(change, workspace_id)
    held, allowed = _require_scopes(scopes), _require_networks(networks)
    token_id, token = new_id("tok"), new_secret(TOKEN_PREFIX)
    change.connection.execute(
        api_tokens.insert().values(
            id=token_id, workspace_id=workspace_id, token_hash=digest(token), scopes=held, created_at=change.now
        )
    )
    if allowed:
        change.connection.execute(api_token_networks.insert().values(token_id=token_id, networks=allowed))
    change.record(workspace_id, "token.created", token_id, scopes=held, **({"networks": allowed} if allowed else {}))
    return token_id, token


def revoke_api_token(change: Change, token_id: str) -> str:
    """The id of the token, refused from now on, and every session id that it has issued with it.

    A token itself (``wat_…``) is accepted too: one that has leaked.

    Raises ConfigurationError when it is unknown.
    """
    is_token = token_id.startswith(f"{TOKEN_PREFIX}_")
    this = api_tokens.c.token_hash == digest(token_id) if is_token else api_tokens.c.id == token_id
    row = change.connection.execute(
        select(api_tokens.c.id, api_tokens.c.workspace_id, api_tokens.c.revoked_at).where(this)
    ).first()
    if row is None:
        raise ConfigurationError("There is no such API token." if is_token else f"There is no API token {token_id}.")
    if row.revoked_at is None:
        change.connection.execute(update(api_tokens).where(this).values(revoked_at=change.now))
        change.record(row.workspace_id, "token.revoked", row.id)
    issued = (sessions.c.token_use == "session_id") & (sessions.c.client_id == row.id) & sessions.c.revoked_at.is_(None)
    change.connection.execute(update(sessions).where(issued).values(revoked_at=change.now))
    return str(row.id)


def list_api_tokens(connection: Connection, workspace_id: str) -> Sequence[ApiTokenEntry]:
    """The workspace's tokens, oldest first. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    networks = api_token_networks
    rows = connection.execute(
        select(api_tokens, networks.c.networks)
        .join(networks, networks.c.token_id == api_tokens.c.id, isouter=True)
        .where(api_tokens.c.workspace_id == workspace_id)
        .order_by(api_tokens.c.id)
    )
    return [
        ApiTokenEntry(
            row.id,
            tuple(row.scopes.split(" ")),
            row.created_at,
            row.last_used_at,
            row.revoked_at,
            tuple((row.networks or "").split()),
        )
        for row in rows
    ]


def _require_scopes(scopes: Iterable[str]) -> str:
    asked = set(scopes)
    unknown = sorted(asked - set(API_SCOPES))
    if unknown:
        raise ConfigurationError(f"There is no scope {unknown[0]}. Known: {', '.join(API_SCOPES)}")
    if not asked:
        raise ConfigurationError(f"A token needs a scope. Known: {', '.join(API_SCOPES)}")
    return " ".join(scope for scope in API_SCOPES if scope in asked)


def _require_networks(networks: Iterable[str]) -> str:
    try:
        return " ".join(dict.fromkeys(str(ip_network(text)) for text in networks))
    except ValueError as error:
        raise ConfigurationError("--allow: must be addresses or networks such as 203.0.113.0/24") from error
