"""PostgreSQL's address: read before it is used, and why nothing is reached there.

What libpq says repeats parts of the address, and in a mistyped one any part may be the password. Only sentences of
our own leave this room.
"""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from widget_service.errors import ConfigurationError

UNREADABLE = (
    "WIDGET_DATABASE_URL: is not an address that PostgreSQL's client can read."
    " In a user name and a password write % as %25, @ as %40, / as %2F, : as %3A, ? as %3F and a space as %20."
)
#: What a message of libpq, psycopg or the server has in it, and what that means. The first that fits counts.
CAUSES = (
    ("password authentication failed", "the server refuses the user or the password"),
    ("no password supplied", "the server wants a password"),
    ("pg_hba.conf", "the server does not let this user in from here"),
    ("does not exist", "there is no such database or user"),
    ("certificate", "the server's certificate is not trusted, or a certificate cannot be read"),
    ("SSL", "TLS cannot be agreed on"),
    ("Connection refused", "nothing listens there"),
    ("resolve host", "there is no such host"),
    ("translate host name", "there is no such host"),
    ("timeout", "no answer in time"),
    ("No such file", "no server listens on that socket"),
    ("too many", "the server has no connection left"),
    ("starting up", "the server is starting"),
    ("shutting down", "the server is shutting down"),
    ("invalid", "a part of the address is not what it must be"),
    ("service", "a part of the address is not what it must be"),
)


def require_readable(database_url: str) -> None:
    """ConfigurationError, without any of it, for an address that libpq cannot take apart."""
    try:
        conninfo_to_dict(database_url)
    except (psycopg.Error, ValueError):
        raise ConfigurationError(UNREADABLE) from None  # its text would be the address


def explain(error: BaseException) -> str:
    """Why no connection was made, in words of our own."""
    told = str(error)
    return next((cause for part, cause in CAUSES if part in told), "the connection cannot be made")
