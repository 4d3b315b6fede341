"""Identifiers and opaque credentials, and how they are stored."""

import base64
import hashlib
import os
import secrets
import time


def new_id(prefix: str) -> str:
    """A time-ordered id such as ``conv_0197a3…``: 48 bits of milliseconds, 80 bits of randomness.

    Time order keeps B-tree inserts at the right edge, so that a table of millions costs what an empty one does.
    """
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def new_secret(prefix: str) -> str:
    """An opaque 256-bit credential such as ``wst_…``; only :func:`digest` of it is ever stored."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(text: str) -> bytes:
    """SHA-256 of a credential's UTF-8 text: what the store keeps and looks up."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def base64url(raw: bytes) -> str:
    """Unpadded base64url (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
