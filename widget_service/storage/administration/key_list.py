"""A workspace's signing keys as its operator sees them, with a hint when one may be retired."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from widget_service.storage.administration.workspaces import require_workspace
from widget_service.storage.schema import key_uses, signing_keys

#: No player token lives longer, so a key unused for so long signs nothing that is still about.
LONGEST_TOKEN_LIFE = 900


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key. ``from_key_set``: seen in, or retired from, the operator's JWKS. Times are Unix seconds."""

    kid: str
    algorithm: str | None
    from_key_set: bool
    created_at: int | None
    not_after: int | None
    last_used_at: int | None
    retired_at: int | None
    safe_to_retire: bool = False


def list_signing_keys(connection: Connection, workspace_id: str, now: int) -> Sequence[KeyEntry]:
    """Every key ever known, oldest first. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    uses = select(key_uses.c.kid, key_uses.c.last_used_at).where(key_uses.c.workspace_id == workspace_id)
    used: dict[str, int] = {row.kid: row.last_used_at for row in connection.execute(uses)}
    of_workspace = select(signing_keys).where(signing_keys.c.workspace_id == workspace_id)
    entries = [
        KeyEntry(
            kid=row.kid,
            algorithm=row.algorithm or None,
            from_key_set=row.material is None,
            created_at=row.created_at,
            not_after=row.not_after,
            last_used_at=used.pop(row.kid, None),
            retired_at=row.retired_at,
        )
        for row in connection.execute(of_workspace.order_by(signing_keys.c.created_at, signing_keys.c.kid))
    ]
    entries += [KeyEntry(kid, None, True, None, None, at, None) for kid, at in sorted(used.items())]
    return [replace(entry, safe_to_retire=_is_safe_to_retire(entry, entries, now)) for entry in entries]


def _is_safe_to_retire(key: KeyEntry, keys: Sequence[KeyEntry], now: int) -> bool:
    """Whether the operator has moved on: the key fell silent while another live one went on being used."""
    if key.retired_at is not None or key.last_used_at is None or now - key.last_used_at < LONGEST_TOKEN_LIFE:
        return False
    return any(other.retired_at is None and (other.last_used_at or 0) > key.last_used_at for other in keys)
