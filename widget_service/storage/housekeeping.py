"""What has ended is removed: in batches, a short transaction each, so that nobody waits behind it.

Each function removes at most ``limit`` things and answers how many, to be called again while that is the limit.
"""

from dataclasses import dataclass

from widget_service.storage.records import COUNT_KEYS
from widget_service.storage.store import Store

DAY = 86_400
MONTH = 30 * DAY


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows of a table that ended before a time, less ``grace`` seconds in which somebody may still ask why."""

    table: str
    key: str
    ended: str
    grace: int

    def remove(self, store: Store, now: int, limit: int) -> int:
        """Removes a batch."""
        chosen = f"SELECT {self.key} FROM {self.table} WHERE {self.ended} LIMIT ?"  # noqa: S608 - constants
        removed = store.connection.all(
            f"DELETE FROM {self.table} WHERE ({self.key}) IN ({chosen}) RETURNING 1",  # noqa: S608 - constants
            (now - self.grace, limit),
        )
        return len(removed)


EXPIRED = (
    Removal("proofs", "proof_hash", "expires_at < ?", 0),
    Removal("spent_tokens", "workspace_id, jti_hash", "expires_at < ?", 0),
    Removal("sessions", "token_hash", "absolute_expires_at < ?", DAY),
    Removal("outbox_lanes", "webhook_id, conversation_id", "held_until < ?", DAY),
    Removal("player_logouts", "workspace_id, player_id", "logged_out_at < ?", DAY),
    # Only what lifts: it is kept until no token signed before it can come any more. What closes stays.
    Removal("player_closures", "workspace_id, player_id", "closed = 0 AND signed_at < ?", DAY),
    Removal("helpdesk_deliveries", "connection_id, delivery_hash", "expires_at < ?", 0),
    Removal("helpdesk_references", "id", "expires_at < ?", DAY),
    Removal("helpdesk_writebacks", "connection_id, thread_id", "created_at < ?", MONTH),
    Removal("helpdesk_threads", "connection_id, thread_id", "reference_id IS NULL AND updated_at < ?", MONTH),
)
#: Counts go after three months and samples of refusals after one; grants, revocations and changes stay.
RECORDS = (
    Removal("counts", COUNT_KEYS, "minute * 60 < ?", 3 * MONTH),
    Removal("audit", "id", "action = 'refused' AND at < ?", MONTH),
)
TYPING = Removal("conversation_events", "conversation_id, seq", "type = 'typing' AND created_at < ?", 300)


def remove_empty_conversations(store: Store, now: int, age: int, limit: int) -> int:
    """Removes conversations that old in which the player never wrote and nobody is, with what hangs on them."""
    # The conversation first: from there on a message that arrives meanwhile waits, and then finds none.
    removed = store.connection.all(
        "DELETE FROM conversations WHERE player_messages = 0 AND id IN (SELECT id FROM conversations c"
        " WHERE c.player_messages = 0 AND c.created_at < ? AND NOT EXISTS (SELECT 1 FROM sessions s"
        " WHERE s.conversation_id = c.id AND s.revoked_at IS NULL AND s.expires_at > ?) LIMIT ?) RETURNING id",
        (now - age, now, limit),
    )
    for conversation in removed:
        for table in ("sessions", "messages", "conversation_events", "handovers"):
            store.connection.run(f"DELETE FROM {table} WHERE conversation_id = ?", conversation)  # noqa: S608
    return len(removed)


def remove_settled_deliveries(store: Store, before: int, limit: int) -> int:
    """Removes events that old which were delivered or given up, with their attempts."""
    removed = store.connection.all(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < ?"
        " AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL) LIMIT ?) RETURNING id",
        (before, limit),
    )
    for event in removed:
        store.connection.run("DELETE FROM delivery_attempts WHERE outbox_id = ?", event)
    return len(removed)
