"""Allowed origins of a brand. What one is, ``widget_service.origins`` alone decides."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from widget_service.errors import ConfigurationError
from widget_service.origins import AllowedOrigin
from widget_service.storage.administration.change import Change
from widget_service.storage.schema import allowed_origins


def add_origin(change: Change, workspace_id: str, brand_id: str, text: str) -> str:
    """The canonical origin, listed from now on; adding it again changes nothing. Raises InvalidOrigin."""
    origin = str(AllowedOrigin.parse(text))
    if origin not in list_origins(change.connection, brand_id):
        change.connection.execute(
            insert(allowed_origins).values(brand_id=brand_id, origin=origin, created_at=change.now)
        )
        change.record(workspace_id, "origin.added", brand_id, origin=origin)
    return origin


def remove_origin(change: Change, workspace_id: str, brand_id: str, text: str) -> str:
    """The canonical origin, listed no longer. Raises ConfigurationError when it was not."""
    origin = str(AllowedOrigin.parse(text))
    listed = delete(allowed_origins).where(allowed_origins.c.brand_id == brand_id, allowed_origins.c.origin == origin)
    if not change.connection.execute(listed).rowcount:
        raise ConfigurationError(f"The brand {brand_id} does not list {origin}.")
    change.record(workspace_id, "origin.removed", brand_id, origin=origin)
    return origin


def list_origins(connection: Connection, brand_id: str) -> Sequence[str]:
    """The brand's origins, oldest first."""
    of_brand = select(allowed_origins.c.origin).where(allowed_origins.c.brand_id == brand_id)
    return connection.execute(of_brand.order_by(allowed_origins.c.created_at, allowed_origins.c.origin)).scalars().all()
