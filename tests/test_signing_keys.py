"""Which key material an operator may bring."""

import base64
import datetime
import json
import secrets

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from widget_service.errors import ConfigurationError
from widget_service.signing_keys import (
    decode_base64url,
    export_public_pem,
    import_jwk,
    import_public_key,
    import_secret,
    require_kid,
)

RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()
PRIVATE = {"RS256": RSA, "ES256": P256, "EdDSA": ED25519}
SECRET = secrets.token_urlsafe(32)


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


def public_jwk(algorithm, **changes):
    key = PRIVATE[algorithm].public_key()
    if algorithm == "RS256":
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)} | changes
    if algorithm == "ES256":
        numbers = key.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": b64(numbers.x.to_bytes(32)),
            "y": b64(numbers.y.to_bytes(32)),
        } | changes
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(key.public_bytes_raw())} | changes


def private_pem(key, form=PrivateFormat.PKCS8, encryption=None):
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def public_pem(key):
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def certificate():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "casino.example")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(P256.public_key())
    dated = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9))
    return dated.sign(P256, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_its_text_without_one_line_end(ending):
    assert import_secret(SECRET + ending) == SECRET.encode()


@pytest.mark.parametrize("ending", ["\n\n", "\r", " \n", "\n\r"])
def test_only_one_line_end_is_dropped(ending):
    assert import_secret(SECRET + ending) != SECRET.encode()


def test_a_secret_is_never_decoded():
    text = base64.b64encode(bytes(range(100, 148))).decode()
    assert import_secret(text) == text.encode()
    assert import_secret("0f" + secrets.token_hex(32)).startswith(b"0f")
    assert import_secret("contraseña-" + SECRET) == ("contraseña-" + SECRET).encode("utf-8")


WEAK_SECRETS = [
        "", "short", secrets.token_urlsafe(32)[:31], SECRET[:31] + "\n", "x" * 32, "0" * 64, " " * 40,
        "ab" * 20, "secret" * 6, "password" * 5, "secretsecretsecretsecretsecretse",
        "your-256-bit-secret-your-256-bit-secret", "a-string-secret-at-least-256-bits-long",
        "change-me-change-me-change-me-change", "CHANGEME_please_before_production_use",
        "0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz0123456789", "supersecretkeythatshouldbechanged!!",
        "replace-with-a-random-secret-of-32b",
        json.dumps({"kty": "oct", "k": SECRET}), json.dumps([SECRET]), ' {"kty": "oct", "k": "' + SECRET,
        "-----BEGIN PUBLIC KEY-----\n" + SECRET, "ssh-rsa " + SECRET, "ssh-ed25519 " + SECRET,
        "\ufeff" + SECRET, SECRET + "\ud800", "x1" * 3000, SECRET * 100, "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("secret", WEAK_SECRETS, ids=range(len(WEAK_SECRETS)))
def test_a_weak_or_mistaken_secret_is_refused_without_being_repeated(secret):
    with pytest.raises(ConfigurationError) as refusal:
        import_secret(secret)
    assert len(secret) < 8 or secret not in str(refusal.value)
    assert SECRET[:16] not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_no_key_text_can_become_a_secret(algorithm):
    key = PRIVATE[algorithm]
    for text in (public_pem(key.public_key()), json.dumps(public_jwk(algorithm)), private_pem(key)):
        with pytest.raises(ConfigurationError):
            import_secret(text)


@given(st.binary(min_size=32, max_size=64).filter(lambda octets: len(set(octets)) > 16))
def test_random_secrets_are_accepted(octets):
    import_secret("Z" + b64(octets))
    import_secret("f7" + octets.hex())


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_public_key_is_the_same_from_pem_and_jwk_and_back(algorithm):
    key = PRIVATE[algorithm].public_key()
    pem = public_pem(key)
    assert import_public_key(pem, algorithm) == key
    assert import_public_key("\r\n" + pem.replace("\n", "\r\n"), algorithm) == key
    assert import_public_key(json.dumps(public_jwk(algorithm, kid="k", use="sig", alg=algorithm)), algorithm) == key
    assert import_public_key(export_public_pem(import_public_key(pem, algorithm)), algorithm) == key


def test_an_older_rsa_pem_is_read_too():
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    assert import_public_key(pem, "RS256") == RSA.public_key()


@pytest.mark.parametrize("algorithm", PRIVATE)
@pytest.mark.parametrize("other", PRIVATE)
def test_a_key_serves_its_own_algorithm_alone(algorithm, other):
    if algorithm == other:
        return
    for text in (public_pem(PRIVATE[algorithm].public_key()), json.dumps(public_jwk(algorithm))):
        with pytest.raises(ConfigurationError, match=f"for {algorithm}, not for {other}"):
            import_public_key(text, other)


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS512", "PS256", "ES384", ""])
def test_a_public_key_goes_with_no_other_algorithm(algorithm):
    with pytest.raises(ConfigurationError):
        import_public_key(public_pem(RSA.public_key()), algorithm)


PRIVATE_TEXTS = [
    private_pem(RSA),
    private_pem(RSA, PrivateFormat.TraditionalOpenSSL),
    private_pem(P256, PrivateFormat.TraditionalOpenSSL),
    private_pem(ED25519),
    private_pem(ED25519, PrivateFormat.OpenSSH),
    private_pem(P256, encryption=BestAvailableEncryption(b"password")),
    public_pem(P256.public_key()) + private_pem(P256),
    json.dumps(public_jwk("ES256", d=b64(bytes(32)))),
    json.dumps(public_jwk("RS256", d="AQAB")),
    json.dumps(public_jwk("RS256", p="AQAB")),
    json.dumps(public_jwk("EdDSA", d=None)),
]


@pytest.mark.parametrize("text", PRIVATE_TEXTS, ids=range(len(PRIVATE_TEXTS)))
@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_private_key_is_refused_with_advice_and_not_repeated(text, algorithm):
    with pytest.raises(ConfigurationError, match="private") as refusal:
        import_public_key(text, algorithm)
    assert "signer" in str(refusal.value)
    assert all(line not in str(refusal.value) for line in text.splitlines() if len(line) > 20)


UNUSABLE = [
    ("", "RS256"),
    ("nonsense", "ES256"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "ES256"),
    ("-----BEGIN PUBLIC KEY-----", "ES256"),
    ("-----BEGIN PUBLIC KEY-----\ud800", "ES256"),
    (certificate(), "ES256"),
    (public_pem(rsa.generate_private_key(65537, 1024).public_key()), "RS256"),  # noqa: S505 - that is the point
    (public_pem(ec.generate_private_key(ec.SECP384R1()).public_key()), "ES256"),
    (public_pem(ec.generate_private_key(ec.SECP256K1()).public_key()), "ES256"),
    (public_pem(ed448.Ed448PrivateKey.generate().public_key()), "EdDSA"),
    (public_pem(x25519.X25519PrivateKey.generate().public_key()), "EdDSA"),
    (public_pem(dsa.generate_private_key(2048).public_key()), "RS256"),
    (json.dumps({"keys": [public_jwk("ES256")]}), "ES256"),
    (json.dumps({"kty": "oct", "k": SECRET}), "ES256"),
    (json.dumps(public_jwk("ES256", crv="P-384")), "ES256"),
    (json.dumps(public_jwk("ES256", crv=None)), "ES256"),
    (json.dumps(public_jwk("ES256", x=b64(bytes(32)), y=b64(bytes(32)))), "ES256"),
    (json.dumps(public_jwk("ES256", x=b64(b"\xff" * 32))), "ES256"),
    (json.dumps(public_jwk("ES256", x=b64(bytes(31)))), "ES256"),
    (json.dumps(public_jwk("ES256", x=public_jwk("ES256")["x"] + "=")), "ES256"),
    (json.dumps(public_jwk("ES256", y=5)), "ES256"),
    (json.dumps(public_jwk("ES256", use="enc")), "ES256"),
    (json.dumps(public_jwk("ES256", key_ops=["sign"])), "ES256"),
    (json.dumps(public_jwk("ES256", key_ops="verify")), "ES256"),
    (json.dumps(public_jwk("ES256", alg="ES384")), "ES256"),
    (json.dumps(public_jwk("RS256", alg="PS256")), "RS256"),
    (json.dumps(public_jwk("RS256", n=number(2**1023 + 1))), "RS256"),
    (json.dumps(public_jwk("RS256", n=number(2**9000 + 1))), "RS256"),
    (json.dumps(public_jwk("RS256", e=number(2**1024 + 1))), "RS256"),
    (json.dumps(public_jwk("RS256", e="AQ")), "RS256"),
    (json.dumps(public_jwk("RS256", e="")), "RS256"),
    (json.dumps(public_jwk("EdDSA", crv="X25519")), "EdDSA"),
    (json.dumps(public_jwk("EdDSA", x=b64(bytes(33)))), "EdDSA"),
    (json.dumps(public_jwk("EdDSA"))[:-1] + ', "kty": "RSA"}', "EdDSA"),
    ("[]", "EdDSA"),
    (json.dumps(public_jwk("EdDSA", padding="x" * 20_000)), "EdDSA"),
]


@pytest.mark.parametrize(("text", "algorithm"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_what_is_no_usable_public_key_is_refused_in_one_line(text, algorithm):
    with pytest.raises(ConfigurationError) as refusal:
        import_public_key(text, algorithm)
    assert "\n" not in str(refusal.value)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_key_sets_member_brings_its_id_and_algorithm(algorithm):
    for changes in ({}, {"alg": algorithm}, {"use": "sig", "key_ops": ["verify"], "x5t": "ignored"}):
        kid, found, key = import_jwk(public_jwk(algorithm, kid="2026-11", **changes))
        assert (kid, found, key) == ("2026-11", algorithm, PRIVATE[algorithm].public_key())


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": SECRET, "kid": "k"},
        {"kty": ["RSA"], "kid": "k"},
        public_jwk("ES256"),
        public_jwk("ES256", kid=""),
        public_jwk("ES256", kid=7),
        public_jwk("ES256", kid="k" * 129),
        public_jwk("ES256", kid="k\n"),
        public_jwk("ES256", kid="k", use="enc"),
        public_jwk("ES256", kid="k", alg="HS256"),
        public_jwk("ES256", kid="k", d=b64(bytes(32))),
        public_jwk("RS256", kid="k", alg="RSA-OAEP"),
    ],
)
def test_a_member_that_cannot_verify_is_refused(jwk):
    with pytest.raises(ConfigurationError):
        import_jwk(jwk)


@pytest.mark.parametrize("kid", ["k", "2026-11", "k" * 128, "clé 1"])
def test_a_key_id_is_any_short_printable_text(kid):
    assert require_kid(kid) == kid


@pytest.mark.parametrize("kid", ["", "k" * 129, "a\nb", "a\x00", "\ud800", "a\u200b", None, 5])
def test_other_key_ids_are_refused(kid):
    with pytest.raises(ConfigurationError):
        require_kid(kid)


@given(st.binary(max_size=64))
def test_bytes_have_exactly_one_base64url_text(octets):
    text = b64(octets)
    assert decode_base64url(text) == octets
    for other in (text + "=", text + "\n", " " + text, text + "A==", text.replace("-", "+") if "-" in text else "+"):
        with pytest.raises(ValueError):  # noqa: PT011 - binascii's is one too
            decode_base64url(other)
