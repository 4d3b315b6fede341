"""Turning an operator's key material into what verifies, once, when it is configured.

No error of this file ever contains the material.
"""

import json
import re
from base64 import urlsafe_b64decode
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from widget_service import strict_json
from widget_service.chosen_secrets import is_guessable
from widget_service.errors import ConfigurationError
from widget_service.ids import base64url
from widget_service.workspaces import Algorithm

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_SMALLEST_SECRET, _LARGEST_SECRET = 32, 4096
_LARGEST_KEY_TEXT = 16_384
#: Verifying costs the square of the modulus and grows with the exponent, at every request.
_RSA_BITS = range(2048, 8193)
_LONGEST_EXPONENT_BITS = 33
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_PEM = re.compile(r"-----BEGIN |^ssh-|^ecdsa-sha2-|^sk-(?:ssh|ecdsa)-|^---- BEGIN", re.MULTILINE)
#: How the secrets of tutorials begin, without case and punctuation.
_SAMPLES = (
    "0123456789",
    "1234567890",
    "abcdefghij",
    "astringsecret",
    "averysecret",
    "changeme",
    "changethis",
    "examplesecret",
    "insecuresecret",
    "mysecret",
    "mysupersecret",
    "placeholder",
    "qwertyuiop",
    "replaceme",
    "replacethis",
    "replacewith",
    "samplesecret",
    "supersecret",
    "thisisasecret",
    "thisismysecret",
    "topsecret",
    "verysecret",
    "your256bitsecret",
    "youroperatorsecret",
    "yoursecret",
    "yoursigningsecret",
    "yoursupersecret",
)


def require_kid(text: str) -> str:
    """A key id: 1 to 128 printable characters. Raises ConfigurationError."""
    if not isinstance(text, str) or not 1 <= len(text) <= 128 or not text.isprintable():
        raise ConfigurationError("A key id (kid) has 1 to 128 printable characters.")
    return text


def import_secret(text: str) -> bytes:
    """An HS256 secret as its UTF-8 bytes, never decoded; one trailing line end is dropped.

    Raises ConfigurationError under 32 bytes, for a PEM or JWK text, and for what anybody would try first.
    """
    line = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    try:
        secret = line.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigurationError("The secret is not UTF-8 text.") from error
    if line.startswith("\ufeff"):
        raise ConfigurationError("The secret's file begins with a byte order mark: save it as UTF-8 without BOM.")
    if _PEM.search(line) or _is_json_structure(line):
        raise ConfigurationError("The secret is a PEM, SSH or JWK text: an HS256 secret must be a random text.")
    if len(secret) < _SMALLEST_SECRET:
        raise ConfigurationError("The secret is too short: HS256 needs at least 32 bytes.")
    if len(secret) > _LARGEST_SECRET:
        raise ConfigurationError("The secret is too long: at most 4096 bytes.")
    if _is_guessable(line):
        raise ConfigurationError("The secret is a sample or a repetition: use 32 random bytes, as base64 or hex text.")
    return secret


def import_public_key(text: str, algorithm: Algorithm) -> PublicKey:
    """The public key of a PEM or JWK text: RSA of 2048 bits or more, P-256, or Ed25519, whichever the algorithm needs.

    Raises ConfigurationError for anything else, for a certificate, and for any private key.
    """
    if algorithm not in ("RS256", "ES256", "EdDSA"):
        raise ConfigurationError("A public key goes with RS256, ES256 or EdDSA.")
    if not isinstance(text, str) or len(text) > _LARGEST_KEY_TEXT:
        raise ConfigurationError("The key's text is too long to be one public key.")
    key = _from_pem(text) if "-----BEGIN " in text else _from_jwk_text(text, algorithm)
    found = _require_usable(key)
    if found != algorithm:
        raise ConfigurationError(f"The key is for {found}, not for {algorithm}.")
    return key


def import_jwk(jwk: dict[str, Any]) -> tuple[str, Algorithm, PublicKey]:
    """The key id, algorithm and public key of one member of a key set (RFC 7517).

    Raises ConfigurationError for symmetric and private keys, keys not meant for signatures, and unknown kinds.
    """
    key = _from_jwk(jwk)
    algorithm = _require_usable(key)
    if jwk.get("alg", algorithm) != algorithm:
        raise ConfigurationError(f"The key is for {algorithm}, but its alg says something else.")
    return require_kid(jwk.get("kid", "")), algorithm, key


