"""The back office's file: its own, durable, and nobody else's."""

import sqlite3
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
