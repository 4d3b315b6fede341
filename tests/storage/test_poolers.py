"""PostgreSQL behind PgBouncer: the service works, or says in one line why it does not start."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.storage.conformance import StorageConformance, at_once
from tests.support.pooler import PgBouncer
from tests.support.servers import PostgresCluster
from tests.support.service import run_here, settings_for
from widget_service.errors import ConfigurationError, Unavailable
from widget_service.storage.poolers import require_sessions, require_transactions
from widget_service.storage.postgres import PostgresStorage

IGNORING = {"ignore_startup_parameters": "options"}


@pytest.fixture(scope="module")
def poolers(postgres: PostgresCluster) -> Iterator[dict[str, PgBouncer]]:
    """By name: how each is set, as operators set them."""
    running = {
        "transaction": PgBouncer(postgres),
        "transaction, options ignored": PgBouncer(postgres, **IGNORING),
        "session": PgBouncer(postgres, "session", default_pool_size=60),
        "session, options ignored": PgBouncer(postgres, "session", default_pool_size=60, **IGNORING),
        "statement": PgBouncer(postgres, "statement", **IGNORING),
    }
    yield running
    for pooler in running.values():
        pooler.remove()


class TestBehindAPooler(StorageConformance):
    """Everything that a storage answers, through a pooler that changes servers between transactions."""

    @pytest.fixture
    def url(self, databases, poolers) -> str:
        return poolers["transaction"].url(databases.new("postgres"))

    @pytest.fixture
    def storage(self, url) -> Iterator[PostgresStorage]:
        storage = PostgresStorage(url, pooled=True)
        yield storage
        storage.close()

    @pytest.fixture
    def open_again(self, url) -> Any:
        return lambda: PostgresStorage(url, pooled=True)

    @pytest.fixture
    def broken_storage(self, tmp_path) -> Iterator[PostgresStorage]:
        storage = PostgresStorage(f"postgresql://app@/widget?host={tmp_path}", pooled=True)
        yield storage
        storage.close()

    def test_every_transaction_has_its_timeouts(self, storage) -> None:
        ask = "SELECT current_setting('statement_timeout'), current_setting('synchronous_commit')"

        def asked(store: Any) -> tuple[str, str]:
            assert store.connection.one("SELECT 1") == (1,)
            return store.connection.one(ask)

        with storage.reading() as store:
            assert [asked(store) for _ in range(2)] == [("5s", "on")] * 2
        assert storage.write(asked) == ("5s", "on")
        assert storage.write(asked, durable=False) == ("5s", "off")
        assert storage.claim(lambda store: store.connection.one(ask)) == ("5s", "off")

    def test_processes_that_share_servers_never_hear_each_others_answers(self, storage, open_again) -> None:
        other = open_again()

        def ask(one: PostgresStorage, first: int) -> list[str]:
            def asked(number: int) -> str:
                with one.reading() as store:
                    return store.connection.one(f"SELECT 'statement {number}: ' || ?", (str(number),))[0]

            return [asked(number) for number in range(first, first + 40)]

        callers = [(one, first) for first in range(0, 320, 40) for one in (storage, other)]
        answers = at_once([lambda caller=caller: ask(*caller) for caller in callers])
        other.close()
        assert answers == [[f"statement {n}: {n}" for n in range(first, first + 40)] for _, first in callers]


@pytest.mark.parametrize(
    "name", ["transaction", "transaction, options ignored", "session, options ignored", "statement"]
)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_behind_a_pooler_that_the_settings_do_not_name_nothing_starts(databases, poolers, name, command) -> None:
    url = poolers[name].url(databases.new("postgres"))
    result = run_here(settings_for(url, "http://127.0.0.1:8000"), command)

    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert "WIDGET_DATABASE_POOLER=transaction" in result.output


def test_a_pooler_in_session_mode_that_passes_options_on_is_as_good_as_none(databases, poolers) -> None:
    # PgBouncer itself passes none on: it is set to give them to each server that it opens.
    database_url = databases.new("postgres")
    name = database_url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET statement_timeout = '5s'".encode())

    require_sessions(poolers["session, options ignored"].url(database_url))
    with pytest.raises(ConfigurationError, match="changes servers"):
        require_sessions(poolers["transaction, options ignored"].url(database_url))


def test_a_pooler_in_statement_mode_is_refused_whatever_the_settings_say(databases, poolers) -> None:
    url = databases.new("postgres")
    with pytest.raises(ConfigurationError, match="keeps no transactions"):
        require_transactions(poolers["statement"].url(url))
    for name in ("transaction", "session"):
        require_transactions(poolers[name].url(url))
    require_transactions(url)


def test_postgresql_itself_is_no_pooler(databases) -> None:
    require_sessions(databases.new("postgres"))


def test_a_database_that_is_away_is_not_taken_for_a_pooler(tmp_path) -> None:
    url = f"postgresql://app@/widget?host={tmp_path}"
    for check in (require_sessions, require_transactions):
        with pytest.raises(Unavailable):
            check(url)


def test_a_pooler_that_comes_in_between_later_makes_requests_fail_and_gives_no_wrong_answer(databases, poolers) -> None:
    """As if it had been put there, or its mode changed, while the service runs."""
    url = poolers["transaction, options ignored"].url(databases.new("postgres"))
    storages = [PostgresStorage(url) for _ in range(2)]

    def ask(one: PostgresStorage, number: int) -> bool | Unavailable:
        try:
            with one.reading() as store:
                return store.connection.one(f"SELECT {number} + ?", (1000,)) == (number + 1000,)
        except Unavailable as away:
            return away

    outcomes = at_once([lambda one=one, n=n: ask(one, n) for n in range(40) for one in storages])
    for one in storages:
        one.close()
    assert [one for one in outcomes if one is not True and not isinstance(one, Unavailable)] == []
