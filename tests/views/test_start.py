"""Conversation start: what is granted, what is refused and in which order (contract §4)."""

import itertools
import time

import jwt
import pytest

from tests.support.browser import ConfirmationKey
from tests.support.operator import CASINO, Operator
from tests.support.servers import wait_until
from tests.views.casino import EVIL, assert_refused, is_time


def test_a_start_answers_201_with_exactly_the_members_of_the_contract(casino) -> None:
    browser = casino.browser()
    answer = browser.start(casino.id, player_token=casino.operator.player_token("5832", name="Ana Ruiz"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"success", "resumed", "conversation", "player", "session"}
    assert body["success"] is True
    assert body["resumed"] is False
    assert set(body["conversation"]) == {"id", "brand_id", "status", "created_at"}
    assert body["conversation"]["id"].startswith("conv_")
    assert body["conversation"]["brand_id"] == casino.operator.brand_id
    assert body["conversation"]["status"] == "open"
    assert is_time(body["conversation"]["created_at"])
    assert body["player"] == {"player_id": "5832", "name": "Ana Ruiz", "verified": True}
    session = body["session"]
    assert set(session) == {"token", "token_type", "expires_at", "expires_in", "scope"}
    assert session["token"].startswith("wst_")
    assert len(session["token"]) == len("wst_") + 43, "32 random bytes, base64url"
    assert session["token_type"] == "DPoP"
    assert session["expires_in"] == 900
    assert is_time(session["expires_at"])
    assert session["scope"] == "conversation:read conversation:write"


def test_an_anonymous_visitor_has_no_player(open_casino) -> None:
    answer = open_casino.browser().start(open_casino.id)
    assert answer.status_code == 201
    assert answer.json()["player"] is None


def test_a_reload_resumes_with_200(casino) -> None:
    browser = casino.browser()
    first = browser.started(casino.id, player_token=casino.operator.player_token("reload"))
    again = browser.start(casino.id, player_token=casino.operator.player_token("reload"))
    assert again.status_code == 200
    assert again.json()["resumed"] is True
    assert again.json()["conversation"]["id"] == first["conversation"]["id"]
    assert again.json()["session"]["token"] != first["session"]["token"]


def test_only_the_hash_of_a_session_token_is_stored(casino) -> None:
    token = casino.visit().session_token
    with casino.storage.reading() as store:
        rows = store.connection.all("SELECT * FROM sessions")
    assert not any(token in str(value) or token.encode() in bytes(str(value), "utf-8") for row in rows for value in row)


def test_every_member_of_the_request_is_taken(casino) -> None:
    browser = casino.browser()
    browser.started(
        casino.id,
        player_token=casino.operator.player_token("every", name="Ana", vip_level=3, custom={"shirt": "red"}),
        brand_id=casino.operator.brand_id,
        locale="pt-BR",
        page={"url": "https://casino.example/wallet?session=secret#deposit", "title": "Wallet"},
        attributes={"game": "roulette", "vip_level": 99, "bet": 2.5, "vip": True, "nothing": None},
    )
    seen = next(one for one in casino.agent().conversations(player_id="every"))
    assert seen["page"] == {"url": "https://casino.example/wallet", "title": "Wallet"}
    assert seen["locale"] == "pt-BR"
    attributes = seen["attributes"]
    assert attributes["game"]["value"] == "roulette"
    assert attributes["game"]["source"] == "claimed"
    assert attributes["vip_level"]["value"] == 3, "what the page claims never replaces what was signed"
    assert attributes["vip_level"]["source"] == "signed"
    assert attributes["shirt"] == {"value": "red", "source": "signed", "at": attributes["shirt"]["at"]}
    assert is_time(attributes["shirt"]["at"])


def test_a_brand_may_leave_the_title_of_the_page_out(casino) -> None:
    private = casino.neighbour()
    private.connect_webhook()
    private.set_brand("look.page_title=off")
    page = {"url": "https://casino.example/wallet", "title": "CANARY Ana Ruiz"}
    browser = private.browser()
    browser.started(private.id, player_token=private.operator.player_token("5832"), page=page)
    browser.send("hello")
    kept = next(one for one in private.agent().conversations(player_id="5832"))["page"]
    assert kept == {"url": "https://casino.example/wallet"}
    row = private.row("SELECT page FROM conversations WHERE id = ?", browser.conversation_id)
    assert "CANARY" not in str(row)
    public = casino.neighbour()
    browser = public.browser()
    browser.started(public.id, player_token=public.operator.player_token("40217"), page=page)
    browser.send("hello")
    kept = next(one for one in public.agent().conversations(player_id="40217"))["page"]
    assert kept["title"] == "CANARY Ana Ruiz"


def test_no_event_carries_the_page_or_contact_details(casino) -> None:
    told = casino.neighbour()
    told.connect_webhook()
    claims = {"email": "CANARY@ana.example", "phone": "+351CANARY", "vip_level": 3}
    browser = told.browser()
    page = {"url": "https://casino.example/CANARY", "title": "CANARY"}
    browser.started(told.id, player_token=told.operator.player_token("5832", **claims), page=page)
    browser.send("hello")
    bodies = told.outbox(browser.conversation_id)
    assert bodies
    assert {body["data"]["attributes"]["vip_level"]["value"] for body in bodies} == {3}
    assert "CANARY" not in str(bodies)


PAGES = {
    "https://casino.example/a/b?c=d#e": "https://casino.example/a/b",
    "https://user:pass@casino.example/a": "https://casino.example/a",
    "https://casino.example": "https://casino.example",
    "https://casino.example:8443/?token=x": "https://casino.example:8443/",
    "https://casino.example/" + "a" * 200 + "?" + "b" * 600: "https://casino.example/" + "a" * 200,
}


@pytest.mark.parametrize(("given", "kept"), PAGES.items())
def test_the_page_is_cut_to_origin_and_path(casino, given, kept) -> None:
    browser = casino.visit("page")
    browser.started(casino.id, player_token=casino.operator.player_token("page"), page={"url": given})
    seen = casino.agent().get(f"/v1/conversations/{browser.conversation_id}").json()["conversation"]
    assert seen["page"]["url"] == kept


# Each fault with the code that it alone is refused with, in the order of the contract.
FAULTS = {
    "body": (422, "INVALID_REQUEST"),
    "brand": (403, "ORIGIN_NOT_ALLOWED"),
    "origin": (403, "ORIGIN_NOT_ALLOWED"),
    "player token": (401, "INVALID_PLAYER_TOKEN"),
    "proof": (401, "INVALID_PROOF"),
    "spent token": (409, "PLAYER_TOKEN_REUSED"),
}


def start_with(casino, *faults: str):
    operator, browser = casino.operator, casino.browser()
    token = operator.player_token("order")
    if "spent token" in faults:
        casino.browser().started(casino.id, player_token=token)
    if "player token" in faults:
        token = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    wrong = {"htm": "GET"} if "proof" in faults else {}
    return browser.start(
        casino.id,
        origin=EVIL if "origin" in faults else CASINO,
        player_token=token,
        proof=browser.proof("POST", casino.start_path, token, **wrong),
        **({"unknown_member": 1} if "body" in faults else {}),
        **({"brand_id": "br_unknown"} if "brand" in faults else {}),
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_refused_with_its_code_and_writes_no_conversation(casino, fault) -> None:
    written = casino.count("conversations") + ("spent token" in fault)
    assert_refused(start_with(casino, fault), *FAULTS[fault])
    assert casino.count("conversations") == written


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_check_answers(casino, earlier, later) -> None:
    assert_refused(start_with(casino, earlier, later), *FAULTS[earlier])


WRONG_ORIGINS = {
    "none": None,
    "null": "null",
    "another site": EVIL,
    "another scheme": "http://casino.example",
    "another port": "https://casino.example:444",
    "the default port, which no browser sends": "https://casino.example:443",
    "a prefix of the allowed one": "https://casino.exampl",
    "the allowed one and more": "https://casino.example.evil.test",
    "a subdomain": "https://www.casino.example",
    "a slash at the end": "https://casino.example/",
    "capital letters": "https://CASINO.example",
    "two in one": "https://casino.example, https://casino.example",
    "a star": "*",
    "empty": "",
}


@pytest.mark.parametrize("sentence", WRONG_ORIGINS)
def test_a_page_elsewhere_is_refused(casino, sentence) -> None:
    written = casino.count("conversations")
    token = casino.operator.player_token()
    answer = casino.browser().start(casino.id, player_token=token, headers={"Origin": WRONG_ORIGINS[sentence]})
    error = assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert "casino.example" not in str(error), "a body never names what would be allowed"
    assert casino.count("conversations") == written


def test_an_unknown_workspace_answers_like_a_foreign_origin(casino) -> None:
    answer = casino.browser().start("ws_unknown", player_token=casino.operator.player_token())
    assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_disabled_workspace_answers_like_an_unknown_one(casino) -> None:
    closed = casino.neighbour()
    closed.cli("workspace", "disable", closed.id)
    answer = closed.browser().start(closed.id, player_token=closed.operator.player_token())
    assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    closed.cli("workspace", "enable", closed.id)
    assert closed.browser().start(closed.id, player_token=closed.operator.player_token()).status_code == 201


def test_each_brand_has_its_own_origins(casino) -> None:
    two = casino.neighbour()
    made = two.cli("brand", "create", two.id, "--name", "Poker", "--origin", "https://poker.example")
    poker = made["brand_id"]

    def start(origin: str, brand_id: str | None):
        return two.browser(origin=origin).start(two.id, player_token=two.operator.player_token(), brand_id=brand_id)

    assert start(CASINO, None).json()["conversation"]["brand_id"] == two.operator.brand_id
    assert start("https://poker.example", poker).json()["conversation"]["brand_id"] == poker
    for origin, brand_id in (("https://poker.example", None), (CASINO, poker)):
        answer = start(origin, brand_id)
        assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
        assert "Access-Control-Allow-Origin" not in answer.headers, "the brand decides once it is known"
    other = casino.neighbour()
    assert_refused(start(CASINO, other.operator.brand_id), 403, "ORIGIN_NOT_ALLOWED")


def test_a_wildcard_allows_exactly_one_more_label(casino) -> None:
    wild = casino.neighbour(origins=("https://*.casino.example",))

    def start(origin: str):
        return wild.browser(origin=origin).start(wild.id, player_token=wild.operator.player_token())

    assert start("https://www.casino.example").status_code == 201
    for origin in ("https://casino.example", "https://a.b.casino.example", "https://.casino.example"):
        assert_refused(start(origin), 403, "ORIGIN_NOT_ALLOWED")


def other_signature(operator: Operator) -> str:
    return Operator(
        operator.workspace_id, operator.kid, "another-secret-of-enough-length-and-letters", operator.service_url
    ).player_token()


NOW = int(time.time())
WRONG_TOKENS = {
    "another secret": other_signature,
    "an unknown key id": lambda operator: operator.player_token(header={"kid": "unknown"}),
    "no key id": lambda operator: operator.player_token(header={"kid": None}),
    "another issuer": lambda operator: operator.player_token(iss="ws_other"),
    "another audience": lambda operator: operator.player_token(aud="https://other.example"),
    "two audiences": lambda operator: operator.player_token(aud=[operator.service_url, "https://other.example"]),
    "no expiry": lambda operator: operator.player_token(exp=None),
    "a long life": lambda operator: operator.player_token(exp=int(time.time()) + 301),
    "a time as a text": lambda operator: operator.player_token(exp=str(int(time.time()) + 60)),
    "the future": lambda operator: operator.player_token(iat=int(time.time()) + 90, exp=int(time.time()) + 120),
    "a logout token": lambda operator: operator.player_token(events={}),
    "another type": lambda operator: operator.player_token(header={"typ": "logout+jwt"}),
    "a number as the player": lambda operator: operator.player_token(5832),
    "a short jti": lambda operator: operator.player_token(jti="1234567"),
    "a header that brings a key": lambda operator: operator.player_token(header={"jku": "https://evil.example/jwks"}),
    "no signature": lambda operator: jwt.encode(
        operator.claims(), None, algorithm="none", headers={"kid": operator.kid}
    ),
    "no token at all": lambda _operator: "",
    "a word": lambda _operator: "token",
    "more than 8 KiB": lambda operator: operator.player_token(custom={str(n): "x" * 1000 for n in range(9)}),
}


@pytest.mark.parametrize("sentence", WRONG_TOKENS)
def test_a_wrong_player_token_is_refused_and_nobody_is_told_why(casino, sentence) -> None:
    written = casino.count("conversations")
    answer = casino.browser().start(casino.id, player_token=WRONG_TOKENS[sentence](casino.operator))
    error = assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")
    assert "details" not in error
    assert casino.count("conversations") == written


def test_an_expired_player_token_is_told_the_servers_time(casino) -> None:
    now = int(time.time())
    token = casino.operator.player_token(iat=now - 200, exp=now - 40)
    error = assert_refused(casino.browser().start(casino.id, player_token=token), 401, "PLAYER_TOKEN_EXPIRED")
    assert isinstance(error["details"]["server_time"], int)
    assert abs(error["details"]["server_time"] - time.time()) < 5
    assert set(error["details"]) == {"server_time"}


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "EdDSA"])
def test_each_algorithm_starts_conversations(casino, tmp_path, algorithm) -> None:
    signer = casino.operator.with_key(f"key-{algorithm}", algorithm)
    file = tmp_path / "key"
    file.write_text(signer.secret if algorithm == "HS256" else signer.public_pem)
    options = ("--kid", signer.kid, "--algorithm", algorithm, "--file", str(file))
    casino.cli("key", "import", casino.id, *options)
    assert casino.browser().start(casino.id, player_token=signer.player_token()).status_code == 201
    casino.cli("key", "retire", casino.id, signer.kid)

    def refused() -> bool:
        return casino.browser().start(casino.id, player_token=signer.player_token()).status_code == 401

    wait_until(refused, "the retired key to be refused", seconds=5, every=0.2)


