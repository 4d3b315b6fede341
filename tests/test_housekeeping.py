"""Housekeeping removes what has ended, in batches, and nothing else."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.operator import Operator
from tests.support.receiver import Receiver
from tests.support.service import InProcessService
from widget_service.storage import Storage
from widget_service.storage.opening import open_storage
from widget_service.worker import Housekeeper

NOW = 2_000_000_000
DAY = 86_400
WEEK = 7 * DAY


@pytest.fixture
def storage(each_app_service: InProcessService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    monkeypatch.setattr("widget_service.worker.BATCH", 2)
    storage = open_storage(each_app_service.settings)
    yield storage
    storage.close()


@pytest.fixture
def housekeeper(each_app_service: InProcessService, storage: Storage) -> Housekeeper:
    return Housekeeper(storage, each_app_service.settings, lambda: float(NOW))


def add(storage: Storage, table: str, **values: Any) -> None:
    marks = ", ".join("?" for _ in values)
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608 (names of our own)
    storage.write(lambda store: store.connection.run(sql, list(values.values())))


def column(storage: Storage, table: str, name: str) -> list[Any]:
    with storage.reading() as store:
        rows = store.connection.all(f"SELECT {name} FROM {table} ORDER BY {name}")  # noqa: S608
    return [bytes(row[0]) if isinstance(row[0], memoryview) else row[0] for row in rows]


def count(storage: Storage, tables: tuple[str, ...]) -> dict[str, int]:
    with storage.reading() as store:
        return {table: store.connection.all(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}  # noqa: S608


def add_conversation(storage: Storage, conversation_id: str, created_at: int, **values: Any) -> None:
    fixed = {"workspace_id": "ws", "brand_id": "br", "jkt": conversation_id}
    add(storage, "conversations", id=conversation_id, created_at=created_at, **{**fixed, **values})


def add_session(storage: Storage, name: str, conversation_id: str = "conv", **times: int | None) -> None:
    ends = {"expires_at": NOW, "absolute_expires_at": NOW, **times}
    fixed = dict.fromkeys(("sid", "workspace_id", "brand_id", "scope", "client_id"), name)
    add(
        storage,
        "sessions",
        token_hash=name.encode(),
        conversation_id=conversation_id,
        token_use="session_token",
        issued_at=NOW - WEEK,
        last_used_at=NOW - WEEK,
        **fixed,
        **ends,
    )


def add_event(storage: Storage, name: str, created_at: int, **times: int) -> None:
    fixed = dict.fromkeys(("webhook_id", "workspace_id", "conversation_id", "type", "body"), "x")
    add(storage, "outbox", event_id=name, created_at=created_at, next_attempt_at=created_at, **fixed, **times)


def test_proofs_and_spent_tokens_go_when_they_have_expired(storage: Storage, housekeeper: Housekeeper) -> None:
    for number, expires_at in enumerate((NOW - 3, NOW - 2, NOW - 1, NOW, NOW + 60)):
        add(storage, "proofs", proof_hash=b"%d" % number, expires_at=expires_at)
        add(storage, "spent_tokens", workspace_id="ws", jti_hash=b"%d" % number, jkt="k", expires_at=expires_at)
    housekeeper.remove_expired()

    assert column(storage, "proofs", "expires_at") == [NOW, NOW + 60]
    assert column(storage, "spent_tokens", "expires_at") == [NOW, NOW + 60]


def test_a_spent_token_of_another_workspace_stays(storage: Storage, housekeeper: Housekeeper) -> None:
    add(storage, "spent_tokens", workspace_id="ws_1", jti_hash=b"same", jkt="k", expires_at=NOW - 1)
    add(storage, "spent_tokens", workspace_id="ws_2", jti_hash=b"same", jkt="k", expires_at=NOW + 1)
    housekeeper.remove_expired()

    assert column(storage, "spent_tokens", "workspace_id") == ["ws_2"]


def test_sessions_stay_for_a_day_after_their_end(storage: Storage, housekeeper: Housekeeper) -> None:
    for number in range(5):
        add_session(storage, f"old-{number}", absolute_expires_at=NOW - DAY - 1)
    add_session(storage, "ended", absolute_expires_at=NOW - DAY)
    add_session(storage, "revoked", absolute_expires_at=NOW + 1, revoked_at=NOW - WEEK)
    add_session(storage, "live", absolute_expires_at=NOW + 1)
    housekeeper.remove_expired()

    assert column(storage, "sessions", "sid") == ["ended", "live", "revoked"]


def test_lanes_and_logouts_go_after_a_day(storage: Storage, housekeeper: Housekeeper) -> None:
    for name, at in (("old", NOW - DAY - 1), ("new", NOW - DAY)):
        add(storage, "outbox_lanes", webhook_id=name, conversation_id="c", holder="h", held_until=at)
        add(storage, "player_logouts", workspace_id="ws", player_id=name, logged_out_at=at)
    housekeeper.remove_expired()

    assert column(storage, "outbox_lanes", "webhook_id") == ["new"]
    assert column(storage, "player_logouts", "player_id") == ["new"]


def test_what_helpdesks_left_goes_in_its_time(storage: Storage, housekeeper: Housekeeper) -> None:
    for name, age in (("old", 31 * DAY), ("new", 0)):
        add(storage, "helpdesk_deliveries", connection_id="hd", delivery_hash=name.encode(), expires_at=NOW - 1 - age)
        fixed = dict.fromkeys(("workspace_id", "connection_id", "brand_id", "origin", "player_id", "profile"), "x")
        times = {"issued_at": NOW - 40 * DAY, "expires_at": NOW - age}
        add(storage, "helpdesk_references", id=name, jti_hash=b"jti", **fixed, **times)
        place = {"connection_id": "hd", "last_time": 0, "last_position": 0, "updated_at": NOW - age}
        add(storage, "helpdesk_threads", thread_id=name, status="unverified", **place)
        add(storage, "helpdesk_threads", thread_id=f"bound-{name}", status="mismatch", reference_id="ref", **place)
    housekeeper.remove_expired()

    assert column(storage, "helpdesk_deliveries", "delivery_hash") == []
    assert column(storage, "helpdesk_references", "id") == ["new"]
    assert column(storage, "helpdesk_threads", "thread_id") == ["bound-new", "bound-old", "new"]


def test_typing_goes_and_other_events_stay(storage: Storage, housekeeper: Housekeeper) -> None:
    kinds = [("typing", 301), ("typing", 302), ("typing", 303), ("typing", 100), ("message", WEEK), ("closed", WEEK)]
    for number, (kind, age) in enumerate(kinds):
        add(
            storage,
            "conversation_events",
            conversation_id="conv",
            seq=number,
            type=kind,
            content="{}",
            created_at=NOW - age,
        )
    housekeeper.remove_old()

    assert column(storage, "conversation_events", "seq") == [3, 4, 5]


def test_empty_conversations_go_with_what_hangs_on_them(storage: Storage, housekeeper: Housekeeper) -> None:
    for number in range(3):
        add_conversation(storage, f"conv_empty_{number}", NOW - DAY - 1)
    add_conversation(storage, "conv_written", NOW - DAY - 1, player_messages=1, last_seq=1)
    add_conversation(storage, "conv_young", NOW - DAY)
    add_conversation(storage, "conv_visited", NOW - DAY - 1)
    add_session(storage, "of-empty", "conv_empty_1", expires_at=NOW - 1, absolute_expires_at=NOW)
    add_session(storage, "of-visited", "conv_visited", expires_at=NOW + 1, absolute_expires_at=NOW + 1)
    for conversation_id in ("conv_empty_1", "conv_written"):
        values = {"seq": 1, "author_type": "agent", "author": "{}", "text": "Hello!", "created_at": NOW - DAY}
        add(storage, "messages", id=f"msg_{conversation_id}", conversation_id=conversation_id, **values)
    housekeeper.remove_old()

    assert column(storage, "conversations", "id") == ["conv_visited", "conv_written", "conv_young"]
    assert column(storage, "sessions", "sid") == ["of-visited"]
    assert column(storage, "messages", "id") == ["msg_conv_written"]


def test_settled_deliveries_go_after_their_time_with_their_attempts(storage: Storage, housekeeper: Housekeeper) -> None:
    for number in range(3):
        add_event(storage, f"delivered-{number}", NOW - WEEK - 1, delivered_at=NOW - WEEK)
    add_event(storage, "failed", NOW - WEEK - 1, failed_at=NOW - WEEK)
    add_event(storage, "pending", NOW - WEEK - 1)
    add_event(storage, "recent", NOW - WEEK, delivered_at=NOW)
    with storage.reading() as store:
        ids = {name: key for key, name in store.connection.all("SELECT id, event_id FROM outbox")}
    for key in ids.values():
        add(storage, "delivery_attempts", outbox_id=key, attempted_at=NOW, milliseconds=1)
    housekeeper.remove_old()

    assert column(storage, "outbox", "event_id") == ["pending", "recent"]
    assert column(storage, "delivery_attempts", "outbox_id") == sorted([ids["pending"], ids["recent"]])


def test_a_live_installation_loses_nothing(each_app_service: InProcessService, storage: Storage) -> None:
    operator, receiver = Operator.create(each_app_service), Receiver()
    receiver.connect(each_app_service, operator.workspace_id)
    player = Browser(each_app_service)
    player.started(operator.workspace_id, player_token=operator.player_token())
    player.send("hello")
    tables = ("conversations", "messages", "sessions", "spent_tokens", "conversation_events", "outbox", "webhooks")
    before = count(storage, tables)
    live = Housekeeper(storage, each_app_service.settings, time.time)
    live.remove_expired()
    live.remove_old()
    receiver.close()

    assert count(storage, tables) == before
    assert [message["text"] for message in player.messages()] == ["hello"]
