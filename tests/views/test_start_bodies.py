"""What a start reads: malformed, oversized and hostile requests, also over a raw socket (contract §1, house §5)."""

import json
import socket

import pytest

from tests.support.browser import Browser
from tests.support.operator import CASINO, Operator
from tests.support.service import Service
from tests.views.casino import assert_refused

LARGEST = 64 * 1024


def padded(size: int) -> bytes:
    """A valid body of exactly that many bytes."""
    return b"{" + b" " * (size - 2) + b"}"


def nested(depth: int) -> bytes:
    return b'{"attributes":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


# The body as bytes, its refusal.
BODIES = {
    "empty": (b"", 400),
    "white space": (b"  ", 400),
    "a hundred thousand brackets": (b"[" * 60_000, 400),
    "a hundred thousand objects": (b'{"a":' * 12_000, 400),
    "deeper than 16": (nested(17), 400),
    "16 deep, which is no flat attribute": (nested(16), 422),
    "half an object": (b'{"locale":', 400),
    "two objects": (b"{}{}", 400),
    "a trailing comma": (b'{"locale":"en",}', 400),
    "a comment": (b"{}//", 400),
    "single quotes": (b"{'locale':'en'}", 400),
    "an array": (b"[]", 400),
    "null": (b"null", 400),
    "a text": (b'"{}"', 400),
    "a number": (b"1", 400),
    "NaN": (b'{"attributes":{"a":NaN}}', 400),
    "Infinity": (b'{"attributes":{"a":Infinity}}', 400),
    "a number beyond every float": (b'{"attributes":{"a":1e999}}', 400),
    "an integer of 5000 digits": (b'{"attributes":{"a":' + b"9" * 5000 + b"}}", 400),
    "a member twice": (b'{"locale":"en","locale":"de"}', 400),
    "a nested member twice": (b'{"attributes":{"a":1,"a":2}}', 400),
    "a member twice, once escaped": (b'{"locale":"en","l\\u006fcale":"de"}', 400),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400),
    "UTF-16": ('{"locale":"en"}'.encode("utf-16"), 400),
    "UTF-16 without a mark": ('{"locale":"en"}'.encode("utf-16-le"), 400),
    "Latin-1": ('{"attributes":{"a":"é"}}'.encode("latin-1"), 400),
    "an overlong byte sequence": (b'{"attributes":{"a":"\xc0\x80"}}', 400),
    "a lone surrogate": (b'{"attributes":{"a":"\\ud800"}}', 400),
    "a lone surrogate as a name": (b'{"attributes":{"\\udfff":"a"}}', 400),
    "a surrogate in bytes": (b'{"attributes":{"a":"\xed\xa0\x80"}}', 400),
    "NUL": (b'{"attributes":{"a":"\\u0000"}}', 400),
    "NUL in the open": (b'{"attributes":{"a":"\x00"}}', 400),
    "one byte too many": (padded(LARGEST + 1), 413),
    "a megabyte": (padded(1 << 20), 413),
}


def post(casino, raw: bytes, **headers: str):
    browser = casino.browser()
    proof = browser.proof("POST", casino.start_path)
    sent = {"Origin": CASINO, "DPoP": proof, "Content-Type": "application/json", **headers}
    return browser.client.post(casino.start_path, content=raw, headers=sent)


@pytest.mark.parametrize("sentence", BODIES)
def test_a_malformed_body_is_refused_and_writes_nothing(open_casino, sentence) -> None:
    raw, status = BODIES[sentence]
    written = open_casino.count("conversations")
    assert_refused(post(open_casino, raw), status, "INVALID_REQUEST")
    assert open_casino.count("conversations") == written


def test_a_body_of_exactly_64_kib_is_taken(open_casino) -> None:
    assert post(open_casino, padded(LARGEST)).status_code == 201


TYPES = {
    "text/plain": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "application/jsonx": 415,
    "application/json; charset=utf-16": 415,
    "application/json; charset=latin-1": 415,
    "": 415,
    "application/json; charset=utf-8": 201,
    "application/json;charset=UTF-8": 201,
    "APPLICATION/JSON": 201,
}


