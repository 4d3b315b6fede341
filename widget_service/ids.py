"""Identifiers and opaque credentials, and how they are stored."""

import base64
import hashlib
import os
import secrets
import time


def new_id(prefix: str) -> str:
    """A time-ordered id such as ``conv_0197a3…``: 48 bits of milliseconds, 12 of their fraction, 68 of randomness.

    Time order keeps B-tree inserts at the right edge, so that a table of millions costs what an empty one does. With
    the fraction (RFC 9562 §6.2, method 3) what one process makes within a millisecond keeps its order.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    return f"{prefix}_{milliseconds:012x}{nanoseconds * 4096 // 1_000_000:03x}{os.urandom(9).hex()[1:]}"


def new_secret(prefix: str) -> str:
    """An opaque 256-bit credential such as ``wst_…``; only :func:`digest` of it is ever stored."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(text: str) -> bytes:
    """SHA-256 of a credential's UTF-8 text: what the store keeps and looks up."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def base64url(raw: bytes) -> str:
    """Unpadded base64url (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