def import_p256_jwk(jwk: dict[str, Any]) -> EllipticCurvePublicKey:
    """The P-256 public key of an EC JWK, its point checked to be on the curve (RFC 7518 §6.2.1).

    Raises ConfigurationError.
    """
    if jwk.get("crv") != "P-256":
        raise ConfigurationError("The key's curve must be P-256.")
    x, y = (int.from_bytes(_octets(jwk, name, 32)) for name in ("x", "y"))
    try:
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as error:
        raise ConfigurationError("The key's point is not on the curve P-256.") from error


def export_public_pem(key: PublicKey) -> str:
    """A public key as SubjectPublicKeyInfo PEM (RFC 7468 §13): what the store keeps."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of canonical base64url (RFC 7515 §2): no padding, no other characters, no stray bits.

    Raises ValueError. Two texts for the same bytes would make two tokens of one.
    """
    decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(decoded) != text:
        raise ValueError("not canonical base64url")
    return decoded


def _is_json_structure(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return text.lstrip().startswith("{") and '"kty"' in text


def _is_guessable(text: str) -> bool:
    squeezed = "".join(character for character in text.lower() if character.isalnum())
    if squeezed.startswith(_SAMPLES):
        return True
    return is_guessable(text)


def _from_pem(text: str) -> PublicKey:
    if "PRIVATE KEY-----" in text:
        raise ConfigurationError("This is a private key: keep it at the signer and import its public key.")
    if "CERTIFICATE" in text:
        raise ConfigurationError("This is a certificate: export its public key (openssl x509 -pubkey -noout).")
    try:
        return cast(PublicKey, load_pem_public_key(text.encode("utf-8")))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError("The PEM text holds no public key that can be read.") from error


def _from_jwk_text(text: str, algorithm: Algorithm) -> PublicKey:
    try:
        jwk = strict_json.parse_object(text)
    except strict_json.MalformedJson as error:
        raise ConfigurationError("The key is neither a public PEM text nor a JWK.") from error
    if "keys" in jwk:
        raise ConfigurationError("This is a key set: import one of its keys, or give the set's address.")
    if jwk.get("alg", algorithm) != algorithm:
        raise ConfigurationError(f"The JWK's alg is not {algorithm}.")
    return _from_jwk(jwk)


def _from_jwk(jwk: dict[str, Any]) -> PublicKey:
    if jwk.get("kty") == "oct":
        raise ConfigurationError("A symmetric JWK is a secret: import its text as an HS256 secret instead.")
    if any(name in jwk for name in _PRIVATE_MEMBERS):
        raise ConfigurationError("This JWK has private members: keep it at the signer and import the public key.")
    if jwk.get("use", "sig") != "sig" or "verify" not in _key_operations(jwk):
        raise ConfigurationError("This JWK is not meant for checking signatures.")
    if jwk.get("kty") == "RSA":
        return _rsa_key(jwk)
    if jwk.get("kty") == "EC":
        return import_p256_jwk(jwk)
    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(_octets(jwk, "x", 32))
    raise ConfigurationError("A JWK must be RSA, EC on P-256, or OKP on Ed25519.")


def _key_operations(jwk: dict[str, Any]) -> list[Any]:
    operations = jwk.get("key_ops", ["verify"])
    return operations if isinstance(operations, list) else []


def _rsa_key(jwk: dict[str, Any]) -> RSAPublicKey:
    modulus, exponent = (int.from_bytes(_octets(jwk, name)) for name in ("n", "e"))
    if modulus.bit_length() not in _RSA_BITS or exponent.bit_length() > _LONGEST_EXPONENT_BITS:
        raise ConfigurationError("An RSA key must have 2048 to 8192 bits and a small exponent.")
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise ConfigurationError("The JWK's RSA numbers make no key.") from error


def _octets(jwk: dict[str, Any], name: str, length: int | None = None) -> bytes:
    text = jwk.get(name)
    try:
        octets = decode_base64url(text) if isinstance(text, str) else b""
    except ValueError as error:
        raise ConfigurationError(f"The JWK's {name} is not base64url.") from error
    if not octets or length not in (None, len(octets)):
        raise ConfigurationError(f"The JWK's {name} is missing or has the wrong length.")
    return octets


def _require_usable(key: PublicKey) -> Algorithm:
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    if isinstance(key, RSAPublicKey):
        if key.key_size not in _RSA_BITS or key.public_numbers().e.bit_length() > _LONGEST_EXPONENT_BITS:
            raise ConfigurationError("An RSA key must have 2048 to 8192 bits and a small exponent.")
        return "RS256"
    raise ConfigurationError("A public key must be RSA of 2048 bits or more, P-256, or Ed25519.")
