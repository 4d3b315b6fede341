"""The tables, once, for both stores. Times are Unix seconds; switches are 0 or 1; lists and objects JSON text.

Ids are time-ordered and tables that are looked up by a hash have no row id, so that inserts stay at the right edge
and a lookup is one descent, whatever the table's size.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, text

from widget_service.storage.backoffice_schema import api_token_networks as api_token_networks
from widget_service.storage.backoffice_schema import backoffice_connections as backoffice_connections
from widget_service.storage.columns import AUTO_ID
from widget_service.storage.columns import bytes_column as _bytes
from widget_service.storage.columns import metadata as metadata
from widget_service.storage.columns import new_table as _table
from widget_service.storage.columns import switch_column as _switch
from widget_service.storage.columns import text_column as _text
from widget_service.storage.columns import time_column as _time
from widget_service.storage.helpdesk_schema import helpdesk_accesses as helpdesk_accesses
from widget_service.storage.helpdesk_schema import helpdesk_connections as helpdesk_connections
from widget_service.storage.helpdesk_schema import helpdesk_customers as helpdesk_customers
from widget_service.storage.helpdesk_schema import helpdesk_deliveries as helpdesk_deliveries
from widget_service.storage.helpdesk_schema import helpdesk_minted_customers as helpdesk_minted_customers
from widget_service.storage.helpdesk_schema import helpdesk_references as helpdesk_references
from widget_service.storage.helpdesk_schema import helpdesk_threads as helpdesk_threads
from widget_service.storage.helpdesk_schema import helpdesk_writebacks as helpdesk_writebacks

workspaces = _table(
    "workspaces", _text("id", key=True), _text("name"), _time("created_at"), _time("disabled_at", null=True)
)

brands = _table(
    "brands",
    _text("id", key=True),
    _text("workspace_id"),
    _text("name"),
    _text("history", default="device"),
    _switch("debug"),
    _text("session_binding", default="dpop"),
    _switch("anonymous"),
    _text("look", default="{}"),
    _text("texts", default="{}"),
    _time("created_at"),
)
Index("brands_of_workspace", brands.c.workspace_id, brands.c.id)

allowed_origins = _table("allowed_origins", _text("brand_id", key=True), _text("origin", key=True), _time("created_at"))

signing_keys = _table(
    "signing_keys",
    _text("workspace_id", key=True),
    _text("kid", key=True),
    _text("algorithm"),
    _bytes("material", null=True),  # sealed secret (HS256) or public PEM; null: a retired key of a key set
    _time("created_at"),
    _time("not_after", null=True),
    _time("retired_at", null=True),
)

key_uses = _table("key_uses", _text("workspace_id", key=True), _text("kid", key=True), _time("last_used_at"))

key_sets = _table("key_sets", _text("workspace_id", key=True), _text("url", key=True), _time("created_at"))

api_tokens = _table(
    "api_tokens",
    _text("id", key=True),
    _text("workspace_id"),
    _bytes("token_hash"),
    _text("scopes"),
    _time("created_at"),
    _time("revoked_at", null=True),
    _time("last_used_at", null=True),
)
Index("api_tokens_by_hash", api_tokens.c.token_hash, unique=True)

service_keys = _table(
    "service_keys",
    _text("kid", key=True),
    _bytes("private_key"),
    _text("public_jwk"),
    _time("created_at"),
    _time("retired_at", null=True),
)

webhooks = _table(
    "webhooks",
    _text("id", key=True),
    _text("workspace_id"),
    _text("url"),
    _bytes("secret"),
    _switch("allow_private"),
    _time("created_at"),
    _time("disabled_at", null=True),
)
Index("webhooks_of_workspace", webhooks.c.workspace_id)

conversations = _table(
    "conversations",
    _text("id", key=True),
    _text("workspace_id"),
    _text("brand_id"),
    _text("player_id", null=True),
    _text("jkt"),
    _text("status", default="open"),
    _time("created_at"),
    _time("closed_at", null=True),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("player_messages", Integer, nullable=False, server_default="0"),
    _text("profile", null=True),  # JSON of the signed claims that are no contact details
    _bytes("contact", null=True),  # sealed JSON: e-mail, phone, session_id
    _text("claimed", default="{}"),  # JSON of the unsigned attributes
    _text("page", null=True),
    _text("locale", null=True),
)
Index(
    "conversations_open_by_key",
    conversations.c.brand_id,
    conversations.c.jkt,
    conversations.c.player_id,
    unique=True,
    sqlite_where=text("status = 'open'"),
    postgresql_where=text("status = 'open'"),
)
Index("conversations_of_workspace", conversations.c.workspace_id, conversations.c.id)
Index(
    "conversations_of_player",
    conversations.c.workspace_id,
    conversations.c.player_id,
    conversations.c.id,
    sqlite_where=text("player_id IS NOT NULL"),
    postgresql_where=text("player_id IS NOT NULL"),
)
Index(
    "conversations_empty",
    conversations.c.created_at,
    sqlite_where=text("player_messages = 0"),
    postgresql_where=text("player_messages = 0"),
)

#: A row while a person is wanted.
handovers = _table(
    "handovers",
    _text("conversation_id", key=True),
    _text("workspace_id"),
    _time("handed_over_at"),
    _text("handed_over_by"),
    _text("note", null=True),
)
Index("handovers_of_workspace", handovers.c.workspace_id, handovers.c.conversation_id)

sessions = _table(
    "sessions",
    _bytes("token_hash", key=True),
    _text("sid"),
    _text("token_use"),
    _text("workspace_id"),
    _text("brand_id"),
    _text("conversation_id"),
    _text("player_id", null=True),
    _text("origin", null=True),
    _text("scope"),
    _text("jkt", null=True),
    _text("client_id"),
    _time("issued_at"),
    _time("expires_at"),
    _time("absolute_expires_at"),
    _time("last_used_at"),
    _time("revoked_at", null=True),
    _time("auth_time", null=True),
    _text("acr", null=True),
    _bytes("operator_sid", null=True),
)
Index("sessions_by_sid", sessions.c.sid)
Index("sessions_of_conversation", sessions.c.conversation_id)
Index(
    "sessions_by_operator_sid",
    sessions.c.operator_sid,
    sqlite_where=text("operator_sid IS NOT NULL"),
    postgresql_where=text("operator_sid IS NOT NULL"),
)
Index("sessions_ending", sessions.c.absolute_expires_at)

spent_tokens = _table(
    "spent_tokens",
    _text("workspace_id", key=True),
    _bytes("jti_hash", key=True),
    _text("jkt"),
    _text("conversation_id", null=True),
    _time("expires_at"),
    _time("killed_at", null=True),
)
Index("spent_tokens_of_conversation", spent_tokens.c.conversation_id)
Index("spent_tokens_ending", spent_tokens.c.expires_at)

proofs = _table("proofs", _bytes("proof_hash", key=True), _time("expires_at"))
Index("proofs_ending", proofs.c.expires_at)

player_logouts = _table(
    "player_logouts", _text("workspace_id", key=True), _text("player_id", key=True), _time("logged_out_at")
)

#: What signed tokens said of a player's closure for responsible gaming; a closure in force is never removed.
player_closures = _table(
    "player_closures",
    _text("workspace_id", key=True),
    _text("player_id", key=True),
    _switch("closed"),
    _text("type", null=True),
    _time("signed_at"),
)
Index(
    "player_closures_lifted",
    player_closures.c.signed_at,
    sqlite_where=text("closed = 0"),
    postgresql_where=text("closed = 0"),
)

messages = _table(
    "messages",
    _text("id", key=True),
    _text("conversation_id"),
    Column("seq", BigInteger, nullable=False),
    _text("author_type"),
    _text("author"),  # JSON: name, kind, avatar_url, verified
    _text("text"),
    _time("created_at"),
    _text("client_message_id", null=True),
)
Index("messages_in_order", messages.c.conversation_id, messages.c.seq, unique=True)
Index(
    "messages_by_client_id",
    messages.c.conversation_id,
    messages.c.author_type,
    messages.c.client_message_id,
    unique=True,
    sqlite_where=text("client_message_id IS NOT NULL"),
    postgresql_where=text("client_message_id IS NOT NULL"),
)

conversation_events = _table(
    "conversation_events",
    _text("conversation_id", key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("type"),
    _text("content"),  # JSON
    _time("created_at"),
)

_TYPING = text("type = 'typing'")
Index(
    "conversation_events_typing",
    conversation_events.c.created_at,
    sqlite_where=_TYPING,
    postgresql_where=_TYPING,
)

outbox = _table(
    "outbox",
    Column("id", AUTO_ID, primary_key=True, autoincrement=True),
    _text("event_id"),
    _text("webhook_id"),
    _text("workspace_id"),
    _text("conversation_id"),
    _text("type"),
    _text("body"),
    _time("created_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _time("next_attempt_at"),
    _time("delivered_at", null=True),
    _time("failed_at", null=True),
    rowid=True,
)
_PENDING = text("delivered_at IS NULL AND failed_at IS NULL")
Index(
    "outbox_pending",
    outbox.c.webhook_id,
    outbox.c.conversation_id,
    outbox.c.id,
    sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)
Index("outbox_by_age", outbox.c.created_at)

#: One delivery worker at a time per webhook and conversation: what keeps events in order.
outbox_lanes = _table(
    "outbox_lanes",
    _text("webhook_id", key=True),
    _text("conversation_id", key=True),
    _text("holder"),
    _time("held_until"),
)

delivery_attempts = _table(
    "delivery_attempts",
    Column("id", AUTO_ID, primary_key=True, autoincrement=True),
    Column("outbox_id", BigInteger, nullable=False),
    _time("attempted_at"),
    Column("status", Integer, nullable=True),
    _text("error", null=True),
    Column("milliseconds", Integer, nullable=False),
    rowid=True,
)
Index("delivery_attempts_of_event", delivery_attempts.c.outbox_id)

avatars = _table(
    "avatars", _text("id", key=True), _text("workspace_id"), _text("media_type"), _bytes("content"), _time("created_at")
)

audit = _table(
    "audit",
    _text("id", key=True),
    _text("workspace_id"),
    _time("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("details", default="{}"),
)
Index("audit_of_workspace", audit.c.workspace_id, audit.c.id)

#: Introspections and refusals, counted per minute: by code, reason, origin, key and address prefix.
counts = _table(
    "counts",
    _text("workspace_id", key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    _text("kind", key=True),
    _text("code", key=True),
    _text("reason", key=True),
    _text("origin", key=True),
    _text("key_id", key=True),
    _text("address_prefix", key=True),
    Column("count", BigInteger, nullable=False),
)
