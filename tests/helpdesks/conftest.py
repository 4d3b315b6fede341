"""Desks: a casino with a simulated helpdesk, one for all tests of a module or one on each store."""

import time

import pytest

from tests.helpdesks.desk import MESSAGING, ZendeskDesk
from tests.support.service import InProcessService
from tests.views.conftest import Clock


@pytest.fixture(scope="module")
def desk(databases) -> ZendeskDesk:
    return ZendeskDesk(InProcessService(databases.new("sqlite")), *MESSAGING)


@pytest.fixture
def each_desk(each_app_service) -> ZendeskDesk:
    """One of its own, once on each store."""
    return ZendeskDesk(each_app_service, *MESSAGING)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Everybody's time, moved on at will."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock
