"""The back office's file: its own, durable, and nobody else's."""

import os
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.back_office import TOLD_AT, BackOffice
from widget_service.errors import ConfigurationError

DAY = 86_400


def test_what_was_done_is_there_after_a_restart(tmp_path: Path) -> None:
    first = BackOffice(tmp_path, lambda: TOLD_AT)
    answer = first.client().post("/v1/players/40217/deduct-cash", json={"amount": 20}, headers=first.headers("40217"))
    assert answer.status_code == 200
    first.close()

    second = BackOffice(tmp_path, lambda: TOLD_AT)
    read = second.client().get("/v1/players/40217/balances", headers=second.headers("40217")).get_json()
    assert read["cash_balance"] == 200.5


def test_somebody_elses_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "back-office.db") as others:
        others.execute("CREATE TABLE kept (text TEXT)")
        others.execute("INSERT INTO kept VALUES ('precious')")

    with pytest.raises(ConfigurationError, match="WIDGET_BACK_OFFICE_DATABASE_URL"):
        BackOffice(tmp_path)
    with sqlite3.connect(tmp_path / "back-office.db") as others:
        assert others.execute("SELECT text FROM kept").fetchall() == [("precious",)]


@pytest.fixture
def open_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes_of(office: BackOffice, folder: Path) -> dict[str, int]:
    """Read while a connection is open, as the two beside the file are removed with the last."""
    with sqlite3.connect(folder / "back-office.db") as other:
        other.execute("SELECT count(*) FROM sqlite_schema")
        office.client().post("/v1/players/40217/deduct-cash", json={"amount": 1}, headers=office.headers("40217"))
        return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.glob("back-office.db*")}


OURS_ALONE = {"back-office.db": 0o600, "back-office.db-wal": 0o600, "back-office.db-shm": 0o600}


@pytest.mark.usefixtures("open_umask")
def test_a_new_file_and_those_beside_it_are_their_owners_alone(tmp_path: Path) -> None:
    assert modes_of(BackOffice(tmp_path, lambda: TOLD_AT), tmp_path) == OURS_ALONE


@pytest.mark.usefixtures("open_umask")
def test_a_file_of_before_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    BackOffice(tmp_path, lambda: TOLD_AT).close()
    (tmp_path / "back-office.db").chmod(0o644)
    assert modes_of(BackOffice(tmp_path, lambda: TOLD_AT), tmp_path) == OURS_ALONE


@pytest.mark.usefixtures("open_umask")
def test_the_mode_of_somebody_elses_file_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "back-office.db") as others:
        others.execute("CREATE TABLE kept (text TEXT)")
    with pytest.raises(ConfigurationError):
        BackOffice(tmp_path)
    assert stat.S_IMODE((tmp_path / "back-office.db").stat().st_mode) == 0o644


def test_the_cast_ends_today_whenever_it_is_told(tmp_path: Path) -> None:
    now = TOLD_AT + 400 * DAY + 3 * 3600
    office = BackOffice(tmp_path, lambda: now)
    row = office.client().get("/v1/players/40217/transactions?limit=1", headers=office.headers("40217"))

    at = datetime.fromisoformat(row.get_json()["transactions"][0]["created_at"])
    assert 0 <= now - at.timestamp() < DAY
    assert at.astimezone(UTC).strftime("%H:%M:%S") == "09:12:44"


def test_a_locked_file_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widget_service.backoffice.reference.database.PATIENCE", 0.1)
    office = BackOffice(tmp_path, lambda: TOLD_AT)
    headers = office.headers("40217")
    with sqlite3.connect(tmp_path / "back-office.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = office.client().post("/v1/players/40217/deduct-cash", json={"amount": 1}, headers=headers)
        read = office.client().get("/v1/players/40217/balances", headers=headers)
        other.execute("ROLLBACK")

    assert (refused.status_code, refused.get_json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert refused.headers["Retry-After"]
    assert read.status_code == 200
