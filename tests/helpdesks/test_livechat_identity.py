"""From a LiveChat webhook to a player: what binds, what does not, what ends it. The numbers are the catalogue's."""

from typing import Any

import pytest

from tests.helpdesks.livechat_desk import LiveChatDesk
from tests.helpdesks.livechat_simulator import Chat, Customer, carrying
from tests.support.service import InProcessService
from tests.views.casino import in_parallel


@pytest.fixture(scope="module")
def desk(databases: Any) -> LiveChatDesk:
    return LiveChatDesk(InProcessService(databases.new("sqlite")))


@pytest.fixture
def each_desk(each_app_service: InProcessService) -> LiveChatDesk:
    return LiveChatDesk(each_app_service)


def test_lc_01_a_reference_in_the_variable_makes_the_chat_its_players(each_desk: LiveChatDesk) -> None:
    desk = each_desk
    chat = desk.start(desk.reference("5832"))

    thread = desk.thread(chat)
    assert thread is not None
    assert (thread["status"], thread["player_id"], thread["customer_id"]) == ("verified", "5832", chat.customer.id)
    (told,) = desk.told("helpdesk.identified")
    assert told["data"]["player"] == {"player_id": "5832", "verified": True}
    assert (told["data"]["helpdesk"]["vendor"], told["data"]["helpdesk"]["thread_id"]) == ("livechat", chat.id)
    agent = desk.casino.agent()
    issued = agent.issue_session(thread["conversation_id"])
    assert agent.introspect(issued.json()["session_id"])["sub"] == "5832"


def test_the_page_gets_the_variable_of_the_connection(desk: LiveChatDesk) -> None:
    named, _ = desk.connect("--variable", "Ref.2")

    assert set(desk.ask("attributes").json()["attributes"]) == {"player_ref"}
    assert set(desk.ask("attributes", connection_id=named).json()["attributes"]) == {"Ref.2"}
    assert desk.ask("user-token").status_code == 404


def test_lc_03_a_replayed_chat_opens_nothing_after_its_end(each_desk: LiveChatDesk) -> None:
    desk, chat = each_desk, Chat(carrying(each_desk.reference()))
    content = desk.account.incoming_chat(chat)
    desk.tell(content)
    desk.tell(desk.account.ended(chat))

    desk.tell(content)
    desk.tell(desk.account.incoming_chat(chat))

    assert desk.status(chat) == "unverified"
    assert len(desk.told("helpdesk.identified")) == 1


def test_lc_04_one_delivery_many_times_at_once_has_one_effect(each_desk: LiveChatDesk) -> None:
    desk, content = each_desk, each_desk.account.incoming_chat(Chat(carrying(each_desk.reference())))

    answers = in_parallel([lambda: desk.post(content)] * 12, threads=12)

    assert {answer.status_code for answer in answers} == {200}
    assert len(desk.told("helpdesk.identified")) == 1


FORGED = ["plr_1", "5832", 5832, True, ["x"], {"player_ref": "5832"}, "ana@example.com", "x" * 5000]


@pytest.mark.parametrize("text", FORGED)
def test_lc_06_a_text_that_is_not_ours_binds_nobody(desk: LiveChatDesk, text: Any) -> None:
    before = desk.bindings()

    assert desk.status(desk.start(text)) == "unverified"
    assert desk.bindings() == before


def test_lc_07_a_pasted_reference_of_another_customer_binds_nobody(each_desk: LiveChatDesk) -> None:
    desk, reference = each_desk, each_desk.reference("5832")
    first = desk.start(reference)

    second = desk.start(reference)

    assert (desk.status(first), desk.status(second)) == ("verified", "unverified")
    (told,) = desk.told("helpdesk.mismatch")
    assert told["data"]["helpdesk"]["thread_id"] == second.id
    assert desk.status(desk.start(None, second.customer)) == "unverified"


def test_lc_08_the_same_customers_second_chat_is_the_same_players(each_desk: LiveChatDesk) -> None:
    desk, reference = each_desk, each_desk.reference("5832")
    first = desk.start(reference)

    second = desk.start(reference, first.customer)

    one, other = desk.thread(first), desk.thread(second)
    assert (one["status"], other["status"], other["player_id"]) == ("verified", "verified", "5832")
    assert one["conversation_id"] != other["conversation_id"]
    assert desk.told("helpdesk.mismatch") == []


