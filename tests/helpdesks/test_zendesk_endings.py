"""What ends a Zendesk ticket's identity: the ticket is over, or somebody else's. The numbers are the catalogue's."""

import time

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.support.service import InProcessService
from tests.views.casino import assert_refused


@pytest.mark.parametrize("name", ["merged", "soft_deleted", "permanently_deleted", "marked_as_spam", "brand_changed"])
def test_zd_20_a_ticket_that_is_over_ends_what_was_given_out_for_it(desk: ZendeskDesk, name: str) -> None:
    agent, ticket = desk.casino.agent(), desk.identified(f"zd20-{name}")
    conversation_id = desk.thread(ticket)["conversation_id"]
    session_id = agent.issue_session(conversation_id).json()["session_id"]

    desk.post(desk.account.ticket_event(ticket, name))
    desk.post(desk.account.ticket_event(ticket, "undeleted"))
    desk.bring(ticket, desk.reference(f"zd20-{name}"))

    assert desk.status(ticket) == "closed"
    assert agent.introspect(session_id) == {"active": False}
    assert_refused(agent.issue_session(conversation_id), 409, "CONVERSATION_CLOSED")


def test_zd_20_another_requester_ends_it_too_whatever_event_tells_so(desk: ZendeskDesk) -> None:
    told_by_event, told_by_field = desk.identified("zd20-a"), desk.identified("zd20-b")

    desk.post(desk.account.ticket_event(told_by_event, "requester_changed", detail={"requester_id": "77"}))
    desk.post(desk.account.field_changed(told_by_field, None, detail={"requester_id": "77"}))

    assert desk.status(told_by_event) == desk.status(told_by_field) == "closed"


def test_zd_20_a_change_of_requester_before_the_reference_came_ends_nothing(desk: ZendeskDesk) -> None:
    ticket, now = desk.account.open_ticket(), time.time()
    changed = desk.account.ticket_event(ticket, "requester_changed", at=now - 5)

    desk.bring(ticket, desk.reference("zd20-c"), at=now)
    desk.post(changed)

    assert desk.status(ticket) == "verified"


def test_zd_20_an_identity_from_before_the_change_of_requester_binds_nobody(desk: ZendeskDesk) -> None:
    ticket, now = desk.account.open_ticket(), time.time()
    identity = desk.account.field_changed(ticket, desk.reference("zd20-d"), at=now - 5)

    desk.post(desk.account.ticket_event(ticket, "requester_changed", at=now, detail={"requester_id": "77"}))
    desk.post(identity)

    assert desk.status(ticket) == "closed"
    assert desk.thread(ticket)["player_id"] is None


def test_zd_20_a_ticket_that_the_api_user_ends_or_hands_on_is_over_too(databases) -> None:
    desk, own = ZendeskDesk(InProcessService(databases.new("sqlite")), "--api-user-id", "4711"), {"actor_id": "4711"}
    merged, handed_on = desk.identified("zd20-e"), desk.identified("zd20-f")

    desk.post(desk.account.ticket_event(merged, "merged", detail=own))
    desk.post(desk.account.ticket_event(handed_on, "requester_changed", detail={**own, "requester_id": "77"}))

    assert (desk.status(merged), desk.status(handed_on)) == ("closed", "closed")


@pytest.mark.parametrize(("before", "after"), [(None, "77"), ("66", None)])
def test_zd_20_a_change_of_requester_ends_it_whoever_that_was_or_is(
    desk: ZendeskDesk, before: str | None, after: str | None
) -> None:
    ticket = desk.account.open_ticket()
    desk.bring(ticket, desk.reference("zd20-g"), detail={"requester_id": before})

    desk.post(desk.account.ticket_event(ticket, "requester_changed", detail={"requester_id": after}))

    assert desk.status(ticket) == "closed"
