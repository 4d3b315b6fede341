"""LiveChat's webhooks: which are taken, which refused. The numbers are the catalogue's."""

import gzip
import json
from typing import Any

import pytest

from tests.helpdesks.livechat_desk import LiveChatDesk
from tests.helpdesks.livechat_simulator import Chat, Customer, carrying
from tests.support.service import InProcessService
from tests.views.casino import assert_refused
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesks import WebhookRequest
from widget_service.helpdesks.livechat import HELPDESK


@pytest.fixture(scope="module")
def desk(databases: Any) -> LiveChatDesk:
    return LiveChatDesk(InProcessService(databases.new("sqlite")))


def incoming(desk: LiveChatDesk, **more: Any) -> dict[str, Any]:
    return desk.account.incoming_chat(Chat(Customer()), **more)


def test_lv_1_the_right_secret_in_the_body_is_taken(desk: LiveChatDesk) -> None:
    answer = desk.post(incoming(desk))

    assert answer.status_code == 200
    assert desk.account.secret not in answer.text


WRONG = {
    "changed": lambda right: right[:-1] + ("x" if right[-1] != "x" else "y"),
    "upper": str.upper,
    "space": lambda right: right + " ",
    "null": lambda right: None,
    "true": lambda right: True,
    "list": lambda right: [right],
    "object": lambda right: {},
    "empty": lambda right: "",
    "number": lambda right: 0,
    "wide": lambda right: right + "é",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_lc_02_any_other_secret_is_refused_and_nothing_of_it_logged(
    desk: LiveChatDesk, wrong: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = desk.post(incoming(desk, secret_key=wrong(desk.account.secret)))

    assert_refused(answer, 401, "INVALID_WEBHOOK")
    shown = answer.text + "".join(capfd.readouterr())
    assert desk.account.secret not in shown
    assert "Maria" not in shown


def test_lv_3_a_body_without_a_secret_is_refused(desk: LiveChatDesk) -> None:
    body = incoming(desk)
    del body["secret_key"]

    assert_refused(desk.post(body), 401, "INVALID_WEBHOOK")


@pytest.mark.parametrize("configured", [None, "", "short"])
@pytest.mark.parametrize("given", [None, "", "short"])
def test_lv_4_no_secret_and_no_secret_are_not_the_same_secret(configured: Any, given: Any) -> None:
    from widget_service.errors import InvalidWebhook

    settings = {"organization_id": "o", "license_id": None, "variable": "player_ref"}
    secrets = {"webhook_secret": configured, "webhook_secret_previous": None, "webhook_secrets": None}
    raw = json.dumps({"secret_key": given, "organization_id": "o", "action": "x"}).encode()
    request = WebhookRequest("POST", "https://x", {"content-type": "application/json"}, raw, 0)

    with pytest.raises(InvalidWebhook):
        HELPDESK.authenticate(request, HelpdeskConnection("hd", "ws", "livechat", settings, secrets))


def test_lv_5_a_secret_given_twice_is_refused(desk: LiveChatDesk) -> None:
    right = json.dumps(incoming(desk))

    for raw in ('{"secret_key":"wrong",' + right[1:], right[:-1] + ',"secret_key":"wrong"}'):
        assert_refused(desk.post(raw.encode()), 401, "INVALID_WEBHOOK")


def test_lv_6_and_lc_29_a_secret_elsewhere_than_in_the_body_is_none(desk: LiveChatDesk) -> None:
    wrong, right = incoming(desk, secret_key="wrong" * 5), desk.account.secret
    headers = {"X-API-Key": right, "X-Signature": right, "Authorization": f"Bearer {right}"}

    assert_refused(desk.post(wrong, **headers), 401, "INVALID_WEBHOOK")
    url = f"{desk.webhook_url}?secret_key={right}"
    assert_refused(desk.account.post(desk.client, url, wrong), 401, "INVALID_WEBHOOK")


def test_lc_04_every_delivery_is_answered_with_exactly_200(desk: LiveChatDesk) -> None:
    chat = Chat(Customer())
    contents = [desk.account.incoming_chat(chat), desk.account.said(chat), desk.account.ended(chat)]

    for content in contents * 2:
        assert desk.account.deliver(desk.client, desk.webhook_url, content) == [200]


def test_lc_14_webhooks_up_to_3_3_name_a_licence(desk: LiveChatDesk) -> None:
    _, url = desk.connect("--license-id", "12345678")
    old = incoming(desk, license_id=12345678)
    del old["organization_id"], old["additional_data"]

    assert desk.account.post(desk.client, url, old).status_code == 200
    assert_refused(desk.account.post(desk.client, url, {**old, "license_id": 1}), 403, "INVALID_WEBHOOK")
    assert_refused(desk.post(old), 403, "INVALID_WEBHOOK")


@pytest.mark.parametrize("told", ["other", "", None, 7, ["x"]])
def test_lc_15_another_organizations_webhook_is_refused(desk: LiveChatDesk, told: Any) -> None:
    assert_refused(desk.post(incoming(desk, organization_id=told)), 403, "INVALID_WEBHOOK")


@pytest.mark.parametrize("action", ["incoming_chat_thread", "thread_closed", "agent_status_changed", "new", None, 7])
def test_lc_16_an_unknown_action_is_taken_and_ignored(desk: LiveChatDesk, action: Any) -> None:
    before = desk.counted().get(("ignored", "unknown_action"), 0)

    desk.tell(desk.account.envelope(action, {"chat_id": "X"}))

    assert desk.counted()[("ignored", "unknown_action")] == before + 1


@pytest.mark.parametrize("wrapped", [True, False])
def test_lc_17_an_incoming_customer_of_3_5_names_no_chat(desk: LiveChatDesk, wrapped: bool) -> None:
    before, told = desk.bindings(), carrying(desk.reference()).shown(last_visit={})

    desk.tell(desk.account.envelope("incoming_customer", {"customer": told} if wrapped else told))

    assert desk.bindings() == before


BROKEN = [b"", b"[]", b"null", b"7", b'{"a":', b"\xff{}", b'{"a":1e400}', b'{"a":NaN}', b'{"a":"\\ud800"}']


@pytest.mark.parametrize("raw", [*BROKEN, b'{"a":' * 2000 + b"1" + b"}" * 2000, b'{"a":"\\u0000"}'])
def test_lc_28_what_is_no_strict_json_is_refused(desk: LiveChatDesk, raw: bytes) -> None:
    assert_refused(desk.post(raw), 401, "INVALID_WEBHOOK")


def test_lc_28_a_body_that_is_too_large_is_refused_unread(desk: LiveChatDesk) -> None:
    assert_refused(desk.post(b'{"a":"' + b"x" * 600_000 + b'"}'), 413, "INVALID_REQUEST")


def test_lc_29_other_methods_types_and_encodings_are_refused(desk: LiveChatDesk) -> None:
    raw = json.dumps(incoming(desk)).encode()

    assert_refused(desk.client.get(desk.webhook_url), 405, "METHOD_NOT_ALLOWED")
    assert_refused(desk.post(gzip.compress(raw), **{"Content-Encoding": "gzip"}), 401, "INVALID_WEBHOOK")
    assert_refused(desk.post(raw, **{"Content-Type": "text/plain"}), 400, "INVALID_REQUEST")


def test_lc_30_secrets_overlap_while_they_are_changed_and_what_both_tell_counts_once(desk: LiveChatDesk) -> None:
    desk = LiveChatDesk(desk.casino.service)
    new, chat = "lc_new_secret_0123456789abcdef", Chat(carrying(desk.reference()))
    content = desk.account.incoming_chat(chat)
    desk.casino.cli("helpdesk", "rotate", desk.connection_id, "--webhook-secret", new)
    renewed = {**content, "secret_key": new, "webhook_id": "another"}
    while desk.post(renewed).status_code != 200:
        pass

    desk.tell(content)
    assert (
        len([one for one in desk.told("helpdesk.identified") if one["data"]["helpdesk"]["thread_id"] == chat.id]) == 1
    )
    desk.casino.cli("helpdesk", "rotate", desk.connection_id, "--forget-previous")
    while desk.post(content).status_code != 401:
        pass
    desk.tell(renewed)


def test_lc_30_a_webhook_with_a_secret_of_its_own_takes_no_other(desk: LiveChatDesk) -> None:
    own = "lc_own_secret_0123456789abcdef"
    _, url = desk.connect("--webhook-secrets", f"{desk.account.webhook_id}={own}")
    content = incoming(desk)

    assert_refused(desk.account.post(desk.client, url, content), 401, "INVALID_WEBHOOK")
    assert desk.account.post(desk.client, url, {**content, "secret_key": own}).status_code == 200
    other = {**content, "webhook_id": "another", "secret_key": own}
    assert_refused(desk.account.post(desk.client, url, other), 401, "INVALID_WEBHOOK")


def test_lc_30_the_secret_is_nowhere_after_it_was_compared(desk: LiveChatDesk) -> None:
    raw = json.dumps(incoming(desk)).encode()
    request = WebhookRequest("POST", "https://x", {"content-type": "application/json"}, raw, 0)
    settings = {"organization_id": desk.account.organization_id, "license_id": None, "variable": "player_ref"}
    secrets = {"webhook_secret": desk.account.secret, "webhook_secret_previous": None, "webhook_secrets": None}

    verdict = HELPDESK.authenticate(request, HelpdeskConnection("hd", "ws", "livechat", settings, secrets))

    assert "secret_key" not in verdict.document
    assert desk.account.secret not in repr((request, verdict, verdict.document))