def test_lc_09_a_cleared_variable_keeps_the_binding_and_another_players_ends_it(each_desk: LiveChatDesk) -> None:
    desk, agent = each_desk, each_desk.casino.agent()
    chat = desk.start(desk.reference("5832"))
    session_id = agent.issue_session(desk.thread(chat)["conversation_id"]).json()["session_id"]

    desk.change(chat, [])
    assert (desk.status(chat), agent.introspect(session_id)["active"]) == ("verified", True)
    desk.change(chat, carrying(desk.reference("40217")).fields)

    assert desk.status(chat) == "mismatch"
    assert agent.introspect(session_id)["active"] is False
    assert len(desk.told("helpdesk.mismatch")) == 1


def test_lc_10_two_chats_of_a_customer_are_told_apart(desk: LiveChatDesk) -> None:
    customer = Customer()
    chats = [desk.start(None, customer), desk.start(None, customer)]

    desk.change(chats[0], carrying(desk.reference("5832")).fields)
    assert [desk.status(chat) for chat in chats] == ["verified", "unverified"]
    desk.change(chats[1], customer.fields)
    assert [desk.status(chat) for chat in chats] == ["verified", "verified"]


def test_lc_11_variables_before_the_chat_count_and_after_its_end_do_not(each_desk: LiveChatDesk) -> None:
    desk, reference = each_desk, each_desk.reference("5832")
    chat = Chat(Customer())
    desk.change(chat, carrying(reference).fields)
    assert desk.status(chat) == "verified"

    desk.tell(desk.account.incoming_chat(chat))
    desk.tell(desk.account.ended(chat))
    desk.change(chat, carrying(desk.reference("5832")).fields)

    assert desk.status(chat) == "unverified"
    assert len(desk.told("conversation.closed")) == len(desk.told("conversation.started")) == 1


def test_a_new_thread_of_the_same_chat_and_customer_is_the_same_chat_with_a_fresh_session(
    each_desk: LiveChatDesk,
) -> None:
    desk, agent = each_desk, each_desk.casino.agent()
    chat = desk.start(desk.reference("5832"))
    first = desk.thread(chat)["conversation_id"]
    session_id = agent.issue_session(first).json()["session_id"]
    desk.tell(desk.account.ended(chat))
    assert agent.introspect(session_id)["active"] is False

    chat.take_up()
    desk.tell(desk.account.incoming_chat(chat))

    assert desk.status(chat) == "verified"
    assert desk.thread(chat)["conversation_id"] != first
    assert desk.told("helpdesk.mismatch") == []


