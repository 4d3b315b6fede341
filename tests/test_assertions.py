"""Which player tokens and logout tokens are believed."""

import base64
import json
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from widget_service.assertions import LOGOUT_EVENT, PlayerAssertion, verify_assertion, verify_logout_token
from widget_service.errors import InvalidPlayerToken, PlayerTokenExpired, ServiceError, Unavailable
from widget_service.workspaces import SigningKey

NOW = 1_800_000_000
AUDIENCE = "https://widget.example"
SECRET = b"k7-Qm2x_T9vLr4Zp8Wd1Ns6Yb3Hf5Jc0"
PRIVATE = {
    "HS256": SECRET,
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
KEYS = {
    name: SigningKey("ws_1", name, name, key if name == "HS256" else key.public_key()) for name, key in PRIVATE.items()
} | {
    "expiring": SigningKey("ws_1", "expiring", "HS256", SECRET, not_after=NOW),
    "expired": SigningKey("ws_1", "expired", "HS256", SECRET, not_after=NOW - 1),
    "retired": SigningKey("ws_1", "retired", "HS256", SECRET, retired_at=NOW - 1),
    "elsewhere": SigningKey("ws_2", "elsewhere", "HS256", SECRET),
}
CLAIMS = {"iss": "ws_1", "aud": AUDIENCE, "sub": "5832", "iat": NOW, "exp": NOW + 120, "jti": "0123456789abcdef"}


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sign_raw(header, payload, algorithm="HS256"):
    """A correctly signed token of any bytes."""
    signing_input = f"{b64(header)}.{b64(payload)}"
    signature = jwt.get_algorithm_by_name(algorithm).sign(signing_input.encode(), PRIVATE[algorithm])
    return f"{signing_input}.{b64(signature)}"


def sign(claims=None, header=None, algorithm="HS256", **changes):
    members = {k: v for k, v in (CLAIMS | (claims or {}) | changes).items() if v is not ...}
    headers = {k: v for k, v in ({"kid": algorithm, "alg": algorithm} | (header or {})).items() if v is not ...}
    return sign_raw(json.dumps(headers).encode(), json.dumps(members).encode(), algorithm)


def verify(token, **changes):
    options = {"workspace_id": "ws_1", "audience": AUDIENCE, "find_key": KEYS.get, "now": NOW, "max_lifetime": 300}
    return verify_assertion(token, **options | changes)


def refusal_of(token, check=verify, **changes):
    with pytest.raises(InvalidPlayerToken) as refusal:
        check(token, **changes)
    assert refusal.value.code == "INVALID_PLAYER_TOKEN"
    assert refusal.value.details == {}
    return refusal.value


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_token_is_believed_in_each_algorithm(algorithm):
    expected = PlayerAssertion("5832", "0123456789abcdef", algorithm, NOW, NOW + 120)
    assert verify(sign(algorithm=algorithm)) == expected


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_token_of_an_ordinary_library_is_believed(algorithm):
    token = jwt.encode(CLAIMS, PRIVATE[algorithm], algorithm, headers={"kid": algorithm})
    assert verify(token).player_id == "5832"


def test_every_claim_is_carried():
    signed = {
        "name": "Ana Ruiz", "email": "ana@example.org", "email_verified": False, "phone": "+34 600", "currency": "EUR",
        "language": "es-ES", "country": "ES", "vip_level": 7, "segments": ["new", "high"], "session_id": "op-1",
        "auth_time": NOW - 60.5, "acr": "mfa", "rg": {"closed": True, "type": "self_exclusion", "until": "2027"},
        "custom": {"a": "x", "b": 1, "c": 1.5, "d": True, "e": None}, "something_else": {"is": ["ignored"]},
    }  # fmt: skip
    assert verify(sign(signed)) == PlayerAssertion(
        "5832", "0123456789abcdef", "HS256", NOW, NOW + 120, "Ana Ruiz", "ana@example.org", False, "+34 600", "EUR",
        "es-ES", "ES", 7, ("new", "high"), "op-1", NOW - 61, "mfa", True, "self_exclusion", signed["custom"],
    )  # fmt: skip


def test_what_is_personal_stays_out_of_a_printed_assertion():
    personal = {"name": "Ana", "email": "a@b.example", "phone": "+34", "session_id": "op-1", "custom": {"iban": "ES1"}}
    printed = repr(verify(sign(personal)))
    assert not any(value in printed for value in ("Ana", "a@b.example", "+34", "op-1", "ES1"))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [AUDIENCE]}, {"sub": "x" * 255}, {"sub": "a b"}, {"sub": "ñ 😀"}, {"sub": "5832\u200b5"},
        {"jti": "12345678"}, {"jti": "x" * 255}, {"exp": NOW + 300}, {"iat": NOW + 30, "exp": NOW + 330},
        {"exp": NOW + 60.5}, {"iat": NOW - 0.5}, {"iat": NOW - 300, "exp": NOW - 29}, {"nbf": NOW + 30}, {"nbf": 0},
        {"name": ""}, {"name": "x" * 255}, {"vip_level": "gold"}, {"vip_level": -1}, {"segments": []},
        {"segments": ["x" * 255] * 20}, {"rg": {"closed": False}}, {"custom": {}}, {"custom": {"a": "x" * 1024}},
        {"email": "not an address"}, {"scope": 5}, {"cnf": {"jkt": "x"}}, {"nonce": "x"},
    ],
)  # fmt: skip
def test_a_claim_at_its_limit_is_believed(changes):
    verify(sign(changes))


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp", "jti"])
def test_a_token_without_a_required_claim_is_refused(name):
    assert refusal_of(sign({name: ...})).reason == f"missing_claim:{name}"


