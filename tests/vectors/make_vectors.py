"""Writes player_tokens.json and dpop_proofs.json: ``python tests/vectors/make_vectors.py``.

Every signature is deterministic (RFC 6979 for ES256), so a run changes nothing unless a vector changed. The keys are
for these files only. The RSA key is kept in player_tokens.json: it cannot be derived from a number as the others are.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

HERE = Path(__file__).parent
NOW = 1_790_000_000  # 2026-09-21T14:13:20Z
WORKSPACE = "ws_01991b2c3d4e5f60718293a4b5c6"
SERVICE = "https://support.example"
START = f"{SERVICE}/v1/workspaces/{WORKSPACE}/conversations"
MESSAGES = f"{SERVICE}/v1/conversations/conv_01991b2c3d4e5f60718293a4b5c7/messages"

#: Looks like hex on purpose: decoding it is the commonest mistake. Test-only, like everything here.
HS_SECRET = "6f1d8a4c2be97305d4c8a1b6e2f0937ac5d1840be6f2937a1c8d5b4e60f7a239"
RETIRED_SECRET = "retired-but-once-good: Zq3vT8mJ1xKc5Rb7"


# --- keys -----------------------------------------------------------------------------------------------------------


def ec_key(label: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    scalar = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big") >> 1
    return ec.derive_private_key(scalar, curve or ec.SECP256R1())


def rsa_key() -> rsa.RSAPrivateKey:
    kept = HERE / "player_tokens.json"
    if kept.exists():
        loaded = RSAAlgorithm.from_jwk(json.loads(kept.read_text())["keys"]["rsa-1"]["private_jwk"])
        assert isinstance(loaded, rsa.RSAPrivateKey)
        return loaded
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


EC_KEY = ec_key("player tokens: ES256")
ED_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"player tokens: EdDSA").digest())
RSA_KEY = rsa_key()
STRANGER = ec_key("player tokens: a key nobody registered")
PROOF_KEY = ec_key("proofs: the browser's key")


def private_jwk(key: Any) -> dict[str, str]:
    family = {ec.EllipticCurvePrivateKey: ECAlgorithm, rsa.RSAPrivateKey: RSAAlgorithm}
    algorithm = next((family[kind] for kind in family if isinstance(key, kind)), OKPAlgorithm)
    jwk = algorithm.to_jwk(key, as_dict=True)
    return {name: value for name, value in jwk.items() if name != "key_ops"}


def public_jwk(key: Any) -> dict[str, str]:
    return {name: value for name, value in private_jwk(key).items() if name in ("kty", "crv", "x", "y", "n", "e")}


def public_pem(key: Any) -> str:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def thumbprint(key: Any) -> str:
    members = json.dumps(public_jwk(key), sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(members.encode()).digest())


KEYS = {
    "hs-1": {"algorithm": "HS256", "secret": HS_SECRET},
    "es-1": {"algorithm": "ES256", "private_jwk": private_jwk(EC_KEY), "public_jwk": public_jwk(EC_KEY)},
    "rsa-1": {"algorithm": "RS256", "private_jwk": private_jwk(RSA_KEY), "public_jwk": public_jwk(RSA_KEY)},
    "ed-1": {"algorithm": "EdDSA", "private_jwk": private_jwk(ED_KEY), "public_jwk": public_jwk(ED_KEY)},
    "hs-retired": {"algorithm": "HS256", "secret": RETIRED_SECRET, "retired": True},
}


# --- building -------------------------------------------------------------------------------------------------------


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(members: Any) -> str:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False)


def ecdsa(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    digest = {256: hashes.SHA256(), 384: hashes.SHA384()}[key.key_size]
    return key.sign(signed, ec.ECDSA(digest, deterministic_signing=True))


def raw_ecdsa(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    size = key.key_size // 8
    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(ecdsa(key, signed)))


def hs256(secret: bytes, signed: bytes) -> bytes:
    return hmac.new(secret, signed, hashlib.sha256).digest()


SIGN = {
    "hs-1": lambda signed: hs256(HS_SECRET.encode(), signed),
    "es-1": lambda signed: raw_ecdsa(EC_KEY, signed),
    "rsa-1": lambda signed: RSA_KEY.sign(signed, padding.PKCS1v15(), hashes.SHA256()),
    "ed-1": ED_KEY.sign,
    "hs-retired": lambda signed: hs256(RETIRED_SECRET.encode(), signed),
}


def as_bytes(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else compact(part)).encode()


def token(header: Any, payload: Any, sign: Any = SIGN["hs-1"]) -> str:
    """Header and payload as members, raw JSON text or raw bytes; ``sign`` takes the signing input."""
    signed = f"{b64(as_bytes(header))}.{b64(as_bytes(payload))}"
    return f"{signed}.{b64(sign(signed.encode()))}"


# --- player tokens --------------------------------------------------------------------------------------------------

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


def without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}


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


# --- proofs ---------------------------------------------------------------------------------------------------------

CREDENTIAL = "wst_vectors_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7"
PROOF_HEADER = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public_jwk(PROOF_KEY)}


def proof(head: Any = None, sign: Any = None, body: Any = None, **changes: Any) -> str:
    base = {"htm": "POST", "htu": START, "iat": NOW, "jti": "proof-vector-0001"}
    payload = body if body is not None else without(base | changes)
    return token(head or PROOF_HEADER, payload, sign or (lambda signed: raw_ecdsa(PROOF_KEY, signed)))


def ath(credential: str) -> str:
    return b64(hashlib.sha256(credential.encode()).digest())


def proof_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = []
    request = {"method": "POST", "url": START, "credential": None}
    bound = {"method": "GET", "url": MESSAGES, "credential": CREDENTIAL}

    def accept(name: str, text: str, asked: dict[str, Any] | None = None, issued_at: float = NOW) -> None:
        expect = {"jkt": thumbprint(PROOF_KEY), "jti": "proof-vector-0001", "issued_at": issued_at}
        cases.append({"name": name, "proof": text, "request": asked or request, "expect": expect})

    def refuse(name: str, reason: str, text: str | None, asked: dict[str, Any] | None = None) -> None:
        expect = {"code": "INVALID_PROOF", "reason": reason}
        cases.append({"name": name, "proof": text, "request": asked or request, "expect": expect})

    def refuse_header(name: str, reason: str, head: Any, sign: Any = None) -> None:
        refuse(name, reason, proof(head, sign))

    def with_jwk(**changes: Any) -> dict[str, Any]:
        return PROOF_HEADER | {"jwk": without(public_jwk(PROOF_KEY) | changes)}

    def as_get(**changes: Any) -> str:
        return proof(**({"htm": "GET", "htu": MESSAGES} | changes))

    accept("a start without a player token", proof())
    accept("a start with a player token: ath is its SHA-256", proof(ath=ath("header.payload.signature")),
           request | {"credential": "header.payload.signature"})  # fmt: skip
    accept("a session call: ath is the session token's SHA-256", as_get(ath=ath(CREDENTIAL)), bound)
    accept("the request has a query that htu leaves out", as_get(ath=ath(CREDENTIAL)),
           bound | {"url": MESSAGES + "?after=msg_1&limit=50"})  # fmt: skip
    accept("htu with a query, which does not count", proof(htu=START + "?a=1"))
    accept("htu with the default port and an upper-case host",
           proof(htu=START.replace("support.example", "SUPPORT.example:443")))  # fmt: skip
    accept("60 s behind our clock", proof(iat=NOW - 60), issued_at=NOW - 60)
    accept("60 s ahead of our clock", proof(iat=NOW + 60), issued_at=NOW + 60)
    accept("an unknown claim is ignored", proof(nonce="not asked for"))

    refuse("no DPoP header", "missing_proof", None)
    refuse("an empty DPoP header", "malformed_proof", "")
    refuse("two proofs in one header", "malformed_proof", f"{proof()}, {proof(jti='proof-vector-0002')}")
    refuse("two segments", "malformed_proof", proof().rsplit(".", 1)[0])
    refuse("base64 padding", "malformed_proof", proof() + "==")
    refuse("far too large", "proof_too_large", proof(filler="x" * 9000))
    refuse("duplicate members", "malformed_proof",
           proof(body=compact({"htm": "POST", "htu": START, "iat": NOW, "jti": "proof-vector-0001"})[:-1]
                 + ',"htm":"GET"}'))  # fmt: skip
    refuse_header("typ missing", "bad_header", without(PROOF_HEADER | {"typ": ...}))
    refuse_header("typ JWT", "bad_header", PROOF_HEADER | {"typ": "JWT"})
    refuse_header("alg none", "wrong_algorithm", PROOF_HEADER | {"alg": "none"}, lambda _signed: b"")
    refuse_header("alg HS256 with the public key as the secret", "wrong_algorithm", PROOF_HEADER | {"alg": "HS256"},
                  lambda signed: hs256(public_pem(PROOF_KEY).encode(), signed))  # fmt: skip
    refuse_header("alg RS256", "wrong_algorithm", {"typ": "dpop+jwt", "alg": "RS256", "jwk": public_jwk(RSA_KEY)},
                  SIGN["rsa-1"])  # fmt: skip
    refuse_header("alg EdDSA", "wrong_algorithm", {"typ": "dpop+jwt", "alg": "EdDSA", "jwk": public_jwk(ED_KEY)},
                  SIGN["ed-1"])  # fmt: skip
    refuse_header("jwk missing", "bad_key", without(PROOF_HEADER | {"jwk": ...}))
    refuse_header("jwk as a text", "bad_key", PROOF_HEADER | {"jwk": compact(public_jwk(PROOF_KEY))})
    refuse_header("jwk with the private part", "bad_key", PROOF_HEADER | {"jwk": private_jwk(PROOF_KEY)})
    refuse_header("jwk without y", "bad_key", with_jwk(y=...))
    refuse_header("jwk with a number for x", "bad_key", with_jwk(x=5))
    refuse_header("jwk beside the curve", "bad_key", with_jwk(x=public_jwk(STRANGER)["x"]))
    refuse_header("jwk with padding", "bad_key", with_jwk(x=public_jwk(PROOF_KEY)["x"] + "="))
    other = ec_key("proofs: P-384", ec.SECP384R1())
    refuse_header("jwk on another curve", "bad_key", PROOF_HEADER | {"jwk": public_jwk(other)},
                  lambda signed: raw_ecdsa(other, signed))  # fmt: skip
    refuse_header("jwk is a secret", "bad_key", PROOF_HEADER | {"jwk": {"kty": "oct", "k": b64(b"s" * 32)}})
    refuse_header("crit", "bad_header", PROOF_HEADER | {"crit": ["b64"], "b64": False})
    refuse_header("signed by another key", "bad_signature", PROOF_HEADER, lambda signed: raw_ecdsa(STRANGER, signed))
    refuse_header("a signature in DER", "bad_signature", PROOF_HEADER, lambda signed: ecdsa(PROOF_KEY, signed))
    refuse_header("a signature of zeros", "bad_signature", PROOF_HEADER, lambda _signed: bytes(64))
    refuse("htm missing", "wrong_method", proof(htm=...))
    refuse("htm of another method", "wrong_method", proof(htm="GET"))
    refuse("htm in lower case", "wrong_method", proof(htm="post"))
    refuse("htu missing", "wrong_url", proof(htu=...))
    refuse("htu as a list", "wrong_url", proof(htu=[START]))
    refuse("htu of another path", "wrong_url", proof(htu=MESSAGES))
    refuse("htu with a trailing slash", "wrong_url", proof(htu=START + "/"))
    refuse("htu of another host", "wrong_url", proof(htu=START.replace("support.", "evil.")))
    refuse("htu with http", "wrong_url", proof(htu=START.replace("https:", "http:")))
    refuse("htu with another port", "wrong_url", proof(htu=START.replace(".example", ".example:8443")))
    refuse("htu with the path alone", "wrong_url", proof(htu="/v1/workspaces"))
    refuse("61 s behind our clock", "clock_skew", proof(iat=NOW - 61))
    refuse("61 s ahead of our clock", "clock_skew", proof(iat=NOW + 61))
    refuse("iat in milliseconds", "clock_skew", proof(iat=NOW * 1000))
    refuse("iat missing", "bad_claim:iat", proof(iat=...))
    refuse("iat as a string", "bad_claim:iat", proof(iat=str(NOW)))
    refuse("iat as a boolean", "bad_claim:iat", proof(iat=True))
    refuse("iat as 1e999", "malformed_proof", proof(body=compact(
        {"htm": "POST", "htu": START, "iat": NOW, "jti": "proof-vector-0001"}).replace(str(NOW), "1e999")))  # fmt: skip
    refuse("jti missing", "bad_claim:jti", proof(jti=...))
    refuse("jti empty", "bad_claim:jti", proof(jti=""))
    refuse("jti as a number", "bad_claim:jti", proof(jti=123456789))
    refuse("jti of 256 characters", "bad_claim:jti", proof(jti="j" * 256))
    refuse("ath missing where there is a credential", "wrong_credential", as_get(), bound)
    refuse("ath of another credential", "wrong_credential", as_get(ath=ath("wst_another")), bound)
    refuse("ath in hex", "wrong_credential", as_get(ath=hashlib.sha256(CREDENTIAL.encode()).hexdigest()), bound)
    refuse("ath as a list", "wrong_credential", as_get(ath=[ath(CREDENTIAL)]), bound)
    return cases


# --- files ----------------------------------------------------------------------------------------------------------


def player_tokens() -> dict[str, Any]:
    return {
        "about": "Golden vectors for player tokens; see README.md. Every key is for tests only.",
        "now": NOW,
        "workspace_id": WORKSPACE,
        "audience": SERVICE,
        "max_lifetime": 300,
        "leeway": 30,
        "keys": KEYS,
        "signing": signing_vectors(),
        "accepted": accepted_tokens(),
        "refused": refused_tokens(),
    }


def dpop_proofs() -> dict[str, Any]:
    return {
        "about": "Golden vectors for DPoP proofs (RFC 9449); see README.md. The key is for tests only.",
        "now": NOW,
        "window": 60,
        "private_jwk": private_jwk(PROOF_KEY),
        "public_jwk": public_jwk(PROOF_KEY),
        "jkt": thumbprint(PROOF_KEY),
        "cases": proof_cases(),
    }


def main() -> None:
    for name, content in (("player_tokens.json", player_tokens()), ("dpop_proofs.json", dpop_proofs())):
        (HERE / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
