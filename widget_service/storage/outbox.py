"""Verbs on the outbox: the truth about what the AI agent still has to be told."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from widget_service.delivery import Delivery
from widget_service.events import OutboundEvent
from widget_service.storage.connection import Verbs


@cache
def _add_events(count: int) -> str:
    rows = ", ".join(["(CAST(? AS INTEGER), ?, ?, ?)"] * count)
    return (
        "INSERT INTO outbox (event_id, webhook_id, workspace_id, conversation_id, type, body, created_at,"  # noqa: S608
        " next_attempt_at) SELECT e.column2, w.id, w.workspace_id, ?, e.column3, e.column4, ?, ? FROM webhooks w"
        f" CROSS JOIN (VALUES {rows}) e WHERE w.workspace_id = ? AND w.disabled_at IS NULL ORDER BY e.column1"
    )


class OutboxVerbs(Verbs):
    """Added with what it tells of; taken in order, one worker per webhook and conversation.

    Ids grow in the order of commits within a conversation: what emits holds the conversation's row.
    """

    __slots__ = ()

    def add_outbound_event(self, event: OutboundEvent) -> None:
        """One row per webhook that is connected now."""
        self.connection.run(
            "INSERT INTO outbox (event_id, webhook_id, workspace_id, conversation_id, type, body, created_at,"
            " next_attempt_at) SELECT ?, w.id, w.workspace_id, ?, ?, ?, ?, ? FROM webhooks w"
            " WHERE w.workspace_id = ? AND w.disabled_at IS NULL",
            (
                event.id,
                event.conversation_id,
                event.type,
                event.body,
                event.created_at,
                event.created_at,
                event.workspace_id,
            ),
        )

    def add_outbound_events(self, events: Sequence[OutboundEvent]) -> None:
        """As add_outbound_event() for several of one conversation, in their order."""
        first = events[0]
        values: list[Any] = [first.conversation_id, first.created_at, first.created_at]
        for position, event in enumerate(events):
            values += (position, event.id, event.type, event.body)
        self.connection.run(_add_events(len(events)), (*values, first.workspace_id))

    def find_due_lanes(self, now: int, limit: int, per_webhook: int | None = None) -> list[tuple[str, str]]:
        """(webhook, conversation) pairs whose oldest pending event is due and which no worker holds.

        In turns, so that a webhook with thousands of them hides nobody else's. Nothing of disabled webhooks and
        workspaces.
        """
        rows = self.connection.all(
            "SELECT d.webhook_id, d.conversation_id FROM (SELECT o.id, o.webhook_id, o.conversation_id,"
            " ROW_NUMBER() OVER (PARTITION BY o.webhook_id ORDER BY o.id) AS turn"
            " FROM (SELECT MIN(id) AS head FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL"
            " GROUP BY webhook_id, conversation_id) h JOIN outbox o ON o.id = h.head"
            " JOIN webhooks w ON w.id = o.webhook_id AND w.disabled_at IS NULL"
            " JOIN workspaces s ON s.id = w.workspace_id AND s.disabled_at IS NULL"
            " LEFT JOIN outbox_lanes l ON l.webhook_id = o.webhook_id AND l.conversation_id = o.conversation_id"
            " WHERE o.next_attempt_at <= ? AND (l.held_until IS NULL OR l.held_until <= ?)) d"
            " WHERE d.turn <= ? ORDER BY d.turn, d.id LIMIT ?",
            (now, now, per_webhook or limit, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def claim_lane(self, webhook_id: str, conversation_id: str, holder: str, now: int, until: int) -> bool:
        """True for the one holder that may deliver this lane until then; again for the same one, which extends it."""
        row = self.connection.one(
            "INSERT INTO outbox_lanes AS l (webhook_id, conversation_id, holder, held_until) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (webhook_id, conversation_id) DO UPDATE SET holder = excluded.holder,"
            " held_until = excluded.held_until WHERE l.held_until <= ? OR l.holder = excluded.holder"
            " RETURNING holder",
            (webhook_id, conversation_id, holder, until, now),
        )
        return row is not None

    def release_lane(self, webhook_id: str, conversation_id: str, holder: str) -> None:
        """Lets the next worker have it."""
        self.connection.run(
            "DELETE FROM outbox_lanes WHERE webhook_id = ? AND conversation_id = ? AND holder = ?",
            (webhook_id, conversation_id, holder),
        )

    def find_next_delivery(self, webhook_id: str, conversation_id: str) -> Delivery | None:
        """The lane's oldest pending event, due or not; None for a disabled webhook or workspace."""
        row = self.connection.one(
            "SELECT o.id, o.event_id, o.webhook_id, o.workspace_id, o.body, o.attempts, o.created_at,"
            " o.next_attempt_at, w.url, w.secret, w.allow_private FROM outbox o"
            " JOIN webhooks w ON w.id = o.webhook_id AND w.disabled_at IS NULL"
            " JOIN workspaces s ON s.id = w.workspace_id AND s.disabled_at IS NULL"
            " WHERE o.webhook_id = ? AND o.conversation_id = ? AND o.delivered_at IS NULL AND o.failed_at IS NULL"
            " ORDER BY o.id LIMIT 1",
            (webhook_id, conversation_id),
        )
        return None if row is None else Delivery(*(*row[:9], bytes(row[9]), bool(row[10])))

    def note_attempt(self, outbox_id: int, at: int, status: int | None, error: str | None, milliseconds: int) -> None:
        """Keeps what happened to one attempt."""
        self.connection.run(
            "INSERT INTO delivery_attempts (outbox_id, attempted_at, status, error, milliseconds)"
            " VALUES (?, ?, ?, ?, ?)",
            (outbox_id, at, status, error, milliseconds),
        )
        self.connection.run("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (outbox_id,))

    def settle_delivery(self, outbox_id: int, *, delivered_at: int | None, failed_at: int | None) -> None:
        """The event is delivered, or given up; what is settled already stays as it is."""
        self.connection.run(
            "UPDATE outbox SET delivered_at = ?, failed_at = ?"
            " WHERE id = ? AND delivered_at IS NULL AND failed_at IS NULL",
            (delivered_at, failed_at, outbox_id),
        )

    def postpone_delivery(self, outbox_id: int, next_attempt_at: int) -> None:
        """Try again later."""
        self.connection.run("UPDATE outbox SET next_attempt_at = ? WHERE id = ?", (next_attempt_at, outbox_id))

    def disable_webhook(self, webhook_id: str, now: int) -> bool:
        """Sends it nothing more; False when it was disabled before."""
        row = self.connection.one(
            "UPDATE webhooks SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL RETURNING id", (now, webhook_id)
        )
        return row is not None

    def fail_disabled_deliveries(self, now: int, limit: int = 500) -> int:
        """Gives up what waits for a webhook that was disabled; how many, at most ``limit`` at once."""
        failed = self.connection.all(
            "UPDATE outbox SET failed_at = ? WHERE id IN (SELECT o.id FROM webhooks w JOIN outbox o"
            " ON o.webhook_id = w.id AND o.delivered_at IS NULL AND o.failed_at IS NULL"
            " WHERE w.disabled_at IS NOT NULL LIMIT ?) AND delivered_at IS NULL AND failed_at IS NULL RETURNING id",
            (now, limit),
        )
        return len(failed)

    def count_pending(self) -> int:
        """How many deliveries wait."""
        row = self.connection.one("SELECT COUNT(*) FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL")
        return 0 if row is None else int(row[0])
