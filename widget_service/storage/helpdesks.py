"""Verbs on helpdesks: connections, references, threads, and the deliveries that were taken."""

import json
from dataclasses import astuple, fields
from typing import Any

from widget_service.helpdesk_customers import HelpdeskCustomer
from widget_service.helpdesk_desks import Opening
from widget_service.helpdesk_events import HelpdeskThread
from widget_service.references import Reference
from widget_service.storage.connection import Verbs

_REFERENCE_NAMES = [field.name for field in fields(Reference)]
_REFERENCE = ", ".join(_REFERENCE_NAMES)
_FIND_REFERENCE = f"SELECT {_REFERENCE} FROM helpdesk_references WHERE id = ?"  # noqa: S608 - constants only
_FIND_NEWEST_REFERENCE = (
    f"SELECT {_REFERENCE} FROM helpdesk_references WHERE workspace_id = ? AND player_id = ?"  # noqa: S608
    " AND connection_id = ? AND revoked_at IS NULL ORDER BY id DESC LIMIT 1"
)
_ADD_REFERENCE = f"INSERT INTO helpdesk_references ({_REFERENCE}) VALUES (?{', ?' * (len(_REFERENCE_NAMES) - 1)})"  # noqa: S608
_THREAD_NAMES = [field.name for field in fields(HelpdeskThread)]
_THREAD = ", ".join(_THREAD_NAMES)
_FIND_THREAD = f"SELECT {_THREAD} FROM helpdesk_threads WHERE connection_id = ? AND thread_id = ?"  # noqa: S608 - constants only
_FIND_THREADS_OF_CUSTOMER = (
    f"SELECT {_THREAD} FROM helpdesk_threads WHERE connection_id = ? AND customer_id = ? ORDER BY thread_id"  # noqa: S608
)
_CLAIM_DELIVERY = (
    "INSERT INTO helpdesk_deliveries (connection_id, delivery_hash, expires_at) VALUES (?, ?, ?)"
    " ON CONFLICT DO NOTHING RETURNING expires_at"
)
#: The update changes nothing: it holds the row, and brings it.
_OPEN_THREAD = (
    "INSERT INTO helpdesk_threads AS t (connection_id, thread_id, status, last_time, last_position, updated_at)"  # noqa: S608
    " VALUES (?, ?, 'unverified', 0, 0, ?)"
    f" ON CONFLICT (connection_id, thread_id) DO UPDATE SET updated_at = t.updated_at RETURNING {_THREAD}"
)
_OPEN_AT_ONCE = (
    "WITH claimed AS (INSERT INTO helpdesk_deliveries (connection_id, delivery_hash, expires_at) VALUES (?, ?, ?)"  # noqa: S608
    " ON CONFLICT DO NOTHING RETURNING 1), opened AS (INSERT INTO helpdesk_threads AS t"
    " (connection_id, thread_id, status, last_time, last_position, updated_at)"
    " SELECT ?, ?, 'unverified', 0, 0, CAST(? AS BIGINT) FROM claimed"
    f" ON CONFLICT (connection_id, thread_id) DO UPDATE SET updated_at = t.updated_at RETURNING {_THREAD})"
    f" SELECT o.*, r.* FROM opened o LEFT JOIN LATERAL ({_FIND_REFERENCE}%s) r ON TRUE"
)
_OPEN_HOLDING = _OPEN_AT_ONCE % " FOR UPDATE"
_OPEN_LOOKING = _OPEN_AT_ONCE % ""
_BIND = "UPDATE helpdesk_references SET thread_id = ?, conversation_id = ? WHERE id = ?"
_REVOKE = "UPDATE helpdesk_references SET revoked_at = ? WHERE revoked_at IS NULL"
_OF_PLAYER = " AND workspace_id = ? AND player_id = ?"
_OF_OPERATOR_SID = " AND operator_sid = ?"
_OF_CONVERSATION = " AND conversation_id = ?"


