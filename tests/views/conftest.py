"""A casino for all tests of a module: each test brings its own browsers and players."""

import time
from collections.abc import Iterator

import pytest

from tests.backoffice.scripted_back_office import API_TOKEN, ScriptedBackOffice, honest
from tests.support.service import InProcessService
from tests.views.casino import Casino
from tests.views.player_caller import Caller


@pytest.fixture(scope="module")
def casino(databases) -> Casino:
    """A workspace with webhooks on SQLite that takes signed-in players only."""
    casino = Casino(InProcessService(databases.new("sqlite")))
    casino.connect_webhook()
    return casino


@pytest.fixture(scope="module")
def open_casino(casino) -> Casino:
    """Its neighbour, which takes anonymous visitors too."""
    neighbour = casino.neighbour("--anonymous")
    neighbour.connect_webhook()
    return neighbour


@pytest.fixture
def each_casino(each_app_service) -> Casino:
    """A workspace of its own database that takes anonymous visitors, once on each store."""
    casino = Casino(each_app_service, "--anonymous")
    casino.connect_webhook()
    return casino


class Clock:
    """Everybody's time, the browsers' and the application's, moved on at will."""

    def __init__(self) -> None:
        self._real = time.time
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._real() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture(scope="module")
def back_office() -> Iterator[ScriptedBackOffice]:
    back_office = ScriptedBackOffice()
    yield back_office
    back_office.close()


@pytest.fixture
def office(back_office: ScriptedBackOffice) -> ScriptedBackOffice:
    """The module's back office, which has not been asked anything and tells the truth."""
    back_office.answering = honest
    back_office.asked.clear()
    return back_office


@pytest.fixture(scope="module")
def connected(casino: Casino, back_office: ScriptedBackOffice) -> Casino:
    """The casino with that back office."""
    casino.cli("backoffice", "connect", casino.id, "--url", back_office.url, "--api-token", API_TOKEN)
    return casino


@pytest.fixture(scope="module")
def caller(connected: Casino) -> Caller:
    """An agent with every scope, and a player's session."""
    return Caller(connected)
