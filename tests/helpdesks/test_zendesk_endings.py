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
    kept = desk.thread(ticket)["reference_id"]
    desk.post(desk.account.ticket_event(ticket, "undeleted"))
    desk.bring(ticket, ticket.reference)

    assert (desk.status(ticket), desk.thread(ticket)["reference_id"]) == ("closed", kept)
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


@pytest.mark.parametrize("name", ["soft_deleted", "marked_as_spam"])
def test_an_end_that_zendesk_can_undo_is_undone_by_a_fresh_proof(each_desk: ZendeskDesk, name: str) -> None:
    desk, ticket = each_desk, each_desk.identified("5851")
    first = desk.thread(ticket)
    desk.post(desk.account.ticket_event(ticket, name))
    desk.post(desk.account.ticket_event(ticket, "undeleted"))

    desk.bring(ticket, desk.reference("5851"))

    again = desk.thread(ticket)
    assert (again["status"], again["player_id"]) == ("verified", "5851")
    assert again["conversation_id"] != first["conversation_id"]
    assert desk.casino.agent().issue_session(again["conversation_id"]).is_success
    assert_refused(desk.casino.agent().issue_session(first["conversation_id"]), 409, "CONVERSATION_CLOSED")


@pytest.mark.parametrize("name", ["merged", "permanently_deleted", "brand_changed"])
def test_an_end_that_zendesk_cannot_undo_stays_whatever_comes_after(desk: ZendeskDesk, name: str) -> None:
    ticket = desk.identified("5852")
    desk.post(desk.account.ticket_event(ticket, name))

    desk.bring(ticket, desk.reference("5852"))

    assert desk.status(ticket) == "closed"


def test_another_players_proof_undoes_nothing(desk: ZendeskDesk) -> None:
    ticket = desk.identified("5853")
    desk.post(desk.account.ticket_event(ticket, "soft_deleted"))

    desk.bring(ticket, desk.reference("5854"))

    assert (desk.status(ticket), desk.thread(ticket)["player_id"]) == ("closed", "5853")


def test_a_proof_from_before_the_end_undoes_nothing(desk: ZendeskDesk) -> None:
    ticket, now = desk.identified("5855"), time.time()
    before = desk.account.field_changed(ticket, desk.reference("5855"), at=now + 1)

    desk.post(desk.account.ticket_event(ticket, "soft_deleted", at=now + 2))
    desk.post(before)

    assert desk.status(ticket) == "closed"


# --- the player who logs in after the first message --------------------------------------------------------------


def test_a_login_after_the_first_message_keeps_the_ticket_by_a_reference_of_the_same_player(
    each_desk: ZendeskDesk,
) -> None:
    desk, ticket = each_desk, each_desk.identified("5861")
    conversation_id = desk.thread(ticket)["conversation_id"]

    desk.bring(ticket, desk.reference("5861"), detail={"requester_id": "77"})
    desk.bring(ticket, desk.reference("5861"), detail={"requester_id": "77"})

    thread = desk.thread(ticket)
    assert (thread["status"], thread["conversation_id"]) == ("verified", conversation_id)
    assert thread["customer_id"] == "77"
    assert desk.told("helpdesk.mismatch") == []


def test_a_login_that_came_without_proof_ends_the_ticket_until_the_proof_comes(each_desk: ZendeskDesk) -> None:
    desk, ticket = each_desk, each_desk.identified("5862")
    detail = {"requester_id": "77"}

    desk.post(desk.account.ticket_event(ticket, "requester_changed", detail=detail))
    assert desk.status(ticket) == "closed"
    desk.bring(ticket, desk.reference("5862"), detail=detail)

    assert desk.status(ticket) == "verified"


@pytest.mark.parametrize("which", ["the ticket's own", "another player's", "another ticket's", "revoked", "none"])
def test_without_a_fresh_proof_of_the_same_player_a_newcomer_ends_the_ticket(desk: ZendeskDesk, which: str) -> None:
    ticket = desk.identified("5863")
    own = ticket.reference
    text = {
        "the ticket's own": lambda: own,
        "another player's": lambda: desk.reference("5864"),
        "another ticket's": lambda: desk.identified("5863").reference,
        "revoked": lambda: desk.reference("5863"),
        "none": lambda: None,
    }[which]()
    if which == "revoked":
        assert desk.casino.agent().post("/v1/players/5863/logout", json={}).is_success

    for _ in range(2):
        desk.bring(ticket, text, detail={"requester_id": "77"})

    assert desk.status(ticket) == "closed"


# --- closed by Zendesk itself, and follow-ups ------------------------------------------------------------------------


def test_a_ticket_that_zendesk_has_closed_opens_no_session_any_more(desk: ZendeskDesk) -> None:
    agent, ticket = desk.casino.agent(), desk.identified("5871")
    conversation_id = desk.thread(ticket)["conversation_id"]

    desk.post(desk.account.ticket_event(ticket, "status_changed", event={"current": "SOLVED", "previous": "OPEN"}))
    assert desk.status(ticket) == "verified"
    desk.post(desk.account.ticket_event(ticket, "status_changed", event={"current": "CLOSED", "previous": "SOLVED"}))

    assert desk.status(ticket) == "closed"
    assert_refused(agent.issue_session(conversation_id), 409, "CONVERSATION_CLOSED")


def test_a_follow_up_of_the_same_requester_is_no_theft(each_desk: ZendeskDesk) -> None:
    desk, first = each_desk, each_desk.identified("5872")
    follow_up = desk.account.open_ticket(requester_id=first.requester_id)

    desk.bring(follow_up, first.reference)

    assert (desk.status(first), desk.status(follow_up)) == ("verified", "unverified")
    assert desk.told("helpdesk.mismatch") == []


def test_a_copied_reference_is_told_once_however_often_it_comes(each_desk: ZendeskDesk) -> None:
    desk, first = each_desk, each_desk.identified("5873")
    thief = desk.account.open_ticket()

    for _ in range(5):
        desk.bring(thief, first.reference)

    assert len(desk.told("helpdesk.mismatch")) == 1
    audited = desk.casino.row("SELECT COUNT(*) FROM audit WHERE action = ?", "helpdesk.mismatch")
    assert audited == (1,)


def test_an_event_that_is_dated_far_ahead_makes_nothing_after_it_late(desk: ZendeskDesk) -> None:
    ticket = desk.account.open_ticket()
    desk.bring(ticket, desk.reference("5874"), at=4_070_908_800)

    changed = desk.account.ticket_event(ticket, "requester_changed", at=time.time() + 400, detail={"requester_id": "7"})
    desk.post(changed)

    assert desk.status(ticket) == "closed"
