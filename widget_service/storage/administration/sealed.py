"""Everything that is sealed at rest, sealed anew with the current key: ``secret-key rewrap``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, select, tuple_, update

from widget_service.backoffice_connections import back_office_context
from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.helpdesk_connections import access_context, connection_context, reference_context
from widget_service.service_keys import service_key_context
from widget_service.storage import schema
from widget_service.storage.administration.change import NO_WORKSPACE, Change, changing
from widget_service.storage.administration.signing_keys import key_context
from widget_service.storage.administration.webhooks import webhook_context

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts; ``context`` makes of a row's key what they are sealed with."""

    table: Table
    column: Column[Any]
    key: tuple[Column[Any], ...]
    context: Callable[..., str]
    where: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class RewrapCount:
    """How many texts of a table were sealed anew, had the current key already, and open with no key we have."""

    rewrapped: int = 0
    current: int = 0
    unreadable: int = 0

    def __add__(self, other: "RewrapCount") -> "RewrapCount":
        return RewrapCount(
            self.rewrapped + other.rewrapped, self.current + other.current, self.unreadable + other.unreadable
        )


_DESKS, _REFERENCES = schema.helpdesk_connections, schema.helpdesk_references
_ACCESSES = schema.helpdesk_accesses
_OFFICES = schema.backoffice_connections
_KEYS, _HOOKS, _OWN, _TALKS = schema.signing_keys, schema.webhooks, schema.service_keys, schema.conversations
SEALED = (
    SealedColumn(
        _KEYS, _KEYS.c.material, (_KEYS.c.workspace_id, _KEYS.c.kid), key_context, _KEYS.c.algorithm == "HS256"
    ),
    SealedColumn(_HOOKS, _HOOKS.c.secret, (_HOOKS.c.id,), webhook_context),
    SealedColumn(_OWN, _OWN.c.private_key, (_OWN.c.kid,), service_key_context),
    SealedColumn(_TALKS, _TALKS.c.contact, (_TALKS.c.id,), "conversations:{}".format),
    SealedColumn(_DESKS, _DESKS.c.secrets, (_DESKS.c.id,), connection_context),
    SealedColumn(_ACCESSES, _ACCESSES.c.content, (_ACCESSES.c.connection_id,), access_context),
    SealedColumn(_OFFICES, _OFFICES.c.secrets, (_OFFICES.c.id,), back_office_context),
    SealedColumn(_REFERENCES, _REFERENCES.c.contact, (_REFERENCES.c.id,), reference_context),
)


def rewrap(database_url: str, cipher: Cipher, *, actor: str, now: int) -> dict[str, RewrapCount]:
    """The counts by ``table.column``. In batches, a transaction each: an interrupted run is simply run again."""
    counts: dict[str, RewrapCount] = {}
    for sealed in SEALED:
        last: tuple[Any, ...] | None = None
        name = f"{sealed.table.name}.{sealed.column.name}"
        counts[name] = RewrapCount()
        while True:
            with changing(database_url, actor=actor, now=now) as change:
                rows = _next_rows(change, sealed, last)
                counts[name] += sum((_rewrap_row(change, cipher, sealed, row) for row in rows), RewrapCount())
            if len(rows) < BATCH:
                break
            last = tuple(rows[-1][:-1])
    with changing(database_url, actor=actor, now=now) as change:
        change.record(NO_WORKSPACE, "secret_key.rewrapped", "", rewrapped=sum(c.rewrapped for c in counts.values()))
    return counts


def _next_rows(change: Change, sealed: SealedColumn, last: tuple[Any, ...] | None) -> list[Row[Any]]:
    rows = select(*sealed.key, sealed.column).where(sealed.column.is_not(None))
    if sealed.where is not None:
        rows = rows.where(sealed.where)
    if last is not None:
        rows = rows.where(tuple_(*sealed.key) > tuple_(*last))
    return list(change.connection.execute(rows.order_by(*sealed.key).limit(BATCH)))


def _rewrap_row(change: Change, cipher: Cipher, sealed: SealedColumn, row: Row[Any]) -> RewrapCount:
    key: tuple[str, ...] = tuple(row)[:-1]
    ciphertext = bytes(row[-1])
    context = sealed.context(*key)
    try:
        plaintext = cipher.open(ciphertext, context)
    except ConfigurationError:
        return RewrapCount(unreadable=1)
    if cipher.is_current(ciphertext):
        return RewrapCount(current=1)
    this_row = [column == value for column, value in zip(sealed.key, key, strict=True)]
    # Only as it was read: a conversation may have got another contact in between.
    unchanged = update(sealed.table).where(*this_row, sealed.column == ciphertext)
    change.connection.execute(unchanged.values({sealed.column: cipher.seal(plaintext, context)}))
    return RewrapCount(rewrapped=1)
