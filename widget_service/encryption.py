"""Encryption at rest: operators' secrets, service keys, players' contact details.

AES-256-GCM (NIST SP 800-38D) under a key derived from WIDGET_SECRET_KEY by HKDF-SHA256 (RFC 5869). The context
(table, column and row) is authenticated with the text, so that a ciphertext moved to another row does not open.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from widget_service.errors import ConfigurationError

KEY_ID_BYTES = 4
NONCE_BYTES = 12


@lru_cache(maxsize=8)
def _derive(secret: str) -> tuple[bytes, AESGCM]:
    raw = HKDF(SHA256(), 32 + KEY_ID_BYTES, salt=None, info=b"widget-service encryption at rest v1").derive(
        secret.encode()
    )
    return raw[32:], AESGCM(raw[:32])


class Cipher:
    """Seals with the current key, opens with the current or the previous one."""

    def __init__(self, secret_key: str, previous: str = "") -> None:
        self._current_id, self._current = _derive(secret_key)
        self._keys = dict(_derive(secret) for secret in (previous, secret_key) if secret)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """``key id ‖ nonce ‖ ciphertext and tag``."""
        nonce = os.urandom(NONCE_BYTES)
        return self._current_id + nonce + self._current.encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The plaintext; ConfigurationError when neither key opens it (a wrong WIDGET_SECRET_KEY)."""
        sealed = bytes(sealed)
        key = self._keys.get(sealed[:KEY_ID_BYTES])
        if key is None:
            raise ConfigurationError("WIDGET_SECRET_KEY: is not the key that this database was written with")
        nonce = sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        try:
            return key.decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], context.encode())
        except (InvalidTag, ValueError) as error:
            raise ConfigurationError("a stored secret does not open: the database was altered") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the text was sealed with the current key; if not it wants rewrapping."""
        return bytes(sealed)[:KEY_ID_BYTES] == self._current_id
