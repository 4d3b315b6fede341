"""Connections: a workspace's link to its operator's back office, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["reference", "connector"]
API_TOKEN = "api_token"
MOST_CACHE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class BackOfficeConnection:
    """One connection as it was made: it never changes, another one takes its place.

    ``document`` is the connector's TOML, empty for the reference. ``secrets`` holds ``api_token`` and what else the
    connector names; ``settings`` what it takes besides. Read answers may be ``cache_seconds`` old, for one session.
    """

    id: str
    workspace_id: str
    kind: Kind
    preset: str | None
    url: str
    document: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    allow_private: bool = False
    cache_seconds: int = 0


def back_office_context(connection_id: str) -> str:
    """The context that a connection's secrets are sealed with."""
    return f"backoffice_connections:{connection_id}"
