"""Our own keys in the store: the first one made, rotated, listed."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, text, update

from widget_service.encryption import Cipher
from widget_service.service_keys import ServiceKey, new_service_key, open_service_key, seal_service_key
from widget_service.storage.administration.change import NO_WORKSPACE, Change
from widget_service.storage.schema import service_keys

#: Any fixed number: on PostgreSQL whoever makes a service key holds this lock.
ADVISORY_LOCK = 7_193_442_058_222


def ensure_service_key(change: Change, cipher: Cipher) -> ServiceKey:
    """The key that signs now, made when there is none.

    Raises ConfigurationError when WIDGET_SECRET_KEY is not the one that this database was written with.
    """
    _lock(change)
    live = [key for key in list_service_keys(change.connection, cipher) if key.retired_at is None]
    return live[0] if live else _add(change, cipher)


def rotate_service_key(change: Change, cipher: Cipher) -> ServiceKey:
    """A new key that signs at once; those before are retired and stay published for a day."""
    _lock(change)
    live = service_keys.c.retired_at.is_(None)
    change.connection.execute(update(service_keys).where(live).values(retired_at=change.now))
    return _add(change, cipher)


def list_service_keys(connection: Connection, cipher: Cipher) -> Sequence[ServiceKey]:
    """Every key, the newest first."""
    newest_first = select(service_keys).order_by(service_keys.c.created_at.desc(), service_keys.c.kid.desc())
    return [open_service_key(cipher, tuple(row)) for row in connection.execute(newest_first)]


def has_service_key(connection: Connection) -> bool:
    """Whether some key signs."""
    live = select(service_keys.c.kid).where(service_keys.c.retired_at.is_(None))
    return connection.execute(live).first() is not None


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