class HelpdeskVerbs(Verbs):
    """What is decided by whom comes first is decided by one statement each."""

    __slots__ = ()

    def find_helpdesk_connection_row(self, connection_id: str) -> tuple[Any, ...] | None:
        """(id, workspace_id, vendor, settings, sealed secrets, mapping) of a live connection, or None."""
        return self.connection.one(
            "SELECT id, workspace_id, vendor, settings, secrets, mapping FROM helpdesk_connections"
            " WHERE id = ? AND disabled_at IS NULL",
            (connection_id,),
        )

    def open_delivery(self, opening: Opening, until: int) -> tuple[HelpdeskThread, Reference | None] | None:
        """The thread and the reference for exactly one bringer of the delivery, None for any other.

        The delivery is remembered until then. The thread is made where it is new; whoever else asks for it waits until
        this unit of work ends. One round trip, and for a repetition nothing but the look at it.
        """
        if self.connection.dialect == "postgresql":
            return self._open_at_once(opening, until)
        if self.connection.one(_CLAIM_DELIVERY, (opening.connection_id, opening.delivery_hash, until)) is None:
            return None
        row = self.connection.one(_OPEN_THREAD, (opening.connection_id, opening.thread_id, opening.now))
        assert row is not None  # noqa: S101 - it was made above
        reference = self.connection.one(_FIND_REFERENCE, (opening.reference_id,)) if opening.reference_id else None
        return HelpdeskThread(*row), None if reference is None else _as_reference(reference)

    def add_reference(self, reference: Reference) -> None:
        """Keeps a new reference."""
        values = {name: getattr(reference, name) for name in _REFERENCE_NAMES}
        self.connection.run(_ADD_REFERENCE, list({**values, "profile": json.dumps(reference.profile)}.values()))

    def find_reference(self, reference_id: str) -> Reference | None:
        """The reference of that id, live or not."""
        row = self.connection.one(_FIND_REFERENCE, (reference_id,))
        return None if row is None else _as_reference(row)

    def find_newest_reference(self, workspace_id: str, player_id: str, connection_id: str) -> Reference | None:
        """What was last granted to the player for the connection and not revoked since."""
        row = self.connection.one(_FIND_NEWEST_REFERENCE, (workspace_id, player_id, connection_id))
        return None if row is None else _as_reference(row)

    def claim_reference(self, reference_id: str, thread_id: str, conversation_id: str) -> bool:
        """Binds the reference to the first thread that brings it, and to that alone."""
        row = self.connection.one(
            "UPDATE helpdesk_references SET thread_id = ?, conversation_id = ? WHERE id = ? AND revoked_at IS NULL"
            " AND (thread_id IS NULL OR thread_id = ?) RETURNING id",
            (thread_id, conversation_id, reference_id, thread_id),
        )
        return row is not None

    def bind_reference(self, reference_id: str, thread_id: str, conversation_id: str) -> None:
        """As claim_reference(), for one that this unit of work holds or has made."""
        self.connection.run(_BIND, (thread_id, conversation_id, reference_id))

    def revoke_references_of_player(self, workspace_id: str, player_id: str, now: int) -> None:
        """Ends all of a player's references, and kills the player tokens that they were given for."""
        self._revoke(_OF_PLAYER, (workspace_id, player_id), now)

    def revoke_references_of_operator_sid(self, operator_sid: bytes, now: int) -> None:
        """The same for one session of the operator."""
        self._revoke(_OF_OPERATOR_SID, (operator_sid,), now)

    def revoke_references_of_conversation(self, conversation_id: str, now: int) -> None:
        """The same for those that are bound to the conversation."""
        self._revoke(_OF_CONVERSATION, (conversation_id,), now)

    def find_customer(self, connection_id: str, customer_id: str) -> HelpdeskCustomer | None:
        """Which player the vendor's customer is, if that was ever shown."""
        row = self.connection.one(
            "SELECT connection_id, customer_id, player_id, reference_id, updated_at FROM helpdesk_customers"
            " WHERE connection_id = ? AND customer_id = ?",
            (connection_id, customer_id),
        )
        return None if row is None else HelpdeskCustomer(*row)

    def keep_customer(self, customer: HelpdeskCustomer) -> None:
        """Whoever the customer is first, it stays; the reference is the newest one."""
        self.connection.run(
            "INSERT INTO helpdesk_customers AS c (connection_id, customer_id, player_id, reference_id, updated_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection_id, customer_id) DO UPDATE"
            " SET reference_id = excluded.reference_id, updated_at = excluded.updated_at"
            " WHERE c.player_id = excluded.player_id",
            astuple(customer),
        )

    def keep_mark(self, connection_id: str, mark: bytes, until: int) -> None:
        """Remembers among the deliveries that something is over."""
        self.connection.run(
            "INSERT INTO helpdesk_deliveries (connection_id, delivery_hash, expires_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (connection_id, mark, until),
        )

    def has_mark(self, connection_id: str, mark: bytes) -> bool:
        """Whether that is over."""
        row = self.connection.one(
            "SELECT 1 FROM helpdesk_deliveries WHERE connection_id = ? AND delivery_hash = ?", (connection_id, mark)
        )
        return row is not None

    def find_thread(self, connection_id: str, thread_id: str) -> HelpdeskThread | None:
        """The vendor's thread, if anything was ever said of it."""
        row = self.connection.one(_FIND_THREAD, (connection_id, thread_id))
        return None if row is None else HelpdeskThread(*row)

    def find_threads_of_customer(self, connection_id: str, customer_id: str) -> list[HelpdeskThread]:
        """Whatever that customer was the last to ask in; nobody else changes them until the unit of work ends."""
        hold = " FOR UPDATE" if self.connection.dialect == "postgresql" else ""
        rows = self.connection.all(_FIND_THREADS_OF_CUSTOMER + hold, (connection_id, customer_id))
        return [HelpdeskThread(*row) for row in rows]

    def update_thread(self, thread: HelpdeskThread) -> None:
        """Writes all that an event may change."""
        self.connection.run(
            "UPDATE helpdesk_threads SET status = ?, last_time = ?, last_position = ?, updated_at = ?,"
            " reference_id = ?, conversation_id = ?, player_id = ?, customer_id = ?, is_over = ?"
            " WHERE connection_id = ? AND thread_id = ?",
            (
                thread.status,
                thread.last_time,
                thread.last_position,
                thread.updated_at,
                thread.reference_id,
                thread.conversation_id,
                thread.player_id,
                thread.customer_id,
                int(thread.is_over),
                thread.connection_id,
                thread.thread_id,
            ),
        )

    def _open_at_once(self, opening: Opening, until: int) -> tuple[HelpdeskThread, Reference | None] | None:
        row = self.connection.one(
            _OPEN_HOLDING if opening.holds else _OPEN_LOOKING,
            (
                opening.connection_id,
                opening.delivery_hash,
                until,
                opening.connection_id,
                opening.thread_id,
                opening.now,
                opening.reference_id,
            ),
        )
        if row is None:
            return None
        thread, reference = row[: len(_THREAD_NAMES)], row[len(_THREAD_NAMES) :]
        return HelpdeskThread(*thread), None if reference[0] is None else _as_reference(reference)

    def _revoke(self, which: str, values: tuple[Any, ...], now: int) -> None:
        revoked = self.connection.all(_REVOKE + which + " RETURNING workspace_id, jti_hash", (now, *values))
        for workspace_id, jti_hash in revoked:
            self.connection.run(
                "UPDATE spent_tokens SET killed_at = ? WHERE workspace_id = ? AND jti_hash = ? AND killed_at IS NULL",
                (now, workspace_id, bytes(jti_hash)),
            )


def _as_reference(row: tuple[Any, ...]) -> Reference:
    members = dict(zip(_REFERENCE_NAMES, row, strict=True))
    for name in ("jti_hash", "contact", "operator_sid"):
        members[name] = None if members[name] is None else bytes(members[name])
    return Reference(**{**members, "profile": json.loads(members["profile"])})
