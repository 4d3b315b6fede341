"""Which DPoP proofs are believed."""

import base64
import hashlib
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from widget_service.confirmation import Proof, thumbprint, verify_proof
from widget_service.errors import InvalidProof

NOW = 1_800_000_000
URL = "https://widget.example/v1/workspaces/ws_1/conversations"
TOKEN = "eyJ.player.token"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def jwk_of(key, size=32, **changes):
    numbers = key.public_key().public_numbers()
    members = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(size)), "y": b64(numbers.y.to_bytes(size))}
    return {name: value for name, value in (members | changes).items() if value is not ...}


JWK = jwk_of(KEY)
HEADER = {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK}
ATH = b64(hashlib.sha256(TOKEN.encode()).digest())
CLAIMS = {"jti": "n-1", "htm": "POST", "htu": URL, "iat": NOW, "ath": ATH}


def prove_raw(header, payload, key=KEY, algorithm="ES256"):
    signing_input = f"{b64(header)}.{b64(payload)}"
    return f"{signing_input}.{b64(jwt.get_algorithm_by_name(algorithm).sign(signing_input.encode(), key))}"


def prove(claims=None, header=None, key=KEY, algorithm="ES256"):
    members = {k: v for k, v in (CLAIMS | (claims or {})).items() if v is not ...}
    headers = {k: v for k, v in (HEADER | (header or {})).items() if v is not ...}
    return prove_raw(json.dumps(headers).encode(), json.dumps(members).encode(), key, algorithm)


def verify(proof, **changes):
    return verify_proof(proof, **{"method": "POST", "url": URL, "credential": TOKEN, "now": NOW} | changes)


def reason_of(proof, **changes):
    with pytest.raises(InvalidProof) as refusal:
        verify(proof, **changes)
    assert refusal.value.details == {"server_time": changes.get("now", NOW)}
    return refusal.value.reason


def test_a_proof_names_its_key_and_itself():
    assert verify(prove()) == Proof(jkt=thumbprint(JWK), jti="n-1", issued_at=NOW)


def test_the_token_request_of_rfc_9449_is_believed():
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rs"
        "cEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2"
        "In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2Vu"
        "IiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZ"
        "T3Lg"
    )
    seen = verify_proof(proof, method="POST", url="https://server.example.com/token", credential=None, now=1562262616)
    assert seen == Proof("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "-BwC3ESc6acc2lTc", 1562262616)


def test_the_credential_hash_is_that_of_rfc_9449():
    access_token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    proof = prove({"ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"})
    assert verify(proof, credential=access_token).jti == "n-1"


def test_the_thumbprint_is_that_of_rfc_7638():
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
        "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
        "nqDKgw"
    )
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize("jwk", [{}, {"kty": "oct", "k": "x"}, {"kty": ["EC"]}, jwk_of(KEY, x=...), jwk_of(KEY, y=5)])
def test_a_key_that_is_incomplete_has_no_thumbprint(jwk):
    with pytest.raises(ValueError, match="thumbprint"):
        thumbprint(jwk)


def test_a_proof_needs_no_credential_hash_where_there_is_no_credential():
    assert verify(prove({"ath": ...}), credential=None)
    assert verify(prove(), credential=None)


@pytest.mark.parametrize(
    "htu",
    [
        URL, URL + "?a=b", URL + "#x", URL + "?a=b#x", URL.replace("https", "HTTPS"), URL.replace("widget", "WIDGET"),
        URL.replace(".example", ".example:443"), URL + "?", URL + "#",
        URL.replace("ws_1", "ws%5F1"), URL.replace("ws_1", "w%73%5f1"),
    ],
)  # fmt: skip
def test_an_address_is_compared_without_query_and_fragment_and_after_normalising(htu):
    assert verify(prove({"htu": htu}))
    assert verify(prove(), url=htu)


