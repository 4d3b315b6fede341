"""The keys of the vectors, for tests only, and how a token is put together from any header, payload and signature.

Every signature is deterministic (RFC 6979 for ES256), so a run changes nothing unless a vector changed. The RSA key is
kept in player_tokens.json: it cannot be derived from a number as the others are.
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


def without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}
