"""The tables of the gateway: connections to operators' back offices, and from where API tokens may be used."""

from sqlalchemy import BigInteger, Column, Index

from widget_service.storage.columns import bytes_column as _bytes
from widget_service.storage.columns import new_table as _table
from widget_service.storage.columns import switch_column as _switch
from widget_service.storage.columns import text_column as _text
from widget_service.storage.columns import time_column as _time

backoffice_connections = _table(
    "backoffice_connections",
    _text("id", key=True),
    _text("workspace_id"),
    _text("kind"),
    _text("preset", null=True),
    _text("url"),
    _text("document", default=""),
    _bytes("secrets"),  # sealed JSON
    _text("settings", default="{}"),
    _switch("allow_private"),
    Column("cache_seconds", BigInteger, nullable=False),
    _time("created_at"),
    _time("disabled_at", null=True),
)
Index("backoffice_connections_of_workspace", backoffice_connections.c.workspace_id, backoffice_connections.c.id)

#: A token without a row may be used from anywhere.
api_token_networks = _table("api_token_networks", _text("token_id", key=True), _text("networks"))
