"""The keys that an operator signs player tokens with: made, imported, retired, listed.

A retired key's row stays for good, so that its ``kid`` is never used again; of a key set's key the row is a
tombstone without material.
"""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.ids import new_id
from widget_service.signing_keys import export_public_pem, import_public_key, import_secret, require_kid
from widget_service.storage.administration.change import Change
from widget_service.storage.administration.workspaces import lock_workspace
from widget_service.storage.schema import key_sets, key_uses, signing_keys
from widget_service.workspaces import Algorithm


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new HS256 key; the only time that its secret stands in clear."""

    kid: str
    algorithm: Algorithm
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key to import: ``text`` is a public PEM or JWK, or an HS256 secret."""

    kid: str
    algorithm: Algorithm
    text: str = field(repr=False)
    not_after: int | None = None


def create_signing_key(change: Change, cipher: Cipher, workspace_id: str, not_after: int | None = None) -> CreatedKey:
    """A new HS256 key with a secret of 384 random bits as text, to be used as its UTF-8 bytes."""
    draft = KeyDraft(new_id("key"), "HS256", secrets.token_urlsafe(48), not_after)
    _add_key(change, cipher, workspace_id, draft)
    change.record(workspace_id, "key.created", draft.kid, algorithm=draft.algorithm)
    return CreatedKey(draft.kid, draft.algorithm, draft.text)


def import_signing_key(change: Change, cipher: Cipher, workspace_id: str, draft: KeyDraft) -> None:
    """Adds an operator's key. Raises ConfigurationError for weak or private material, or a kid known before."""
    _add_key(change, cipher, workspace_id, draft)
    change.record(workspace_id, "key.imported", draft.kid, algorithm=draft.algorithm)


def add_key_set(change: Change, workspace_id: str, url: str) -> None:
    """Takes keys from the operator's JWKS too; ``url`` was checked by destinations.require_url."""
    lock_workspace(change, workspace_id)
    if url not in find_key_set_urls(change.connection, workspace_id):
        change.connection.execute(insert(key_sets).values(workspace_id=workspace_id, url=url, created_at=change.now))
        change.record(workspace_id, "key_set.added", url)


def remove_key_set(change: Change, workspace_id: str, url: str) -> None:
    """Takes no more keys from that JWKS. Raises ConfigurationError when none were."""
    lock_workspace(change, workspace_id)
    known = delete(key_sets).where(key_sets.c.workspace_id == workspace_id, key_sets.c.url == url)
    if not change.connection.execute(known).rowcount:
        raise ConfigurationError(f"The workspace {workspace_id} takes no keys from {url}.")
    change.record(workspace_id, "key_set.removed", url)


def retire_signing_key(change: Change, workspace_id: str, kid: str) -> str:
    """The algorithm of the key, which is refused from now on and whose kid is never used again.

    A kid of a key set gets a tombstone, before or after the set has shown it; its algorithm is "".
    Raises ConfigurationError for a kid that can be neither.
    """
    lock_workspace(change, workspace_id)
    this = (signing_keys.c.workspace_id == workspace_id, signing_keys.c.kid == kid)
    row = change.connection.execute(select(signing_keys.c.algorithm, signing_keys.c.retired_at).where(*this)).first()
    if row is None:
        _add_tombstone(change, workspace_id, kid)
    elif row.retired_at is None:
        change.connection.execute(update(signing_keys).where(*this).values(retired_at=change.now))
    if row is None or row.retired_at is None:
        change.record(workspace_id, "key.retired", kid)
    return "" if row is None else str(row.algorithm)


def find_key_set_urls(connection: Connection, workspace_id: str) -> tuple[str, ...]:
    """The operator's JWKS URLs, oldest first."""
    of_workspace = select(key_sets.c.url).where(key_sets.c.workspace_id == workspace_id)
    return tuple(connection.execute(of_workspace.order_by(key_sets.c.created_at, key_sets.c.url)).scalars())


def require_secret_key(
    connection: Connection, cipher: Cipher, workspace_id: str, kid: str | None, now: int
) -> tuple[str, bytes]:
    """(kid, secret) of the live HS256 key of that kid, or of the newest one. Raises ConfigurationError."""
    live = select(signing_keys).where(
        signing_keys.c.workspace_id == workspace_id,
        signing_keys.c.algorithm == "HS256",
        signing_keys.c.retired_at.is_(None),
    )
    newest_first = live.order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid.desc())
    for row in connection.execute(newest_first):
        if kid in (None, row.kid) and (row.not_after is None or row.not_after > now):
            return row.kid, cipher.open(row.material, key_context(workspace_id, row.kid))
    raise ConfigurationError(f"The workspace {workspace_id} has no live HS256 key{f' {kid}' if kid else ''}.")


def key_context(workspace_id: str, kid: str) -> str:
    """The context that an HS256 secret is sealed with."""
    return f"signing_keys:{workspace_id}:{kid}"


def _add_key(change: Change, cipher: Cipher, workspace_id: str, draft: KeyDraft) -> None:
    lock_workspace(change, workspace_id)
    kid = require_kid(draft.kid)
    if draft.not_after is not None and draft.not_after <= change.now:
        raise ConfigurationError("The key would have expired before its first use.")
    if draft.algorithm == "HS256":
        material = cipher.seal(import_secret(draft.text), key_context(workspace_id, kid))
    else:
        material = export_public_pem(import_public_key(draft.text, draft.algorithm)).encode()
    _require_new_kid(change.connection, workspace_id, kid)
    values = {"algorithm": draft.algorithm, "material": material, "not_after": draft.not_after}
    change.connection.execute(
        insert(signing_keys).values(workspace_id=workspace_id, kid=kid, created_at=change.now, **values)
    )


def _require_new_kid(connection: Connection, workspace_id: str, kid: str) -> None:
    this = select(signing_keys.c.retired_at).where(
        signing_keys.c.workspace_id == workspace_id, signing_keys.c.kid == kid
    )
    row = connection.execute(this).first()
    if row is not None:
        state = "there already" if row.retired_at is None else "retired, and a retired kid is never used again"
        raise ConfigurationError(f"The key {kid} is {state}. Choose another --kid.")


def _add_tombstone(change: Change, workspace_id: str, kid: str) -> None:
    used = select(key_uses.c.kid).where(key_uses.c.workspace_id == workspace_id, key_uses.c.kid == kid)
    from_set = find_key_set_urls(change.connection, workspace_id) or change.connection.execute(used).first()
    if not from_set:
        raise ConfigurationError(f"The workspace {workspace_id} has no key {kid}.")
    change.connection.execute(
        insert(signing_keys).values(
            workspace_id=workspace_id,
            kid=require_kid(kid),
            algorithm="",
            material=None,
            created_at=change.now,
            retired_at=change.now,
        )
    )