@pytest.mark.parametrize(
    ("htu", "url"),
    [
        ("https://widget.example", "https://widget.example/"),
        ("http://127.0.0.1:80/x", "http://127.0.0.1/x"),
        ("http://widget.localhost:5000/x", "http://widget.localhost:5000/x"),
        ("http://[::1]:5000/x", "http://[::1]:5000/x"),
    ],
)
def test_an_address_on_loopback_is_compared_alike(htu, url):
    assert verify(prove({"htu": htu}), url=url)
    assert verify(prove({"htu": url}), url=htu)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        *(({"htm": value}, "wrong_method") for value in (..., "GET", "post", "", None, 1, ["POST"], "POST ")),
        *(({"htu": value}, "wrong_url") for value in (
            ..., "", None, 1, [URL], URL + "/", URL + "/x", URL.upper(), URL.replace("https", "http"),
            "//widget.example",
            URL.replace("widget.example", "evil.example"), URL.replace("widget.example", "widget.example:8443"),
            URL.replace("https://", "https://user@"), URL.replace("https://", "https://@"), URL.replace("ws_1", "ws_2"),
            URL.replace("ws_1", "ws%5e1"), "\t" + URL, URL + "\n", URL.replace("v1", "v\n1"), "https://[::1",
            "https://",
            "/v1/workspaces/ws_1/conversations", URL.replace("example", "example:99999"), "é" + URL, "javascript:x")),
        *(({"ath": value}, "wrong_credential") for value in (
            ..., None, "", 1, [ATH], ATH + "=", ATH.lower(), ATH[:-1], b64(hashlib.sha256(b"other").digest()))),
        *(({"jti": value}, "bad_claim:jti") for value in (..., None, "", 1, ["n"], "x" * 256)),
        *(({"iat": value}, "bad_claim:iat") for value in (..., None, True, str(NOW), [NOW], {})),
        *(({"iat": value}, "clock_skew") for value in (NOW - 61, NOW + 61, NOW - 60.5, NOW + 60.001, 0, -NOW, 1e300,
        NOW * 1000)),
    ],
)  # fmt: skip
def test_a_proof_of_another_request_is_refused(claims, reason):
    assert reason_of(prove(claims)) == reason


@pytest.mark.parametrize("iat", [NOW - 60, NOW + 60, NOW - 59.5, float(NOW)])
def test_a_clock_may_be_a_minute_off(iat):
    assert verify(prove({"iat": iat})).issued_at == int(iat)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        *(({"typ": value}, "bad_header") for value in (..., None, "JWT", "dpop", "DPOP+JWT", "", 1, ["dpop+jwt"])),
        *(({"crit": value}, "bad_header") for value in ([], ["exp"], None)),
        ({"b64": False}, "bad_header"),
        *(({"alg": value}, "wrong_algorithm") for value in (
            ..., None, "none", "HS256", "RS256", "EdDSA", "ES384", "es256", ["ES256"])),
        *(({"jwk": value}, "bad_key") for value in (
            ..., None, "x", [], {}, [JWK], jwk_of(KEY, d=b64(bytes(32))), jwk_of(KEY, d=None), jwk_of(KEY, kty="RSA"),
            jwk_of(KEY, kty="oct", k="AAAA"), jwk_of(KEY, kty=...), jwk_of(KEY, crv="P-384"), jwk_of(KEY, crv=...),
            jwk_of(KEY, crv="secp256k1"), jwk_of(KEY, x=...), jwk_of(KEY, y=None), jwk_of(KEY, x=1), jwk_of(KEY,
            x=["a"]),
            jwk_of(KEY, x=JWK["x"] + "="), jwk_of(KEY, x=JWK["x"][:-1]), jwk_of(KEY, size=33), jwk_of(KEY, x=""),
            jwk_of(KEY, x=b64(bytes(32)), y=b64(bytes(32))), jwk_of(KEY, x=JWK["y"], y=JWK["x"]), jwk_of(KEY,
            x="é" * 43),
            jwk_of(KEY, x=b64(b"\xff" * 32)), jwk_of(KEY, x=JWK["x"] + "\n"))),
        ({"jwk": jwk_of(OTHER)}, "bad_signature"),
    ],
)  # fmt: skip
def test_a_proof_of_another_kind_or_key_is_refused(header, reason):
    assert reason_of(prove(header=header)) == reason


