"""What every storage answers alike: one suite, held against each backend by ``test_conformance.py``.

A backend brings a ``storage`` fixture (open, empty, migrated) and an ``address`` to open it a second time.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.storage.values import (
    BRAND,
    NOW,
    a_conversation,
    a_message,
    a_session,
    a_start,
    an_event,
    with_webhook,
)
from widget_service.conversations import Conversation
from widget_service.errors import ServiceError, Unavailable
from widget_service.ids import digest, new_id
from widget_service.storage import Storage
from widget_service.storage.store import Store

THREADS = 16
PIN_UNTIL = NOW + 360


class Undone(Exception):
    """Raised by a unit of work that must leave nothing behind."""


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """All works started together; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return work()
        except BaseException as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def adding(conversation: Conversation) -> Callable[[Store], None]:
    return lambda store: store.add_conversation(conversation, None)


def fails(sql: str) -> Callable[[Store], None]:
    return lambda store: store.connection.run(sql)


class StorageConformance:
    """Subclass it as ``TestSomething`` with the fixtures ``storage`` and ``open_again``."""

    def count(self, storage: Storage, table: str) -> int:
        with storage.reading() as store:
            return store.connection.one(f"SELECT COUNT(*) FROM {table}")[0]  # noqa: S608 - our own words

    # Units of work

    def test_what_was_written_is_read(self, storage) -> None:
        conversation = a_conversation()
        storage.write(adding(conversation))
        with storage.reading() as store:
            assert store.find_conversation(conversation.id) == conversation

    def test_a_unit_of_work_gives_its_value(self, storage) -> None:
        assert storage.write(lambda _store: {"any": "value"}) == {"any": "value"}
        assert storage.write(lambda _store: None) is None
        assert storage.claim(lambda store: store.claim_proof(b"p", NOW)) is True

    def test_within_a_unit_of_work_its_own_writes_are_seen(self, storage) -> None:
        conversation = a_conversation()

        def work(store: Store) -> Any:
            store.add_conversation(conversation, None)
            return store.find_conversation(conversation.id)

        assert storage.write(work) == conversation

    def test_an_exception_undoes_all_of_it_and_comes_out(self, storage) -> None:
        conversation, session = a_conversation(), a_session()

        def work(store: Store) -> None:
            store.add_conversation(conversation, None)
            store.add_session(digest("token"), session)
            store.add_conversation_event(conversation.id, "typing", {}, NOW)
            store.claim_proof(b"proof", NOW)
            raise Undone

        with pytest.raises(Undone):
            storage.write(work)
        for table in ("conversations", "sessions", "conversation_events", "proofs"):
            assert self.count(storage, table) == 0, table

    def test_a_service_error_undoes_all_of_it_too(self, storage) -> None:
        def work(store: Store) -> None:
            store.add_conversation(a_conversation(), None)
            raise Unavailable("made up")

        with pytest.raises(Unavailable):
            storage.write(work)
        assert self.count(storage, "conversations") == 0

    def test_a_statement_that_fails_undoes_all_of_it(self, storage) -> None:
        conversation = a_conversation()

        def work(store: Store) -> None:
            store.add_conversation(conversation, None)
            store.add_conversation(conversation, None)

        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the driver says
            storage.write(work)
        assert self.count(storage, "conversations") == 0
        storage.write(adding(conversation))

    @pytest.mark.parametrize("durable", [True, False])
    def test_after_a_failure_the_next_unit_of_work_is_written(self, storage, durable) -> None:
        for broken in (fails("INSERT INTO nowhere VALUES (1)"), fails("no SQL at all")):
            with pytest.raises(Exception):  # noqa: B017, PT011
                storage.write(broken, durable=durable)
            storage.write(adding(a_conversation()), durable=durable)
        assert self.count(storage, "conversations") == 2

    def test_one_that_raises_does_not_disturb_its_neighbours(self, storage) -> None:
        def good(number: int) -> Callable[[], str]:
            return lambda: storage.write(adding(a_conversation(f"g{number}"))) or "ok"

        def bad(_number: int) -> Callable[[], None]:
            def work(store: Store) -> None:
                store.add_conversation(a_conversation(), None)
                raise Undone

            return lambda: storage.write(work)

        outcomes = at_once([(bad if number % 4 == 0 else good)(number) for number in range(THREADS)])
        assert [type(one).__name__ for one in outcomes] == ["Undone", "str", "str", "str"] * 4
        assert self.count(storage, "conversations") == 12

    def test_one_whose_statement_fails_does_not_disturb_its_neighbours(self, storage) -> None:
        taken = a_conversation("taken")
        storage.write(adding(taken))

        def good(number: int) -> Callable[[], str]:
            return lambda: storage.write(adding(a_conversation(f"g{number}"))) or "ok"

        def bad(_number: int) -> Callable[[], None]:
            return lambda: storage.write(adding(taken))

        for _ in range(4):
            outcomes = at_once([(bad if number % 4 == 0 else good)(number) for number in range(THREADS)])
            assert ["ok" if one == "ok" else "failed" for one in outcomes] == ["failed", "ok", "ok", "ok"] * 4
            storage.write(lambda store: store.connection.run("DELETE FROM conversations WHERE jkt <> 'taken'"))

    def test_many_threads_write_and_none_is_lost(self, storage) -> None:
        def work(number: int) -> Callable[[], None]:
            def run() -> None:
                for step in range(10):
                    storage.write(adding(a_conversation(f"{number}-{step}")), durable=step % 2 == 0)

            return run

        assert at_once([work(number) for number in range(THREADS)]) == [None] * THREADS
        assert self.count(storage, "conversations") == THREADS * 10

    def test_what_is_not_flushed_is_seen_at_once(self, storage, open_again) -> None:
        conversation = a_conversation()
        storage.write(adding(conversation), durable=False)
        other = open_again()
        for one in (storage, other):
            with one.reading() as store:
                assert store.find_conversation(conversation.id) == conversation
        assert other.claim(lambda store: store.claim_proof(b"p", NOW)) is True
        assert storage.claim(lambda store: store.claim_proof(b"p", NOW)) is False

    def test_a_read_never_waits_for_a_writer_and_sees_only_what_is_committed(self, storage) -> None:
        writing, go_on = threading.Event(), threading.Event()

        def slow(store: Store) -> None:
            store.add_conversation(a_conversation(), None)
            writing.set()
            go_on.wait(5)

        thread = threading.Thread(target=lambda: storage.write(slow))
        thread.start()
        assert writing.wait(5)
        began = time.monotonic()
        assert self.count(storage, "conversations") == 0
        assert time.monotonic() - began < 1
        go_on.set()
        thread.join(10)
        assert self.count(storage, "conversations") == 1

    def test_each_statement_of_a_read_sees_what_was_committed_before_it(self, storage) -> None:
        conversation = a_conversation()
        with storage.reading() as store:
            assert store.find_conversation(conversation.id) is None
            storage.write(adding(conversation))
            assert store.find_conversation(conversation.id) is not None

    def test_it_is_all_there_after_closing_and_opening_again(self, storage, open_again) -> None:
        conversation = a_conversation()
        storage.write(adding(conversation))
        storage.write(lambda store: store.claim_proof(b"p", NOW), durable=False)
        storage.close()
        again = open_again()
        with again.reading() as store:
            assert store.find_conversation(conversation.id) == conversation
        assert again.claim(lambda store: store.claim_proof(b"p", NOW)) is False

    def test_two_storages_on_one_database_take_turns(self, storage, open_again) -> None:
        other = open_again()

        def work(one: Storage, number: int) -> Callable[[], None]:
            def run() -> None:
                for step in range(5):
                    one.write(adding(a_conversation(f"{number}-{step}")))

            return run

        works = [work(storage if number % 2 else other, number) for number in range(THREADS)]
        assert at_once(works) == [None] * THREADS
        assert self.count(storage, "conversations") == THREADS * 5

    # What is spent once

    def test_of_many_keys_racing_for_one_token_one_wins(self, storage) -> None:
        for turn in range(5):
            jti = f"token-{turn}"

            def claim(number: int, turn: int = turn, jti: str = jti) -> Callable[[], str]:
                start = a_start(f"key-{turn}-{number}", jti)
                return lambda: storage.write(lambda store: store.claim_start(start, PIN_UNTIL)).pin.jkt

            assert len(set(at_once([claim(number) for number in range(THREADS)]))) == 1
        assert self.count(storage, "spent_tokens") == 5

    def test_the_same_key_may_bring_its_token_again(self, storage) -> None:
        start = a_start("key", "token")
        claims = at_once([lambda: storage.write(lambda store: store.claim_start(start, PIN_UNTIL))] * THREADS)
        assert {claim.pin.jkt for claim in claims} == {"key"}
        assert not any(claim.pin.killed for claim in claims)

    def test_a_start_that_is_undone_spends_nothing(self, storage) -> None:
        def undone(store: Store) -> None:
            store.claim_start(a_start("first", "token"), PIN_UNTIL)
            raise Undone

        with pytest.raises(Undone):
            storage.write(undone)
        claims = storage.write(lambda store: store.claim_start(a_start("second", "token"), PIN_UNTIL))
        assert claims.pin.jkt == "second"

    def test_a_token_is_spent_in_its_own_workspace(self, storage) -> None:
        other = replace(a_start("second", "token"), brand=replace(BRAND, workspace_id="ws_other", id="br_other"))
        storage.write(lambda store: store.claim_start(a_start("first", "token"), PIN_UNTIL))
        assert storage.write(lambda store: store.claim_start(other, PIN_UNTIL)).pin.jkt == "second"

    def test_of_many_bringers_of_one_proof_one_wins(self, storage, open_again) -> None:
        other = open_again()
        for turn in range(5):
            proof = f"proof-{turn}".encode()
            works = [
                lambda one=one, proof=proof: one.claim(lambda store: store.claim_proof(proof, NOW))
                for one in [storage, other] * (THREADS // 2)
            ]
            assert sorted(at_once(works)) == [False] * (THREADS - 1) + [True]

    def test_a_killed_token_and_a_logout_are_told(self, storage) -> None:
        start = a_start("key", "token")
        storage.write(lambda store: store.claim_start(start, PIN_UNTIL))
        storage.write(lambda store: store.bind_token(BRAND.workspace_id, start.assertion, "conv_1"))
        storage.write(lambda store: store.kill_tokens("conv_2", NOW))
        assert not storage.write(lambda store: store.claim_start(start, PIN_UNTIL)).pin.killed
        storage.write(lambda store: store.kill_tokens("conv_1", NOW))
        assert storage.write(lambda store: store.claim_start(start, PIN_UNTIL)).pin.killed
        for at in (NOW, NOW - 50):
            storage.write(lambda store, at=at: store.note_logout(BRAND.workspace_id, "5832", at))
        pin = storage.write(lambda store: store.claim_start(start, PIN_UNTIL)).pin
        assert pin.logged_out_at == NOW, "never earlier than it was"

    # Conversations, messages, sessions, events

    def test_a_start_meets_the_open_conversations_of_its_key(self, storage) -> None:
        mine, closed = a_conversation("key", player_id="5832"), a_conversation("key", player_id="5832")
        nobodys, foreign = a_conversation("key"), a_conversation("other", player_id="5832")
        storage.write(adding(closed))
        storage.write(lambda store: store.update_conversation(replace(closed, status="closed", closed_at=NOW), None))
        for conversation in (mine, nobodys, foreign):
            storage.write(adding(conversation))
        claims = storage.write(lambda store: store.claim_start(a_start("key", "token"), PIN_UNTIL))
        assert {one.id for one in claims.of_key} == {mine.id, nobodys.id}
        assert claims.of_player is None
        everywhere = replace(a_start("new key", "token-2"), brand=replace(BRAND, history="player"))
        claims = storage.write(lambda store: store.claim_start(everywhere, PIN_UNTIL))
        assert claims.of_key == ()
        assert claims.of_player.id in (mine.id, foreign.id)

    def test_a_player_has_one_open_conversation_with_a_key(self, storage) -> None:
        storage.write(adding(a_conversation("key", player_id="5832")))
        with pytest.raises(Exception):  # noqa: B017, PT011
            storage.write(adding(a_conversation("key", player_id="5832")))

    def test_messages_written_at_once_are_numbered_without_a_gap(self, storage) -> None:
        conversation = a_conversation()
        storage.write(adding(conversation))

        def send() -> int:
            def work(store: Store) -> int:
                seq = store.next_seq(conversation.id, from_player=True)
                store.add_message(a_message(conversation.id, seq))
                return seq

            return storage.write(work)

        assert sorted(at_once([send] * THREADS)) == list(range(1, THREADS + 1))
        with storage.reading() as store:
            seqs = [message.seq for message in store.find_messages_after(conversation.id, 0, 2**62, 100)]
            assert seqs == list(range(1, THREADS + 1))
            assert store.find_conversation(conversation.id).player_messages == THREADS

    def test_a_closed_conversation_gives_no_number(self, storage) -> None:
        closed = replace(a_conversation(), status="closed", closed_at=NOW)
        storage.write(adding(closed))
        storage.write(lambda store: store.update_conversation(closed, None))
        assert storage.write(lambda store: store.next_seq(closed.id, from_player=True)) is None
        assert storage.write(lambda store: store.next_seq("conv_unknown", from_player=True)) is None

    def test_a_session_is_found_by_its_hash_and_revoked_with_all_its_tokens(self, storage) -> None:
        session, other = a_session(), a_session()
        for name, one in (("first", session), ("refreshed", session), ("other", other)):
            storage.write(lambda store, name=name, one=one: store.add_session(digest(name), one))
        with storage.reading() as store:
            assert store.find_session(digest("first")) == session
            assert store.find_session(digest("unknown")) is None
        storage.write(lambda store: store.revoke_session(session.sid, NOW))
        with storage.reading() as store:
            assert store.find_session(digest("first")).revoked_at == NOW
            assert store.find_session(digest("refreshed")).revoked_at == NOW
            assert store.find_session(digest("other")).revoked_at is None
        assert storage.find_session(digest("first")).revoked_at == NOW
        assert storage.find_session(digest("other")) == other
        assert storage.find_session(digest("unknown")) is None
        storage.write(lambda store: store.shorten_session(digest("other"), other.expires_at + 100))
        storage.write(lambda store: store.note_use(digest("other"), NOW - 100))
        with storage.reading() as store:
            assert store.find_session(digest("other")) == other, "never longer, never back"

    def test_outbound_events_go_to_the_webhooks_of_their_workspace_in_order(self, storage) -> None:
        storage.write(with_webhook)
        events = [an_event("conv_1", number) for number in range(3)]
        for event in events:
            storage.write(lambda store, event=event: store.add_outbound_event(event))
        storage.write(lambda store: store.add_outbound_event(replace(events[0], id="evt_x", workspace_id="ws_other")))
        with storage.reading() as store:
            rows = store.connection.all("SELECT event_id FROM outbox ORDER BY id")
        assert [row[0] for row in rows] == [event.id for event in events]

    def test_texts_of_every_kind_come_back_as_they_were(self, storage) -> None:
        texts = ["é漢😀", "'; DROP TABLE conversations; --", "?%s%%", "\\", '"', "\u202e", "\t\n\r", "x" * 4000]
        for text in texts:
            conversation = a_conversation(new_id("key"), player_id=text[:255], profile={"name": text})
            storage.write(lambda store, one=conversation: store.add_conversation(one, text.encode()))  # noqa: B023
            with storage.reading() as store:
                assert store.find_conversation(conversation.id) == conversation

    def test_the_largest_numbers_fit(self, storage) -> None:
        session = replace(a_session(), expires_at=2**53, auth_time=2**53 - 1)
        storage.write(lambda store: store.add_session(digest("x"), session))
        with storage.reading() as store:
            assert store.find_session(digest("x")) == session
        assert storage.write(lambda store: store.is_writable())

    def test_every_failure_of_the_database_is_a_service_error(self, broken_storage) -> None:
        calls = [
            lambda: broken_storage.write(lambda store: store.claim_proof(b"p", NOW)),
            lambda: broken_storage.write(lambda store: store.claim_proof(b"p", NOW), durable=False),
            lambda: broken_storage.claim(lambda store: store.claim_proof(b"p", NOW)),
            lambda: broken_storage.find_session(b"s"),
            lambda: self.count(broken_storage, "proofs"),
        ]
        outcomes: list[Any] = []
        thread = threading.Thread(target=lambda: outcomes.extend(at_once(calls)), daemon=True)
        thread.start()
        thread.join(15)
        assert len(outcomes) == len(calls), "nothing hangs"
        assert [one for one in outcomes if not isinstance(one, ServiceError)] == []