BAD_CLAIMS = [
    *((name, value) for name in ("iat", "exp", "nbf", "auth_time")
      for value in (True, False, "1800000000", None, [], {}, -1, -0.5, 2**53, 1e300, 2**63 - 1)),
    *(("sub", value) for value in (
        "", " ", " 5832", "5832 ", "5832\n", "\t5832", "58\x0032"[:2] + "\x01", "5832\x7f", "58\x8532", "\u30005832",
        "5832\u2028", "x" * 256, 5832, 5832.0, True, None, ["5832"], {"id": "5832"})),
    *(("jti", value) for value in ("", "1234567", "x" * 256, 12345678, None, ["12345678"])),
    *((name, value) for name in ("name", "email", "phone", "currency", "language", "country", "session_id", "acr")
      for value in ("x" * 256, 1, True, None, [], {})),
    *(("email_verified", value) for value in ("true", 1, 0, None, [])),
    *(("vip_level", value) for value in (True, 1.5, None, [], {}, "x" * 256)),
    *(("segments", value) for value in ("vip", [1], [None], [["a"]], ["x" * 256], ["x"] * 51, {}, None, True)),
    *(("rg", value) for value in (True, {}, {"closed": 1}, {"closed": "true"}, {"closed": None}, None, [],
                                  {"closed": True, "type": 1}, {"closed": True, "type": None},
                                  {"closed": True, "type": "x" * 256})),
    *(("custom", value) for value in ([], "x", None, {"a": []}, {"a": {}}, {"a": "x" * 1025}, {"k" * 256: 1},
                                      {str(n): n for n in range(51)})),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_CLAIMS, ids=range(len(BAD_CLAIMS)))
def test_a_claim_of_the_wrong_shape_is_refused_by_its_name(name, value):
    refusal = refusal_of(sign({name: value}))
    assert refusal.reason == f"bad_claim:{name}"
    assert refusal.key_id == "HS256"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({"iss": value}, "wrong_issuer") for value in ("ws_2", "", None, 1, ["ws_1"], {"ws_1": 1}, "WS_1", "ws_1 ")),
        *(({"aud": value}, "wrong_audience") for value in (
            "", None, 1, [], {}, AUDIENCE + "/", AUDIENCE.upper(), [AUDIENCE, "x"], [AUDIENCE, AUDIENCE], [[AUDIENCE]],
            "https://other.example", {AUDIENCE: 1})),
        ({"exp": NOW + 301}, "lifetime_too_long"), ({"exp": NOW + 300.001}, "lifetime_too_long"),
        ({"exp": NOW * 1000}, "lifetime_too_long"), ({"iat": 0}, "lifetime_too_long"),
        ({"iat": NOW + 31, "exp": NOW + 90}, "clock_skew"),
        ({"iat": NOW * 1000, "exp": NOW * 1000 + 60_000}, "lifetime_too_long"),
        ({"iat": NOW * 1000, "exp": NOW * 1000 + 60}, "clock_skew"), ({"nbf": NOW + 31}, "clock_skew"),
        *(({"events": value}, "logout_token") for value in ({LOGOUT_EVENT: {}}, {}, None, "x")),
    ],
)  # fmt: skip
def test_a_token_for_another_place_or_time_is_refused(changes, reason):
    assert refusal_of(sign(changes)).reason == reason


