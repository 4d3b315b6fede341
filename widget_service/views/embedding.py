"""Which brand a page may embed: asked by the frame document, by a start, and by the CORS headers."""

from widget_service.errors import OriginNotAllowed
from widget_service.storage.directory import Directory
from widget_service.workspaces import Brand


def find_embedding(directory: Directory, workspace_id: str, brand_id: str | None, origin: str | None) -> Brand | None:
    """The brand, if its list has the origin. What was configured a moment ago counts: no is never said from a cache."""
    brand = _find_brand(directory, workspace_id, brand_id, look_again=False)
    if brand is None or not brand.allowed_origins.allows(origin):
        brand = _find_brand(directory, workspace_id, brand_id, look_again=True)
    return brand if brand is not None and brand.allowed_origins.allows(origin) else None


def require_brand(directory: Directory, workspace_id: str, brand_id: str | None, origin: str | None) -> Brand:
    """The brand as it stands now, its origins not yet judged. OriginNotAllowed when there is none."""
    brand = find_embedding(directory, workspace_id, brand_id, origin)
    brand = brand or _find_brand(directory, workspace_id, brand_id, look_again=False)
    if brand is None:
        raise OriginNotAllowed("unknown_workspace_or_brand")
    return brand


def _find_brand(directory: Directory, workspace_id: str, brand_id: str | None, *, look_again: bool) -> Brand | None:
    find = directory.look_again if look_again else directory.find_workspace
    workspace = find(workspace_id)
    return None if workspace is None else workspace.find_brand(brand_id)
