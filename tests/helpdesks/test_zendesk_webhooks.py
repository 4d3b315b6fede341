"""Whether Zendesk sent it: the catalogue's cases about signatures, freshness, accounts and bodies."""

import base64
import gzip
import json
from io import BytesIO
from typing import Any

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.zendesk_simulator import PUBLIC_TEST_SECRET, SIGNATURE, TIMESTAMP, Delivery, ZendeskAccount
from tests.views.casino import assert_refused


def post_in_chunks(desk: ZendeskDesk, delivery: Delivery) -> Any:
    """As a server hands on a body without a length."""
    path = desk.webhook_url.removeprefix(desk.casino.service.url)
    terminated = {"wsgi.input_terminated": True}
    client = desk.casino.service.app.test_client()
    return client.post(path, input_stream=BytesIO(delivery.raw), headers=delivery.headers, environ_overrides=terminated)


# --- signature and time ----------------------------------------------------------------------------------------------


def test_zd_03_a_captured_delivery_is_refused_later_and_with_another_time(desk: ZendeskDesk, clock) -> None:
    captured = desk.account.deliver(desk.account.field_changed(desk.account.open_ticket(), None))
    clock.advance(301)
    renewed = desk.account.deliver({}).headers[TIMESTAMP]

    assert_refused(captured.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    changed = captured.with_headers(**{TIMESTAMP.replace("-", "_"): renewed})
    assert_refused(changed.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")


def test_zd_05_only_the_standard_form_of_a_signature_passes(desk: ZendeskDesk) -> None:
    good = desk.account.deliver(desk.account.field_changed(desk.account.open_ticket(), None))
    signature, name = good.headers[SIGNATURE], SIGNATURE.replace("-", "_")
    others = {
        "missing": None,
        "two": f"{signature}, {signature}",
        "with a prefix": f"sha256={signature}",
        "url-safe": base64.urlsafe_b64encode(base64.b64decode(signature)).decode() + "_",
        "without padding": signature.rstrip("="),
        "of 10 kB": "A" * 10_240,
        "empty": "",
    }

    for what, other in others.items():
        answer = good.with_headers(**{name: other}).post(desk.client, desk.webhook_url)
        assert answer.status_code == 401, what
    without_time = good.with_headers(**{TIMESTAMP.replace("-", "_"): None})
    assert_refused(without_time.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    lower = {name.lower(): value for name, value in good.headers.items()}
    assert desk.client.post(desk.webhook_url, content=good.raw, headers=lower).status_code == 200


def test_zd_06_the_raw_bytes_are_what_is_signed(desk: ZendeskDesk) -> None:
    good = desk.account.deliver(desk.account.field_changed(desk.account.open_ticket(), None))
    again = json.dumps(json.loads(good.raw), indent=1).encode()
    altered = [good.raw[:-2] + b" }", good.raw + b"\n", b"\xef\xbb\xbf" + good.raw, again, gzip.compress(good.raw)]

    for raw in altered:
        assert_refused(good.with_raw(raw).post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    with_line_end = desk.account.deliver(good.raw + b"\n")
    assert with_line_end.post(desk.client, desk.webhook_url).status_code == 200


def test_zd_06_a_body_in_chunks_is_read_whole(desk: ZendeskDesk) -> None:
    good = desk.account.deliver(desk.account.message_added(desk.account.open_ticket(), "Hello"))

    assert post_in_chunks(desk, good).status_code == 200


def test_zd_07_the_public_test_secret_is_refused_at_configuration(desk: ZendeskDesk) -> None:
    fixed = ("helpdesk", "connect", desk.casino.id, "zendesk", "--field-id", "1")
    result = desk.casino.service.run(*fixed, "--webhook-secret", PUBLIC_TEST_SECRET)

    assert result.exit_code == 2
    assert "public test secret" in result.stderr
    assert PUBLIC_TEST_SECRET not in result.stderr
    rotated = desk.casino.service.run("helpdesk", "rotate", desk.connection_id, "--webhook-secret", PUBLIC_TEST_SECRET)
    assert rotated.exit_code == 2


def test_zd_07_a_delivery_signed_with_it_is_refused(desk: ZendeskDesk) -> None:
    forger = ZendeskAccount(PUBLIC_TEST_SECRET)
    answer = forger.deliver(forger.field_changed(forger.open_ticket(), "x")).post(desk.client, desk.webhook_url)

    assert_refused(answer, 401, "INVALID_WEBHOOK")


def test_zd_08_a_rotated_secret_verifies_only_while_it_is_the_previous_one(each_app_service) -> None:
    desk = ZendeskDesk(each_app_service)
    old, new = desk.account.secret, "a-brand-new-secret-0123456789"

    def answered(secret: str) -> int:
        desk.account.secret = secret
        return desk.post(desk.account.message_added(desk.account.open_ticket(), "Hello")).status_code

    desk.casino.cli("helpdesk", "rotate", desk.connection_id, "--webhook-secret", new)
    after_rotation = None
    while after_rotation != 200:  # what was read a moment before still counts, for a quarter of a second
        after_rotation = answered(new)
    assert answered(old) == 200
    desk.casino.cli("helpdesk", "rotate", desk.connection_id, "--forget-previous")
    while answered(old) != 401:
        pass
    assert answered(new) == 200


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_zd_09_another_tenants_webhook_is_refused_at_this_tenants_address(desk: ZendeskDesk) -> None:
    other = ZendeskDesk(desk.casino.service)
    delivery = other.account.deliver(other.account.message_added(other.account.open_ticket(), "Hello"))

    assert_refused(delivery.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    assert delivery.post(other.client, other.webhook_url).status_code == 200


def test_zd_09_an_authentic_webhook_of_another_account_is_refused(desk: ZendeskDesk) -> None:
    stranger = ZendeskAccount(desk.account.secret, account_id="99999")
    event = stranger.message_added(stranger.open_ticket(), "Hello")
    by_body = stranger.deliver(event).with_headers(X_Zendesk_Account_Id=desk.account.account_id)
    by_header = stranger.deliver(stranger.trigger(stranger.open_ticket(), "x"))

    for delivery in (by_body, by_header):
        error = assert_refused(delivery.post(desk.client, desk.webhook_url), 403, "INVALID_WEBHOOK")
        assert "details" not in error


def test_zd_09_another_webhook_of_the_account_is_refused_where_one_is_named(desk: ZendeskDesk) -> None:
    _, url = desk.connect("--webhook-id", desk.account.webhook_id)
    event = desk.account.message_added(desk.account.open_ticket(), "Hello")
    good = desk.account.deliver(event)

    assert good.post(desk.client, url).status_code == 200
    other = good.with_headers(X_Zendesk_Webhook_Id="01KJNF2Q3T7N4Y1B6K8W0ZC5XE")
    assert_refused(other.post(desk.client, url), 403, "INVALID_WEBHOOK")


def test_an_unknown_connection_answers_as_a_wrong_signature_does(desk: ZendeskDesk) -> None:
    delivery = desk.account.deliver(desk.account.message_added(desk.account.open_ticket(), "Hello"))
    unknown = delivery.post(desk.client, "/v1/helpdesks/hd_unknown/webhook")
    wrong = delivery.with_raw(b"{}").post(desk.client, desk.webhook_url)

    assert unknown.status_code == wrong.status_code == 401
    bodies = [answer.json()["error"] for answer in (unknown, wrong)]
    assert {error.pop("request_id") != "" for error in bodies} == {True}
    assert bodies[0] == bodies[1]


def test_a_disconnected_helpdesk_is_refused_within_seconds(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    ticket = desk.account.open_ticket()
    assert desk.post(desk.account.message_added(ticket, "Hello")).status_code == 200

    desk.casino.cli("helpdesk", "disconnect", desk.connection_id)

    while (answer := desk.post(desk.account.message_added(ticket, "Hello"))).status_code == 200:
        pass
    assert_refused(answer, 401, "INVALID_WEBHOOK")


def test_a_webhook_is_nothing_for_browsers(desk: ZendeskDesk) -> None:
    delivery = desk.account.deliver(desk.account.message_added(desk.account.open_ticket(), "Hello"))
    answer = delivery.with_headers(Origin="https://casino.example").post(desk.client, desk.webhook_url)

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert_refused(desk.client.get(desk.webhook_url), 405, "METHOD_NOT_ALLOWED")


# --- bodies ----------------------------------------------------------------------------------------------------------


def test_zd_24_a_body_that_is_too_large_is_refused_unread(desk: ZendeskDesk) -> None:
    large = desk.account.deliver(b'{"x":"' + b"a" * 512 * 1024 + b'"}')

    assert_refused(large.post(desk.client, desk.webhook_url), 413, "INVALID_REQUEST")
    assert post_in_chunks(desk, large).status_code == 413
    fits = desk.account.deliver(b'{"x":"' + b"a" * (512 * 1024 - 8) + b'"}')
    assert fits.post(desk.client, desk.webhook_url).status_code == 200


def test_zd_24_whatever_is_in_a_signed_body_breaks_nothing(desk: ZendeskDesk) -> None:
    ticket = desk.account.open_ticket()
    deep = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    many_tags = desk.account.field_changed(ticket, None, detail={"tags": [f"tag_{n}" for n in range(1000)]})
    long_token = desk.account.field_changed(ticket, "r" * 10_000)

    assert [desk.post(content).status_code for content in (deep, many_tags, long_token)] == [200, 200, 200]
    assert desk.bindings() == 0


def test_zd_25_texts_of_every_kind_are_taken(desk: ZendeskDesk) -> None:
    ticket = desk.account.open_ticket()
    for text in ("‮⁦ olleh", "🎰🎰", "e\u0301", "é", "\0", "\ud800", "\u2028"):
        assert desk.post(desk.account.field_changed(ticket, text)).status_code == 200
        assert desk.post(desk.account.trigger(ticket, text)).status_code == 200
        assert desk.post(desk.account.trigger(ticket, "", requester_external_id=text)).status_code == 200
    assert desk.status(ticket) == "unverified"


@pytest.mark.parametrize("raw", [b"", b" ", b"[]", b'"str"', b"null", b"1", b"true"])
def test_zd_26_a_signed_body_that_is_no_object_is_refused(desk: ZendeskDesk, raw: bytes) -> None:
    assert_refused(desk.post(raw), 400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "raw", [b"ticket=1&ref=x", b"<ticket/>", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff\xfe", b'{"type":[]}', b"{}"]
)
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_zd_26_a_signed_body_of_any_kind_is_taken_without_effect(
    desk: ZendeskDesk, raw: bytes, media_type: str
) -> None:
    delivery = desk.account.deliver(raw).with_headers(Content_Type=media_type)

    assert delivery.post(desk.client, desk.webhook_url).status_code == 200