def test_a_lifetime_beyond_900_seconds_is_refused_whatever_is_configured():
    assert verify(sign(exp=NOW + 900), max_lifetime=900)
    assert refusal_of(sign(exp=NOW + 901), max_lifetime=100_000).reason == "lifetime_too_long"


@pytest.mark.parametrize("exp", [NOW - 30, NOW - 60, NOW - 30.0])
def test_an_expired_token_is_told_apart_and_brings_our_time(exp):
    with pytest.raises(PlayerTokenExpired) as refusal:
        verify(sign(iat=NOW - 120, exp=exp))
    assert refusal.value.details == {"server_time": NOW}
    assert refusal.value.key_id == "HS256"


def test_expiry_is_said_only_of_a_token_without_any_other_fault():
    old = {"iat": NOW - 200, "exp": NOW - 100}
    for changes in (
        {"sub": ""},
        {"jti": "short"},
        {"name": 5},
        {"custom": []},
        {"aud": "x"},
        {"iss": "x"},
        {"events": {}},
    ):
        refusal_of(sign(old | changes))
    forged = sign(old)[:-4] + "AAAA"
    assert refusal_of(forged).reason == "bad_signature"


@pytest.mark.parametrize("header", [{"typ": ...}, {"typ": "JWT"}, {"typ": "player+jwt"}, {"x5t": "x"}, {"zip": "x"}])
def test_an_ordinary_header_is_believed(header):
    verify(sign(header=header))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        *(({"typ": value}, "bad_header") for value in (
            "logout+jwt", "dpop+jwt", "at+jwt", "jwt", "JWT ", "", None, 1, ["JWT"], "application/jwt")),
        *(({name: value}, "bad_header") for name in ("crit", "b64", "jwk", "jku", "x5u", "x5c")
          for value in (None, [], ["exp"], True, "https://evil.example")),
        *(({"kid": value}, "bad_header") for value in (..., None, "", 1, True, ["HS256"], {}, "k" * 129, "HS256\n",
        "\x01")),
        *(({"kid": value}, "unknown_kid") for value in ("nobody", "hs256", "HS256 ", "../etc/passwd", "' OR 1=1 --",
        "k" * 128)), ({"kid": "elsewhere"}, "unknown_kid"), ({"kid": "retired"}, "key_retired"),
        ({"kid": "expired"}, "key_expired"),
        *(({"alg": value}, "wrong_algorithm") for value in (
            ..., None, "none", "None", "", "hs256", "HS384", "RS256", "ES256", "EdDSA", 1, True, [], ["HS256"], {})),
    ],
)  # fmt: skip
def test_a_header_that_chooses_is_refused(header, reason):
    refusal = refusal_of(sign(header=header))
    assert refusal.reason == reason
    known = reason not in ("bad_header", "unknown_kid")  # else the name may be any text
    assert refusal.key_id == (header.get("kid", "HS256") if known else None)


def test_a_key_verifies_up_to_the_second_it_is_given():
    assert verify(sign(header={"kid": "expiring"})).kid == "expiring"
    assert refusal_of(sign(header={"kid": "expiring"}, iat=NOW + 1), now=NOW + 1).reason == "key_expired"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_is_never_used_as_a_secret(algorithm):
    token = sign(header={"kid": algorithm})
    assert refusal_of(token).reason == "wrong_algorithm"
    forged = sign(header={"kid": algorithm, "alg": algorithm})
    assert refusal_of(forged).reason == "bad_signature"


@pytest.mark.parametrize("algorithm", PRIVATE)
@pytest.mark.parametrize(
    "signature", [b"", b"\0", bytes(32), bytes(64), b"\xff" * 64, bytes(256), b"\xff" * 256, b"\x30" * 72, bytes(1000)]
)
def test_a_made_up_signature_is_refused(algorithm, signature):
    token = sign(algorithm=algorithm)
    forged = f"{token.rpartition('.')[0]}.{b64(signature)}"
    assert refusal_of(forged).reason == "bad_signature"


