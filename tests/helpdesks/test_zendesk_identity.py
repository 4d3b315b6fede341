"""From a Zendesk webhook to a player: what binds, what does not, what ends it. The numbers are the catalogue's."""

import time
from typing import Any

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.views.casino import assert_refused, in_parallel


def test_zd_01_a_reference_in_the_field_makes_the_ticket_its_players(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    agent, ticket = desk.casino.agent(), desk.account.open_ticket()

    desk.bring(ticket, desk.reference("5832", claims={"name": "Ana Ruiz", "email": "ana@example.com"}))

    thread = desk.thread(ticket)
    assert thread is not None
    assert (thread["status"], thread["player_id"], thread["customer_id"]) == ("verified", "5832", ticket.requester_id)
    assert [one["type"] for one in desk.told()] == ["conversation.started", "helpdesk.identified"]
    (told,) = desk.told("helpdesk.identified")
    assert told["data"]["player"] == {"player_id": "5832", "verified": True}
    assert told["data"]["conversation"]["id"] == thread["conversation_id"]
    assert told["data"]["helpdesk"] == {
        "connection_id": desk.connection_id,
        "vendor": "zendesk",
        "thread_id": ticket.id,
        "status": "verified",
    }
    issued = agent.issue_session(thread["conversation_id"])
    assert agent.introspect(issued.json()["session_id"])["sub"] == "5832"
    assert [one["id"] for one in agent.get("/v1/conversations").json()["conversations"]] == [thread["conversation_id"]]


def test_zd_01_our_trigger_template_says_the_same(each_desk: ZendeskDesk) -> None:
    ticket = each_desk.account.open_ticket()

    assert each_desk.post(each_desk.account.trigger(ticket, each_desk.reference("5832"))).status_code == 200

    assert each_desk.status(ticket) == "verified"
    assert len(each_desk.told("helpdesk.identified")) == 1


def test_zd_02_one_delivery_twenty_times_at_once_has_one_effect(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    ticket = desk.account.open_ticket()
    delivery = desk.account.deliver(desk.account.field_changed(ticket, desk.reference()))

    answers = in_parallel([lambda: delivery.post(desk.client, desk.webhook_url)] * 20, threads=20)

    assert {answer.status_code for answer in answers} == {200}
    assert len(desk.told("helpdesk.identified")) == len(desk.told("conversation.started")) == 1
    assert desk.counted() == {("identified", "-"): 1, ("duplicate", "-"): 19}


def test_zd_02_a_repetition_under_another_invocation_is_still_the_same_event(desk: ZendeskDesk) -> None:
    event = desk.account.field_changed(desk.account.open_ticket(), desk.reference("repeated"))
    before = desk.counted().get(("duplicate", "-"), 0)

    assert [desk.post(event).status_code for _ in range(3)] == [200, 200, 200]

    assert desk.counted()[("duplicate", "-")] == before + 2


def test_one_reference_brought_by_many_tickets_at_once_makes_one_of_them_the_players(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    reference, tickets = desk.reference(), [desk.account.open_ticket() for _ in range(8)]
    deliveries = [desk.account.deliver(desk.account.field_changed(ticket, reference)) for ticket in tickets]

    answers = in_parallel([lambda one=one: one.post(desk.client, desk.webhook_url) for one in deliveries])

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(str(desk.status(ticket)) for ticket in tickets) == ["unverified"] * 7 + ["verified"]
    assert len(desk.told("helpdesk.identified")) == 1


FORGERIES = {
    "a plain id": lambda desk: "5832",
    "an id as a number": lambda desk: 5832,
    "another player's id": lambda desk: "40217",
    "the id that we mint": lambda desk: f"{desk.casino.id}:5832",
    "the victim's e-mail": lambda desk: "ana@example.com",
    "a player token": lambda desk: desk.casino.operator.player_token("5832"),
    "the id inside a reference": lambda desk: desk.reference("5832").partition(".")[0],
    "a reference cut short": lambda desk: desk.reference("5832")[:-1],
    "a reference with white space": lambda desk: desk.reference("5832") + " ",
    "a flag": lambda desk: True,
    "a list": lambda desk: [desk.reference("5832")],
    "deep objects": lambda desk: {"value": {"value": desk.reference("5832")}},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_zd_10_a_forged_field_in_a_genuine_webhook_binds_nobody(desk: ZendeskDesk, forged: Any) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket()

    desk.bring(ticket, forged(desk), detail={"external_id": "5832"})
    text = forged(desk)
    assert desk.post(desk.account.trigger(ticket, str(text), requester_external_id="5832")).status_code == 200

    assert desk.status(ticket) == "unverified"
    assert desk.bindings() == before


def test_zd_10_a_reference_of_another_connection_or_workspace_binds_nobody(desk: ZendeskDesk) -> None:
    other_connection, _ = desk.connect()
    neighbour = ZendeskDesk(desk.casino.service)
    texts = [desk.reference("5832", connection_id=other_connection), neighbour.reference("5832")]
    before = desk.bindings()

    for text in texts:
        ticket = desk.account.open_ticket()
        desk.bring(ticket, text)
        assert desk.status(ticket) == "unverified"

    assert desk.bindings() == before


def test_zd_11_a_copied_reference_leaves_the_second_ticket_unverified_and_the_first_as_it_is(
    each_desk: ZendeskDesk,
) -> None:
    desk = each_desk
    first, second = desk.account.open_ticket(), desk.account.open_ticket()
    reference = desk.reference("5832")
    desk.bring(first, reference)

    desk.bring(second, reference)

    assert (desk.status(first), desk.status(second)) == ("verified", "unverified")
    (told,) = desk.told("helpdesk.mismatch")
    assert told["data"]["helpdesk"]["thread_id"] == second.id
    assert (told["data"]["player"], told["data"]["attributes"]) == (None, {})
    conversation_id = desk.thread(first)["conversation_id"]
    assert desk.casino.agent().issue_session(conversation_id).status_code == 200


def test_zd_11_a_reference_with_another_players_minted_id_beside_it_binds_nobody(desk: ZendeskDesk) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket()
    minted = f"{desk.casino.id}:40217"

    assert desk.post(desk.account.trigger(ticket, desk.reference("5832"), requester_external_id=minted)).is_success

    assert desk.status(ticket) == "mismatch"
    assert desk.bindings() == before


def test_zd_12_a_mail_from_the_victims_address_binds_nobody(desk: ZendeskDesk) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket(channel="mail")
    minted = f"{desk.casino.id}:5832"

    desk.post(desk.account.ticket_event(ticket, "created", detail={"external_id": minted}))
    desk.post(desk.account.trigger(ticket, "", via="Mail", requester_external_id=minted))

    assert desk.bindings() == before


def test_zd_13_an_external_id_alone_proves_nothing_on_any_channel(desk: ZendeskDesk) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket()

    desk.post(desk.account.trigger(ticket, "", requester_external_id=f"{desk.casino.id}:5832"))
    desk.bring(ticket, "", detail={"requester_external_id": f"{desk.casino.id}:5832"})

    assert desk.bindings() == before


@pytest.mark.parametrize("field_id", [17826865089553, "17826865089553", "17826865089553 ", "0017826865089553"])
def test_zd_14_the_fields_id_is_known_in_every_exact_spelling(desk: ZendeskDesk, field_id: Any) -> None:
    ticket = desk.account.open_ticket()
    field = {"id": field_id, "title": "Renamed", "type": "text"}

    desk.bring(ticket, desk.reference(f"zd14-{field_id}".strip()), event={"custom_field": field})

    assert desk.status(ticket) == "verified"


@pytest.mark.parametrize("field_id", [1.7826865089553e13, None, True, "1.7826865089553e13", [], {}, "17826865089554"])
def test_zd_15_a_field_of_another_id_is_ignored(desk: ZendeskDesk, field_id: Any) -> None:
    ticket = desk.account.open_ticket()
    field = {"id": field_id, "title": "Player session ref", "type": "text"}

    desk.bring(ticket, desk.reference("zd15"), event={"custom_field": field})

    assert desk.thread(ticket) is None


def test_zd_16_the_event_is_read_in_all_its_known_shapes(desk: ZendeskDesk) -> None:
    field = {"id": int(desk.account.field_id)}
    in_object = {"current": {"value": desk.reference("zd16-1")}}
    by_old_name = {"custom_field": None, "field": field}
    tickets = [desk.account.open_ticket() for _ in range(3)]

    desk.post(desk.account.field_changed(tickets[0], None, event=in_object))
    desk.bring(tickets[1], desk.reference("zd16-2"), event=by_old_name)
    event = desk.account.field_changed(tickets[2], desk.reference("zd16-3"))
    del event["event"]["previous"], event["event"]["meta"], event["time"], event["detail"]["via"]
    desk.post(event)

    assert [desk.status(ticket) for ticket in tickets] == ["verified"] * 3


def test_zd_17_a_cleared_field_keeps_the_binding_and_a_newer_reference_renews_it(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    ticket = desk.identified("5832", claims={"name": "Ana"})
    first = desk.thread(ticket)

    for empty in (None, "", {"value": None}, []):
        desk.bring(ticket, empty)
    assert desk.thread(ticket) == first
    desk.bring(ticket, "forged in between")
    assert desk.thread(ticket) == first
    desk.bring(ticket, desk.reference("5832", claims={"name": "Ana Ruiz"}))

    renewed = desk.thread(ticket)
    assert renewed["reference_id"] != first["reference_id"]
    assert renewed["conversation_id"] == first["conversation_id"]
    shown = desk.casino.agent().get(f"/v1/conversations/{first['conversation_id']}").json()
    assert shown["player"]["name"] == "Ana Ruiz"
    assert len(desk.told("helpdesk.identified")) == 1


def test_zd_17_another_players_reference_makes_the_ticket_nobodys_and_ends_its_sessions(
    each_desk: ZendeskDesk,
) -> None:
    desk = each_desk
    agent, ticket = desk.casino.agent(), desk.identified("5832")
    conversation_id = desk.thread(ticket)["conversation_id"]
    session_id = agent.issue_session(conversation_id).json()["session_id"]

    desk.bring(ticket, desk.reference("40217"))

    assert desk.status(ticket) == "mismatch"
    assert agent.introspect(session_id) == {"active": False}
    assert_refused(agent.issue_session(conversation_id), 409, "CONVERSATION_CLOSED")
    (told,) = desk.told("helpdesk.mismatch")
    assert (told["data"]["helpdesk"]["status"], told["data"]["player"]) == ("mismatch", None)
    desk.bring(ticket, desk.reference("5832"))
    assert desk.status(ticket) == "mismatch"


def test_zd_18_an_old_event_that_comes_late_replaces_nothing(each_desk: ZendeskDesk) -> None:
    desk, now = each_desk, time.time()
    ticket = desk.account.open_ticket()
    older, newer = desk.reference("5832"), desk.reference("5832")
    late = desk.account.field_changed(ticket, older, at=now - 60)
    desk.post(desk.account.message_added(ticket, "Hello"))
    desk.bring(ticket, newer, at=now)
    first = desk.thread(ticket)

    desk.post(late)
    desk.post(desk.account.ticket_event(ticket, "created", at=now - 90))
    desk.post(desk.account.field_changed(ticket, None, at=now - 30))

    assert desk.thread(ticket) == first
    assert newer.startswith(first["reference_id"])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_zd_19_two_events_of_one_action_lead_to_the_same_end_in_any_order(
    desk: ZendeskDesk, order: tuple[int, int]
) -> None:
    ticket, now = desk.account.open_ticket(), time.time()
    references = [desk.reference(f"zd19-{order}"), desk.reference(f"zd19-{order}")]
    events = [
        desk.account.field_changed(ticket, reference, at=now, sequence={"id": "one", "position": position})
        for position, reference in enumerate(references, 1)
    ]

    for which in order:
        desk.post(events[which])

    assert references[1].startswith(desk.thread(ticket)["reference_id"])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_zd_19_two_players_in_one_ticket_are_a_mismatch_in_any_order(desk: ZendeskDesk, order: tuple[int, int]) -> None:
    ticket, now = desk.account.open_ticket(), time.time()
    events = [
        desk.account.field_changed(ticket, desk.reference(f"zd19-{player}-{order}"), at=now - 10 + player)
        for player in (1, 2)
    ]

    for which in order:
        desk.post(events[which])

    assert desk.status(ticket) == "mismatch"


def test_zd_21_what_an_agent_types_into_the_field_is_no_identity(desk: ZendeskDesk) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket()

    desk.bring(ticket, "5832", detail={"actor_id": "4711"})

    assert desk.status(ticket) == "unverified"
    assert desk.bindings() == before


def test_zd_22_our_own_change_is_recognised_and_ignored(each_app_service) -> None:
    desk = ZendeskDesk(each_app_service, "--api-user-id", "4711")
    ticket = desk.account.open_ticket()

    desk.bring(ticket, desk.reference(), detail={"actor_id": "4711"})
    desk.post(desk.account.trigger(ticket, desk.reference(), actor_id="4711"))

    assert desk.thread(ticket) is None
    assert desk.counted() == {("ignored", "own_change"): 2}


@pytest.mark.parametrize(
    "text",
    [
        'x","requester_external_id":"victim',
        'x","ticket_id":"1',
        'x","player_id":"5832',
        'x"',
        "x\\",
        "x\n",
        '","ref":"{reference}',
        '{reference}","is_admin":"true',
        "\u2028",
    ],
)
def test_zd_23_a_text_that_breaks_the_template_is_put_aside_whole(desk: ZendeskDesk, text: str) -> None:
    before, ticket = desk.bindings(), desk.account.open_ticket()
    text = text.replace("{reference}", desk.reference("zd23"))
    template = '{"type":"identity","v":1,"ticket_id":"%s","requester_external_id":"","via":"Messaging","ref":"%s"}'

    answer = desk.post((template % (ticket.id, text)).encode())

    assert answer.status_code == 200
    assert desk.status(ticket) in (None, "unverified")
    assert desk.bindings() == before


def test_unknown_events_are_taken_counted_and_mean_nothing(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    ticket = desk.account.open_ticket()
    events = [
        desk.account.message_added(ticket, "Hello"),
        desk.account.ticket_event(ticket, "tags_changed"),
        {"type": "zen:event-type:user.created", "detail": {"id": "1"}, "event": {}},
        {"type": "identity"},
        {"type": "identity", "ticket_id": "", "ref": "x"},
        {"type": "zen:event-type:ticket.merged", "detail": None, "event": [], "subject": 7},
    ]

    assert {desk.post(event).status_code for event in events} == {200}

    assert desk.counted() == {
        ("ignored", "unknown_type"): 3,
        ("ignored", "quarantined:members"): 1,
        ("ignored", "no_ticket"): 2,
    }
    assert desk.told() == []
