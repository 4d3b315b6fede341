"""Brands: created, set, listed, found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from widget_service.errors import ConfigurationError
from widget_service.ids import new_id
from widget_service.storage.administration.brand_settings import parse_setting
from widget_service.storage.administration.change import Change, require_name
from widget_service.storage.administration.origins import add_origin, list_origins
from widget_service.storage.administration.workspaces import lock_workspace, require_workspace
from widget_service.storage.schema import brands


@dataclass(frozen=True, slots=True)
class BrandDraft:
    """What a brand begins with."""

    name: str
    origins: Sequence[str] = ()
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class BrandEntry:
    """A brand as lists show it."""

    id: str
    workspace_id: str
    name: str
    history: str
    debug: bool
    session_binding: str
    anonymous: bool
    created_at: int
    origins: tuple[str, ...]
    look: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)


def create_brand(change: Change, workspace_id: str, draft: BrandDraft) -> str:
    """The new brand's id. Raises ConfigurationError for a bad name or origin, or an unknown workspace."""
    lock_workspace(change, workspace_id)
    brand_id = new_id("br")
    change.connection.execute(
        insert(brands).values(
            id=brand_id,
            workspace_id=workspace_id,
            name=require_name(draft.name),
            anonymous=int(draft.anonymous),
            created_at=change.now,
        )
    )
    change.record(workspace_id, "brand.created", brand_id, name=draft.name, anonymous=draft.anonymous)
    for origin in draft.origins:
        add_origin(change, workspace_id, brand_id, origin)
    return brand_id


def set_brand(change: Change, brand_id: str, assignments: Mapping[str, str]) -> BrandEntry:
    """Sets what ``assignments`` name, an empty text taking a look or a text back to its default.

    Raises ConfigurationError naming the first name that is unknown or whose value is not valid.
    """
    brand = require_brand(change.connection, brand_id)
    look, texts = dict(brand.look), dict(brand.texts)
    columns: dict[str, Any] = {}
    for name, text in assignments.items():
        value = parse_setting(name, text)
        family, _, member = name.partition(".")
        if not member:
            columns[name] = value
            continue
        chosen = look if family == "look" else texts
        chosen.pop(member, None)
        if value is not None:
            chosen[member] = value
    columns["look"], columns["texts"] = (json.dumps(chosen, ensure_ascii=False) for chosen in (look, texts))
    change.connection.execute(update(brands).where(brands.c.id == brand_id).values(columns))
    change.record(brand.workspace_id, "brand.changed", brand_id, **dict(assignments))
    return require_brand(change.connection, brand_id)


def list_brands(connection: Connection, workspace_id: str) -> Sequence[BrandEntry]:
    """The workspace's brands; the first is its default. Raises ConfigurationError for an unknown workspace."""
    require_workspace(connection, workspace_id)
    rows = connection.execute(select(brands).where(brands.c.workspace_id == workspace_id).order_by(brands.c.id))
    return [_as_entry(connection, row) for row in rows.all()]


def require_brand(connection: Connection, brand_id: str) -> BrandEntry:
    """The brand of that id. Raises ConfigurationError."""
    row = connection.execute(select(brands).where(brands.c.id == brand_id)).first()
    if row is None:
        raise ConfigurationError(f"There is no brand {brand_id}.")
    return _as_entry(connection, row)


def choose_brand(connection: Connection, workspace_id: str, brand_id: str | None) -> BrandEntry:
    """The workspace's brand of that id, or its only one. Raises ConfigurationError when there are several to choose."""
    known = list_brands(connection, workspace_id)
    if brand_id is None and len(known) > 1:
        raise ConfigurationError(f"Choose a brand with --brand: {', '.join(brand.id for brand in known)}")
    for brand in known:
        if brand_id in (None, brand.id):
            return brand
    raise ConfigurationError(f"The workspace {workspace_id} has no brand {brand_id}.")


def _as_entry(connection: Connection, row: Any) -> BrandEntry:
    return BrandEntry(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        history=row.history,
        debug=bool(row.debug),
        session_binding=row.session_binding,
        anonymous=bool(row.anonymous),
        created_at=row.created_at,
        origins=tuple(list_origins(connection, row.id)),
        look=json.loads(row.look),
        texts=json.loads(row.texts),
    )
