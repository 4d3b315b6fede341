"""The vectors of player tokens: what to sign, what is accepted, what is refused and why."""

import base64
import hashlib
import hmac
import json
from typing import Any

from signing import (
    EC_KEY,
    HS_SECRET,
    KEYS,
    NOW,
    RSA_KEY,
    SERVICE,
    SIGN,
    STRANGER,
    WORKSPACE,
    as_bytes,
    b64,
    compact,
    ecdsa,
    hs256,
    public_jwk,
    public_pem,
    raw_ecdsa,
    token,
    without,
)

HEADER = {"alg": "HS256", "typ": "JWT", "kid": "hs-1"}
CLAIMS: dict[str, Any] = {
    "iss": WORKSPACE,
    "aud": SERVICE,
    "sub": "5832",
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "jti-for-the-vectors",
}
ES_HEADER = {"alg": "ES256", "typ": "JWT", "kid": "es-1"}


def header(**changes: Any) -> dict[str, Any]:
    return without(HEADER | changes)


def claims(**changes: Any) -> dict[str, Any]:
    return without(CLAIMS | changes)


def signing_vectors() -> list[dict[str, Any]]:
    full = {
        "player_id": "40217",
        "name": "Zoë Ångström 李",
        "email": "zoe@player.example",
        "email_verified": True,
        "phone": "+34600000000",
        "currency": "EUR",
        "language": "es",
        "country": "ES",
        "vip_level": 3,
        "segments": ["high-roller", "sports"],
        "session_id": "casino/session/1",
        "rg": {"closed": False},
        "custom": {"lobby": "main", "tables": 2, "beta": True},
    }
    inputs = [
        ("the smallest player", {"player_id": "5832"}, "hs-1", 120),
        ("a numeric player id becomes a string", {"player_id": 5832, "name": "Ana Ruiz"}, "hs-1", 120),
        ("every optional claim, with letters outside ASCII", full, "hs-1", 300),
        ("members without a value are left out", {"player_id": "5832", "name": None, "email": None}, "hs-1", 60),
        ("the fixed claims cannot be overruled", {"player_id": "5832", "sub": "1", "exp": 9999999999}, "hs-1", 120),
        ("an empty custom object stays an object", {"player_id": "5832", "custom": {}}, "hs-1", 120),
        ("leading zeros of an id are kept", {"player_id": "007"}, "hs-1", 120),
        ("an elliptic-curve key", {"player_id": "5832", "name": "Ana Ruiz"}, "es-1", 120),
    ]
    return [signing_vector(number, *item) for number, item in enumerate(inputs, 1)]


def signing_vector(number: int, name: str, player: dict[str, Any], kid: str, lifetime: int) -> dict[str, Any]:
    algorithm = KEYS[kid]["algorithm"]
    made_header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    fixed = {"sub": str(player["player_id"]), "iat": NOW, "exp": NOW + lifetime, "jti": f"vector-jti-{number:04d}"}
    rest = {key: value for key, value in player.items() if key != "player_id" and value is not None}
    payload = rest | {"iss": WORKSPACE, "aud": SERVICE} | fixed
    given = {"player": player, "kid": kid, "lifetime": lifetime, "now": NOW, "jti": fixed["jti"]}
    return {
        "name": name,
        "input": given | {"workspace_id": WORKSPACE, "service_url": SERVICE, "algorithm": algorithm},
        "header": made_header,
        "payload": payload,
        "token": token(made_header, payload, SIGN[kid]),
    }


def accepted_tokens() -> list[dict[str, Any]]:
    def case(name: str, head: Any, body: Any, kid: str = "hs-1") -> dict[str, Any]:
        return {"name": name, "token": token(head, body, SIGN[kid]), "subject": json.loads(as_bytes(body))["sub"]}

    return [
        case("signed with HS256", header(), claims()),
        case("signed with ES256", ES_HEADER, claims(), "es-1"),
        case("signed with RS256", header(alg="RS256", kid="rsa-1"), claims(), "rsa-1"),
        case("signed with EdDSA", header(alg="EdDSA", kid="ed-1"), claims(), "ed-1"),
        case("without typ", header(typ=...), claims()),
        case("typ player+jwt", header(typ="player+jwt"), claims()),
        case("aud as an array of exactly one", header(), claims(aud=[SERVICE])),
        case("issued 29 s ahead of our clock", header(), claims(iat=NOW + 29, exp=NOW + 149)),
        case("expired 29 s ago", header(), claims(iat=NOW - 149, exp=NOW - 29)),
        case("nbf 29 s ahead", header(), claims(nbf=NOW + 29)),
        case("the longest life", header(), claims(exp=NOW + 300)),
        case("times with a fraction", header(), claims(iat=NOW - 0.5, exp=NOW + 119.5)),
        case("an unknown claim is ignored", header(), claims(favourite_game="roulette")),
        case("a subject of 255 letters", header(), claims(sub="ñ" * 255)),
        case("a subject with a space inside", header(), claims(sub="casino 5832")),
        case("custom with scalars of each kind", header(), claims(custom={"text": "a", "number": 1.5, "flag": False})),
        case("escaped JSON is the same JSON", header(), compact(claims()).replace("5832", "\\u0035832")),
        case("white space around JSON members", json.dumps(header(), indent=1), json.dumps(claims(), indent=2)),
    ]  # fmt: skip


