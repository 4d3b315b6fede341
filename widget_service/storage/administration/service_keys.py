"""Our own keys in the store: the first one made, rotated, listed."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, text, update

from widget_service.encryption import Cipher
from widget_service.service_keys import (
    PUBLISHED_AFTER_RETIREMENT,
    ServiceKey,
    new_service_key,
    open_service_key,
    seal_service_key,
)
from widget_service.storage.administration.change import NO_WORKSPACE, Change
from widget_service.storage.schema import service_keys

#: Any fixed number: on PostgreSQL whoever makes a service key holds this lock.
ADVISORY_LOCK = 7_193_442_058_222
_NEWEST_FIRST = select(service_keys).order_by(service_keys.c.created_at.desc(), service_keys.c.kid.desc())


def ensure_service_key(change: Change, cipher: Cipher) -> ServiceKey:
    """The key that signs now, made when there is none.

    Raises ConfigurationError when WIDGET_SECRET_KEY is not the one that this database was written with.
    """
    _lock(change)
    newest = change.connection.execute(_NEWEST_FIRST.where(service_keys.c.retired_at.is_(None))).first()
    return _add(change, cipher) if newest is None else open_service_key(cipher, tuple(newest))


def rotate_service_key(change: Change, cipher: Cipher) -> ServiceKey:
    """A new key that signs at once; those before stay published for a day, and go with a later rotation."""
    _lock(change)
    published_until = service_keys.c.retired_at + PUBLISHED_AFTER_RETIREMENT
    change.connection.execute(delete(service_keys).where(published_until < change.now))
    live = service_keys.c.retired_at.is_(None)
    change.connection.execute(update(service_keys).where(live).values(retired_at=change.now))
    return _add(change, cipher)


def list_service_keys(connection: Connection, cipher: Cipher) -> Sequence[ServiceKey]:
    """Every key, the newest first."""
    return [open_service_key(cipher, tuple(row)) for row in connection.execute(_NEWEST_FIRST)]


def _add(change: Change, cipher: Cipher) -> ServiceKey:
    key = new_service_key(change.now)
    private_key, public_jwk = seal_service_key(cipher, key)
    change.connection.execute(
        insert(service_keys).values(
            kid=key.kid, private_key=private_key, public_jwk=public_jwk, created_at=key.created_at
        )
    )
    change.record(NO_WORKSPACE, "service_key.created", key.kid)
    return key


def _lock(change: Change) -> None:
    if change.connection.dialect.name == "postgresql":
        change.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
