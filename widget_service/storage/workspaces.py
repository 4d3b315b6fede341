"""Verbs that read a workspace with all that a request needs of it."""

import json
from typing import Any

from widget_service.origins import AllowedOrigins
from widget_service.storage.connection import Verbs
from widget_service.workspaces import Brand

_WORKSPACE = "SELECT id, name, disabled_at FROM workspaces WHERE id = ?"
_BRANDS = (
    "SELECT b.id, b.workspace_id, b.name, b.history, b.debug, b.session_binding, b.anonymous, b.look, b.texts,"
    " o.origin FROM brands b LEFT JOIN allowed_origins o ON o.brand_id = b.id WHERE b.workspace_id = ? ORDER BY b.id"
)
_KEYS = "SELECT kid, algorithm, material, not_after, retired_at FROM signing_keys WHERE workspace_id = ?"
_KEY_SETS = "SELECT url FROM key_sets WHERE workspace_id = ? ORDER BY created_at, url"


class WorkspaceVerbs(Verbs):
    """Rows as the store has them; ``directory.py`` makes values of them and keeps those for a moment."""

    __slots__ = ()

    def find_workspace_row(self, workspace_id: str) -> tuple[str, str, int | None] | None:
        """(id, name, disabled_at), or None."""
        row = self.connection.one(_WORKSPACE, (workspace_id,))
        return None if row is None else (row[0], row[1], row[2])

    def find_brands(self, workspace_id: str) -> tuple[Brand, ...]:
        """The workspace's brands with their allowed origins, oldest first."""
        brands: dict[str, tuple[tuple[Any, ...], list[str]]] = {}
        for row in self.connection.all(_BRANDS, (workspace_id,)):
            origins = brands.setdefault(row[0], (row, []))[1]
            if row[9] is not None:
                origins.append(row[9])
        return tuple(_as_brand(row, origins) for row, origins in brands.values())

    def find_signing_key_rows(self, workspace_id: str) -> list[tuple[Any, ...]]:
        """(kid, algorithm, material, not_after, retired_at) of every key ever known."""
        return self.connection.all(_KEYS, (workspace_id,))

    def find_key_set_urls(self, workspace_id: str) -> tuple[str, ...]:
        """The operator's JWKS URLs."""
        return tuple(row[0] for row in self.connection.all(_KEY_SETS, (workspace_id,)))

    def find_service_key_rows(self) -> list[tuple[Any, ...]]:
        """(kid, sealed private key, public JWK, created_at, retired_at), newest first."""
        return self.connection.all(
            "SELECT kid, private_key, public_jwk, created_at, retired_at FROM service_keys"
            " ORDER BY created_at DESC, kid DESC"
        )

    def is_writable(self) -> bool:
        """Whether the database takes writes: a change of nothing, which a standby or a read-only file refuses too."""
        return self.connection.one("DELETE FROM proofs WHERE proof_hash = ? RETURNING 1", (b"",)) is None


def _as_brand(row: tuple[Any, ...], origins: list[str]) -> Brand:
    return Brand(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        allowed_origins=AllowedOrigins(origins),
        history=row[3],
        debug=bool(row[4]),
        session_binding=row[5],
        anonymous=bool(row[6]),
        look=json.loads(row[7]),
        texts=json.loads(row[8]),
    )
