"""What PostgreSQL alone can do wrong: connections that die, texts that libpq would cut, failures that are hidden."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from tests.storage.conformance import at_once
from tests.storage.values import NOW, a_conversation, a_session
from tests.support.servers import wait_until
from widget_service.errors import Unavailable
from widget_service.ids import digest
from widget_service.storage.pipeline import MOST_PREPARED
from widget_service.storage.postgres import PostgresStorage
from widget_service.storage.store import Store


@pytest.fixture
def url(databases) -> str:
    return databases.new("postgres")


@pytest.fixture
def storage(url) -> Iterator[PostgresStorage]:
    opened = PostgresStorage(url)
    yield opened
    opened.close()


def end_all_other_connections(url: str) -> None:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
        wait_until(lambda: not connection.execute(f"SELECT 1 {others}").fetchall(), "they are gone")


def count(storage: PostgresStorage) -> int:
    with storage.reading() as store:
        return store.connection.one("SELECT COUNT(*) FROM conversations")[0]


def test_once_a_connection_was_found_dead_all_others_are_made_anew(storage, url) -> None:
    at_once([lambda: storage.write(lambda store: store.add_conversation(a_conversation(), None))] * 8)
    end_all_other_connections(url)
    with pytest.raises(Unavailable):
        count(storage)
    assert [count(storage) for _ in range(10)] == [8] * 10


def test_a_text_with_nul_is_refused_whole(storage) -> None:
    with pytest.raises(psycopg.DataError):
        storage.write(lambda store: store.add_conversation(a_conversation("a\0b"), None))
    assert count(storage) == 0


def test_a_unit_of_work_that_hides_a_failed_statement_is_undone(storage) -> None:
    def work(store: Store) -> str:
        store.add_conversation(a_conversation(), None)
        with suppress(psycopg.Error):
            store.connection.one("SELECT * FROM nowhere")
        return "done"

    with pytest.raises(psycopg.Error):
        storage.write(work)
    assert count(storage) == 0


def test_more_statements_than_are_kept_prepared_are_answered(storage) -> None:
    with storage.reading() as store:
        numbers = [store.connection.one(f"SELECT {number} + ?", (1,))[0] for number in range(MOST_PREPARED + 20)]
    assert numbers == list(range(1, MOST_PREPARED + 21))


def test_answers_come_back_in_the_order_of_their_questions_whatever_is_read_first(storage) -> None:
    def work(store: Store) -> list[tuple[int]]:
        asked = [store.connection.ask(f"SELECT {number} + ?", (100,)) for number in range(5)]
        return [one.fetchone() for one in reversed(asked)]

    assert storage.write(work) == [(104,), (103,), (102,), (101,), (100,)]


def test_sessions_that_many_ask_for_at_once_are_each_their_own(storage) -> None:
    sessions = {f"token-{number}": a_session(acr=str(number)) for number in range(16)}
    for token, session in sessions.items():
        storage.write(lambda store, token=token, session=session: store.add_session(digest(token), session))
    works = [lambda token=token: storage.find_session(digest(token)) for token in [*sessions, "unknown"] * 4]
    assert at_once(works) == [*sessions.values(), None] * 4
    storage.write(lambda store: store.revoke_session(sessions["token-3"].sid, NOW))
    assert storage.find_session(digest("token-3")).revoked_at == NOW