@pytest.mark.parametrize(("media_type", "status"), TYPES.items())
def test_only_utf_8_json_is_read(open_casino, media_type, status) -> None:
    answer = post(open_casino, b"{}", **{"Content-Type": media_type})
    if status == 201:
        assert answer.status_code == 201, answer.text
    else:
        assert_refused(answer, 415, "INVALID_REQUEST")


FLAT_50 = {f"a{number}": "x" for number in range(50)}
MEMBERS = {
    "an unknown member": {"session": "x"},
    "a player id from the page": {"player_id": "5832"},
    "a player object from the page": {"player": {"player_id": "5832"}},
    "a number as the brand": {"brand_id": 5},
    "a list as the brand": {"brand_id": ["br"]},
    "a brand of 256 characters": {"brand_id": "b" * 256},
    "a number as the player token": {"player_token": 5},
    "an object as the player token": {"player_token": {"sub": "5832"}},
    "a number as the locale": {"locale": 5},
    "no language": {"locale": "?"},
    "an underscore in the language": {"locale": "en_US"},
    "markup as the language": {"locale": '"><script>'},
    "an empty language": {"locale": ""},
    "a text as the page": {"page": "https://casino.example"},
    "a page without an address": {"page": {"title": "x"}},
    "an unknown member of the page": {"page": {"url": CASINO, "referrer": "x"}},
    "a script as the page's address": {"page": {"url": "javascript:alert(1)"}},
    "a file as the page's address": {"page": {"url": "file:///etc/passwd"}},
    "half an address": {"page": {"url": "http://["}},
    "a title of 256 characters": {"page": {"url": CASINO, "title": "t" * 256}},
    "a list as attributes": {"attributes": []},
    "51 attributes": {"attributes": {**FLAT_50, "one more": 1}},
    "a nested attribute": {"attributes": {"a": {"b": 1}}},
    "a list as an attribute": {"attributes": {"a": [1]}},
    "an attribute of 1025 characters": {"attributes": {"a": "x" * 1025}},
    "an attribute without a name": {"attributes": {"": 1}},
}


@pytest.mark.parametrize("sentence", MEMBERS)
def test_a_wrong_member_is_refused_with_422(open_casino, sentence) -> None:
    written = open_casino.count("conversations")
    error = assert_refused(post(open_casino, json.dumps(MEMBERS[sentence]).encode()), 422, "INVALID_REQUEST")
    assert "details" in error
    assert "<script>" not in str(error), "values are never repeated"
    assert open_casino.count("conversations") == written


LIMITS = {
    "50 attributes": {"attributes": FLAT_50},
    "an attribute of 1024 characters": {"attributes": {"a": "é" * 1024}},
    "a title of 255 characters": {"page": {"url": CASINO, "title": "t" * 255}},
    "no members": {},
    "characters of every plane": {"attributes": {"a": "é漢😀\u202e", "b": "\ud83d\ude00"}},
    "the largest integer": {"attributes": {"a": 2**63 - 1}},
}


@pytest.mark.parametrize("sentence", LIMITS)
def test_what_is_just_within_the_limits_is_taken(open_casino, sentence) -> None:
    answer = post(open_casino, json.dumps(LIMITS[sentence]).encode())
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("name", ["%00", "ws_%00x", "..%2f..", "a" * 3000, "'--", "%0a%0d"])
def test_no_workspace_id_is_a_fault_of_ours(each_casino, name) -> None:
    browser = each_casino.browser()
    answer = browser.client.post(f"/v1/workspaces/{name}/conversations", json={}, headers={"Origin": CASINO})
    assert answer.status_code in (400, 403, 404), answer.text
    preflight = browser.client.options(f"/v1/workspaces/{name}/conversations", headers={"Origin": CASINO})
    assert preflight.status_code in (400, 403, 404), preflight.text


