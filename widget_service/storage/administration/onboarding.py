"""A new operator: a workspace with a first brand and a first key, or nothing at all."""

from dataclasses import dataclass, field

from sqlalchemy import insert

from widget_service.encryption import Cipher
from widget_service.ids import new_id
from widget_service.storage.administration.brands import BrandDraft, create_brand
from widget_service.storage.administration.change import Change, require_name
from widget_service.storage.administration.signing_keys import create_signing_key
from widget_service.storage.schema import workspaces


@dataclass(frozen=True, slots=True)
class CreatedWorkspace:
    """A new workspace; the only time that its first secret stands in clear."""

    workspace_id: str
    brand_id: str
    kid: str
    algorithm: str
    secret: str = field(repr=False)


def create_workspace(change: Change, cipher: Cipher, draft: BrandDraft) -> CreatedWorkspace:
    """A workspace, its first brand of the same name, and its first HS256 key. Raises ConfigurationError."""
    workspace_id = new_id("ws")
    name = require_name(draft.name)
    change.connection.execute(insert(workspaces).values(id=workspace_id, name=name, created_at=change.now))
    change.record(workspace_id, "workspace.created", workspace_id, name=name)
    brand_id = create_brand(change, workspace_id, draft)
    key = create_signing_key(change, cipher, workspace_id)
    return CreatedWorkspace(workspace_id, brand_id, key.kid, key.algorithm, key.secret)