def refused_tokens() -> list[dict[str, Any]]:
    good = token(HEADER, CLAIMS)
    good_header, good_payload, good_signature = good.split(".")
    cases: list[dict[str, Any]] = []

    def refuse(name: str, reason: str, text: str, code: str = "INVALID_PLAYER_TOKEN") -> None:
        cases.append({"name": name, "token": text, "expect": {"code": code, "reason": reason}})

    def refuse_header(name: str, reason: str, head: Any, sign: Any = SIGN["hs-1"]) -> None:
        refuse(name, reason, token(head, CLAIMS, sign))

    def refuse_claims(name: str, reason: str, body: Any, **more: Any) -> None:
        refuse(name, reason, token(HEADER, body), **more)

    def unsigned(_signed: bytes) -> bytes:
        return b""

    # The shape of the text
    refuse("an empty text", "malformed_token", "")
    refuse("no token at all", "malformed_token", "null")
    refuse("two segments", "malformed_token", f"{good_header}.{good_payload}")
    refuse("four segments", "malformed_token", f"{good}.{good_signature}")
    refuse("base64 padding", "malformed_token", f"{good_header}=.{good_payload}.{good_signature}=")
    refuse("the standard base64 alphabet", "malformed_token", with_plus_or_slash())
    refuse("stray bits in the last letter", "malformed_token", with_stray_bits(good))
    refuse("white space around the token", "malformed_token", f" {good}\n")
    refuse("a Bearer prefix", "malformed_token", f"Bearer {good}")
    refuse("more than 8 KiB", "token_too_large", token(HEADER, claims(custom={f"k{n}": "x" * 1000 for n in range(9)})))
    refuse("a header that is a list", "malformed_token", token("[]", CLAIMS))
    refuse("a payload that is a string", "malformed_token", token(HEADER, '"5832"'))
    refuse("a payload that is not JSON", "malformed_token", token(HEADER, "{'sub': '5832'}"))
    refuse("a payload with a byte order mark", "malformed_token", token(HEADER, b"\xef\xbb\xbf" + as_bytes(CLAIMS)))
    refuse("a payload in UTF-16", "malformed_token", token(HEADER, compact(CLAIMS).encode("utf-16")))
    refuse(
        "a payload that is not UTF-8", "malformed_token", token(HEADER, as_bytes(CLAIMS).replace(b"5832", b"58\xff2"))
    )
    refuse("a payload nested without end", "malformed_token", token(HEADER, '{"a":' + "[" * 2500 + "]" * 2500 + "}"))
    refuse(
        "duplicate members in the header", "malformed_token", token(compact(HEADER)[:-1] + ',"alg":"HS256"}', CLAIMS)
    )
    refuse("duplicate sub", "malformed_token", token(HEADER, compact(CLAIMS)[:-1] + ',"sub":"40217"}'))
    refuse("duplicate sub, one of them escaped", "malformed_token",
           token(HEADER, compact(CLAIMS)[:-1] + ',"\\u0073ub":"40217"}'))  # fmt: skip
    refuse("duplicate members inside custom", "malformed_token",
           token(HEADER, compact(CLAIMS)[:-1] + ',"custom":{"a":1,"a":2}}'))  # fmt: skip

    # Algorithm and key
    refuse_header("alg none, without a signature", "wrong_algorithm", header(alg="none"), unsigned)
    refuse_header("alg None in another case", "wrong_algorithm", header(alg="nOnE"), unsigned)
    refuse_header("alg none, with a signature", "wrong_algorithm", header(alg="none"))
    refuse_header("alg missing", "wrong_algorithm", header(alg=...))
    refuse_header("alg as a number", "wrong_algorithm", header(alg=256))
    refuse_header("HS384 where the key is HS256", "wrong_algorithm", header(alg="HS384"),
                  lambda signed: hmac.new(HS_SECRET.encode(), signed, hashlib.sha384).digest())  # fmt: skip
    refuse_header("an RSA public key's text used as an HS256 secret", "wrong_algorithm",
                  header(kid="rsa-1"), lambda signed: hs256(public_pem(RSA_KEY).encode(), signed))  # fmt: skip
    refuse_header("an EC public key's text used as an HS256 secret", "wrong_algorithm",
                  header(kid="es-1"), lambda signed: hs256(public_pem(EC_KEY).encode(), signed))  # fmt: skip
    refuse_header("RS256 claimed for an HS256 key", "wrong_algorithm", header(alg="RS256"), SIGN["rsa-1"])
    refuse_header("kid missing", "bad_header", header(kid=...))
    refuse_header("kid empty", "bad_header", header(kid=""))
    refuse_header("kid as a number", "bad_header", header(kid=1))
    refuse_header("kid of 129 characters", "bad_header", header(kid="k" * 129))
    refuse_header("kid unknown", "unknown_kid", header(kid="hs-2"))
    refuse_header("kid as a path", "unknown_kid", header(kid="../../etc/passwd"))
    refuse_header("kid of a retired key", "key_retired", header(kid="hs-retired"), SIGN["hs-retired"])
    refuse_header("typ of an access token", "bad_header", header(typ="at+jwt"))
    refuse_header("typ of a logout token", "bad_header", header(typ="logout+jwt"))
    refuse_header("crit", "bad_header", header(crit=["exp"], exp=NOW))
    refuse_header("b64 false", "bad_header", header(b64=False))
    refuse_header("jwk carries its own key", "bad_header",
                  ES_HEADER | {"jwk": public_jwk(STRANGER)}, lambda signed: raw_ecdsa(STRANGER, signed))  # fmt: skip
    refuse_header("jku names a key set", "bad_header", header(jku="https://evil.example/jwks.json"))
    refuse_header("x5u names a certificate", "bad_header", header(x5u="https://evil.example/cert.pem"))
    refuse_header("x5c carries a certificate", "bad_header", header(x5c=["MIIB"]))

    # Signature
    refuse("no signature", "bad_signature", f"{good_header}.{good_payload}.")
    refuse("the payload changed after signing", "bad_signature",
           f"{good_header}.{b64(as_bytes(claims(sub='40217')))}.{good_signature}")  # fmt: skip
    refuse_header("the secret decoded from hex", "bad_signature", HEADER,
                  lambda signed: hs256(bytes.fromhex(HS_SECRET), signed))  # fmt: skip
    refuse_header("the secret decoded from base64", "bad_signature", HEADER,
                  lambda signed: hs256(base64.b64decode(HS_SECRET), signed))  # fmt: skip
    refuse_header("the secret with its line end", "bad_signature", HEADER,
                  lambda signed: hs256(HS_SECRET.encode() + b"\n", signed))  # fmt: skip
    refuse_header("an empty secret", "bad_signature", HEADER, lambda signed: hs256(b"", signed))
    refuse_header("an ES256 signature of another key", "bad_signature", ES_HEADER,
                  lambda signed: raw_ecdsa(STRANGER, signed))  # fmt: skip
    refuse_header("an ES256 signature in DER", "bad_signature", ES_HEADER, lambda signed: ecdsa(EC_KEY, signed))
    refuse_header("an ES256 signature of zeros", "bad_signature", ES_HEADER, lambda _signed: bytes(64))

    # Issuer and audience
    refuse_claims("iss missing", "missing_claim:iss", claims(iss=...))
    refuse_claims("iss of another workspace", "wrong_issuer", claims(iss="ws_another"))
    refuse_claims("iss as a list", "wrong_issuer", claims(iss=[WORKSPACE]))
    refuse_claims("aud missing", "missing_claim:aud", claims(aud=...))
    refuse_claims("aud with a trailing slash", "wrong_audience", claims(aud=SERVICE + "/"))
    refuse_claims("aud with http", "wrong_audience", claims(aud="http://support.example"))
    refuse_claims("aud as an array of two", "wrong_audience", claims(aud=[SERVICE, "https://other.example"]))
    refuse_claims("aud as an empty array", "wrong_audience", claims(aud=[]))
    refuse_claims("aud as an object", "wrong_audience", claims(aud={"url": SERVICE}))

    # Subject
    refuse_claims("sub missing", "missing_claim:sub", claims(sub=...))
    refuse_claims("sub as a number", "bad_claim:sub", claims(sub=5832))
    refuse_claims("sub null", "bad_claim:sub", claims(sub=None))
    refuse_claims("sub empty", "bad_claim:sub", claims(sub=""))
    refuse_claims("sub of 256 characters", "bad_claim:sub", claims(sub="5" * 256))
    refuse_claims("sub with white space around it", "bad_claim:sub", claims(sub=" 5832"))
    refuse_claims("sub with a no-break space around it", "bad_claim:sub", claims(sub="5832\u00a0"))
    refuse_claims("sub with a NUL", "malformed_token", compact(CLAIMS).replace("5832", "5832\\u0000"))
    refuse_claims("sub with a line end", "bad_claim:sub", claims(sub="58\n32"))
    refuse_claims("sub with a C1 control character", "bad_claim:sub", claims(sub="58\u008532"))
    refuse_claims("sub with a lone surrogate", "malformed_token", compact(CLAIMS).replace("5832", "58\\ud80032"))

    # Times
    for name in ("iat", "exp"):
        refuse_claims(f"{name} missing", f"missing_claim:{name}", claims(**{name: ...}))
        refuse_claims(f"{name} as a string", f"bad_claim:{name}", claims(**{name: str(CLAIMS[name])}))
        refuse_claims(f"{name} as a boolean", f"bad_claim:{name}", claims(**{name: True}))
        refuse_claims(f"{name} null", f"bad_claim:{name}", claims(**{name: None}))
    refuse_claims("exp NaN", "malformed_token", compact(CLAIMS).replace(str(NOW + 120), "NaN"))
    refuse_claims("exp Infinity", "malformed_token", compact(CLAIMS).replace(str(NOW + 120), "Infinity"))
    refuse_claims("exp as 1e999", "malformed_token", compact(CLAIMS).replace(str(NOW + 120), "1e999"))
    refuse_claims("exp as an object", "bad_claim:exp", claims(exp={"at": NOW + 120}))
    refuse_claims("iat negative", "bad_claim:iat", claims(iat=-1))
    refuse_claims("nbf as a string", "bad_claim:nbf", claims(nbf=str(NOW)))
    refuse_claims("times in milliseconds", "lifetime_too_long", claims(iat=NOW * 1000, exp=(NOW + 120) * 1000))
    refuse_claims("exp in milliseconds", "lifetime_too_long", claims(exp=(NOW + 120) * 1000))
    refuse_claims("a life of 301 s", "lifetime_too_long", claims(exp=NOW + 301))
    refuse_claims("iat 31 s ahead of our clock", "clock_skew", claims(iat=NOW + 31, exp=NOW + 151))
    refuse_claims("nbf 31 s ahead", "clock_skew", claims(nbf=NOW + 31))
    expired = claims(iat=NOW - 151, exp=NOW - 31)
    refuse_claims("expired 31 s ago", "expired", expired, code="PLAYER_TOKEN_EXPIRED")
    refuse_claims("expired at the edge of the leeway", "expired", claims(iat=NOW - 150, exp=NOW - 30),
                  code="PLAYER_TOKEN_EXPIRED")  # fmt: skip
    refuse_claims("long expired and too long-lived", "lifetime_too_long", claims(iat=NOW - 90_000, exp=NOW - 3_600))

    # jti and the other claims
    refuse_claims("jti missing", "missing_claim:jti", claims(jti=...))
    refuse_claims("jti empty", "bad_claim:jti", claims(jti=""))
    refuse_claims("jti of 7 characters", "bad_claim:jti", claims(jti="1234567"))
    refuse_claims("jti of 256 characters", "bad_claim:jti", claims(jti="j" * 256))
    refuse_claims("jti as a number", "bad_claim:jti", claims(jti=12345678))
    refuse_claims("events: a logout token", "logout_token",
                  claims(events={"http://schemas.openid.net/event/backchannel-logout": {}}))  # fmt: skip
    refuse_claims("name as a number", "bad_claim:name", claims(name=7))
    refuse_claims("email_verified as a string", "bad_claim:email_verified", claims(email_verified="true"))
    refuse_claims("vip_level as a fraction", "bad_claim:vip_level", claims(vip_level=1.5))
    refuse_claims("vip_level as a boolean", "bad_claim:vip_level", claims(vip_level=True))
    refuse_claims("segments as a string", "bad_claim:segments", claims(segments="vip"))
    refuse_claims("segments with 51 entries", "bad_claim:segments", claims(segments=["s"] * 51))
    refuse_claims("rg without closed", "bad_claim:rg", claims(rg={}))
    refuse_claims("rg closed as a string", "bad_claim:rg", claims(rg={"closed": "no"}))
    refuse_claims("custom nested", "bad_claim:custom", claims(custom={"a": {"b": 1}}))
    refuse_claims("custom with 51 members", "bad_claim:custom", claims(custom={f"k{n}": n for n in range(51)}))
    refuse_claims("custom with a text of 1025 characters", "bad_claim:custom", claims(custom={"a": "x" * 1025}))
    refuse_claims("custom as a list", "bad_claim:custom", claims(custom=[]))
    return cases


def with_plus_or_slash() -> str:
    """A token whose signature has ``-`` or ``_``, written with ``+`` and ``/`` instead."""
    for number in range(100):
        head, body, signature = token(HEADER, claims(jti=f"standard-alphabet-{number}")).split(".")
        if "-" in signature or "_" in signature:
            return f"{head}.{body}." + signature.replace("-", "+").replace("_", "/")
    raise AssertionError("no signature with a letter to replace")


def with_stray_bits(text: str) -> str:
    """The same bytes, written with another last letter: 32 bytes leave two unused bits in the 43rd letter."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]
