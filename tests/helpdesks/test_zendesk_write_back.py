"""Verified players, written into Zendesk's tickets where no player can write; the vendor has bad days."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.vendor_apis import FIRST_REFRESH_TOKEN, ZendeskApi
from tests.helpdesks.writing import OAUTH, Hand, forget_jobs, verified, zendesk
from tests.support.service import InProcessService


@pytest.fixture(scope="module")
def one_api() -> Iterator[ZendeskApi]:
    api = ZendeskApi()
    yield api
    api.close()


@pytest.fixture
def api(one_api: ZendeskApi) -> ZendeskApi:
    """As it was in the beginning."""
    one_api.reset()
    return one_api


@pytest.fixture(scope="module")
def one_desk(databases: Any, one_api: ZendeskApi) -> ZendeskDesk:
    return zendesk(InProcessService(databases.new("sqlite")), one_api)


@pytest.fixture
def desk(one_desk: ZendeskDesk, api: ZendeskApi) -> ZendeskDesk:
    """With nothing to do."""
    forget_jobs(one_desk)
    return one_desk


@pytest.fixture
def hand(desk: ZendeskDesk) -> Iterator[Hand]:
    hand = Hand(desk)
    yield hand
    hand.writer.close()


def test_a_verified_player_is_written_to_the_ticket_and_never_by_the_webhook(
    each_app_service: InProcessService, api: ZendeskApi
) -> None:
    desk = zendesk(each_app_service, api)
    hand = Hand(desk)

    ticket, shown = verified(desk, api)
    assert api.asked == []
    hand.work()

    assert shown.fields[api.field_id] == "5832"
    assert shown.tags == ["messaging", "id_verified"]
    assert hand.jobs() == [(ticket.id, "done", "", 1)]
    assert hand.counted() == {("written", "-"): 1}
    (update,) = api.calls("PUT")
    assert update.body["ticket"]["safe_update"] is True
    assert hand.work() == 0


def test_unverified_tickets_are_never_written_to(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket = desk.account.open_ticket()
    api.add(ticket)
    desk.bring(ticket, "5832")

    assert hand.work() == 0
    assert api.asked == []


def test_zd_22_our_own_change_leads_to_no_other(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, _ = verified(desk, api)
    hand.work()
    before = desk.thread(ticket)

    field = {"id": api.field_id, "title": "Player", "type": "text"}
    own = {"actor_id": "4711"}
    desk.bring(ticket, "5832", event={"custom_field": field}, detail=own)
    desk.post(desk.account.ticket_event(ticket, "tags_changed", detail=own))
    desk.post(desk.account.trigger(ticket, ticket.reference or "", actor_id="4711"))

    assert desk.thread(ticket) == before
    assert hand.work() == 0
    assert len(api.calls("PUT")) == 1


def test_zd_22_a_job_done_again_writes_nothing(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, _ = verified(desk, api)
    hand.work()
    with desk.casino.storage.reading() as store:
        store.add_write_back(desk.connection_id, ticket.id, 0)

    hand.work()

    assert hand.jobs() == [(ticket.id, "done", "", 1)]
    assert len(api.calls("PUT")) == 1


@pytest.mark.parametrize("how", ["another player", "another requester"])
def test_what_was_written_is_taken_back_when_the_ticket_is_nobodys(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, how: str
) -> None:
    ticket, shown = verified(desk, api)
    hand.work()

    if how == "another player":
        desk.bring(ticket, desk.reference("40217"))
    else:
        desk.post(desk.account.ticket_event(ticket, "requester_changed", detail={"requester_id": "77"}))
        shown.requester_id = "77"
    hand.work()

    assert shown.fields[api.field_id] is None
    assert shown.tags == ["messaging"]


def test_a_ticket_that_is_somebody_elses_by_now_is_left_alone(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, shown = verified(desk, api)
    shown.requester_id = "77"

    hand.work()

    assert shown.fields[api.field_id] is None
    assert hand.jobs() == [(ticket.id, "failed", "other_requester", 1)]


def test_a_collision_is_read_again_and_written(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    _, shown = verified(desk, api)
    api.collisions = 2

    hand.work()

    assert shown.fields[api.field_id] == "5832"
    assert [one.answered for one in api.calls("PUT")] == [409, 409, 200]


def test_a_ticket_that_never_rests_is_left_for_later(desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock) -> None:
    ticket, shown = verified(desk, api)
    api.collisions = 3
    hand.work()
    assert hand.jobs() == [(ticket.id, "pending", "conflict", 1)]

    clock.advance(3)
    hand.work()

    assert shown.fields[api.field_id] == "5832"


def test_a_closed_ticket_is_given_up_and_the_trail_says_so(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, shown = verified(desk, api)
    shown.status = "closed"

    hand.work()

    assert hand.jobs() == [(ticket.id, "failed", "ticket_closed", 1)]
    row = desk.casino.row("SELECT details FROM audit WHERE action = 'helpdesk.write_back_failed' ORDER BY id DESC")
    assert row is not None
    assert json.loads(row[0]) == {"thread_id": ticket.id, "reason": "ticket_closed", "attempts": 1}


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ((422, {}, {"error": "RecordInvalid"}), "not_accepted"),
        ((404, {}, {}), "not_found"),
    ],
)
def test_what_the_vendor_refuses_for_good_is_given_up(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, mood: Any, error: str
) -> None:
    ticket, _ = verified(desk, api)
    hand.work()
    desk.bring(ticket, desk.reference("40217"))
    api.moods.append(mood)

    hand.work()

    assert hand.jobs() == [(ticket.id, "failed", error, 1)]


def test_a_value_that_the_field_drops_is_noticed(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, _ = verified(desk, api)
    api.takes_values = False

    hand.work()

    assert hand.jobs() == [(ticket.id, "failed", "value_dropped", 1)]


def test_a_field_that_customers_may_write_is_not_written_and_that_is_seen(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    ticket, shown = verified(desk, api)
    api.is_open_to_customers = True
    hand.work()
    assert hand.jobs() == [(ticket.id, "pending", "field_open_to_customers", 1)]
    assert shown.fields[api.field_id] is None

    api.is_open_to_customers = False
    clock.advance(200)
    hand.work()

    assert shown.fields[api.field_id] == "5832"


def test_a_client_that_may_not_look_at_fields_writes_none_the_less(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi
) -> None:
    _, shown = verified(desk, api)
    api.shows_fields = False

    hand.work()

    assert shown.fields[api.field_id] == "5832"


def test_a_rate_limit_rests_the_whole_connection_for_as_long_as_it_says(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    tickets = [verified(desk, api, sub) for sub in ("5832", "40217", "77")]
    api.limit(40)
    hand.work()
    assert len(api.calls("GET", "/tickets/")) == 1

    clock.advance(35)
    assert hand.work() == 0
    clock.advance(6)
    for _ in range(2):
        hand.work()

    assert [shown.fields[api.field_id] for _, shown in tickets] == ["5832", "40217", "77"]


def test_what_one_minute_has_no_room_for_is_written_in_the_next(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    tickets = [verified(desk, api, sub) for sub in ("5832", "40217", "77")]
    api.allowance.limit = 4
    for _ in range(3):
        hand.work()
        clock.advance(61)

    assert [shown.fields[api.field_id] for _, shown in tickets] == ["5832", "40217", "77"]
    assert 1 <= [one.answered for one in api.asked].count(429) <= 2


def test_an_access_token_that_has_ended_is_renewed_and_the_write_goes_on(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    verified(desk, api)
    hand.work()
    api.forget_tokens()  # before its time
    _, second = verified(desk, api)
    hand.work()
    clock.advance(3600)  # and in its time
    _, third = verified(desk, api)
    hand.work()

    assert second.fields[api.field_id] == third.fields[api.field_id] == "5832"
    assert len(api.calls("POST", "/oauth/tokens")) == 3
    assert [one.answered for one in api.asked].count(401) == 1


def test_a_refresh_token_counts_once_and_the_newest_is_kept(databases: Any, api: ZendeskApi, clock) -> None:
    database_url = databases.new("sqlite")
    desk = zendesk(InProcessService(database_url), api, *OAUTH, "--oauth-refresh-token", FIRST_REFRESH_TOKEN)
    for hand in (Hand(desk), Hand(desk)):  # as after a restart
        _, shown = verified(desk, api)
        hand.work()
        assert shown.fields[api.field_id] == "5832"
        clock.advance(3600)

    assert [one.answered for one in api.calls("POST", "/oauth/tokens")] == [200, 200]
    content = Path(database_url.removeprefix("sqlite:///")).read_bytes()
    assert b"refresh-token-" not in content
    assert b"dal:token-" not in content


def test_a_refresh_token_is_kept_though_the_field_could_not_be_seen(databases: Any, api: ZendeskApi, clock) -> None:
    desk = zendesk(InProcessService(databases.new("sqlite")), api, *OAUTH, "--oauth-refresh-token", FIRST_REFRESH_TOKEN)
    ticket, shown = verified(desk, api)
    api.looks = [(503, {}, {}), (200, {}, b"x" * 2_000_000)]  # the second one breaks off
    for state, error in [("pending", "field_not_seen"), ("pending", "field_not_seen"), ("done", "")]:
        hand = Hand(desk)
        hand.work()
        assert hand.jobs()[0][:3] == (ticket.id, state, error)
        clock.advance(400)

    assert shown.fields[api.field_id] == "5832"


def test_two_workers_log_in_once_for_a_refresh_token(databases: Any, api: ZendeskApi) -> None:
    desk = zendesk(InProcessService(databases.new("sqlite")), api, *OAUTH, "--oauth-refresh-token", FIRST_REFRESH_TOKEN)
    verified(desk, api)
    hands = [Hand(desk), Hand(desk)]

    threads = [threading.Thread(target=hand.writer.write_back, args=(desk.connection_id,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(api.calls("POST", "/oauth/tokens")) == 1
    assert len(api.calls("PUT")) == 1


def test_an_api_token_still_works(databases: Any, api: ZendeskApi) -> None:
    given = ("--api-email", "bot@example.com", "--api-token", "api-token-5f0f7a5e2f4b")
    desk = zendesk(InProcessService(databases.new("sqlite")), api, *given)
    _, shown = verified(desk, api)

    Hand(desk).work()

    assert shown.fields[api.field_id] == "5832"
    assert api.calls("POST") == []


def test_credentials_that_were_wrong_are_tried_again_when_they_are_changed(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    desk.casino.cli("helpdesk", "rotate", desk.connection_id, "--oauth-client-secret", "another-secret-0123456789")
    ticket, shown = verified(desk, api)
    hand.work()
    assert hand.jobs() == [(ticket.id, "pending", "login_refused", 1)]

    desk.casino.cli("helpdesk", "rotate", desk.connection_id, *OAUTH[2:])
    clock.advance(10)
    hand.work()

    assert shown.fields[api.field_id] == "5832"


def test_a_vendor_that_is_away_is_tried_for_a_day_and_then_given_up(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    ticket, _ = verified(desk, api)
    api.moods[:] = [(503, {}, {})] * 60
    attempts = 0
    while hand.jobs()[0][1] == "pending" and attempts < 60:
        hand.work()
        attempts += 1
        clock.advance(3700)

    thread_id, state, error, _ = hand.jobs()[0]
    assert (thread_id, state) == (ticket.id, "failed")
    assert error == "status_503"
    assert 20 < attempts < 30
    assert hand.counted()["failed", error] == 1


def test_a_change_while_a_job_is_under_way_is_written_too(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    ticket, shown = verified(desk, api)
    api.awake.clear()
    working = threading.Thread(target=hand.work)
    working.start()
    desk.bring(ticket, desk.reference("40217"))
    api.awake.set()
    working.join()

    hand.work()

    assert desk.status(ticket) == "mismatch"
    assert shown.fields[api.field_id] is None
    assert shown.tags == ["messaging"]


def test_the_helpdesk_of_a_disabled_workspace_is_not_called(desk: ZendeskDesk, hand: Hand, api: ZendeskApi) -> None:
    verified(desk, api)
    desk.casino.storage.write(lambda store: store.connection.run("UPDATE workspaces SET disabled_at = 1"))

    assert hand.work() == 0
    assert api.asked == []
    desk.casino.storage.write(lambda store: store.connection.run("UPDATE workspaces SET disabled_at = NULL"))
    assert hand.work() == 1


def test_what_the_vendor_answers_is_never_believed_blindly(
    desk: ZendeskDesk, hand: Hand, api: ZendeskApi, clock
) -> None:
    ticket, _ = verified(desk, api)
    hand.work()
    desk.bring(ticket, desk.reference("40217"))
    odd = {"tags": [5], "custom_fields": [5], "requester_id": [], "updated_at": {}}
    tickets = [{"ticket": one} for one in (None, [], {"tags": 5, "custom_fields": 5}, odd)]
    outcomes = {("pending", "unknown_answer"), ("pending", "unreachable:ReadError"), ("done", "")}
    for document in (b"<html>", b"[]", b"x" * 2_000_000, *tickets):
        job, now = (desk.connection_id, ticket.id), int(clock())
        desk.casino.storage.write(lambda store, job=job, now=now: store.add_write_back(*job, now))
        api.moods[:] = [(200, {}, document)]
        hand.work()
        clock.advance(4000)
        assert api.moods == []
        assert hand.jobs()[0][1:3] in outcomes