def test_an_unsigned_token_is_refused():
    token = sign(header={"alg": "none"})
    assert refusal_of(token.rpartition(".")[0] + ".").reason == "wrong_algorithm"


def test_another_operators_key_of_the_same_name_is_not_taken():
    other = replace(KEYS["HS256"], workspace_id="ws_2")
    assert refusal_of(sign(), find_key=lambda kid: other).reason == "unknown_kid"


def test_a_key_lookup_that_is_away_says_so_itself():
    def away(kid):
        raise Unavailable("store_away")

    with pytest.raises(Unavailable):
        verify(sign(), find_key=away)


def stray_bits(token):
    """The last character of a 32-byte signature's 43 carries two unused bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) | 1]


HEADER, PAYLOAD = json.dumps({"alg": "HS256", "kid": "HS256"}).encode(), json.dumps(CLAIMS).encode()
MALFORMED = [
    "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", sign() + ".", "." + sign(), sign() + ".x", sign() + "=",
    sign() + "\n",
    " " + sign(), sign().replace(".", ". "), sign().replace(".", "=."), sign() + "==", sign() + "!", "é" * 20,
    "\ud800.a.b", "\0", sign().replace(".", "\u2024"), stray_bits(sign()), sign()[:-2] + "+/", f"{sign()},{sign()}",
    f"{sign()} {sign()}", None, 5, sign().encode(), [sign()],
    *(sign_raw(header, PAYLOAD) for header in (
        b"", b"[]", b"null", b'"x"', b"{", b"\xef\xbb\xbf" + HEADER, HEADER.decode().encode("utf-16"),
        HEADER.decode().encode("utf-16-le"), HEADER[:-1] + b', "kid": "HS256"}', HEADER[:-1] + b', "x": NaN}',
        HEADER[:-1] + b', "x": ' + b"[" * 4000 + b"]" * 1000, HEADER[:-1] + b', "x": "\\ud800"}',
        HEADER[:-1] + b', "x": "\\u0000"}', HEADER[:-1] + b', "x": "\xff"}')),
    *(sign_raw(HEADER, payload) for payload in (
        b"", b"[]", b"null", b'"x"', b"{", b"\xef\xbb\xbf" + PAYLOAD, PAYLOAD.decode().encode("utf-16"),
        PAYLOAD.decode().encode("utf-16-be"), PAYLOAD[:-1] + b', "sub": "40217"}',
        PAYLOAD[:-1] + b', "\\u0073ub": "40217"}',
        PAYLOAD[:-1] + b', "exp": NaN}', PAYLOAD[:-1] + b', "x": Infinity}', PAYLOAD[:-1] + b', "nbf": 1e999}',
        PAYLOAD[:-1] + b', "nbf": ' + b"9" * 5000 + b"}", PAYLOAD[:-1] + b', "x": ' + b"[" * 5000 + b"}",
        PAYLOAD[:-1] + b', "custom": ' + b'{"a":' * 900 + b"}", PAYLOAD[:-1] + b', "name": "\\ud800"}',
        PAYLOAD.replace(b"5832", b"58\\u000032"), PAYLOAD.replace(b"5832", b"58\x0032"), PAYLOAD.replace(b"5832",
        b"\xed\xa0\x80"), PAYLOAD + b"{}", PAYLOAD.replace(b'"', b"'"))),
]  # fmt: skip


@pytest.mark.parametrize("token", MALFORMED, ids=range(len(MALFORMED)))
def test_a_token_that_can_be_read_in_two_ways_or_none_is_refused(token):
    assert refusal_of(token).reason == "malformed_token"


def test_a_token_of_8_kib_is_read_and_one_more_byte_is_not():
    def filled(length):
        return sign(padding="x" * length)

    longest = next(filled(n) for n in range(6200, 5000, -1) if len(filled(n)) <= 8192)
    assert len(longest) > 8188
    assert verify(longest)
    for token in (longest + "A" * 8, "A" * 8193, "." * 8193, "A" * 4_000_000):
        assert refusal_of(token).reason == "token_too_large"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PRIVATE)), st.data())
def test_no_changed_token_is_believed_and_none_escapes_the_catalogue(algorithm, data):
    token = sign(algorithm=algorithm)
    start = data.draw(st.integers(0, len(token) - 1))
    end = data.draw(st.integers(start, min(len(token), start + 6)))
    changed = token[:start] + data.draw(st.text(max_size=6)) + token[end:]
    if changed == token:
        return
    with pytest.raises(InvalidPlayerToken):
        verify(changed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CLAIM_NAMES = [*CLAIMS, "nbf", "name", "email_verified", "vip_level", "segments", "rg", "custom", "auth_time", "events"]


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(st.sampled_from(CLAIM_NAMES), json_values, max_size=4),
    st.dictionaries(st.sampled_from(["kid", "alg", "typ", "crit", "jwk"]), json_values, max_size=2),
)
def test_a_signed_token_of_any_claims_is_believed_or_refused_and_nothing_else(claims, header):
    for check in (verify, verify_logout):
        try:
            check(sign(claims, header))
        except ServiceError as refusal:
            assert refusal.status == 401  # noqa: PT017 - most are refused, a few are not


@given(st.text(max_size=60) | st.binary(max_size=60).map(b64))
def test_any_text_at_all_is_refused(text):
    refusal_of(text)


LOGOUT = {"sid": "op-1", "events": {LOGOUT_EVENT: {}}}
LOGOUT_TYPE = {"typ": "logout+jwt"}


def verify_logout(token, **changes):
    options = {"workspace_id": "ws_1", "audience": AUDIENCE, "find_key": KEYS.get, "now": NOW}
    return verify_logout_token(token, **options | changes)


@pytest.mark.parametrize("algorithm", PRIVATE)
@pytest.mark.parametrize(
    ("changes", "player_id", "sid"),
    [({}, "5832", "op-1"), ({"sub": ...}, None, "op-1"), ({"sid": ...}, "5832", None), ({"jti": "x"}, "5832", "op-1")],
)
def test_a_logout_token_names_a_player_or_a_session_or_both(algorithm, changes, player_id, sid):
    logout = verify_logout(sign(LOGOUT | changes, LOGOUT_TYPE, algorithm))
    assert (logout.player_id, logout.sid, logout.issued_at, logout.expires_at) == (player_id, sid, NOW, NOW + 120)
    assert logout.jti == changes.get("jti", CLAIMS["jti"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({name: ...}, f"missing_claim:{name}") for name in ("iss", "aud", "iat", "exp", "jti", "events")),
        ({"sub": ..., "sid": ...}, "missing_claim:sub"),
        *(({"events": value}, "bad_claim:events") for value in (
            {}, None, [], "x", {LOGOUT_EVENT: None}, {LOGOUT_EVENT: "x"}, {LOGOUT_EVENT: []},
            {LOGOUT_EVENT + "/": {}}, [LOGOUT_EVENT])),
        *(({"nonce": value}, "bad_claim:nonce") for value in ("x", "", None)),
        *(({"sub": value}, "bad_claim:sub") for value in ("", " 5832", None, 5832, "a\x01")),
        *(({"sid": value}, "bad_claim:sid") for value in ("", None, 1, "x" * 256)),
        *(({"jti": value}, "bad_claim:jti") for value in ("", None, 1, "x" * 256)), ({"iss": "ws_2"}, "wrong_issuer"),
        ({"aud": "other"}, "wrong_audience"), ({"exp": NOW + 121}, "lifetime_too_long"),
        ({"iat": NOW + 31}, "clock_skew"), ({"iat": "x"}, "bad_claim:iat"), ({"exp": True}, "bad_claim:exp"),
        ({"iat": NOW - 60, "exp": NOW - 30}, "expired"),
    ],
)  # fmt: skip
def test_a_logout_token_with_a_fault_is_refused(changes, reason):
    assert refusal_of(sign(LOGOUT | changes, LOGOUT_TYPE), verify_logout).reason == reason


@pytest.mark.parametrize("header", [{}, {"typ": "JWT"}, {"typ": "player+jwt"}, {"typ": None}, {"typ": "LOGOUT+JWT"}])
def test_a_logout_token_says_its_type(header):
    assert refusal_of(sign(LOGOUT, header), verify_logout).reason == "bad_header"


def test_a_player_token_logs_nobody_out_and_a_logout_token_logs_nobody_in():
    refusal_of(sign(), verify_logout)
    refusal_of(sign(LOGOUT, LOGOUT_TYPE))
    refusal_of(sign(LOGOUT))


def test_a_forged_logout_token_is_refused():
    assert refusal_of(sign(LOGOUT, LOGOUT_TYPE)[:-4] + "AAAA", verify_logout).reason == "bad_signature"