def test_without_a_player_token_identity_is_required(casino) -> None:
    assert_refused(casino.browser().start(casino.id), 403, "IDENTITY_REQUIRED")


# What is wrong with the proof, beside an otherwise valid start.
WRONG_PROOFS = {
    "another method": {"htm": "GET"},
    "another address": {"htu": "http://127.0.0.1:8000/v1/session/refresh"},
    "another host": {"htu": "https://evil.example/v1/workspaces"},
    "no address": {"htu": None},
    "no method": {"htm": None},
    "no token hash": {"ath": None},
    "another token's hash": {"ath": "AAAA"},
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "a number as the id": {"jti": 7},
    "no time": {"iat": None},
    "a time as a text": {"iat": str(NOW)},
    "a true time": {"iat": True},
    "long ago": {"iat": NOW - 200},
    "in the future": {"iat": NOW + 100_000},
    "another type": {"header": {"typ": "JWT"}},
    "a critical extension": {"header": {"crit": ["b64"]}},
    "no key": {"header": {"jwk": None}},
    "a private key": {"header": {"jwk": {**ConfirmationKey().jwk, "d": "AAAA"}}},
    "another key than signed": {"header": {"jwk": ConfirmationKey().jwk}},
}


@pytest.mark.parametrize("sentence", WRONG_PROOFS)
def test_a_wrong_proof_is_refused_and_told_the_servers_time(casino, sentence) -> None:
    written = casino.count("conversations")
    browser, token = casino.browser(), casino.operator.player_token()
    proof = browser.proof("POST", casino.start_path, token, **WRONG_PROOFS[sentence])
    error = assert_refused(browser.start(casino.id, player_token=token, proof=proof), 401, "INVALID_PROOF")
    assert abs(error["details"]["server_time"] - time.time()) < 5
    assert set(error["details"]) == {"server_time"}
    assert casino.count("conversations") == written
    assert browser.start(casino.id, player_token=token).status_code == 201, "the token was not spent by the refusal"


