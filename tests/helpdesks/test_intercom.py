"""Intercom: which notifications are taken, what they bind, and the Messenger's login token."""

import json
import secrets
from typing import Any

import jwt
import pytest

from tests.helpdesks.conformance.kits import notification, sign_intercom
from tests.helpdesks.desk import ZendeskDesk
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesks import WebhookRequest
from widget_service.helpdesks.intercom import HELPDESK, IntercomSettings

MESSENGER_SECRET = "intercom-identity-secret-long-enough-1"
VECTOR = (
    b'{"type":"notification_event","app_id":"abc12345","data":{"type":"notification_event_data","item":{"type":'
    b'"conversation","id":"215468","source":{"author":{"type":"user","id":"66f2"}},"custom_attributes":{"player_ref":'
    b'"cv1.k3J9"}}},"topic":"conversation.user.created","id":"notif_6f1e","created_at":1772366400,'
    b'"delivery_attempts":1,"first_sent_at":1772366400}'
)


class Talk:
    """A conversation there."""

    def __init__(self) -> None:
        self.id = str(secrets.randbelow(10**12))


class IntercomDesk(ZendeskDesk):
    """What a desk with Zendesk can ask, of another account."""

    def __init__(self, service: InProcessService) -> None:
        self.casino = Casino(service)
        self.casino.connect_webhook()
        self.secret = secrets.token_hex(16)
        self.connection_id, self.webhook_url = self.connect("--messenger-secret", MESSENGER_SECRET)
        self.client = service.client()

    def connect(self, *options: str) -> tuple[str, str]:
        fixed = ("--webhook-secret", self.secret, "--app-id", "abc12345")
        made = self.casino.cli("helpdesk", "connect", self.casino.id, "intercom", *fixed, *options)
        return made["connection_id"], made["webhook_url"]

    def post(self, content: Any, **headers: str) -> Any:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        signed = {"Content-Type": "application/json", "X-Hub-Signature": sign_intercom(self.secret, raw), **headers}
        return self.client.post(self.webhook_url, content=raw, headers=signed)

    def tell(self, talk: Talk, text: Any, **more: Any) -> Any:
        answer = self.post(notification(text, talk.id, **more))
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def desk(databases: Any) -> IntercomDesk:
    return IntercomDesk(InProcessService(databases.new("sqlite")))


def test_the_published_vector_verifies() -> None:
    settings = IntercomSettings(webhook_secret="intercom-client-secret-1", app_id="abc12345")
    connection = HelpdeskConnection("hd", "ws", "intercom", settings.model_dump())
    headers = {"x-hub-signature": "sha1=a2267621a430f35562877627cbd1ade639207196"}
    verdict = HELPDESK.authenticate(WebhookRequest("POST", "https://x", headers, VECTOR, 1772366401), connection)

    (event,) = HELPDESK.events(verdict, connection)
    assert (event.thread_id, event.reference, event.customer_id) == ("215468", "cv1.k3J9", "66f2")
    assert event.occurred_at == 1772366400 * 10**9


def test_a_reference_in_the_attribute_makes_the_conversation_its_players(desk: IntercomDesk) -> None:
    talk = Talk()

    desk.tell(talk, desk.reference("5832"))

    assert desk.thread(talk)["player_id"] == "5832"


def test_a_repetition_has_one_effect(desk: IntercomDesk) -> None:
    talk = Talk()
    content = notification(desk.reference("5832"), talk.id)

    assert {desk.post({**content, "delivery_attempts": attempt}).status_code for attempt in (1, 2, 3)} == {200}

    told = [one for one in desk.told("helpdesk.identified") if one["data"]["helpdesk"]["thread_id"] == talk.id]
    assert len(told) == 1


@pytest.mark.parametrize("forged", ["5832", 5832, True, ["x"], "ana@example.com"])
def test_a_forged_attribute_binds_nobody(desk: IntercomDesk, forged: Any) -> None:
    talk = Talk()

    desk.tell(talk, forged)

    assert desk.status(talk) == "unverified"


def test_a_copied_reference_leaves_the_second_conversation_unverified(desk: IntercomDesk) -> None:
    first, second, reference = Talk(), Talk(), desk.reference("5832")

    desk.tell(first, reference)
    desk.tell(second, reference)

    assert (desk.status(first), desk.status(second)) == ("verified", "unverified")


def test_another_players_reference_and_a_deletion_end_it(desk: IntercomDesk) -> None:
    stolen, deleted = Talk(), Talk()
    for talk in (stolen, deleted):
        desk.tell(talk, desk.reference("5832"))

    desk.tell(stolen, desk.reference("40217"))
    desk.tell(deleted, None, topic="conversation.deleted")

    assert (desk.status(stolen), desk.status(deleted)) == ("mismatch", "closed")


@pytest.mark.parametrize("signature", ["", "sha1=", "sha1=" + "0" * 40, "0" * 40, "sha256=" + "0" * 64])
def test_another_signature_is_refused(desk: IntercomDesk, signature: str) -> None:
    assert_refused(desk.post(notification("x"), **{"X-Hub-Signature": signature}), 401, "INVALID_WEBHOOK")


def test_another_app_is_refused_and_what_is_no_object_too(desk: IntercomDesk) -> None:
    assert_refused(desk.post(notification("x", app_id="zzz")), 403, "INVALID_WEBHOOK")
    assert_refused(desk.post(b"[]"), 400, "INVALID_REQUEST")
    assert desk.post(b'{"a":"\\u0000"}').status_code == 200


def test_a_ping_and_an_unknown_topic_are_taken(desk: IntercomDesk) -> None:
    item = {"type": "ping", "message": "hello"}
    ping = {"type": "notification_event", "topic": "ping", "app_id": "abc12345", "data": {"item": item}}

    assert desk.post(ping).status_code == desk.post(notification("x", topic="contact.merged")).status_code == 200


def test_a_login_token_names_the_verified_player_and_ends(desk: IntercomDesk) -> None:
    body = desk.ask("user-token", claims={"name": "Ana", "email": "ana@example.com", "email_verified": True}).json()

    assert jwt.get_unverified_header(body["token"]) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(body["token"], MESSENGER_SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 3600
    assert {name: claims[name] for name in set(claims) - {"iat", "exp"}} == {
        "user_id": f"{desk.casino.id}:5832",
        "name": "Ana",
    }
    without, _ = desk.connect()
    assert_refused(desk.ask("user-token", connection_id=without), 404, "NOT_FOUND")
