"""References: the signed handle that carries an identity through a helpdesk's custom attributes.

A reference says nothing but its own random id; who it stands for is in the store, under that id. Whoever can write into
a helpdesk's field (the player, from the page) can copy a reference but not make one. Signed with itsdangerous, HMAC
SHA-256, under keys derived by HKDF (RFC 5869) from WIDGET_SECRET_KEY: the newest signs, all verify.
"""

import hashlib
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, Signer

from widget_service.workspaces import Workspace

LARGEST_REFERENCE = 255
# One text per reference: 32 bytes are 43 characters of base64url, of which the last has two bits that must be zero.
# What differs there, or in padding, would be another text of the same signature.
_FORM = re.compile(r"(ref_[0-9a-f]{44})\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class InvalidReference(ValueError):
    """A text or a reference that stands for nobody.

    ``reason`` is one of ``malformed``, ``bad_signature``, ``unknown``, ``other_connection``, ``revoked``, ``expired``,
    ``origin_removed``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reference:
    """Who a reference stands for, where it was given out, and what it is bound to. Times are Unix seconds.

    ``profile`` holds signed claims without contact details; ``contact`` those, sealed for this row. ``jkt`` is the key
    of the page, where it brought one; ``thread_id`` the first ticket or chat that brought the reference.
    """

    id: str
    workspace_id: str
    connection_id: str
    brand_id: str
    origin: str
    player_id: str
    jti_hash: bytes
    issued_at: int
    expires_at: int
    profile: Mapping[str, Any] = field(default_factory=dict, repr=False)
    contact: bytes | None = field(default=None, repr=False)
    jkt: str | None = None
    operator_sid: bytes | None = field(default=None, repr=False)
    revoked_at: int | None = None
    thread_id: str | None = None
    conversation_id: str | None = None


class ReferenceStore(Protocol):
    """What references need kept."""

    def add_reference(self, reference: Reference) -> None: ...

    def find_reference(self, reference_id: str) -> Reference | None: ...


def new_reference_id() -> str:
    """``ref_`` with 48 bits of milliseconds, so that rows are added at the table's end, and 128 random bits."""
    return f"ref_{time.time_ns() // 1_000_000:012x}{os.urandom(16).hex()}"


class ReferenceSigner:
    """Signs for one connection of one workspace at a time; what is signed for one does not verify for another."""

    __slots__ = ("_keys",)

    def __init__(self, secret_key: str, previous: str = "") -> None:
        self._keys = tuple(_derive(secret) for secret in (previous, secret_key) if secret)

    def sign(self, reference_id: str, workspace_id: str, connection_id: str) -> str:
        """The reference's text: what the page puts into the helpdesk's field."""
        return self._signer(workspace_id, connection_id).sign(reference_id).decode("ascii")

    def verify(self, text: str, workspace_id: str, connection_id: str) -> str:
        """The id inside a text of ours. Raises InvalidReference (``malformed``, ``bad_signature``)."""
        require_reference_form(text)
        try:
            return self._signer(workspace_id, connection_id).unsign(text).decode("ascii")
        except BadSignature as error:
            raise InvalidReference("bad_signature") from error

    def _signer(self, workspace_id: str, connection_id: str) -> Signer:
        # The default digest is SHA-1 and the default salt shared between purposes.
        return Signer(
            self._keys,
            salt=f"helpdesk-reference:{workspace_id}:{connection_id}",
            sep=".",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )


def require_reference_form(text: str) -> str:
    """The id that a text claims to carry, its signature not yet checked. Raises InvalidReference (``malformed``)."""
    if len(text) > LARGEST_REFERENCE:
        raise InvalidReference("malformed")
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidReference("malformed")
    return form[1]


def is_reference_form(text: str) -> bool:
    """Whether a text looks like a reference, ours or not."""
    return _FORM.fullmatch(text) is not None


def require_reference(reference: Reference | None, connection_id: str, now: int) -> Reference:
    """The reference, if it is live and of this connection. Raises InvalidReference."""
    if reference is None:
        raise InvalidReference("unknown")
    if reference.connection_id != connection_id:
        raise InvalidReference("other_connection")
    if reference.revoked_at is not None:
        raise InvalidReference("revoked")
    if now >= reference.expires_at:
        raise InvalidReference("expired")
    return reference


def require_standing_reference(reference: Reference, workspace: Workspace) -> Reference:
    """The reference, if its brand still allows the origin that it was given out to. Raises InvalidReference."""
    brand = workspace.find_brand(reference.brand_id)
    if brand is None or not brand.allowed_origins.allows(reference.origin):
        raise InvalidReference("origin_removed")
    return reference


def describe_reference(reference: Reference, issuer: str) -> dict[str, Any]:
    """The RFC 7662 answer for a live reference: never a name, an e-mail or a phone number."""
    answer: dict[str, Any] = {
        "active": True,
        "token_use": "reference",
        "sub": reference.player_id,
        "workspace_id": reference.workspace_id,
        "client_id": reference.connection_id,
        "iss": issuer,
        "iat": reference.issued_at,
        "exp": reference.expires_at,
    }
    if reference.conversation_id is not None:
        answer["conversation_id"] = reference.conversation_id
    return answer


@lru_cache(maxsize=8)
def _derive(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"widget-service helpdesk references v1").derive(secret.encode())
