"""How an operator's key set is fetched and kept."""

import base64
import json
import threading

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from widget_service.key_sets import KeySets, KeySetUnavailable, fetch_key_set, parse_key_set

NOW = 1_800_000_000
URL = "https://casino.example/jwks.json"
P256 = ec.generate_private_key(ec.SECP256R1()).public_key()
ED25519 = ed25519.Ed25519PrivateKey.generate().public_key()


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def p256(kid, **changes):
    numbers = P256.public_numbers()
    x, y = b64(numbers.x.to_bytes(32)), b64(numbers.y.to_bytes(32))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid} | changes


def okp(kid, **changes):
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(ED25519.public_bytes_raw()), "kid": kid} | changes


def key_set(*keys):
    return json.dumps({"keys": list(keys)}).encode()


class Operator:
    """An operator's address: what it answers now, and how often it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def __call__(self, url):
        self.asked.append(url)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def find(sets, kid, now=NOW, workspace_id="ws_1", url=URL):
    return sets.find_key(workspace_id, url, kid, now)


def test_a_key_is_found_with_its_own_algorithm():
    sets = KeySets(Operator(key_set(p256("a"), okp("b"))))
    a, b = find(sets, "a"), find(sets, "b")
    assert (a.workspace_id, a.kid, a.algorithm, a.verifying_key) == ("ws_1", "a", "ES256", P256)
    assert (b.kid, b.algorithm, b.verifying_key) == ("b", "EdDSA", ED25519)
    assert (a.retired_at, a.not_after) == (None, None)


def test_a_set_is_kept_for_five_minutes():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    assert all(find(sets, "a", NOW + second) for second in range(300))
    assert len(operator.asked) == 1
    assert find(sets, "a", NOW + 300)
    assert len(operator.asked) == 2


def test_two_workspaces_with_one_address_share_its_set_and_keep_their_names():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    assert find(sets, "a", workspace_id="ws_1").workspace_id == "ws_1"
    assert find(sets, "a", workspace_id="ws_2").workspace_id == "ws_2"
    assert len(operator.asked) == 1


def test_a_new_key_is_found_when_it_first_appears():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    assert find(sets, "a")
    operator.answer = key_set(p256("a"), okp("b"))
    assert find(sets, "b", NOW + 31)
    assert len(operator.asked) == 2


def test_unknown_keys_cause_one_fetch_in_thirty_seconds():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    for second in range(60):
        assert find(sets, f"unknown-{second}", NOW + second) is None
    assert len(operator.asked) == 2


def test_a_key_that_left_the_set_is_refused_after_the_next_refresh():
    operator = Operator(key_set(p256("a"), okp("b")))
    sets = KeySets(operator)
    assert find(sets, "a")
    operator.answer = key_set(okp("b"))
    assert find(sets, "a", NOW + 299)
    assert find(sets, "a", NOW + 300) is None
    operator.answer = key_set()
    assert find(sets, "b", NOW + 600) is None


FAILURES = [
    KeySetUnavailable("away"), httpx.ConnectError("away"), OSError("away"), TimeoutError("away"),
    b"", b"<html>", b"[]", b"null", b"{}", b'{"keys": {}}', b'{"keys": null}', b'{"keys": [], "keys": []}', b"\xff\xfe",
    b"[" * 60_000, b'{"keys": [' + b"9" * 5000 + b"]}", key_set(*[p256(f"k{n}") for n in range(101)]),
    key_set(p256("a", padding="x" * 65_536)),
]  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES, ids=range(len(FAILURES)))
def test_a_failed_fetch_keeps_the_last_good_set_and_is_retried_after_thirty_seconds(failure):
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    assert find(sets, "a")
    operator.answer = failure
    assert find(sets, "a", NOW + 300)
    assert find(sets, "a", NOW + 329)
    assert len(operator.asked) == 2
    assert find(sets, "a", NOW + 330)
    assert len(operator.asked) == 3
    operator.answer = key_set(okp("b"))
    assert find(sets, "b", NOW + 360)
    assert find(sets, "a", NOW + 361) is None


@pytest.mark.parametrize("failure", FAILURES, ids=range(len(FAILURES)))
def test_an_address_that_never_worked_gives_no_keys_and_no_errors(failure):
    operator = Operator(failure)
    sets = KeySets(operator)
    assert [find(sets, "a", NOW + second) for second in range(30)] == [None] * 30
    assert len(operator.asked) == 1


def test_keys_that_cannot_verify_are_skipped_one_by_one():
    unusable = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"}, p256("enc", use="enc"), p256("private", d="AAAA"),
        {"kid": "empty"},
        p256("other", alg="HS256"), p256("off-curve", x=b64(bytes(32))), p256(None), p256("k" * 129), None, 5, "x", [],
    ]  # fmt: skip
    assert list(parse_key_set(key_set(*unusable, p256("good")))) == ["good"]


def test_of_two_keys_with_one_id_the_first_stands():
    assert parse_key_set(key_set(p256("a"), okp("a")))["a"][0] == "ES256"


def test_a_hundred_keys_are_taken():
    assert len(parse_key_set(key_set(*[okp(f"k{n}") for n in range(100)]))) == 100


def test_only_so_many_addresses_are_remembered():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator, max_urls=10)
    for number in range(50):
        assert find(sets, "a", url=f"{URL}?{number}")
    assert len(sets._sets) == 10
    assert find(sets, "a", url=f"{URL}?49")
    assert len(operator.asked) == 50


def test_a_clock_that_was_set_back_does_not_stop_fetching():
    operator = Operator(key_set(p256("a")))
    sets = KeySets(operator)
    assert find(sets, "a", NOW)
    operator.answer = key_set(okp("b"))
    assert find(sets, "b", NOW - 3600)


def test_many_callers_at_once_wait_for_one_fetch():
    started, proceed, asked = threading.Event(), threading.Event(), []

    def slow(url):
        asked.append(url)
        started.set()
        proceed.wait(5)
        return key_set(p256("a"))

    sets, found = KeySets(slow), []
    threads = [threading.Thread(target=lambda: found.append(find(sets, "a"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    started.wait(5)
    proceed.set()
    for thread in threads:
        thread.join(5)
    assert len(asked) == 1
    assert [key.kid for key in found] == ["a"] * 16


def test_a_refresh_makes_nobody_else_wait_who_has_a_key():
    operator = Operator(key_set(p256("a")))
    started, proceed = threading.Event(), threading.Event()
    sets = KeySets(lambda url: slow(url) if operator.asked else operator(url))

    def slow(url):
        started.set()
        proceed.wait(5)
        return operator(url)

    assert find(sets, "a")
    refresher = threading.Thread(target=lambda: find(sets, "a", NOW + 300))
    refresher.start()
    assert started.wait(5)
    assert find(sets, "a", NOW + 300)
    proceed.set()
    refresher.join(5)
    assert len(operator.asked) == 2


def test_one_slow_address_holds_up_no_other():
    started, proceed = threading.Event(), threading.Event()

    def fetch(url):
        if url == "slow":
            started.set()
            proceed.wait(5)
        return key_set(p256("a"))

    sets = KeySets(fetch)
    waiting = threading.Thread(target=lambda: find(sets, "a", url="slow"))
    waiting.start()
    assert started.wait(5)
    assert find(sets, "a", url="quick")
    proceed.set()
    waiting.join(5)


def client_answering(handler):
    return httpx.Client(transport=httpx.MockTransport(handler))


def test_a_set_is_fetched_as_it_is_served():
    def handler(request):
        assert "application/jwk-set+json" in request.headers["accept"]
        return httpx.Response(200, content=key_set(p256("a")))

    assert fetch_key_set(client_answering(handler), URL) == key_set(p256("a"))


@pytest.mark.parametrize("status", [204, 301, 302, 304, 400, 401, 404, 500, 503])
def test_any_answer_but_200_is_a_failed_fetch(status):
    client = client_answering(lambda request: httpx.Response(status, content=key_set(p256("a"))))
    with pytest.raises(KeySetUnavailable, match=str(status)):
        fetch_key_set(client, URL)


@pytest.mark.parametrize("url", [URL, "nonsense", "https://[::1", "https://casino.example:99999/"])
def test_a_broken_connection_or_address_is_a_failed_fetch(url):
    def handler(request):
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(KeySetUnavailable):
        fetch_key_set(client_answering(handler), url)
