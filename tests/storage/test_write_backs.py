"""The verbs on write-backs answer alike on both stores, also when many ask at once."""

from collections.abc import Iterator

import pytest

from tests.storage.conformance import at_once
from tests.storage.values import NOW
from widget_service.helpdesk_desks import Opening
from widget_service.helpdesk_write_backs import WriteBack
from widget_service.storage import Storage
from widget_service.storage.helpdesk_write_backs import WRITE_BACK_LANE
from widget_service.storage.opening import open_storage

CONNECTION = (
    "INSERT INTO helpdesk_connections (id, workspace_id, vendor, secrets, created_at)"
    " VALUES ('hd_1', 'ws_1', 'zendesk', ?, 1)"
)


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    settings = type("Settings", (), {"database_url": database_url, "database_pooler": "none"})
    opened = open_storage(settings)  # type: ignore[arg-type]
    opened.write(lambda store: store.connection.run(CONNECTION, (b"",)))
    opened.write(
        lambda store: store.connection.run("INSERT INTO workspaces (id, name, created_at) VALUES ('ws_1', 'Casino', 1)")
    )
    yield opened
    opened.close()


def change_thread(storage: Storage, thread_id: str, at: int = NOW) -> None:
    """The thread is there, and has changed."""
    opening = Opening("hd_1", thread_id, f"{thread_id}/{at}".encode(), None, at)
    storage.write(lambda store: (store.open_delivery(opening, at + 60), store.add_write_back("hd_1", thread_id, at)))


def due(storage: Storage, at: int = NOW) -> list[WriteBack]:
    with storage.reading() as store:
        return store.find_due_write_backs("hd_1", at, 10)


def connections(storage: Storage, at: int = NOW) -> list[str]:
    with storage.reading() as store:
        return store.find_due_write_back_connections(at, 10)


def test_a_thread_has_one_job_however_often_it_changes(storage: Storage) -> None:
    for number in range(3):
        change_thread(storage, "7", NOW + number)

    (job,) = due(storage, NOW + 2)
    assert (job.thread_id, job.generation, job.attempts, job.created_at) == ("7", 3, 0, NOW + 2)
    assert (job.workspace_id, job.status, job.identity.player_id) == ("ws_1", "unverified", None)
    assert due(storage, NOW + 1) == []


def test_what_has_changed_meanwhile_is_not_settled(storage: Storage) -> None:
    change_thread(storage, "7")
    (old,) = due(storage)
    change_thread(storage, "7", NOW + 1)

    settled = storage.write(lambda store: store.settle_write_back(old, done_at=NOW, failed_at=None, error=""))
    storage.write(lambda store: store.postpone_write_back(old, NOW + 900, "conflict"))

    assert not settled
    (job,) = due(storage, NOW + 1)
    assert storage.write(lambda store: store.settle_write_back(job, done_at=NOW, failed_at=None, error=""))
    assert due(storage, NOW + 10_000) == []


def test_a_connection_is_found_while_it_has_due_jobs_and_nobody_holds_it(storage: Storage) -> None:
    change_thread(storage, "7")
    change_thread(storage, "8")
    assert connections(storage) == ["hd_1"]

    assert storage.claim(lambda store: store.claim_lane("hd_1", WRITE_BACK_LANE, "a", NOW, NOW + 5))
    assert connections(storage) == []
    assert connections(storage, NOW + 5) == ["hd_1"]
    for job in due(storage):
        storage.write(lambda store, job=job: store.postpone_write_back(job, NOW + 60, "status_503"))
    assert connections(storage, NOW + 59) == []
    assert [job.attempts for job in due(storage, NOW + 60)] == [1, 1]
    storage.write(lambda store: store.connection.run("UPDATE helpdesk_connections SET disabled_at = 1"))
    assert connections(storage, NOW + 60) == due(storage, NOW + 60) == []


def test_a_player_keeps_the_customer_that_was_made_first(storage: Storage) -> None:
    def keep(customer_id: str, old: str | None = None) -> str:
        return storage.write(lambda store: store.keep_minted_customer("hd_1", "5832", customer_id, old, NOW))

    kept = at_once([lambda one=f"c{number}": keep(one) for number in range(8)])

    assert len(set(kept)) == 1
    assert keep("another", "not the one") == kept[0]
    assert keep("another", kept[0]) == "another"
    with storage.reading() as store:
        assert store.find_minted_customer("hd_1", "5832") == "another"
        assert store.find_minted_customer("hd_1", "40217") is None


def test_the_newest_access_is_kept(storage: Storage) -> None:
    for content in (b"\x00one", b"\x00two"):
        storage.write(lambda store, content=content: store.keep_access("hd_1", content, NOW))

    with storage.reading() as store:
        assert store.find_access("hd_1") == b"\x00two"
        assert store.find_access("hd_2") is None