def test_a_coordinate_has_one_spelling_alone():
    stray = JWK["x"][:-1] + {"A": "B", "E": "F", "I": "J", "M": "N"}.get(JWK["x"][-1], chr(ord(JWK["x"][-1]) + 1))
    assert reason_of(prove(header={"jwk": jwk_of(KEY, x=stray)})) == "bad_key"


def test_keys_of_other_kinds_prove_nothing():
    pairs = {
        "RS256": rsa.generate_private_key(65537, 2048),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        "HS256": b"k" * 32,
    }
    for algorithm, key in pairs.items():
        assert reason_of(prove(header={"alg": algorithm}, key=key, algorithm=algorithm)) == "wrong_algorithm"
        assert reason_of(prove(key=key, algorithm=algorithm)) == "bad_signature"


@pytest.mark.parametrize(
    "signature", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65), b"\x30\x06\x02\x01\x01\x02\x01\x01"]
)
def test_a_made_up_signature_is_refused(signature):
    assert reason_of(prove().rpartition(".")[0] + "." + b64(signature)) == "bad_signature"


JSON_HEADER, JSON_CLAIMS = json.dumps(HEADER).encode(), json.dumps(CLAIMS).encode()
MALFORMED = [
    "", ".", "..", "a.b.c", "a.b.c.d", "DPoP", prove() + "=", prove() + "\n", " " + prove(), prove() + ".", "é.é.é",
    "\ud800.a.b",
    f"{prove()},{prove()}", f"{prove()}, {prove()}", prove() + ",", "," + prove(), "a.b,c.d", "a,b.c.d",
    *(prove_raw(header, JSON_CLAIMS) for header in (
        b"", b"[]", b"null", b"\xef\xbb\xbf" + JSON_HEADER, JSON_HEADER.decode().encode("utf-16"),
        JSON_HEADER[:-1] + b', "alg": "ES256"}', JSON_HEADER[:-1] + b', "x": NaN}',
        JSON_HEADER[:-1] + b', "x": ' + b"[" * 1000)),
    *(prove_raw(JSON_HEADER, payload) for payload in (
        b"", b"[]", b"1", JSON_CLAIMS[:-1] + b', "htu": "x"}', JSON_CLAIMS[:-1] + b', "x": 1e400}',
        JSON_CLAIMS.replace(b"n-1", b"\xff"),
        JSON_CLAIMS.replace(b"n-1", b"\\ud800"), JSON_CLAIMS.replace(b"n-1", b"\\u0000"),
        JSON_CLAIMS[:-1] + b', "x": ' + b"9" * 2000 + b"}")),
]  # fmt: skip


@pytest.mark.parametrize("proof", MALFORMED, ids=range(len(MALFORMED)))
def test_a_header_that_is_not_exactly_one_proof_is_refused(proof):
    assert reason_of(proof) == "malformed_proof"


def test_a_missing_proof_is_refused():
    assert reason_of(None) == "missing_proof"


def test_a_proof_over_4_kib_is_refused_before_anything_else():
    assert verify(prove({"padding": "x" * 2000}))
    assert reason_of(prove({"padding": "x" * 4000})) == "proof_too_large"
    assert reason_of("." * 4_000_000) == "proof_too_large"


@pytest.mark.parametrize("credential", ["é", "\ud800", "", "\0", "x" * 100_000])
def test_a_credential_of_any_text_is_only_ever_a_mismatch(credential):
    assert reason_of(prove(), credential=credential) == "wrong_credential"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_changed_proof_is_believed_and_none_escapes_the_catalogue(data):
    proof = prove()
    start = data.draw(st.integers(0, len(proof) - 1))
    end = data.draw(st.integers(start, min(len(proof), start + 6)))
    changed = proof[:start] + data.draw(st.text(max_size=6)) + proof[end:]
    if changed != proof:
        reason_of(changed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kty", "x", "y", "crv"]), inner),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(CLAIMS)),
    json_values,
    st.dictionaries(st.sampled_from(["typ", "alg", "jwk"]), json_values, max_size=1),
)
def test_a_signed_proof_of_any_claims_is_believed_or_refused_and_nothing_else(name, value, header):
    try:
        verify(prove({name: value}, header))
    except InvalidProof as refusal:
        assert refusal.reason  # noqa: PT017 - most are refused, a few are not
