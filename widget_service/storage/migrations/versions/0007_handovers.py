"""Handover is a state, and its note is for colleagues alone."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only ever forward: a backup is the way back."""
    table = op.create_table(
        "handovers",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=False),
        sa.Column("handed_over_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("handovers_of_workspace", "handovers", ["workspace_id", "conversation_id"], unique=False)
    waiting = _find_waiting()
    if waiting:
        op.bulk_insert(table, waiting)
    _clear_notes()


def _find_waiting() -> list[dict[str, object]]:
    """The open conversations that were handed over: the first time and caller, the newest note."""
    told = op.get_bind().execute(
        sa.text(
            "SELECT e.conversation_id, c.workspace_id, e.created_at, e.content FROM conversation_events e"
            " JOIN conversations c ON c.id = e.conversation_id WHERE e.type = 'handover' AND c.status = 'open'"
            " ORDER BY e.conversation_id, e.seq"
        )
    )
    waiting: dict[str, dict[str, object]] = {}
    for conversation_id, workspace_id, at, content in told:
        row = waiting.setdefault(
            conversation_id,
            {
                "conversation_id": conversation_id,
                "workspace_id": workspace_id,
                "handed_over_at": at,
                "handed_over_by": "system",  # where the audit trail does not know
                "note": None,
            },
        )
        row["note"] = json.loads(content).get("note") or row["note"]
    actors = op.get_bind().execute(
        sa.text("SELECT subject, actor FROM audit WHERE action = 'conversation.handover' ORDER BY id DESC")
    )
    for conversation_id, actor in actors:
        if conversation_id in waiting:
            waiting[conversation_id]["handed_over_by"] = actor
    return list(waiting.values())


def _clear_notes() -> None:
    """The events are read by players' browsers: they keep the time alone."""
    times = {
        "sqlite": r"strftime('%Y-%m-%dT%H\:%M\:%SZ', created_at, 'unixepoch')",
        "postgresql": r"""to_char(to_timestamp(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\:MI\:SS"Z"')""",
    }
    time = times[op.get_bind().dialect.name]
    statement = f"UPDATE conversation_events SET content = :before || {time} || :after WHERE type = 'handover'"  # noqa: S608
    op.execute(sa.text(statement).bindparams(before='{"at": "', after='"}'))
