"""The verbs on helpdesks answer alike on both stores, also when many ask at once."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.storage.conformance import at_once
from tests.storage.values import NOW
from widget_service.helpdesk_desks import Opening
from widget_service.references import Reference, new_reference_id
from widget_service.storage import Storage
from widget_service.storage.opening import open_storage


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    settings = type("Settings", (), {"database_url": database_url, "database_pooler": "none"})
    opened = open_storage(settings)  # type: ignore[arg-type]
    yield opened
    opened.close()


def a_reference(**more: Any) -> Reference:
    values = {
        "id": new_reference_id(),
        "workspace_id": "ws_1",
        "connection_id": "hd_1",
        "brand_id": "br_1",
        "origin": "https://casino.example",
        "player_id": "5832",
        "jti_hash": b"jti",
        "issued_at": NOW,
        "expires_at": NOW + 28800,
        "profile": {"name": "Ana", "custom": {}},
        "contact": b"\x00sealed",
        "jkt": "key",
        "operator_sid": b"sid",
    }
    return Reference(**{**values, **more})


def find(storage: Storage, reference: Reference) -> Reference | None:
    with storage.reading() as store:
        return store.find_reference(reference.id)


def test_a_reference_is_kept_as_it_is(storage: Storage) -> None:
    full, bare = a_reference(), a_reference(contact=None, jkt=None, operator_sid=None)
    storage.write(lambda store: [store.add_reference(one) for one in (full, bare)])

    assert (find(storage, full), find(storage, bare)) == (full, bare)
    assert find(storage, a_reference()) is None


def test_a_reference_is_claimed_by_exactly_one_thread(storage: Storage) -> None:
    reference = a_reference()
    storage.write(lambda store: store.add_reference(reference))

    def claim(thread_id: str) -> bool:
        return storage.write(lambda store: store.claim_reference(reference.id, thread_id, "conv_1"))

    won = at_once([lambda one=str(number): claim(one) for number in range(12)])

    assert sorted(won) == [False] * 11 + [True]
    winner = str(won.index(True))
    assert find(storage, reference) == replace(reference, thread_id=winner, conversation_id="conv_1")
    assert claim(winner)


@pytest.mark.parametrize(
    "revoke",
    [
        lambda store: store.revoke_references_of_player("ws_1", "5832", NOW + 1),
        lambda store: store.revoke_references_of_operator_sid(b"sid", NOW + 1),
        lambda store: store.revoke_references_of_conversation("conv_1", NOW + 1),
    ],
    ids=["player", "operator's session", "conversation"],
)
def test_a_revoked_reference_stays_revoked_and_takes_its_player_token_along(storage: Storage, revoke: Any) -> None:
    reference, other = a_reference(), a_reference(player_id="40217", operator_sid=b"other", jti_hash=b"other")

    def prepare(store: Any) -> None:
        for one in (reference, other):
            store.add_reference(one)
            sql = "INSERT INTO spent_tokens (workspace_id, jti_hash, jkt, expires_at) VALUES (?, ?, ?, ?)"
            store.connection.run(sql, ("ws_1", one.jti_hash, "key", NOW + 300))
        store.claim_reference(reference.id, "1", "conv_1")

    storage.write(prepare)
    storage.write(revoke)
    storage.write(lambda store: store.revoke_references_of_player("ws_1", "5832", NOW + 9))

    assert [found and found.revoked_at for found in (find(storage, reference), find(storage, other))] == [NOW + 1, None]
    assert not storage.write(lambda store: store.claim_reference(reference.id, "1", "conv_1"))
    with storage.reading() as store:
        rows = store.connection.all("SELECT jti_hash, killed_at FROM spent_tokens")
    assert {bytes(row[0]): row[1] for row in rows} == {b"jti": NOW + 1, b"other": None}


def an_opening(**more: Any) -> Opening:
    members = {"connection_id": "hd_1", "thread_id": "48213", "delivery_hash": b"delivery", "reference_id": None}
    return Opening(**{**members, "now": NOW, **more})


def test_a_delivery_brings_its_thread_and_its_reference_at_once(storage: Storage) -> None:
    reference = a_reference()
    storage.write(lambda store: store.add_reference(reference))

    opening = an_opening(reference_id=reference.id)
    opened = storage.write(lambda store: store.open_delivery(opening, NOW + 60))

    assert opened is not None
    assert (opened[0].thread_id, opened[0].status, opened[1]) == ("48213", "unverified", reference)
    unknown = an_opening(reference_id="ref_unknown", delivery_hash=b"another")
    assert storage.write(lambda store: store.open_delivery(unknown, NOW + 60)) == (opened[0], None)


def test_the_newest_grant_of_a_player_is_the_connections_own_and_not_revoked(storage: Storage) -> None:
    references = [a_reference(id=f"ref_{number}") for number in range(3)]
    others = [a_reference(id="ref_8", player_id="40217"), a_reference(id="ref_9", connection_id="hd_2")]

    def newest(store: Any) -> Any:
        return store.find_newest_reference("ws_1", "5832", "hd_1")

    for one in (*references, *others):
        storage.write(lambda store, one=one: store.add_reference(one))

    assert storage.write(newest) == references[2]
    storage.write(lambda store: store.revoke_references_of_player("ws_1", "5832", NOW))
    assert storage.write(newest) is None


def test_a_delivery_is_claimed_by_exactly_one_bringer_for_each_connection(storage: Storage) -> None:
    def claim(connection_id: str) -> bool:
        opening = an_opening(connection_id=connection_id)
        return storage.write(lambda store: store.open_delivery(opening, NOW + 60)) is not None

    assert sorted(at_once([lambda: claim("hd_1")] * 12)) == [False] * 11 + [True]
    assert claim("hd_2")


def test_a_delivery_whose_effect_failed_may_come_again(storage: Storage) -> None:
    def fail(store: Any) -> None:
        store.open_delivery(an_opening(), NOW + 60)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        storage.write(fail)

    assert storage.write(lambda store: store.open_delivery(an_opening(), NOW + 60))


def test_a_thread_is_opened_once_and_its_events_take_turns(storage: Storage) -> None:
    def note(number: int) -> None:
        def work(store: Any) -> None:
            thread, _ = store.open_delivery(an_opening(delivery_hash=b"%d" % number), NOW + 60)
            store.update_thread(replace(thread, last_position=thread.last_position + 1, last_time=number))

        storage.write(work)

    at_once([lambda one=number: note(one) for number in range(12)])

    with storage.reading() as store:
        thread = store.find_thread("hd_1", "48213")
        assert store.find_thread("hd_2", "48213") is None
    assert thread is not None
    assert (thread.status, thread.last_position) == ("unverified", 12)


def test_a_thread_keeps_all_that_an_event_says(storage: Storage) -> None:
    def work(store: Any) -> Any:
        opened, _ = store.open_delivery(an_opening(), NOW + 60)
        changed = replace(
            opened,
            status="verified",
            last_time=1_772_366_398_412_907_331,
            last_position=3,
            updated_at=NOW + 1,
            reference_id="ref_1",
            conversation_id="conv_1",
            player_id="5832",
            customer_id="77",
        )
        store.update_thread(changed)
        return changed

    changed = storage.write(work)

    with storage.reading() as store:
        assert store.find_thread("hd_1", "48213") == changed


def test_a_customer_stays_the_first_players(storage: Storage) -> None:
    from widget_service.helpdesk_customers import HelpdeskCustomer

    first = HelpdeskCustomer("hd_1", "browser", "5832", "ref_1", NOW)
    for one in (first, replace(first, player_id="40217", reference_id="ref_2"), replace(first, reference_id="ref_3")):
        storage.write(lambda store, one=one: store.keep_customer(one))

    with storage.reading() as store:
        assert store.find_customer("hd_1", "browser") == replace(first, reference_id="ref_3")
        assert store.find_customer("hd_2", "browser") is None


def test_a_mark_is_of_its_connection(storage: Storage) -> None:
    for _ in range(2):
        storage.write(lambda store: store.keep_mark("hd_1", b"over", NOW))

    with storage.reading() as store:
        assert store.has_mark("hd_1", b"over")
        assert not store.has_mark("hd_1", b"other")
        assert not store.has_mark("hd_2", b"over")
