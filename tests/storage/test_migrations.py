"""The schema's versions: the scripts lead to exactly what schema.py says, on both stores."""

import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from widget_service.errors import ConfigurationError, Unavailable
from widget_service.storage import migrate
from widget_service.storage.engine import reading, writing
from widget_service.storage.schema import metadata

CATALOGUE = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'",
    "postgresql": "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable,"
    " column_default) FROM information_schema.columns WHERE table_schema = current_schema()"
    " AND table_name NOT LIKE 'alembic%' UNION SELECT 'index', indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = current_schema() AND tablename NOT LIKE 'alembic%'",
}


def catalogue(database_url: str) -> set[tuple[str, ...]]:
    with reading(database_url) as connection:
        rows = connection.execute(text(CATALOGUE[connection.dialect.name])).all()
    return {tuple(" ".join(str(part).split()) for part in row) for row in rows}


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'widget.db'}"


def test_the_scripts_lead_to_the_schema(store, databases) -> None:
    migrated, created = (databases.new(store, migrated=False) for _ in range(2))
    migrate.upgrade(migrated)
    with writing(created) as connection:
        metadata.create_all(connection)

    assert catalogue(migrated) == catalogue(created)
    assert len(catalogue(migrated)) > 30


def test_sqlite_keeps_partial_indexes_and_tables_without_row_ids(tmp_path: Path) -> None:
    migrate.upgrade(sqlite_url(tmp_path))
    statements = " ".join(row[2] for row in catalogue(sqlite_url(tmp_path)))

    assert statements.count("WITHOUT ROWID") == sum(
        1 for table in metadata.tables.values() if not table.dialect_options["sqlite"]["with_rowid"]
    )
    assert "WHERE status = 'open'" in statements


def test_an_upgrade_brings_an_empty_database_to_the_newest_schema(empty_database_url: str) -> None:
    assert migrate.is_empty(empty_database_url)
    assert not migrate.is_current(empty_database_url)

    migrate.upgrade(empty_database_url)
    migrate.upgrade(empty_database_url)

    assert migrate.is_current(empty_database_url)
    assert not migrate.is_empty(empty_database_url)


def test_the_head_that_is_read_from_file_names_is_alembics() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))

    assert ScriptDirectory.from_config(config).get_current_head() == migrate.head()


