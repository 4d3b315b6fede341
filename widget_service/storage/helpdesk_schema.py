"""The helpdesks' tables."""

from sqlalchemy import BigInteger, Column, Index, Integer, text

from widget_service.storage.columns import bytes_column as _bytes
from widget_service.storage.columns import new_table as _table
from widget_service.storage.columns import text_column as _text
from widget_service.storage.columns import time_column as _time

helpdesk_connections = _table(
    "helpdesk_connections",
    _text("id", key=True),
    _text("workspace_id"),
    _text("vendor"),
    _text("settings", default="{}"),
    _bytes("secrets"),  # sealed JSON
    _text("mapping", default="[]"),
    _time("created_at"),
    _time("disabled_at", null=True),
)
Index("helpdesk_connections_of_workspace", helpdesk_connections.c.workspace_id, helpdesk_connections.c.id)

helpdesk_references = _table(
    "helpdesk_references",
    _text("id", key=True),
    _text("workspace_id"),
    _text("connection_id"),
    _text("brand_id"),
    _text("origin"),
    _text("player_id"),
    _bytes("jti_hash"),
    _time("issued_at"),
    _time("expires_at"),
    _text("profile"),
    _bytes("contact", null=True),  # sealed JSON: e-mail, phone, session_id
    _text("jkt", null=True),
    _bytes("operator_sid", null=True),
    _time("revoked_at", null=True),
    _text("thread_id", null=True),
    _text("conversation_id", null=True),
)
Index("helpdesk_references_of_player", helpdesk_references.c.workspace_id, helpdesk_references.c.player_id)
Index(
    "helpdesk_references_of_conversation",
    helpdesk_references.c.conversation_id,
    sqlite_where=text("conversation_id IS NOT NULL"),
    postgresql_where=text("conversation_id IS NOT NULL"),
)
Index(
    "helpdesk_references_by_operator_sid",
    helpdesk_references.c.operator_sid,
    sqlite_where=text("operator_sid IS NOT NULL"),
    postgresql_where=text("operator_sid IS NOT NULL"),
)
Index("helpdesk_references_ending", helpdesk_references.c.expires_at)

helpdesk_threads = _table(
    "helpdesk_threads",
    _text("connection_id", key=True),
    _text("thread_id", key=True),
    _text("status"),
    _time("last_time"),  # nanoseconds
    Column("last_position", BigInteger, nullable=False),
    _time("updated_at"),
    _text("reference_id", null=True),
    _text("conversation_id", null=True),
    _text("player_id", null=True),
    _text("customer_id", null=True),
    Column("is_over", Integer, nullable=False, server_default="0"),
)
Index(
    "helpdesk_threads_of_customer",
    helpdesk_threads.c.connection_id,
    helpdesk_threads.c.customer_id,
    sqlite_where=text("customer_id IS NOT NULL"),
    postgresql_where=text("customer_id IS NOT NULL"),
)
Index(
    "helpdesk_threads_of_conversation",
    helpdesk_threads.c.conversation_id,
    sqlite_where=text("conversation_id IS NOT NULL"),
    postgresql_where=text("conversation_id IS NOT NULL"),
)
Index(
    "helpdesk_threads_unbound",
    helpdesk_threads.c.updated_at,
    sqlite_where=text("reference_id IS NULL"),
    postgresql_where=text("reference_id IS NULL"),
)

helpdesk_deliveries = _table(
    "helpdesk_deliveries", _text("connection_id", key=True), _bytes("delivery_hash", key=True), _time("expires_at")
)
Index("helpdesk_deliveries_ending", helpdesk_deliveries.c.expires_at)

#: Kept: forgotten, a browser could become another player's.
helpdesk_customers = _table(
    "helpdesk_customers",
    _text("connection_id", key=True),
    _text("customer_id", key=True),
    _text("player_id"),
    _text("reference_id"),
    _time("updated_at"),
)

#: One job for each thread: what is to be written is what the thread says when it is done.
helpdesk_writebacks = _table(
    "helpdesk_writebacks",
    _text("connection_id", key=True),
    _text("thread_id", key=True),
    Column("generation", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    _time("created_at"),
    _time("next_attempt_at"),
    _time("done_at", null=True),
    _time("failed_at", null=True),
    _text("error", default=""),
)
Index(
    "helpdesk_writebacks_pending",
    helpdesk_writebacks.c.next_attempt_at,
    helpdesk_writebacks.c.connection_id,
    sqlite_where=text("done_at IS NULL AND failed_at IS NULL"),
    postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
)

helpdesk_accesses = _table(
    "helpdesk_accesses",
    _text("connection_id", key=True),
    _bytes("content"),  # sealed JSON: tokens that the vendor has given us
    _time("updated_at"),
)

#: Customers that a vendor has made for a player of ours. Kept: forgotten, the player's history would be another's.
helpdesk_minted_customers = _table(
    "helpdesk_minted_customers",
    _text("connection_id", key=True),
    _text("player_id", key=True),
    _text("customer_id"),
    _time("created_at"),
)
