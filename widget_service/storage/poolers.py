"""Poolers in front of PostgreSQL: found out before anything is served through one that the settings do not name.

In transaction mode every transaction may run on another server connection. What is said to a connection (options,
prepared statements) is then said to somebody else's, and is refused, lost, or answered with another's rows.
"""

from typing import Any

import psycopg

from widget_service.errors import ConfigurationError, Unavailable
from widget_service.storage.addresses import explain, require_readable
from widget_service.storage.limits import SERVING, as_options, as_statement

FOUND = (
    "WIDGET_DATABASE_URL leads to a connection pooler that keeps no sessions ({how}):"
    " set WIDGET_DATABASE_POOLER=transaction, or name PostgreSQL itself."
)
NO_TRANSACTIONS = (
    "WIDGET_DATABASE_URL leads to a connection pooler that keeps no transactions:"
    " its pool_mode must be transaction or session."
)
_PID = "SELECT pg_backend_pid()"
_TIMEOUT = "SELECT current_setting('statement_timeout')"


def require_sessions(database_url: str) -> None:
    """Refuses a pooler whose sessions are not one server connection each. ConfigurationError, Unavailable."""
    try:
        with _connect(database_url, options=as_options(SERVING)) as first:
            if _ask(first, _TIMEOUT) != SERVING["statement_timeout"]:
                raise ConfigurationError(FOUND.format(how="it drops startup options"))
            if first.info.backend_pid != _ask(first, _PID):  # a pooler; one in session mode is as good as none
                _require_own_server(database_url, first)
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" in str(error):
            raise ConfigurationError(FOUND.format(how="it refuses startup options")) from error
        raise Unavailable(explain(error)) from None


def require_transactions(database_url: str) -> None:
    """Refuses a pooler in statement mode. ConfigurationError, Unavailable."""
    try:
        with _connect(database_url) as connection:
            _require_transaction(connection)
    except psycopg.OperationalError as error:
        raise Unavailable(explain(error)) from None


def _require_own_server(database_url: str, first: "psycopg.Connection[Any]") -> None:
    before = _ask(first, _PID)
    with _connect(database_url, options=as_options(SERVING)) as second, second.transaction():
        # The other's transaction takes the server connection that ours has just left, or makes ours move on.
        if _ask(second, _PID) == before or _ask(first, _PID) != before:
            raise ConfigurationError(FOUND.format(how="it changes servers between transactions"))


def _require_transaction(connection: "psycopg.Connection[Any]") -> None:
    try:
        with connection.transaction():
            connection.execute(as_statement(SERVING))
            holds = _ask(connection, _TIMEOUT) == SERVING["statement_timeout"]
    except psycopg.Error as error:
        raise ConfigurationError(NO_TRANSACTIONS) from error
    if not holds:
        raise ConfigurationError(NO_TRANSACTIONS)


def _connect(database_url: str, options: str | None = None) -> "psycopg.Connection[Any]":
    require_readable(database_url)
    return psycopg.connect(database_url, autocommit=True, connect_timeout=5, prepare_threshold=None, options=options)


def _ask(connection: "psycopg.Connection[Any]", sql: str) -> Any:
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None
