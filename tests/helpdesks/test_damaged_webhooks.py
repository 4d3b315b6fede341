"""A text, a number or a name that cannot be kept hides no ending, whichever vendor passes it on."""

import json
from typing import Any

import pytest

from tests.helpdesks.conformance.kits import notification
from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.livechat_desk import LiveChatDesk
from tests.helpdesks.livechat_simulator import Chat, Customer, carrying
from tests.helpdesks.test_intercom import IntercomDesk, Talk
from tests.support.service import InProcessService
from widget_service.errors import InvalidWebhook
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesks import WebhookRequest
from widget_service.helpdesks.livechat import HELPDESK

DAMAGE = (r'"cut \ud83d"', r'"a\u0000b"', "1e400", "9" * 400, "[" * 20 + "]" * 20, '{"a":1,"a":2}')


def damaged(content: Any, value: str) -> bytes:
    return json.dumps(content).replace('"DAMAGED"', value).encode()


@pytest.mark.parametrize("value", DAMAGE)
@pytest.mark.parametrize("name", ["soft_deleted", "merged", "requester_changed"])
def test_an_ending_of_support_counts_whatever_its_texts_are(desk: ZendeskDesk, name: str, value: str) -> None:
    ticket = desk.identified("5841")
    detail = {"subject": "DAMAGED", "requester_id": "77"}

    assert desk.post(damaged(desk.account.ticket_event(ticket, name, detail=detail), value)).status_code == 200

    assert desk.status(ticket) == "closed"


@pytest.mark.parametrize("value", DAMAGE)
def test_what_is_damaged_binds_nobody_with_support(desk: ZendeskDesk, value: str) -> None:
    ticket = desk.account.open_ticket()
    changed = desk.account.field_changed(ticket, desk.reference("5842"), detail={"subject": "DAMAGED"})

    assert desk.post(damaged(changed, value)).status_code == 200

    assert desk.status(ticket) is None


@pytest.mark.parametrize("value", DAMAGE)
def test_a_deleted_conversation_of_intercom_is_over_whatever_its_texts_are(databases: Any, value: str) -> None:
    desk, talk = IntercomDesk(InProcessService(databases.new("sqlite"))), Talk()
    desk.tell(talk, desk.reference("5843"))
    assert desk.status(talk) == "verified"
    deleted = notification(None, talk.id)
    deleted["topic"] = "conversation.deleted"
    deleted["data"]["item"]["title"] = "DAMAGED"

    assert desk.post(damaged(deleted, value)).status_code == 200

    assert desk.status(talk) == "closed"


@pytest.fixture(scope="module")
def livechat(databases: Any) -> LiveChatDesk:
    return LiveChatDesk(InProcessService(databases.new("sqlite")))


@pytest.mark.parametrize("value", DAMAGE)
def test_a_page_title_of_livechat_costs_the_chat_neither_its_player_nor_its_end(
    livechat: LiveChatDesk, value: str
) -> None:
    chat = Chat(Customer(fields=carrying(livechat.reference("5844")).fields))
    incoming = livechat.account.incoming_chat(chat)
    incoming["payload"]["chat"]["users"][0]["name"] = "DAMAGED"
    ended = livechat.account.ended(chat)
    ended["additional_data"] = {"title": "DAMAGED"}

    assert livechat.post(damaged(incoming, value)).status_code == 200
    bound = livechat.thread(chat)
    assert livechat.post(damaged(ended, value)).status_code == 200

    assert bound is not None
    assert bound["status"] == "verified"
    assert livechat.casino.row("SELECT status FROM conversations WHERE id = ?", bound["conversation_id"]) == ("closed",)


@pytest.mark.parametrize("value", DAMAGE)
def test_a_damaged_variable_of_livechat_is_no_reference(livechat: LiveChatDesk, value: str) -> None:
    chat = Chat(Customer(fields=carrying("DAMAGED").fields))

    assert livechat.post(damaged(livechat.account.incoming_chat(chat), value)).status_code == 200

    assert livechat.status(chat) == "unverified"


@pytest.mark.parametrize("raw", [b"[],", b'{"secret_key":"wrong-wrong-wrong-wrong",', b'"secret_key":"' + b"x" * 900])
def test_security_9_a_body_without_the_secret_is_not_read(raw: bytes) -> None:
    shared = {"webhook_secret": "s" * 32, "webhook_secret_previous": None, "webhook_secrets": None}
    connection = HelpdeskConnection("hd", "ws", "livechat", {"organization_id": "o"}, shared)

    with pytest.raises(InvalidWebhook) as refused:
        HELPDESK.authenticate(WebhookRequest("POST", "https://x", {}, raw * (400_000 // len(raw)), 0), connection)

    # Read, each of these would be no JSON.
    assert refused.value.reason in ("missing_secret", "bad_secret")


def test_a_variable_that_is_called_like_the_secret_hides_it_not(livechat: LiveChatDesk) -> None:
    fields = [{"secret_key": f"a page's own text {number}"} for number in range(100)]
    chat = Chat(Customer(fields=fields + list(carrying(livechat.reference("5845")).fields)))

    incoming = livechat.account.incoming_chat(chat)
    moved = {**{name: value for name, value in incoming.items() if name != "secret_key"}}
    moved["secret_key"] = incoming["secret_key"]
    assert livechat.post(moved).status_code == 200

    assert livechat.status(chat) == "verified"
