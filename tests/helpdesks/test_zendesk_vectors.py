"""Zendesk's signature and login token, held to vectors: what verifies, what does not, and when."""

import hashlib
import json
from typing import Any

import pytest

from tests.helpdesks.desk import MESSAGING_SECRET
from tests.helpdesks.zendesk_simulator import PUBLIC_TEST_SECRET, sign
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesks import Verdict, WebhookRequest, parse_time, sign_user_token
from widget_service.helpdesks.zendesk import HELPDESK

S = "8Rk1pTqJ3nV0yXwL6sBd2fGh4mZc7uEa9oIiKtNqP5w="
OLD_PAGE_SECRET = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="
NOON = "2026-03-01T12:00:00Z"
REFERENCE = "cv1.k3J9xQ2mT7uVbN4pLr8sWg.aaP5wA.5aYc0w2Hj7q3vX1tKz9dRnE4uBs"
A = (
    b'{"account_id":20510993,"detail":{"actor_id":"-1","assignee_id":null,"brand_id":"360003481917","created_a'
    b't":"2026-03-01T11:59:41Z","custom_status":"360011283917","description":"Conversation with Maria","extern'
    b'al_id":null,"form_id":"360002190437","group_id":"360009918497","id":"48213","is_public":true,"organizati'
    b'on_id":null,"priority":"NORMAL","requester_id":"19845567781266","status":"NEW","subject":"Conversation w'
    b'ith Maria","submitter_id":"19845567781266","tags":["messaging","casino_eu"],"type":"QUESTION","updated_a'
    b't":"2026-03-01T11:59:58Z","via":{"channel":"native_messaging"}},"event":{"current":"cv1.k3J9xQ2mT7uVbN4p'
    b'Lr8sWg.aaP5wA.5aYc0w2Hj7q3vX1tKz9dRnE4uBs","custom_field":{"id":"17826865089553","title":"Player session'
    b' ref","type":"text"},"meta":{"sequence":{"id":"01KJNF2Q3T7N4Y1B6K8W0ZC5XE","position":3}},"previous":nul'
    b'l},"id":"01KJNF2Q5R8S2V6M9P3D1H7T4G","subject":"zen:ticket:48213","time":"2026-03-01T11:59:58.412907331Z'
    b'","type":"zen:event-type:ticket.custom_field_changed","zendesk_event_version":"2022-11-06"}'
)
B = (
    '{"type":"identity","ticket_id":"48213","requester_external_id":"plr_7781","name":"Žofia Müller 🎰",'
    f'"ref":"{REFERENCE}","via":"Messaging","actor_role":"End-user"}}'
).encode()


def connection(secret: str = S, **more: Any) -> HelpdeskConnection:
    secrets = {"webhook_secret": secret, **{name: more.pop(name) for name in list(more) if "secret" in name}}
    return HelpdeskConnection("hd_1", "ws_1", "zendesk", {"field_id": "17826865089553", **more}, secrets)


def a_request(raw: bytes, timestamp: str, signature: str, now: str | None = None) -> WebhookRequest:
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": timestamp}
    at = parse_time(now or timestamp) // 1_000_000_000
    return WebhookRequest("POST", "https://widget.example/v1/helpdesks/hd_1/webhook", headers, raw, at)


def refused(request: WebhookRequest, to: HelpdeskConnection) -> tuple[int, str]:
    with pytest.raises(InvalidWebhook) as caught:
        HELPDESK.authenticate(request, to)
    return caught.value.status, caught.value.reason


def verdict(content: Any, sent_at: int = 1_772_366_400_000_000_000) -> Verdict:
    return Verdict("current", sent_at, content)


# --- vectors ---------------------------------------------------------------------------------------------------------


