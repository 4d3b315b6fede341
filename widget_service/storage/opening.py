"""Opening the storage that the settings name."""

from widget_service.settings import Settings
from widget_service.storage import Storage


def open_storage(settings: Settings) -> Storage:
    """The storage that the database URL names."""
    if settings.database_url.startswith("sqlite:///"):
        from widget_service.storage.sqlite import SqliteStorage

        return SqliteStorage(settings.database_url.removeprefix("sqlite:///"))
    from widget_service.storage.postgres import PostgresStorage

    return PostgresStorage(settings.database_url)
