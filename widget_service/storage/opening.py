"""Opening the storage that the settings name."""

from widget_service.settings import Settings
from widget_service.storage import Storage


def open_storage(settings: Settings) -> Storage:
    """The storage that the database URL names."""
    if settings.database_url.startswith("sqlite:///"):
        from widget_service.storage.sqlite import SqliteStorage

        return SqliteStorage(settings.database_url.removeprefix("sqlite:///"))
    from widget_service.storage.postgres import PostgresStorage

    return PostgresStorage(settings.database_url, pooled=settings.database_pooler == "transaction")


def require_fit_database(settings: Settings) -> None:
    """Refuses a pooler in front of PostgreSQL that the settings do not name, or that no setting makes good.

    Raises ConfigurationError with one line, or Unavailable.
    """
    if settings.database_url.startswith("sqlite:///"):
        return
    from widget_service.storage import poolers

    if settings.database_pooler == "transaction":
        poolers.require_transactions(settings.database_url)
        return
    poolers.require_sessions(settings.database_url)
