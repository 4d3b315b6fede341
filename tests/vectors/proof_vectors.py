"""The vectors of DPoP proofs (RFC 9449 §4.3)."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from signing import (
    ED_KEY,
    MESSAGES,
    NOW,
    PROOF_KEY,
    RSA_KEY,
    SIGN,
    START,
    STRANGER,
    b64,
    compact,
    ec_key,
    ecdsa,
    hs256,
    private_jwk,
    public_jwk,
    public_pem,
    raw_ecdsa,
    thumbprint,
    token,
    without,
)

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
