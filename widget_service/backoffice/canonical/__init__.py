"""The canonical shapes: every request and answer of the player API, as models, and how they are written."""

from widget_service.backoffice.canonical.capabilities import (
    BACK_OFFICE_ONLY,
    CAPABILITIES,
    WITHOUT_SCOPE,
    Capability,
)
from widget_service.backoffice.canonical.values import Answer, Item, Query, Request
from widget_service.backoffice.canonical.writing import write

__all__ = [
    "BACK_OFFICE_ONLY",
    "CAPABILITIES",
    "WITHOUT_SCOPE",
    "Answer",
    "Capability",
    "Item",
    "Query",
    "Request",
    "write",
]
