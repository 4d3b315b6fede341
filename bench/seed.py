"""Fills a database with stored sessions as weeks of starts would leave them: conversations, sessions, spent tokens."""

import base64
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg

from tests.support.operator import CASINO
from widget_service.conversations import PIN_GRACE
from widget_service.ids import digest
from widget_service.sessions import MESSENGER_SCOPE
from widget_service.storage.engine import find_sqlite_path
from widget_service.storage.limits import ADMINISTERING, as_options

CHUNK = 50_000
SPREAD = 1800  # seconds over which the starts are spread, so that all sessions are alive
PROFILE = json.dumps(
    {
        "name": "Ana Ruiz",
        "currency": "EUR",
        "language": "es",
        "country": "ES",
        "custom": {},
        "rg_closed": False,
        "auth_time": None,
        "acr": None,
        "kid": "bench-es256",
    }
)
Rows = list[dict[str, Any]]


def session_id(number: int) -> str:
    """The ``sess_`` of the stored session of that number."""
    return "sess_" + base64.urlsafe_b64encode(digest(f"bench {number}")).rstrip(b"=").decode()


def fill(database_url: str, workspace_id: str, brand_id: str, client_id: str, count: int) -> None:
    """So many sessions, each with its conversation and its spent player token; statistics are fresh afterwards."""
    chunks = _chunks(workspace_id, brand_id, client_id, count)
    path = find_sqlite_path(database_url)
    if path is None:
        _fill_postgres(database_url, chunks)
        return
    _fill_sqlite(str(path), chunks)


def _chunks(workspace_id: str, brand_id: str, client_id: str, count: int) -> Iterator[dict[str, Rows]]:
    now = int(time.time())
    for first in range(0, count, CHUNK):
        numbers = range(first, min(first + CHUNK, count))
        rows = [_start(workspace_id, brand_id, client_id, n, now - SPREAD + SPREAD * n // count) for n in numbers]
        conversations, sessions, spent = ([row[column] for row in rows] for column in range(3))
        sessions.sort(key=lambda row: row["token_hash"])
        spent.sort(key=lambda row: row["jti_hash"])
        yield {"conversations": conversations, "sessions": sessions, "spent_tokens": spent}


def _start(workspace_id: str, brand_id: str, client_id: str, number: int, at: int) -> tuple[dict[str, Any], ...]:
    stamp = f"{at * 1000 + number % 1000:012x}"
    conversation_id = f"conv_{stamp}{os.urandom(10).hex()}"
    player_id = os.urandom(6).hex()
    jkt = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    of_player = {"workspace_id": workspace_id, "brand_id": brand_id, "player_id": player_id}
    conversation = {
        "id": conversation_id,
        **of_player,
        "jkt": jkt,
        "status": "open",
        "created_at": at,
        "profile": PROFILE,
        "contact": os.urandom(60),
        "claimed": "{}",
        "page": '{"url": "https://casino.example/en/cashier", "title": "Cashier"}',
        "locale": "es",
    }
    session = {
        "token_hash": digest(session_id(number)),
        "sid": f"sid_{stamp}{os.urandom(10).hex()}",
        "token_use": "session_id",
        **of_player,
        "conversation_id": conversation_id,
        "origin": CASINO,
        "scope": MESSENGER_SCOPE,
        "client_id": client_id,
        "issued_at": at,
        "expires_at": at + 28_800,
        "absolute_expires_at": at + 28_800,
        "last_used_at": at,
    }
    spent = {
        "workspace_id": workspace_id,
        "jti_hash": hashlib.sha256(os.urandom(16)).digest(),
        "jkt": jkt,
        "conversation_id": conversation_id,
        "expires_at": at + 120 + PIN_GRACE,
    }
    return conversation, session, spent


def _fill_sqlite(path: str, chunks: Iterator[dict[str, Rows]]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
        for pragma in ("synchronous=OFF", "cache_size=-500000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        for chunk in chunks:
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in chunk.items():
                names, places = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
                insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own
                connection.executemany(insert, (tuple(row.values()) for row in rows))
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _fill_postgres(database_url: str, chunks: Iterator[dict[str, Rows]]) -> None:
    options = as_options({**ADMINISTERING, "synchronous_commit": "off", "statement_timeout": "0"})
    with psycopg.connect(database_url, autocommit=True, options=options) as connection:
        for chunk in chunks:
            for table, rows in chunk.items():
                copy = f"COPY {table} ({', '.join(rows[0])}) FROM STDIN"
                with connection.cursor().copy(copy.encode()) as target:
                    for row in rows:
                        target.write_row(tuple(row.values()))
        # What autovacuum does by itself within minutes of such a load.
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
