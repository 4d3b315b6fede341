"""A database that only reads: nothing is granted, everybody is told to come again, and nothing need be restarted."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.support.servers import PostgresCluster, wait_until
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused
from widget_service.storage.opening import open_storage
from widget_service.worker import Worker

NOBODY = 65534


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Its own: its settings are changed and it is copied."""
    cluster = PostgresCluster()
    yield cluster
    cluster.remove()


def start(casino: Casino, player_id: str = "5832") -> Any:
    return casino.browser().start(casino.id, player_token=casino.operator.player_token(player_id))


def ready(casino: Casino) -> Any:
    return casino.browser().client.get("/health/ready")


def assert_waits(casino: Casino) -> None:
    for answer in (ready(casino), start(casino), start(casino)):
        assert_refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
    assert casino.browser().client.get("/health/live").status_code == 200


def assert_is_back(casino: Casino) -> None:
    wait_until(lambda: ready(casino).status_code == 200, "the service to be ready again")
    assert start(casino).status_code in (200, 201)
    assert ready(casino).status_code == 200


def set_read_only(url: str, word: str) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {word}".encode())
        if word == "on":  # those that are open keep what they began with
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}")


def test_a_server_that_was_set_to_read_only_is_away_until_it_is_set_back(cluster) -> None:
    url = cluster.new_database()
    casino = Casino(InProcessService(url))
    browser = casino.visit()
    set_read_only(url, "on")
    wait_until(lambda: ready(casino).status_code == 503, "the change to be noticed")
    assert_waits(casino)
    assert_refused(browser.send("hello"), 503, "UNAVAILABLE")
    set_read_only(url, "off")
    assert_is_back(casino)
    assert browser.send("hello").status_code == 201
    assert [message["text"] for message in browser.messages()] == ["hello"]


def test_a_worker_outlives_a_database_that_only_reads(cluster, new_receiver) -> None:
    url, receiver = cluster.new_database(), new_receiver()
    casino = Casino(InProcessService(url))
    receiver.secret = casino.cli("webhook", "create", casino.id, receiver.url, "--allow-private")["secret"]
    casino.visit()
    set_read_only(url, "on")
    worker = Worker(casino.service.settings, open_storage(casino.service.settings), threads=2)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    worker._housekeeper.remove_expired()
    worker._housekeeper.remove_old()
    with cluster_log(cluster) as new_lines:
        wait_until(lambda: "read-only transaction" in new_lines(), "the worker to try")
    assert thread.is_alive()
    assert receiver.requests == []
    set_read_only(url, "off")
    wait_until(lambda: receiver.requests, "the event")
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()


@contextmanager
def cluster_log(cluster: PostgresCluster) -> Iterator[Callable[[], str]]:
    with (cluster.folder / "log").open() as file:
        file.seek(0, os.SEEK_END)
        lines: list[str] = []
        yield lambda: "".join(lines.extend(file.readlines()) or lines)


@contextmanager
def standby_of(cluster: PostgresCluster) -> Iterator[tuple[str, Callable[[], None]]]:
    """A hot standby: the folder of its socket, and what promotes it."""
    folder = cluster.folder / "standby"
    cluster._run("pg_basebackup", "-D", str(folder), "-h", str(cluster.folder), "-U", "app", "-R", "--checkpoint=fast")
    socket, log = cluster.folder / "second", cluster.folder / "log2"
    socket.mkdir()
    socket.chmod(0o777)
    options = f"-c listen_addresses='' -c max_connections=300 -k {socket}"
    cluster._run("pg_ctl", "-D", str(folder), "-w", "-l", str(log), "-o", options, "start")
    try:
        yield str(socket), lambda: cluster._run("pg_ctl", "-D", str(folder), "-w", "promote")
    finally:
        cluster._run("pg_ctl", "-D", str(folder), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_a_hot_standby_is_away_until_it_is_promoted(cluster) -> None:
    url = cluster.new_database()
    casino = Casino(InProcessService(url))
    with standby_of(cluster) as (socket, promote):
        casino.service = InProcessService(url.replace(quote(str(cluster.folder), safe=""), quote(socket, safe="")))
        assert_waits(casino)
        promote()
        assert_is_back(casino)
        casino.service.close()


@contextmanager
def only_readable(folder: Path) -> Iterator[None]:
    """As somebody whom permissions bind, which root is not: it is nobody meanwhile."""
    is_root = os.geteuid() == 0
    paths = [folder, *folder.iterdir()]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
        if is_root:
            shutil.chown(path, "nobody", "nogroup")
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o600)
        if is_root:
            os.seteuid(0)


def test_a_file_that_can_only_be_read_is_away_until_it_can_be_written(databases) -> None:
    folder = Path(tempfile.mkdtemp(prefix="ro-"))  # pytest's own folders are root's alone
    shutil.copyfile(databases.new("sqlite").removeprefix("sqlite:///"), folder / "widget.db")
    casino = Casino(InProcessService(f"sqlite:///{folder / 'widget.db'}"))
    casino.storage.close()  # what is open may go on writing; the next request opens it anew
    with only_readable(folder):
        assert_waits(casino)
    assert_is_back(casino)
    shutil.rmtree(folder)
