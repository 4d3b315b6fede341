"""The schema's versions: what the database is at, and the way to the newest.

``python -m widget_service.storage.migrate "what changed"`` writes the next script from ``schema.py``.
"""

import logging
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from widget_service.errors import ConfigurationError, Unavailable
from widget_service.storage.engine import find_sqlite_path, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(str(files("widget_service.storage"))) / "migrations"
#: Any fixed number: whoever migrates a PostgreSQL database holds this lock.
ADVISORY_LOCK = 7_193_442_058_221


def upgrade(database_url: str) -> None:
    """Brings the database to the newest schema, in one transaction; does nothing when it is there."""
    with writing(database_url) as connection:
        _upgrade(connection)


def is_current(database_url: str) -> bool:
    """Whether the database has the schema of this version."""
    return find_revision(database_url) == head()


def is_empty(database_url: str) -> bool:
    """Whether the database has no tables at all, or its file is not there yet."""
    if _is_missing(database_url):
        return True
    with reading(database_url) as connection:
        return not _tables(connection)


def prepare(database_url: str) -> None:
    """What ``serve`` and ``worker`` do first: migrates an empty SQLite file, refuses any other that is not current.

    Raises ConfigurationError with the command to run. Any number of processes may do this at once.
    """
    found = find_revision(database_url)
    if found == head():
        return
    if found is None and find_sqlite_path(database_url) is not None and is_empty(database_url):
        upgrade(database_url)
        return
    if found is not None and found > head():
        raise ConfigurationError("The database was migrated by a newer version of widget-service: install that one.")
    raise ConfigurationError("The database is not at this version's schema. Run: widget-service db upgrade")


def head() -> str:
    """The newest revision: the number that its script's name begins with. Read without loading Alembic (0.3 s)."""
    return max(script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py"))


def find_revision(database_url: str) -> str | None:
    """The database's revision, or None when it was never migrated."""
    if _is_missing(database_url):
        return None
    with reading(database_url) as connection:
        return _revision(connection)


def write_revision(message: str) -> None:
    """Writes the script that leads from the newest revision to ``schema.py``. For developers."""
    from alembic import command

    with tempfile.TemporaryDirectory() as folder, writing(f"sqlite:///{folder}/new.db") as connection:
        config = _configured(connection)
        newest = max((script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py")), default="")
        if newest:
            command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=f"{int(newest or 0) + 1:04}")


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util.exc import CommandError

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    if _revision(connection) == head():
        return  # another process was faster
    try:
        command.upgrade(_configured(connection), "head")
    except CommandError as error:
        raise ConfigurationError(f"The database cannot be migrated: {error}") from error


def _configured(connection: Connection) -> "Config":
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if "alembic_version" not in _tables(connection):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _tables(connection: Connection) -> set[str]:
    # Not SQLAlchemy's inspector: this runs at every start of the command line.
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
    }[connection.dialect.name]
    return set(connection.execute(text(names)).scalars())


def _is_missing(database_url: str) -> bool:
    path = find_sqlite_path(database_url)
    try:
        return path is not None and not path.exists()
    except (OSError, ValueError) as error:
        raise Unavailable("a file cannot have that name") from error


if __name__ == "__main__":
    write_revision(sys.argv[1])
