"""An app gives back what it has taken."""

import threading

import psycopg

from tests.conftest import Databases
from tests.support.operator import Operator
from tests.support.service import InProcessService

BACKENDS = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_fifty_apps_leave_no_connection_and_no_thread(store: str, databases: Databases) -> None:
    url = databases.new(store)
    before = set(threading.enumerate())
    for _ in range(50):
        service = InProcessService(url)
        with service.client() as client:
            assert client.get("/health/ready").status_code == 200
            # A refusal is noted in the background: that thread has to end as well.
            assert client.get("/v1/conversations", headers={"Authorization": "Bearer wat_none"}).status_code == 401
        service.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before
    if store == "postgres":
        with psycopg.connect(url) as connection:
            assert connection.execute(BACKENDS).fetchone() == (0,)


def test_an_app_that_is_closed_has_written_what_it_noted(store: str, databases: Databases) -> None:
    url = databases.new(store)
    service = InProcessService(url)
    Operator.create(service)
    with service.client() as client:
        client.get("/v1/conversations", headers={"Authorization": "Bearer wat_none"})
    service.close()
    with InProcessService(url).app.extensions["widget-service"].storage.reading() as reading:
        assert reading.connection.one("SELECT SUM(count) FROM counts") == (1,)
