"""How a connection and a player's session are told to the upstream."""

import base64
import hashlib
import hmac
import logging
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

import pytest

from tests.backoffice.connector.upstream import EGRESS, Asked, Upstream, caller
from widget_service.backoffice import Question
from widget_service.errors import BackOfficeUnavailable, InvalidSession

DOCUMENT = """
format = 1
name = "Test"
[settings]
client = { default = "ws-client" }
[secrets]
key_id = { description = "the id of the key" }
AUTHENTICATION
[capabilities.kyc]
[[capabilities.kyc.calls]]
method = "METHOD"
path = "/kyc/{player_id}"
query = { a = "1 ü", b = "x&y" }
without_id = true
BODY
[capabilities.kyc.map]
status = "$.status"
"""


def document(authentication: str, method: str = "GET", body: str = "") -> str:
    return DOCUMENT.replace("AUTHENTICATION", authentication).replace("METHOD", method).replace("BODY", body)


def ask(upstream: Upstream, text: str, path: str = "") -> Asked:
    for method in ("GET", "POST"):
        upstream.routes.setdefault(f"{method} {path}/kyc/5832", {"status": "approved"})
    connector = upstream.connector(text, path, secret_key_id="key-7")
    line = type(upstream.line)(upstream.url + path, EGRESS) if path else upstream.line
    connector.answer(Question("kyc"), caller(), line.open())
    return upstream.asked[-1]


@pytest.mark.parametrize(
    ("authentication", "headers"),
    [
        ('kind = "bearer"', {"authorization": "Bearer staff-token-1"}),
        ('kind = "bearer"\ntoken = "{secrets.key_id}"', {"authorization": "Bearer key-7"}),
        (
            'kind = "key_pair"\nheaders = { X-Id = "{secrets.key_id}", X-Key = "{secrets.api_token}" }',
            {"x-id": "key-7", "x-key": "staff-token-1"},
        ),
        (
            'kind = "basic"\nuser = "{settings.client}"',
            {"authorization": "Basic " + base64.b64encode(b"ws-client:staff-token-1").decode()},
        ),
    ],
)
def test_a_connection_says_who_it_is(upstream: Upstream, authentication: str, headers: dict[str, str]) -> None:
    asked = ask(upstream, document(f"[authentication]\n{authentication}"))

    assert {name: asked.headers[name] for name in headers} == headers


def test_a_key_can_be_a_parameter(upstream: Upstream) -> None:
    asked = ask(upstream, document('[authentication]\nkind = "query"\nquery = { key = "{secrets.api_token}" }'))

    assert asked.query["key"] == "staff-token-1"


SIGNED = """[authentication]
kind = "hmac"
key = "{secrets.api_token}"
canonical = "{method}\\n{target}\\n{body}\\n{timestamp}\\n{nonce}"
timestamp = "unix_ms"
[authentication.headers]
X-Key = "{secrets.key_id}"
X-Timestamp = "{timestamp}"
X-Nonce = "{nonce}"
X-Signature = "v1={signature}"
"""


@pytest.mark.parametrize(
    ("method", "body"), [("GET", ""), ("POST", 'body = { name = "ü", id = "{player_id:integer}" }')]
)
@pytest.mark.parametrize("path", ["", "/api/v3"])
def test_a_signature_covers_the_bytes_that_are_sent(upstream: Upstream, method: str, body: str, path: str) -> None:
    asked = ask(upstream, document(SIGNED, method, body), path)

    text = b"\n".join(
        [method.encode(), asked.target.encode(), asked.raw,
         asked.headers["x-timestamp"].encode(), asked.headers["x-nonce"].encode()]
    )  # fmt: skip
    wanted = hmac.new(b"staff-token-1", text, "sha256").hexdigest()
    assert asked.headers["x-signature"] == f"v1={wanted}"
    assert (asked.headers["x-key"], asked.target[: len(path)]) == ("key-7", path)


def test_a_signature_can_be_a_hash_with_the_key_inside(upstream: Upstream) -> None:
    text = """[authentication]
kind = "hmac"
construction = "hash"
encoding = "base64"
algorithm = "sha1"
canonical = "{secrets.api_token}{path}{query}{body}"
headers = { X-Hash = "{signature}" }
"""
    asked = ask(upstream, document(text))

    path, _, query = asked.target.partition("?")
    digest = hashlib.sha1(f"staff-token-1{path}{query}".encode(), usedforsecurity=False).digest()
    assert asked.headers["x-hash"] == base64.b64encode(digest).decode()


def test_every_request_has_its_own_nonce(upstream: Upstream) -> None:
    nonces = {ask(upstream, document(SIGNED)).headers["x-nonce"] for _ in range(5)}

    assert len(nonces) == 5


OAUTH = """[authentication]
kind = "oauth2"
token_url = "/oauth/token"
client_id = "{settings.client}"
scope = "players"
client_authentication = "basic"
header = "x-authorization"
"""


class TokenEndpoint:
    """Gives out t1, t2 … and takes only the newest that was not revoked."""

    def __init__(self, upstream: Upstream, lifetime: object = 3600) -> None:
        self.given, self.lifetime, self.good = 0, lifetime, set[str]()
        upstream.routes["POST /oauth/token"] = self.give
        upstream.routes["GET /kyc/5832"] = self.serve

    def give(self, _asked: Asked) -> object:
        self.given += 1
        self.good.add(f"Bearer t{self.given}")
        return {"access_token": f"t{self.given}", "token_type": "Bearer", "expires_in": self.lifetime}

    def serve(self, asked: Asked) -> object:
        return {"status": "approved"} if asked.headers.get("x-authorization") in self.good else (401, {})