@pytest.mark.parametrize("proof", [None, "", "proof", "a.b.c", "x" * 9000])
def test_what_is_no_proof_is_refused(casino, proof) -> None:
    token = casino.operator.player_token()
    answer = casino.browser().start(casino.id, player_token=token, headers={"DPoP": proof})
    assert_refused(answer, 401, "INVALID_PROOF")


def test_a_proof_is_used_once(casino) -> None:
    browser, token = casino.browser(), casino.operator.player_token()
    proof = browser.proof("POST", casino.start_path, token)
    assert browser.start(casino.id, player_token=token, proof=proof).status_code == 201
    assert_refused(browser.start(casino.id, player_token=token, proof=proof), 401, "PROOF_REUSED")


# Open: the start spends proof and token in one unit of work, so that a refusal by the token's pin un-spends the proof.
def test_a_proof_is_spent_although_the_start_is_refused_after_it(casino) -> None:
    token = casino.operator.player_token()
    casino.browser().started(casino.id, player_token=token)
    thief = casino.browser()
    proof = thief.proof("POST", casino.start_path, token)
    assert_refused(thief.start(casino.id, player_token=token, proof=proof), 409, "PLAYER_TOKEN_REUSED")
    assert_refused(thief.start(casino.id, player_token=token, proof=proof), 401, "PROOF_REUSED")


def test_the_reason_is_shown_only_to_an_allowed_page_of_a_brand_with_debug_on(casino) -> None:
    debugged = casino.neighbour()
    debugged.set_brand("debug=on")
    unknown = debugged.operator.player_token(header={"kid": "unknown"})
    answer = debugged.browser().start(debugged.id, player_token=unknown)
    assert assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")["details"] == {"reason": "unknown_kid"}
    refused = debugged.browser(origin=EVIL).start(debugged.id, player_token=unknown)
    assert "details" not in assert_refused(refused, 403, "ORIGIN_NOT_ALLOWED")
    now = int(time.time())
    late = debugged.operator.player_token(iat=now - 200, exp=now - 40)
    error = assert_refused(debugged.browser().start(debugged.id, player_token=late), 401, "PLAYER_TOKEN_EXPIRED")
    assert set(error["details"]) == {"reason", "server_time"}
