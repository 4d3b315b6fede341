"""Logouts, webhooks and agents at the same moment: whoever comes first, nothing outlives a logout and nothing hangs."""

import time

from tests.helpdesks.desk import ZendeskDesk
from tests.views.casino import in_parallel


def test_logouts_beside_webhooks_leave_no_reference_alive(each_desk: ZendeskDesk) -> None:
    desk, agent = each_desk, each_desk.casino.agent()
    references = [desk.reference("5832") for _ in range(12)]
    tickets = [desk.account.open_ticket() for _ in range(4)]
    deliveries = [
        desk.account.deliver(desk.account.field_changed(tickets[number % 4], reference))
        for number, reference in enumerate(references)
    ]
    works = [lambda one=one: one.post(desk.client, desk.webhook_url) for one in deliveries]
    works[3:3] = works[8:8] = [lambda: agent.post("/v1/players/5832/logout")] * 2

    answers = in_parallel(works)

    assert {answer.status_code for answer in answers} == {200}
    told = [agent.introspect(reference, token_type_hint="reference") for reference in references]
    assert told == [{"active": False}] * 12


def test_a_session_asked_for_beside_a_mismatch_does_not_outlive_it(each_desk: ZendeskDesk) -> None:
    desk, agent = each_desk, each_desk.casino.agent()
    tickets = [desk.identified("5832") for _ in range(4)]
    conversations = [desk.thread(ticket)["conversation_id"] for ticket in tickets]
    deliveries = [
        desk.account.deliver(desk.account.field_changed(ticket, desk.reference("40217"))) for ticket in tickets
    ]
    ask = [lambda one=one: agent.issue_session(one) for one in conversations]
    tell = [lambda one=one: one.post(desk.client, desk.webhook_url) for one in deliveries]

    answers = in_parallel([work for works in zip(ask, tell, ask, strict=True) for work in works])

    issued = [answer.json()["session_id"] for answer in answers if "session_id" in answer.json()]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [agent.introspect(session_id)["active"] for session_id in issued] == [False] * len(issued)
    assert {desk.status(ticket) for ticket in tickets} == {"mismatch"}


def test_references_asked_for_beside_a_logout_do_not_outlive_it(each_desk: ZendeskDesk) -> None:
    desk, agent = each_desk, each_desk.casino.agent()
    claims = {"session_id": "operator-session-1"}
    token = desk.casino.operator.player_token
    tokens = [token("5832", iat=token_time, **claims) for token_time in [_some_time_ago()] * 8]
    works = [lambda one=one: desk.ask("attributes", player_token=one) for one in tokens]
    works.insert(4, lambda: agent.post("/v1/players/5832/logout"))

    answers = in_parallel(works)

    given = [answer.json()["reference"] for answer in answers if "reference" in answer.json()]
    assert [agent.introspect(one, token_type_hint="reference") for one in given] == [{"active": False}] * len(given)


def _some_time_ago() -> int:
    """Before the logout's second, so that it refuses the token whoever comes first."""
    return int(time.time()) - 5