class Wire:
    """Bytes to a real server and its whole answer."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.operator = Operator.create(service, "--anonymous")
        self.path = f"/v1/workspaces/{self.operator.workspace_id}/conversations"

    def head(self, *headers: str, proof: str | None = None, origin: str = CASINO) -> bytes:
        given = proof or Browser(self.service).proof("POST", self.path)
        lines = [f"POST {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.service.port}", "Connection: close"]
        lines += [f"Origin: {origin}", f"DPoP: {given}", *headers]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def send(self, raw: bytes, *, half_close: bool = False) -> tuple[int, str]:
        with socket.create_connection(("127.0.0.1", self.service.port), timeout=20) as connection:
            connection.sendall(raw)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        return (int(head.split()[1]) if head else 0), body.decode(errors="replace")


@pytest.fixture(scope="module")
def wire(service) -> Wire:
    return Wire(service)


JSON_TYPE = "Content-Type: application/json"


def test_a_chunked_body_without_a_length_is_read(wire) -> None:
    status, body = wire.send(wire.head(JSON_TYPE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n")
    assert status == 201, body


def test_a_chunked_body_of_more_than_64_kib_is_refused(wire) -> None:
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    status, body = wire.send(wire.head(JSON_TYPE, "Transfer-Encoding: chunked") + chunk * 17 + b"2\r\n{}\r\n0\r\n\r\n")
    assert status == 413, body
    assert '"INVALID_REQUEST"' in body


CUT = {
    "a chunk that ends early": ("Transfer-Encoding: chunked", b"10\r\n{}"),
    "a chunked body without its end": ("Transfer-Encoding: chunked", b"2\r\n{}\r\n"),
    "a chunk with a wrong size": ("Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunked body that never begins": ("Transfer-Encoding: chunked", b""),
    "fewer bytes than promised": ("Content-Length: 50", b"{}"),
    "no byte of those promised": ("Content-Length: 50", b""),
}


@pytest.mark.parametrize("sentence", CUT)
def test_a_truncated_body_is_the_callers_fault(wire, sentence) -> None:
    header, rest = CUT[sentence]
    status, body = wire.send(wire.head(JSON_TYPE, header) + rest, half_close=True)
    assert status == 400, body
    assert '"INVALID_REQUEST"' in body
    assert '"request_id"' in body


def test_two_origins_are_none(wire) -> None:
    for second in (CASINO, "https://evil.example"):
        status, body = wire.send(wire.head(JSON_TYPE, "Content-Length: 2", f"Origin: {second}") + b"{}")
        assert status == 403, body
        assert '"ORIGIN_NOT_ALLOWED"' in body


def test_two_proofs_are_none(wire) -> None:
    browser = Browser(wire.service)
    second = browser.proof("POST", wire.path)
    status, body = wire.send(wire.head(JSON_TYPE, "Content-Length: 2", f"DPoP: {second}") + b"{}")
    assert status == 401, body
    assert '"INVALID_PROOF"' in body


def test_two_authorizations_are_none(wire) -> None:
    browser = Browser(wire.service)
    browser.started(wire.operator.workspace_id)
    path = f"/v1/conversations/{browser.conversation_id}"
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{wire.service.port}", "Connection: close"]
    lines += [f"Authorization: DPoP {browser.session_token}"] * 2
    lines += [f"DPoP: {browser.proof('GET', path, browser.session_token)}"]
    status, body = wire.send("\r\n".join(lines).encode() + b"\r\n\r\n")
    assert status == 401, body


@pytest.mark.parametrize(("origin", "proof"), [("https://casin\xf6.example", None), (CASINO, "\xe9.b.c")])
def test_a_header_that_is_not_ascii_is_refused(wire, origin, proof) -> None:
    status, body = wire.send(wire.head(JSON_TYPE, "Content-Length: 2", origin=origin, proof=proof) + b"{}")
    assert status in (401, 403), body
    assert '"request_id"' in body


@pytest.mark.parametrize("name", ["%ED%A0%80", "%FF", "%F0%9F%98%80", "%C0%80"])
def test_no_bytes_in_the_path_are_a_fault_of_ours(wire, name) -> None:
    status, body = wire.send(
        wire.head(JSON_TYPE, "Content-Length: 2").replace(wire.operator.workspace_id.encode(), name.encode()) + b"{}"
    )
    assert status in (400, 403, 404), body
    assert '"request_id"' in body
