"""Helpdesk threads: which endings have no way back, and the threads of one customer."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only ever forward: a backup is the way back."""
    op.add_column("helpdesk_threads", sa.Column("is_over", sa.Integer(), server_default="0", nullable=False))
    # What ended before this stays ended: why it did was not kept.
    op.execute("UPDATE helpdesk_threads SET is_over = 1 WHERE status = 'closed'")
    op.create_index(
        "helpdesk_threads_of_customer",
        "helpdesk_threads",
        ["connection_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
