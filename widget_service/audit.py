"""The audit trail: grants, revocations and changes, a row each, in the transaction that makes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from widget_service.ids import new_id


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to which thing. ``details`` hold no credential and no contact detail."""

    workspace_id: str
    at: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("aud"))

    def details_json(self) -> str:
        """The details as stored."""
        return json.dumps(self.details, ensure_ascii=False) if self.details else "{}"


class AuditStore(Protocol):
    """What the audit trail needs."""

    def add_audit(self, event: AuditEvent) -> None: ...