SHAPES: dict[str, Any] = {
    "none": lambda ref: None,
    "empty": lambda ref: [],
    "object": lambda ref: {"player_ref": ref},
    "two keys": lambda ref: [{"player_ref": ref, "vip": "gold"}],
    "in a list": lambda ref: [{"player_ref": [ref]}],
    "twice": lambda ref: [{"player_ref": "5832"}, {"player_ref": ref}],
    "twice the same": lambda ref: [{"player_ref": ref}] * 2,
    "texts": lambda ref: [ref, "player_ref", 7, None],
    "lc_13 case": lambda ref: [{"Player_Ref": ref}],
    "lc_13 space": lambda ref: [{"player_ref ": ref}],
    "lc_13 value": lambda ref: [{"player_ref": f" {ref}"}],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_lc_12_and_lc_13_only_the_exact_variable_given_once_counts(desk: LiveChatDesk, shape: Any) -> None:
    chat = Chat(Customer(fields=shape(desk.reference())))

    desk.tell(desk.account.incoming_chat(chat))

    assert desk.status(chat) == "unverified"


def test_lc_12_a_hundred_other_variables_do_not_matter(desk: LiveChatDesk) -> None:
    fields = [{f"k{number}": "v"} for number in range(150)] + [{"player_ref": desk.reference()}]
    chat = Chat(Customer(fields=fields))

    desk.tell(desk.account.incoming_chat(chat))

    assert desk.status(chat) == "verified"


def test_lc_14_a_customers_id_is_the_same_in_capitals(desk: LiveChatDesk) -> None:
    chat = desk.start(desk.reference("5832"))

    chat.customer.id = chat.customer.id.upper()
    desk.change(chat, [])

    assert desk.status(chat) == "verified"


def test_lc_18_a_name_or_verified_e_mail_is_no_identity(desk: LiveChatDesk) -> None:
    chat = Chat(Customer())
    user = chat.customer.shown(email="ana@example.com", email_verified=True, name="5832")

    desk.tell(desk.account.incoming_chat(chat, user))

    assert desk.status(chat) == "unverified"


def test_lc_19_an_agent_is_not_asked_and_of_two_customers_none(desk: LiveChatDesk) -> None:
    agent = {"id": "agent@example.com", "type": "agent", "session_fields": [{"player_ref": desk.reference("40217")}]}
    with_agent, crowded, empty = (Chat(carrying(desk.reference("5832"))) for _ in range(3))

    desk.tell(desk.account.incoming_chat(with_agent, agent, with_agent.customer.shown()))
    desk.tell(desk.account.incoming_chat(crowded, crowded.customer.shown(), Customer().shown()))
    desk.tell(desk.account.incoming_chat(empty, agent))

    assert desk.thread(with_agent)["player_id"] == "5832"
    assert (desk.thread(crowded), desk.thread(empty)) == (None, None)


def test_another_customer_in_a_chat_ends_it(desk: LiveChatDesk) -> None:
    chat = desk.start(desk.reference("5832"))

    desk.tell(desk.account.joined(chat, Customer().shown()))

    assert desk.status(chat) == "closed"


@pytest.mark.parametrize("action", ["incoming_event", "chat_properties_updated", "chat_transferred"])
def test_lc_20_to_22_other_webhooks_identify_nobody(desk: LiveChatDesk, action: str) -> None:
    before, chat = desk.bindings(), Chat(Customer())
    properties = {"9cbf3a968289727cb3cdfe83ab1d9836": {"player_id": "5832", "identity": "verified"}}
    event = {"id": "1", "author_id": chat.customer.id, "text": desk.reference()}

    desk.tell(desk.account.envelope(action, {**chat.place, "event": event, "properties": properties}))

    assert (desk.bindings(), desk.thread(chat)) == (before, None)


def test_lc_23_another_players_reference_in_a_known_browser_is_a_mismatch(each_desk: LiveChatDesk) -> None:
    desk = each_desk
    first = desk.start(desk.reference("5832"))
    desk.tell(desk.account.ended(first))

    second = desk.start(desk.reference("40217"), first.customer)

    assert desk.status(second) == "mismatch"
    assert [one["data"]["player"]["player_id"] for one in desk.told("helpdesk.identified")] == ["5832"]


def test_a_known_browser_without_a_reference_is_its_players(each_desk: LiveChatDesk) -> None:
    customer = each_desk.start(each_desk.reference("5832")).customer

    chat = each_desk.start(None, customer)

    assert each_desk.thread(chat)["player_id"] == "5832"


def test_a_known_browser_is_nobodys_once_its_player_has_logged_out(each_desk: LiveChatDesk) -> None:
    desk = each_desk
    customer = desk.start(desk.reference("5832")).customer
    with desk.casino.storage.reading() as store:
        assert store.find_customer(desk.connection_id, customer.id).player_id == "5832"
    desk.casino.storage.write(lambda store: store.revoke_references_of_player(desk.casino.id, "5832", 1))

    assert desk.status(desk.start(None, customer)) == "unverified"


def test_a_known_browser_with_a_forged_text_is_nobodys(desk: LiveChatDesk) -> None:
    customer = desk.start(desk.reference("5832")).customer

    assert desk.status(desk.start("plr_1", customer)) == "unverified"


def test_neither_reference_nor_known_browser_is_nobodys(desk: LiveChatDesk) -> None:
    assert desk.status(desk.start(None)) == "unverified"


def test_lc_27_an_unknown_customer_is_bound_by_a_reference_alone(desk: LiveChatDesk) -> None:
    desk.start(desk.reference("5832"))

    assert desk.status(desk.start(None, Customer())) == "unverified"
    assert desk.status(desk.start(desk.reference("5832"), Customer())) == "verified"


@pytest.mark.parametrize("seed", range(6))
def test_deliveries_in_any_order_and_twice_never_make_a_chat_anothers(desk: LiveChatDesk, seed: int) -> None:
    chat = Chat(carrying(desk.reference("5832")))
    contents = [desk.account.incoming_chat(chat), desk.account.variables(chat), desk.account.said(chat)]
    contents.append(desk.account.ended(chat))

    desk.account.deliver_wildly(desk.client, desk.webhook_url, contents, seed)

    thread = desk.thread(chat)
    assert (thread["status"], thread["conversation_id"]) == ("unverified", None)
    told = [one for one in desk.told() if one["data"].get("helpdesk", {}).get("thread_id") == chat.id]
    assert [one["type"] for one in told] in ([], ["conversation.started", "helpdesk.identified"])


def test_two_players_in_one_new_browser_at_once_are_not_both_believed(each_desk: LiveChatDesk) -> None:
    desk, customer = each_desk, Customer()
    chats = []
    for sub in ("5832", "40217"):
        customer.fields = carrying(desk.reference(sub)).fields
        chats.append((chat := Chat(customer), desk.account.incoming_chat(chat)))

    in_parallel([lambda content=content: desk.tell(content) for _, content in chats], threads=2)

    assert sorted(str(desk.status(chat)) for chat, _ in chats) == ["mismatch", "verified"]