def test_the_bodies_of_the_vectors_are_the_published_bytes() -> None:
    assert (len(A), hashlib.sha256(A).hexdigest()) == (
        1027,
        "39148c1d7e64facf074264765d9d06a1b98f17e0cc75bec5cc23120ca0e85663",
    )
    assert (len(B), hashlib.sha256(B).hexdigest()) == (
        215,
        "a76cab764b5fe83cec101822b090b5fc22200a9284b095435f764d3ae3aeb0e3",
    )


@pytest.mark.parametrize(
    ("timestamp", "raw", "signature"),
    [
        pytest.param(NOON, A, "i2WE0iZ2Rzwbzwzrcr6s+u17EHEtycvDWX2qJ+N6I0w=", id="ZV-1"),
        pytest.param("2026-03-01T12:00:05Z", B, "dY2EpgLfIhkGRUzEHZzIwzXuyA01rBRP0MDoTdAT/ww=", id="ZV-2"),
    ],
)
def test_a_genuine_vector_is_taken(timestamp: str, raw: bytes, signature: str) -> None:
    assert HELPDESK.authenticate(a_request(raw, timestamp, signature), connection()).key == "current"
    assert sign(S, timestamp, raw) == signature


def test_zv_3_an_empty_body_is_authentic_and_nothing_to_read() -> None:
    request = a_request(b"", "2026-03-01T12:00:10Z", "HSRpB20v96BhVEP9v8O2I6saRy+4tiuAcVnWU7vcvdA=")

    with pytest.raises(InvalidRequest):
        HELPDESK.authenticate(request, connection())


def test_zv_4_the_public_test_secret_is_refused_even_where_it_is_configured() -> None:
    request = a_request(A, NOON, "X8aeG8Et40D0jksjGYhuW/647oL/yj4qzFPyc9e5d08=")

    assert refused(request, connection(PUBLIC_TEST_SECRET)) == (401, "public_test_secret")
    assert refused(request, connection(S, webhook_secret_previous=PUBLIC_TEST_SECRET)) == (401, "public_test_secret")


def test_zv_5_a_public_test_suites_case_is_refused() -> None:
    raw, timestamp = b'{"event":"ticket.updated","id":123}', "2021-03-25T05:09:27Z"
    signature = "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="

    assert sign(PUBLIC_TEST_SECRET, timestamp, raw) == signature
    assert refused(a_request(raw, timestamp, signature, NOON), connection(PUBLIC_TEST_SECRET))[0] == 401


def test_zv_6_the_order_of_the_old_documentation_is_refused() -> None:
    raw, timestamp = b'{"say": "hello"}', "2021-07-25T10:00:00Z"
    old = a_request(raw, timestamp, "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=")
    right = a_request(raw, timestamp, "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk=")

    assert refused(old, connection(OLD_PAGE_SECRET)) == (401, "bad_signature")
    assert HELPDESK.authenticate(right, connection(OLD_PAGE_SECRET)).key == "current"


@pytest.mark.parametrize(
    ("timestamp", "raw", "signature"),
    [
        pytest.param(NOON, A, "8b6584d22676473c1bcf0ceb72beacfaed7b10712dc9cbc3597daa27e37a234c", id="ZN-1 hex"),
        pytest.param(NOON, A, "qHtx4zzGBJgh1i10JcpQmHHjgy98dnhwKyp6M9dFG3I=", id="ZN-2 body first"),
        pytest.param(NOON, A, "2XazbucHFmpXdd8kT5eStdkXln+13URzw3Ret+bhTZg=", id="ZN-3 key decoded"),
        pytest.param(NOON, A, "umkURhu1hb5OafUPXABGxn1LHI9nKfd5JImSd1+LZPw=", id="ZN-4 with a point"),
        pytest.param(NOON, A, "eJ8pBGgyvaYZRDmsKTP3jy5ShEoTWv+DQZoSv7LgbGs=", id="ZN-5 dumped again"),
        pytest.param(
            "2026-03-01T12:00:05Z", B, "n5nDtix0o6thVxiv2FiFfIta/V0BbRsZWyai+GzdWr8=", id="ZN-6 ascii-escaped"
        ),
    ],
)
def test_what_is_signed_in_another_way_is_refused(timestamp: str, raw: bytes, signature: str) -> None:
    assert refused(a_request(raw, timestamp, signature), connection())[0] == 401


