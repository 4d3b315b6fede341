"""Verbs on what is written back to helpdesks, and on what their vendors have given us for it."""

from widget_service.helpdesk_write_backs import WriteBack
from widget_service.storage.connection import Verbs

#: The lane of a connection's jobs: one worker at a time, beside the outbox's lanes.
WRITE_BACK_LANE = "write_back"


class WriteBackVerbs(Verbs):
    """One job for each thread; a worker takes those of one connection in turn."""

    __slots__ = ()

    def add_write_back(self, connection_id: str, thread_id: str, now: int) -> None:
        """The thread has changed; a job under way for what it was before settles nothing any more."""
        self.connection.run(
            "INSERT INTO helpdesk_writebacks AS w (connection_id, thread_id, generation, attempts, created_at,"
            " next_attempt_at) VALUES (?, ?, 1, 0, ?, ?) ON CONFLICT (connection_id, thread_id) DO UPDATE"
            " SET generation = w.generation + 1, attempts = 0, created_at = excluded.created_at,"
            " next_attempt_at = excluded.next_attempt_at, done_at = NULL, failed_at = NULL, error = ''",
            (connection_id, thread_id, now, now),
        )

    def find_due_write_back_connections(self, now: int, limit: int) -> list[str]:
        """Connections with a job that is due, whose lane nobody holds; the longest due first."""
        rows = self.connection.all(
            "SELECT w.connection_id FROM helpdesk_writebacks w"
            " JOIN helpdesk_connections c ON c.id = w.connection_id AND c.disabled_at IS NULL"
            " JOIN workspaces s ON s.id = c.workspace_id AND s.disabled_at IS NULL"
            " LEFT JOIN outbox_lanes l ON l.webhook_id = w.connection_id AND l.conversation_id = ?"
            " WHERE w.done_at IS NULL AND w.failed_at IS NULL AND w.next_attempt_at <= ?"
            " AND (l.held_until IS NULL OR l.held_until <= ?)"
            " GROUP BY w.connection_id ORDER BY MIN(w.next_attempt_at) LIMIT ?",
            (WRITE_BACK_LANE, now, now, limit),
        )
        return [row[0] for row in rows]

    def find_due_write_backs(self, connection_id: str, now: int, limit: int) -> list[WriteBack]:
        """The connection's jobs that are due, the longest due first, each with its thread as it stands."""
        rows = self.connection.all(
            "SELECT w.connection_id, w.thread_id, w.generation, w.attempts, w.created_at, c.workspace_id, t.status,"
            " t.player_id, t.customer_id FROM helpdesk_writebacks w"
            " JOIN helpdesk_connections c ON c.id = w.connection_id AND c.disabled_at IS NULL"
            " JOIN helpdesk_threads t ON t.connection_id = w.connection_id AND t.thread_id = w.thread_id"
            " WHERE w.connection_id = ? AND w.done_at IS NULL AND w.failed_at IS NULL AND w.next_attempt_at <= ?"
            " ORDER BY w.next_attempt_at, w.thread_id LIMIT ?",
            (connection_id, now, limit),
        )
        return [WriteBack(*row) for row in rows]

    def settle_write_back(self, job: WriteBack, *, done_at: int | None, failed_at: int | None, error: str) -> bool:
        """The job is done, or given up; False where the thread has changed meanwhile, and the job is due again."""
        row = self.connection.one(
            "UPDATE helpdesk_writebacks SET done_at = ?, failed_at = ?, error = ?, attempts = attempts + 1"
            " WHERE connection_id = ? AND thread_id = ? AND generation = ? RETURNING thread_id",
            (done_at, failed_at, error, job.connection_id, job.thread_id, job.generation),
        )
        return row is not None

    def postpone_write_back(self, job: WriteBack, next_attempt_at: int, error: str) -> None:
        """Try again later; not where the thread has changed meanwhile."""
        self.connection.run(
            "UPDATE helpdesk_writebacks SET next_attempt_at = ?, error = ?, attempts = attempts + 1"
            " WHERE connection_id = ? AND thread_id = ? AND generation = ?",
            (next_attempt_at, error, job.connection_id, job.thread_id, job.generation),
        )

    def find_access(self, connection_id: str) -> bytes | None:
        """What the last login with the connection's vendor gave, sealed."""
        row = self.connection.one("SELECT content FROM helpdesk_accesses WHERE connection_id = ?", (connection_id,))
        return None if row is None else bytes(row[0])

    def keep_access(self, connection_id: str, content: bytes, now: int) -> None:
        """In place of what was there."""
        self.connection.run(
            "INSERT INTO helpdesk_accesses (connection_id, content, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT (connection_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
            (connection_id, content, now),
        )

    def find_minted_customer(self, connection_id: str, player_id: str) -> str | None:
        """The customer that the vendor has made for the player."""
        row = self.connection.one(
            "SELECT customer_id FROM helpdesk_minted_customers WHERE connection_id = ? AND player_id = ?",
            (connection_id, player_id),
        )
        return None if row is None else str(row[0])

    def keep_minted_customer(
        self, connection_id: str, player_id: str, customer_id: str, old: str | None, now: int
    ) -> str:
        """Which customer the player is: this one, unless another one than ``old`` was kept meanwhile."""
        row = self.connection.one(
            "INSERT INTO helpdesk_minted_customers AS m (connection_id, player_id, customer_id, created_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (connection_id, player_id) DO UPDATE"
            " SET customer_id = CASE WHEN m.customer_id = ? THEN excluded.customer_id ELSE m.customer_id END"
            " RETURNING customer_id",
            (connection_id, player_id, customer_id, now, old),
        )
        assert row is not None  # noqa: S101 - RETURNING always gives the row in place
        return str(row[0])