def test_looking_at_a_missing_file_does_not_create_it(tmp_path: Path) -> None:
    assert migrate.is_empty(sqlite_url(tmp_path))
    assert not migrate.is_current(sqlite_url(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_sqlite_file_is_migrated_by_whoever_comes_first(tmp_path: Path) -> None:
    migrate.prepare(sqlite_url(tmp_path))

    assert migrate.is_current(sqlite_url(tmp_path))


def test_a_new_sqlite_file_has_a_write_ahead_log_and_is_its_owners_alone(tmp_path: Path) -> None:
    migrate.prepare(sqlite_url(tmp_path))
    connection = sqlite3.connect(tmp_path / "widget.db")

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert stat.S_IMODE((tmp_path / "widget.db").stat().st_mode) == 0o600


def test_an_empty_postgresql_database_is_not_migrated_unasked(databases) -> None:
    url = databases.new("postgres", migrated=False)

    with pytest.raises(ConfigurationError, match="widget-service db upgrade"):
        migrate.prepare(url)
    assert migrate.is_empty(url)


def test_a_foreign_sqlite_file_is_not_migrated_unasked(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "widget.db") as connection:
        connection.execute("CREATE TABLE somebody_elses (id INTEGER)")

    with pytest.raises(ConfigurationError, match="widget-service db upgrade"):
        migrate.prepare(sqlite_url(tmp_path))


def test_a_database_of_a_newer_version_is_refused(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    with writing(empty_database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigurationError, match="newer version"):
        migrate.prepare(empty_database_url)
    with pytest.raises(ConfigurationError, match="cannot be migrated"):
        migrate.upgrade(empty_database_url)


def test_many_processes_may_prepare_the_same_empty_file_at_once(tmp_path: Path) -> None:
    program = f"from widget_service.storage import migrate; migrate.prepare({sqlite_url(tmp_path)!r})"
    running = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(5)
    ]
    outputs = [process.communicate(timeout=60) for process in running]

    assert outputs == [(b"", b"")] * 5
    assert [process.returncode for process in running] == [0] * 5
    assert migrate.is_current(sqlite_url(tmp_path))


def test_many_processes_may_upgrade_the_same_database_at_once(empty_database_url: str) -> None:
    program = f"from widget_service.storage import migrate; migrate.upgrade({empty_database_url!r})"
    running = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert errors == [b""] * 4
    assert migrate.is_current(empty_database_url)


def test_a_failed_change_leaves_nothing(database_url: str) -> None:
    def fail() -> None:
        with writing(database_url) as connection:
            connection.execute(text("INSERT INTO workspaces (id, name, created_at) VALUES ('ws_x', 'X', 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with reading(database_url) as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM workspaces")).scalar() == 0


@pytest.mark.parametrize(
    "database_url",
    ["sqlite:////nowhere/at/all/widget.db", "postgresql://nobody@127.0.0.1:1/nothing"],
    ids=["sqlite", "postgres"],
)
def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    with pytest.raises(Unavailable):
        migrate.upgrade(database_url)


def test_a_later_script_is_written_from_the_schema() -> None:
    """The newest script is complete: another one would change nothing."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def upgrade_to(database_url: str, revision: str) -> None:
    from alembic import command

    with writing(database_url) as connection:
        command.upgrade(migrate._configured(connection), revision)


#: For each player: what its conversations (c) and references (r) hold, as signed time and closed.
BEFORE_CLOSURES = {
    "closed last": [("c", 100, False), ("c", 200, True)],
    "closed, then sixty others of the same second": [("c", 200, True), *[("c", 200, False)] * 60],
    "lifted": [("c", 100, True), ("c", 200, False)],
    "closed by a reference": [("c", 100, False), ("r", 150, True)],
    "never closed": [("c", 100, False)],
}


def test_closures_for_responsible_gaming_are_taken_over_from_the_version_before(empty_database_url: str) -> None:
    upgrade_to(empty_database_url, "0005")
    with writing(empty_database_url) as connection:
        for player_id, held in BEFORE_CLOSURES.items():
            for number, (kind, at, closed) in enumerate(held):
                row = {"id": f"{player_id}{number}", "player": player_id}
                row["profile"] = json.dumps({"at": at, "rg_closed": closed, "custom": {"rg_closed": True}})
                connection.execute(text(KEPT_BEFORE[kind]), row)
        connection.execute(
            text(
                "INSERT INTO sessions (token_hash, sid, token_use, workspace_id, brand_id, conversation_id, scope,"
                " client_id, issued_at, expires_at, absolute_expires_at, last_used_at) VALUES"
                " (:hash, 's', 'session_id', 'w', 'b', 'closed last0', 'player:read bonuses:write notes:write', 'c',"
                " 1, 2, 3, 4)"
            ),
            {"hash": b"h"},
        )
    migrate.upgrade(empty_database_url)

    with reading(empty_database_url) as connection:
        kept = connection.execute(text("SELECT player_id, closed, signed_at FROM player_closures ORDER BY 1")).all()
        scope = connection.execute(text("SELECT scope FROM sessions")).scalar()
    assert [tuple(row) for row in kept] == [
        ("closed by a reference", 1, 150),
        ("closed last", 1, 200),
        ("closed, then sixty others of the same second", 1, 200),
    ]
    assert scope == "player:read notes:write"


KEPT_BEFORE = {
    "c": "INSERT INTO conversations (id, workspace_id, brand_id, player_id, jkt, created_at, profile)"
    " VALUES (:id, 'w', 'b', :player, :id, 1, :profile)",
    "r": "INSERT INTO helpdesk_references (id, workspace_id, connection_id, brand_id, origin, player_id, jti_hash,"
    " issued_at, expires_at, profile) VALUES (:id, 'w', 'h', 'b', 'o', :player, '', 1, 2, :profile)",
}


def test_what_was_handed_over_before_waits_and_its_note_is_no_players_any_more(empty_database_url: str) -> None:
    upgrade_to(empty_database_url, "0006")
    with writing(empty_database_url) as connection:
        conversation = (
            "INSERT INTO conversations (id, workspace_id, brand_id, jkt, status, created_at)"
            " VALUES (:id, 'ws_1', 'br_1', :id, :status, 1)"
        )
        event = "INSERT INTO conversation_events VALUES (:id, :seq, 'handover', :content, :at)"
        for name, status in (("conv_a", "open"), ("conv_b", "closed")):
            connection.execute(text(conversation), {"id": name, "status": status})
            for seq, note in ((1, '"INTERNAL"'), (2, "null")):
                told = {"id": name, "seq": seq, "content": f'{{"note": {note}}}', "at": 1772357400 + seq}
                connection.execute(text(event), told)
        audited = (
            "INSERT INTO audit (id, workspace_id, at, actor, action, subject)"
            " VALUES ('aud_1', 'ws_1', 1772357401, 'tok_1', 'conversation.handover', 'conv_a')"
        )
        connection.execute(text(audited))

    migrate.upgrade(empty_database_url)

    with reading(empty_database_url) as connection:
        waiting = connection.execute(text("SELECT * FROM handovers")).all()
        told = connection.execute(text("SELECT content FROM conversation_events ORDER BY conversation_id, seq")).all()
    assert [tuple(row) for row in waiting] == [("conv_a", "ws_1", 1772357401, "tok_1", "INTERNAL")]
    times = [('{"at": "2026-03-01T09:30:01Z"}',), ('{"at": "2026-03-01T09:30:02Z"}',)]
    assert [tuple(row) for row in told] == times * 2
