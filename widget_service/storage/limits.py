"""What PostgreSQL is to hold our statements to, so that nothing hangs; said to a connection or to one transaction."""

from collections.abc import Mapping

#: A connection of the service: a statement, a lock and an abandoned transaction all have an end.
SERVING = {"statement_timeout": "5s", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "10s"}
#: The same, and no commit waits for the disk.
SERVING_VOLATILE = {**SERVING, "synchronous_commit": "off"}
#: Administration and migrations may take long, but wait for nobody that long.
ADMINISTERING = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "1min"}


def as_options(limits: Mapping[str, str]) -> str:
    """For libpq's ``options``: they hold for the connection, where it is ours alone."""
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


def as_statement(limits: Mapping[str, str]) -> str:
    """A statement of the transaction that it is to hold for: a pooler forgets nothing else between two of them."""
    return "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in limits.items())
