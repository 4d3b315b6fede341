"""The shapes of what anybody may ask: keys, metadata, health, the scripts to paste; see ``answers.py``."""

from typing import Literal

from pydantic import Field

from widget_service.views.answers import Answer, Success


class PublicKey(Answer):
    """RFC 7517, a P-256 key."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str = Field(description="the key's RFC 7638 thumbprint")
    alg: Literal["ES256"]
    use: Literal["sig"]


class KeySet(Answer):
    """RFC 7517 §5."""

    keys: list[PublicKey]


class ServerMetadata(Answer):
    """RFC 8414 §2."""

    issuer: str
    jwks_uri: str
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: list[str]
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
    service_documentation: str


class Health(Success):
    """How the process is."""

    status: Literal["live", "ready"]
    version: str


class PinnedScript(Answer):
    """A script that a page pins."""

    version: str
    url: str
    integrity: str = Field(description="Subresource Integrity")
    script: str = Field(description="the tag to paste, with both")


class Manifest(PinnedScript):
    """What a page that pins the SDK needs."""

    helpdesks: dict[str, PinnedScript] = Field(description="the bridges to helpdesks' widgets, by vendor")
    content_security_policy: dict[str, str] = Field(description="the sources to add, by directive")
    content_security_policy_lines: list[str] = Field(description="the same, to paste")