def test_the_vectors_of_bodies_written_again_are_genuine_for_those_bytes() -> None:
    again = json.dumps(json.loads(A)).encode()
    escaped = json.dumps(json.loads(B), separators=(",", ":")).encode()

    assert sign(S, NOON, again) == "eJ8pBGgyvaYZRDmsKTP3jy5ShEoTWv+DQZoSv7LgbGs="
    assert sign(S, "2026-03-01T12:00:05Z", escaped) == "n5nDtix0o6thVxiv2FiFfIta/V0BbRsZWyai+GzdWr8="


def test_the_login_token_of_the_vector_is_made_to_the_byte() -> None:
    claims = {
        "scope": "user",
        "external_id": "acme:plr_7781",
        "name": "Maria Novak",
        "email": "maria@example.com",
        "email_verified": True,
        "iat": 1772366400,
        "exp": 1772367000,
    }

    assert sign_user_token(claims, "app_65f1a2b3c4d5e6f708192a3b", MESSAGING_SECRET) == (
        "eyJhbGciOiJIUzI1NiIsImtpZCI6ImFwcF82NWYxYTJiM2M0ZDVlNmY3MDgxOTJhM2IiLCJ0eXAiOiJKV1QifQ."
        "eyJlbWFpbCI6Im1hcmlhQGV4YW1wbGUuY29tIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsImV4cCI6MTc3MjM2NzAwMCwiZXh0ZXJuYWxfaWQiOiJhY"
        "21lOnBscl83NzgxIiwiaWF0IjoxNzcyMzY2NDAwLCJuYW1lIjoiTWFyaWEgTm92YWsiLCJzY29wZSI6InVzZXIifQ."
        "uuf_1KMz5IeqXC6uncxKhwqUgYZSZGIg_a_7CIe_JB8"
    )


# --- time and form --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timestamp", "is_taken"),
    [
        ("2026-03-01T12:00:00Z", True),
        ("2026-03-01T14:00:00+02:00", True),
        ("2026-03-01T05:30:00.5-06:30", True),
        ("2026-03-01T12:00:00.123456789Z", True),
        ("2026-03-01T12:05:00Z", True),
        ("2026-03-01T11:55:00Z", True),
        ("2026-03-01T12:05:01Z", False),
        ("2026-03-01T11:54:59Z", False),
        ("2026-03-01T12:00:00", False),
        ("2026-03-01T12:00:00+02:00", False),
        ("2026-03-01 12:00:00Z", False),
        ("2026-03-01T12:00:00Z,2026-03-01T12:00:00Z", False),
        ("1772366400", False),
        ("20260301T120000Z", False),
        ("2026-02-30T12:00:00Z", False),
        ("0001-01-01T00:00:00+23:59", False),
        ("9999-12-31T23:59:59-23:59", False),
        ("2026-03-01T12:00:00+99:99", False),
        ("٢٠٢٦-03-01T12:00:00Z", False),
        (" ", False),
    ],
)
def test_zd_04_the_time_that_was_signed_must_be_now(timestamp: str, is_taken: bool) -> None:
    request = a_request(A, timestamp, sign(S, timestamp, A), NOON)

    if is_taken:
        assert HELPDESK.authenticate(request, connection()).key == "current"
    else:
        assert refused(request, connection())[0] == 401


def test_zd_05_a_signature_that_is_no_ascii_is_refused() -> None:
    assert refused(a_request(A, NOON, "é" * 43 + "="), connection())[0] == 401
    assert refused(a_request(A, NOON, "ｉ" + "A" * 42 + "="), connection())[0] == 401