def read_twice(upstream: Upstream, between: object = None) -> None:
    connector = upstream.connector(document(OAUTH), secret_key_id="key-7")
    connector.answer(Question("kyc"), caller(), upstream.line.open())
    if callable(between):
        between()
    connector.answer(Question("kyc"), caller(), upstream.line.open())


def test_a_token_is_fetched_once_and_kept(upstream: Upstream) -> None:
    tokens = TokenEndpoint(upstream)

    read_twice(upstream)

    asked = upstream.asked[0]
    assert tokens.given == 1
    assert dict(parse_qsl(asked.raw.decode())) == {"grant_type": "client_credentials", "scope": "players"}
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"ws-client:staff-token-1").decode()


def test_many_questions_at_once_fetch_one_token(upstream: Upstream) -> None:
    tokens = TokenEndpoint(upstream)
    connector = upstream.connector(document(OAUTH), secret_key_id="key-7")

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(connector.answer, Question("kyc"), caller(), upstream.line.open()) for _ in range(16)]
        answers = [one.result() for one in asked]

    assert (len(answers), tokens.given) == (16, 1)


def test_a_token_that_ends_soon_is_fetched_anew(upstream: Upstream) -> None:
    tokens = TokenEndpoint(upstream, lifetime=20)

    read_twice(upstream)

    assert tokens.given == 2


def test_a_token_that_is_no_longer_taken_is_fetched_anew_once(upstream: Upstream) -> None:
    tokens = TokenEndpoint(upstream)

    read_twice(upstream, between=tokens.good.clear)

    assert tokens.given == 2
    assert [asked.path for asked in upstream.asked].count("/kyc/5832") == 3


def test_a_token_that_is_never_taken_is_the_operators_matter(upstream: Upstream) -> None:
    tokens = TokenEndpoint(upstream)
    upstream.routes["GET /kyc/5832"] = (401, {})

    with pytest.raises(BackOfficeUnavailable) as refused:
        read_twice(upstream)

    assert (refused.value.reason, tokens.given) == ("status_401", 2)


@pytest.mark.parametrize(
    "answer",
    [(401, {"error": "invalid_client"}), {}, [], {"access_token": 7}, {"access_token": "a\nb"},
     {"access_token": "t", "expires_in": True}, {"access_token": "x" * 9000}],
)  # fmt: skip
def test_a_token_that_cannot_be_had_is_no_players_fault(upstream: Upstream, answer: object) -> None:
    upstream.routes["POST /oauth/token"] = answer

    with pytest.raises(BackOfficeUnavailable):
        read_twice(upstream)


NONE = '[authentication]\nkind = "none"\n'


@pytest.mark.parametrize(
    ("source", "text"),
    [("session_id", "sess_abc"), ("operator_session_id", "op-session-1"), ("session_jwt", "e30.e30.signature")],
)
def test_the_players_session_goes_where_it_is_wanted(upstream: Upstream, source: str, text: str) -> None:
    session = f'[session]\nsource = "{source}"\n'

    in_header = ask(upstream, document(NONE + session + 'header = "X-SessionId"\nprefix = "sid "'))
    in_query = ask(upstream, document(NONE + session + 'query = "sid"'))
    in_body = ask(upstream, document(NONE + session + 'body = "sid"', "POST", "body = { x = 1 }"))
    alone = ask(upstream, document(NONE + session + 'body = "sid"', "POST"))
    in_form = ask(upstream, document(NONE + session + 'body = "sid"', "POST", 'form = { x = "1" }'))

    assert in_header.headers["x-sessionid"] == f"sid {text}"
    assert in_query.query["sid"] == text
    assert (in_body.body, alone.body) == ({"x": 1, "sid": text}, {"sid": text})
    assert dict(parse_qsl(in_form.raw.decode())) == {"x": "1", "sid": text}


def test_nobody_is_asked_in_the_name_of_a_session_that_was_never_given(upstream: Upstream) -> None:
    connector = upstream.connector(
        document(NONE + '[session]\nsource = "operator_session_id"\nheader = "sid"'), secret_key_id="key-7"
    )

    with pytest.raises(InvalidSession):
        connector.answer(Question("kyc"), caller(operator_session=None), upstream.line.open())

    assert upstream.asked == []


def test_a_session_with_a_line_end_is_no_header(upstream: Upstream) -> None:
    connector = upstream.connector(
        document(NONE + '[session]\nsource = "operator_session_id"\nheader = "sid"'), secret_key_id="key-7"
    )

    with pytest.raises(BackOfficeUnavailable):
        connector.answer(Question("kyc"), caller(operator_session="a\r\nX-Player: 40217"), upstream.line.open())

    assert upstream.asked == []


@pytest.mark.parametrize(
    "authentication", [SIGNED, OAUTH, '[authentication]\nkind = "query"\nquery = { k = "{secrets.api_token}" }']
)
@pytest.mark.parametrize("answer", [(500, {}), (401, {}), "<html>", {"status": ["x"]}])
def test_no_secret_is_in_an_error_or_a_log(
    upstream: Upstream, caplog: pytest.LogCaptureFixture, authentication: str, answer: object
) -> None:
    caplog.set_level(logging.DEBUG)
    TokenEndpoint(upstream)
    upstream.routes["GET /kyc/5832"] = answer
    connector = upstream.connector(document(authentication), secret_key_id="key-7")

    with pytest.raises(BackOfficeUnavailable) as refused:
        connector.answer(Question("kyc"), caller(), upstream.line.open())

    seen = f"{refused.value!r} {refused.value.details} {refused.value.__cause__!r} {connector!r} {caplog.text}"
    assert not any(secret in seen for secret in ("staff-token-1", "key-7", "t1", "sess_abc", "op-session-1"))
