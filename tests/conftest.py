"""Fixtures: throw-away PostgreSQL and Redis, fresh databases, the service as a process and inside the test.

A missing server fails the run with the command that installs it; nothing is skipped in silence.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.operator import Agent, Operator
from tests.support.receiver import Answer, Received, Receiver
from tests.support.servers import PostgresCluster, RedisServer
from tests.support.service import InProcessService, Service, answer_here, settings_for
from widget_service.logs import configure_logging

# Before any command runs inside the tests: what a service in the background logs is none of the command's answer.
configure_logging("warning")

STORES = ("sqlite", "postgres")

#: What takes longest is begun first, so that no process has it left when the others are done.
LONGEST = ("tests/test_worker_crashes.py", "e2e/test_network.py", "tests/test_worker.py", "tests/test_demo.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then the browser's (each waits a lot), then all others."""
    items.sort(key=lambda item: (*(not item.nodeid.startswith(file) for file in LONGEST), item.nodeid.startswith("t")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """One cluster for each xdist worker. Do not stop it: a test that takes the database away starts its own."""
    cluster = PostgresCluster()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for each xdist worker. Do not stop it: a test that takes it away starts its own."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    redis_server.flush()
    return redis_server.url


class Databases:
    """Fresh databases of either store, empty or already migrated (a copy of one that was migrated once)."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self._folder = folder
        self._request = request
        self._numbers = itertools.count(1)
        self._migrated: dict[str, str] = {}

    def new(self, store: str, *, migrated: bool = True) -> str:
        """The URL of a new database of that store."""
        template = self._template(store) if migrated else None
        if store == "postgres":
            return self._postgres.new_database(template)
        file = self._folder / f"{next(self._numbers)}.db"
        if template:
            shutil.copyfile(template, file)
        return f"sqlite:///{file}"

    def _template(self, store: str) -> str:
        if store not in self._migrated:
            url = self.new(store, migrated=False)
            answer_here(settings_for(url, "http://127.0.0.1:8000"), "db", "upgrade", answers=False)
            if store == "postgres":
                self._migrated[store] = url.partition("@/")[2].partition("?")[0]
            else:
                self._migrated[store] = url.removeprefix("sqlite:///")
        return self._migrated[store]

    @property
    def _postgres(self) -> PostgresCluster:
        return self._request.getfixturevalue("postgres")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"), request)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Runs the test on both stores."""
    return request.param


@pytest.fixture
def new_receiver() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers of webhooks; all are closed with the test."""
    receivers: list[Receiver] = []

    def start(answer: Callable[[Received], Answer] | None = None) -> Receiver:
        receivers.append(Receiver(answer))
        return receivers[-1]

    yield start
    for receiver in receivers:
        receiver.close()


@pytest.fixture
def empty_database_url(store: str, databases: Databases) -> str:
    """A database without a table, once on SQLite and once on PostgreSQL."""
    return databases.new(store, migrated=False)


@pytest.fixture
def database_url(store: str, databases: Databases) -> str:
    """A fresh, migrated database, once on SQLite and once on PostgreSQL."""
    return databases.new(store)


@pytest.fixture(scope="module")
def new_service(databases: Databases) -> Iterator[Callable[..., Service]]:
    """Starts services as processes: ``new_service()``, ``new_service(store="postgres", workers=2, redis_url=…)``.

    All are ended with the module.
    """
    services: list[Service] = []

    def start(database_url: str | None = None, *, store: str = "sqlite", **options: Any) -> Service:
        services.append(Service(database_url or databases.new(store), **options))
        return services[-1].start()

    yield start
    for service in services:
        service.remove()


@pytest.fixture(scope="module")
def service(new_service: Callable[..., Service]) -> Service:
    """One running service on SQLite for all tests of a module; make a workspace of your own in it."""
    return new_service()


@pytest.fixture(autouse=True, scope="module")
def _apps_of_a_module_are_closed() -> Iterator[None]:
    before = InProcessService.open_now()
    yield
    InProcessService.close_all(before)


@pytest.fixture(autouse=True)
def _apps_of_a_test_are_closed(_apps_of_a_module_are_closed: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Those that fixtures of the module have made go on: pytest makes these before any fixture of a test."""
    before = InProcessService.open_now()
    yield
    InProcessService.close_all(before)


@pytest.fixture
def app_service(databases: Databases) -> InProcessService:
    """The application on a fresh SQLite database, without a process."""
    return InProcessService(databases.new("sqlite"))


@pytest.fixture
def each_app_service(database_url: str) -> InProcessService:
    """The application without a process, once on each store."""
    return InProcessService(database_url)


@pytest.fixture
def operator(app_service: InProcessService) -> Operator:
    """A workspace in ``app_service`` that allows https://casino.example."""
    return Operator.create(app_service)


@pytest.fixture
def browser(app_service: InProcessService) -> Browser:
    """A browser on https://casino.example that talks to ``app_service``."""
    return Browser(app_service)


@pytest.fixture
def agent(app_service: InProcessService, operator: Operator) -> Agent:
    """An agent with the conversation and session scopes of ``operator``'s workspace."""
    return Agent.create(app_service, operator.workspace_id)
