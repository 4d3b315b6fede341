"""Both stores answer alike; the database away is told, not waited for."""

from collections.abc import Iterator

import pytest

from tests.storage.conformance import StorageConformance
from widget_service.errors import Unavailable
from widget_service.storage import Storage
from widget_service.storage.opening import open_storage
from widget_service.storage.postgres import PostgresStorage
from widget_service.storage.sqlite import SqliteStorage


class Opened:
    """Opens storages on one database, and closes them all."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._storages: list[Storage] = []

    def __call__(self) -> Storage:
        if self._url.startswith("sqlite"):
            self._storages.append(SqliteStorage(self._url.removeprefix("sqlite:///")))
        else:
            self._storages.append(PostgresStorage(self._url))
        return self._storages[-1]

    def close(self) -> None:
        for storage in self._storages:
            storage.close()


class OnEachStore(StorageConformance):
    name: str

    @pytest.fixture
    def open_again(self, databases) -> Iterator[Opened]:
        opened = Opened(databases.new(self.name))
        yield opened
        opened.close()

    @pytest.fixture
    def storage(self, open_again) -> Storage:
        return open_again()


class TestSqlite(OnEachStore):
    name = "sqlite"

    @pytest.fixture
    def broken_storage(self, tmp_path) -> Iterator[Storage]:
        storage = SqliteStorage(str(tmp_path / "missing" / "widget.db"))
        yield storage
        storage.close()


class TestPostgres(OnEachStore):
    name = "postgres"

    @pytest.fixture
    def broken_storage(self, tmp_path) -> Iterator[Storage]:
        storage = PostgresStorage(f"postgresql://app@/widget?host={tmp_path}")
        yield storage
        storage.close()


def test_the_address_picks_the_store(tmp_path, postgres) -> None:
    settings = type("Settings", (), {"database_url": f"sqlite:///{tmp_path}/widget.db", "database_pooler": "none"})
    assert isinstance(open_storage(settings), SqliteStorage)
    settings.database_url = postgres.url()
    storage = open_storage(settings)
    assert isinstance(storage, PostgresStorage)
    storage.close()


def test_a_read_that_failed_leaves_sqlite_readable(databases) -> None:
    storage = SqliteStorage(databases.new("sqlite").removeprefix("sqlite:///"))
    with pytest.raises(Unavailable), storage.reading() as store:
        store.connection.one("SELECT * FROM nowhere")
    with storage.reading() as store:
        assert store.find_session(b"s") is None
    storage.close()
