"""The tenant: a workspace, its brands, its signing keys and its API tokens, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal

from widget_service.origins import AllowedOrigins

Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]
History = Literal["device", "player"]
SessionBinding = Literal["dpop", "bearer"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that an operator signs player tokens with, ready to verify: parsed once, never per request.

    ``verifying_key`` is the secret's UTF-8 bytes for HS256, else a public key of ``cryptography``.
    """

    workspace_id: str
    kid: str
    algorithm: Algorithm
    verifying_key: Any = field(repr=False)
    not_after: int | None = None
    retired_at: int | None = None


@dataclass(frozen=True, slots=True)
class Brand:
    """One site of the operator: where it may be embedded, how it looks, what it says."""

    id: str
    workspace_id: str
    name: str
    allowed_origins: AllowedOrigins
    history: History = "device"
    debug: bool = False
    session_binding: SessionBinding = "dpop"
    anonymous: bool = False
    look: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One operator. ``brands`` is never empty; the first is the default."""

    id: str
    name: str
    brands: tuple[Brand, ...]
    signing_keys: Mapping[str, SigningKey]
    jwks_urls: tuple[str, ...] = ()
    disabled: bool = False

    def find_brand(self, brand_id: str | None) -> Brand | None:
        """The brand of that id, the first brand for None, or None."""
        if brand_id is None:
            return self.brands[0]
        return next((brand for brand in self.brands if brand.id == brand_id), None)

    def allows_origin(self, origin: str | None) -> bool:
        """Whether any brand lists the origin: all that is known before the brand is."""
        return self.find_listing(origin) is not None

    def find_listing(self, origin: str | None) -> str | None:
        """The line of any brand's list that allows the origin, or None."""
        found = (brand.allowed_origins.find_listing(origin) for brand in self.brands)
        return next((listing for listing in found if listing is not None), None)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A workspace's machine credential; the secret itself is never kept."""

    id: str
    workspace_id: str
    scopes: frozenset[str]
    #: From where it may be used; empty for anywhere.
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


#: What an API token may hold. The player scopes are those an issued session id can carry.
PLAYER_SCOPES = ("player:read", "withdrawals:cancel", "bonuses:write", "notes:write")
API_SCOPES = (
    "conversations:read",
    "conversations:write",
    "sessions:issue",
    "sessions:introspect",
    "sessions:revoke",
    *PLAYER_SCOPES,
    "player:contact",
)
