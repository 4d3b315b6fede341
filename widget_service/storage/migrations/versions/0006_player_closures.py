"""Closed for responsible gaming: a fact of the player, no longer of some of the conversations.

Filled from what conversations and helpdesk references hold: for each player what was signed last, closed where two of
the same second differ. Session ids that such players have lose the bonus scope.
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000
#: Signed time and closed: the larger pair is the one that holds.
Said = tuple[int, int]


def upgrade() -> None:
    """Only ever forward: a backup is the way back."""
    op.create_table(
        "player_closures",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("player_id", sa.Text(), nullable=False),
        sa.Column("closed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "player_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "player_closures_lifted",
        "player_closures",
        ["signed_at"],
        unique=False,
        sqlite_where=sa.text("closed = 0"),
        postgresql_where=sa.text("closed = 0"),
    )
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    suspects = _players_ever_closed(connection)
    for workspace_id, player_id in sorted(suspects):
        signed_at, closed = max(_said_of(connection, workspace_id, player_id))
        if not closed:
            continue
        player = {"workspace": workspace_id, "player": player_id}
        connection.execute(
            sa.text(
                "INSERT INTO player_closures (workspace_id, player_id, closed, signed_at)"
                " VALUES (:workspace, :player, 1, :signed_at)"
            ),
            {**player, "signed_at": signed_at},
        )
        connection.execute(
            sa.text(
                "UPDATE sessions SET scope = trim(replace(' ' || scope || ' ', ' bonuses:write ', ' '))"
                " WHERE token_use = 'session_id' AND conversation_id IN"
                " (SELECT id FROM conversations WHERE workspace_id = :workspace AND player_id = :player)"
            ),
            player,
        )


def _players_ever_closed(connection: sa.Connection) -> set[tuple[str, str]]:
    return {
        (workspace_id, player_id)
        for table in ("conversations", "helpdesk_references")
        for workspace_id, player_id, profile in _rows(connection, table)
        if _said(profile)[1]
    }


def _rows(connection: sa.Connection, table: str) -> Iterator[tuple[str, str, str]]:
    # By id, in batches: the table may be larger than the memory. LIKE spares reading what was never closed.
    last = ""
    while True:
        rows = connection.execute(
            sa.text(
                f"SELECT id, workspace_id, player_id, profile FROM {table} WHERE id > :last"  # noqa: S608 - constants
                " AND player_id IS NOT NULL AND profile LIKE '%rg_closed%true%' ORDER BY id LIMIT :batch"
            ),
            {"last": last, "batch": BATCH},
        ).all()
        if not rows:
            return
        last = rows[-1][0]
        yield from ((row[1], row[2], row[3]) for row in rows)


def _said_of(connection: sa.Connection, workspace_id: str, player_id: str) -> Iterator[Said]:
    for table in ("conversations", "helpdesk_references"):
        rows = connection.execute(
            sa.text(
                f"SELECT profile FROM {table} WHERE workspace_id = :workspace"  # noqa: S608 - constants
                " AND player_id = :player AND profile IS NOT NULL"
            ),
            {"workspace": workspace_id, "player": player_id},
        )
        yield from (_said(row[0]) for row in rows)


def _said(profile: str) -> Said:
    members = json.loads(profile)
    return int(members.get("at", 0)), int(bool(members.get("rg_closed", False)))
