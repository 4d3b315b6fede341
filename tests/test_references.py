"""References: one text stands for one id, for one connection, under our keys alone."""

import base64
import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, URLSafeSerializer

from widget_service.references import (
    InvalidReference,
    Reference,
    ReferenceSigner,
    describe_reference,
    new_reference_id,
    require_reference,
)

OLD = "the-key-before-this-one-Zq8vN2mX7wKp4Ls9"
KEY = "the-key-of-today-Rt5yBn3hJk8dFg6sWe1qUi0o"
NEXT = "the-key-of-tomorrow-Mn7cVx2zAs9lKj4hGf6d"
WORKSPACE, CONNECTION, NOW = "ws_1", "hd_1", 1_800_000_000
SIGNER = ReferenceSigner(KEY, OLD)
ID = new_reference_id()
TEXT = SIGNER.sign(ID, WORKSPACE, CONNECTION)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def refused(text: str, signer: ReferenceSigner = SIGNER, workspace: str = WORKSPACE, hd: str = CONNECTION) -> str:
    """The reason for which it is refused."""
    with pytest.raises(InvalidReference) as caught:
        signer.verify(text, workspace, hd)
    return caught.value.reason


def a_reference(**more: object) -> Reference:
    values = {
        "id": ID,
        "workspace_id": WORKSPACE,
        "connection_id": CONNECTION,
        "brand_id": "br_1",
        "origin": "https://casino.example",
        "player_id": "5832",
        "jti_hash": b"jti",
        "issued_at": NOW,
        "expires_at": NOW + 28800,
    }
    return Reference(**{**values, **more})


def test_a_reference_comes_back_as_its_id() -> None:
    assert SIGNER.verify(TEXT, WORKSPACE, CONNECTION) == ID


def test_a_reference_fits_any_field_of_a_helpdesk() -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,120}", TEXT)


def test_a_reference_has_128_random_bits_and_nothing_of_the_player() -> None:
    ids = {new_reference_id() for _ in range(1000)}

    assert len({one[16:] for one in ids}) == 1000
    assert all(re.fullmatch(r"ref_[0-9a-f]{12}[0-9a-f]{32}", one) for one in ids)


ATTACKS = {
    "empty": "",
    "a plain player id": "5832",
    "the id without a signature": ID,
    "an empty signature": f"{ID}.",
    "another id with this signature": f"{new_reference_id()}.{TEXT.split('.')[1]}",
    "truncated by one": TEXT[:-1],
    "one character more": f"{TEXT}A",
    "padding": f"{TEXT}=",
    "white space before": f" {TEXT}",
    "white space behind": f"{TEXT} ",
    "a line end": f"{TEXT}\n",
    "NUL behind": f"{TEXT}\0",
    "NUL within": f"{TEXT[:9]}\0{TEXT[10:]}",
    "upper case": TEXT.upper(),
    "a third segment": f"{TEXT}.{TEXT.split('.')[1]}",
    "two references": f"{TEXT}.{TEXT}",
    "10 kB": TEXT + "A" * 10_240,
    "10 kB before the point": f"ref_{'0' * 10_240}.{TEXT.split('.')[1]}",
    "fullwidth digits": TEXT.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    "arabic digits": f"ref_{'٠' * 44}.{TEXT.split('.')[1]}",
    "a lone surrogate": f"{TEXT[:-1]}\ud800",
    "standard base64": TEXT.replace("-", "+").replace("_", "/") + "+",
    "a placeholder": "{{ticket.ticket_field_17826865089553}}",
    "another scheme's": "cv1.k3J9xQ2mT7uVbN4pLr8sWg.aaP5wA.5aYc0w2Hj7q3vX1tKz9dRnE4uBs",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_an_altered_text_is_refused(text: str) -> None:
    assert refused(text) in ("malformed", "bad_signature")


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_every_single_character_counts(place: int) -> None:
    for character in BASE64URL + ".":
        if character != TEXT[place]:
            refused(TEXT[:place] + character + TEXT[place + 1 :])


@given(st.text(max_size=300))
def test_no_text_at_all_is_taken_or_breaks_anything(text: str) -> None:
    assert refused(text) in ("malformed", "bad_signature")


@given(st.text(alphabet=BASE64URL, min_size=43, max_size=43))
def test_no_guessed_signature_is_taken(signature: str) -> None:
    assert refused(f"{ID}.{signature}") in ("malformed", "bad_signature")


def test_another_workspaces_reference_is_refused() -> None:
    assert refused(SIGNER.sign(ID, "ws_2", CONNECTION)) == "bad_signature"


def test_another_connections_reference_is_refused() -> None:
    assert refused(SIGNER.sign(ID, WORKSPACE, "hd_2")) == "bad_signature"


def test_a_reference_signed_with_the_secret_key_itself_or_with_sha1_is_refused() -> None:
    salt = f"helpdesk-reference:{WORKSPACE}:{CONNECTION}"
    forged = {
        Signer(KEY, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).sign(ID).decode(),
        Signer(KEY, salt=salt).sign(ID).decode(),
        URLSafeSerializer(KEY, salt=salt).dumps(ID),
        f"{ID}.{base64.urlsafe_b64encode(hmac.digest(KEY.encode(), ID.encode(), 'sha256')).decode().rstrip('=')}",
    }

    assert {refused(text) for text in forged} == {"bad_signature", "malformed"}


def test_the_previous_key_verifies_and_the_newest_signs() -> None:
    by_old = ReferenceSigner(OLD).sign(ID, WORKSPACE, CONNECTION)

    assert SIGNER.verify(by_old, WORKSPACE, CONNECTION) == ID
    assert ReferenceSigner(KEY).sign(ID, WORKSPACE, CONNECTION) == TEXT != by_old


def test_a_key_that_is_gone_verifies_nothing() -> None:
    by_old = ReferenceSigner(OLD).sign(ID, WORKSPACE, CONNECTION)

    assert refused(by_old, ReferenceSigner(NEXT, KEY)) == "bad_signature"
    assert refused(TEXT, ReferenceSigner(NEXT)) == "bad_signature"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, "unknown"),
        (a_reference(connection_id="hd_2"), "other_connection"),
        (a_reference(revoked_at=NOW), "revoked"),
        (a_reference(expires_at=NOW), "expired"),
    ],
)
def test_a_reference_that_does_not_live_is_refused(reference: Reference | None, reason: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        require_reference(reference, CONNECTION, NOW)

    assert caught.value.reason == reason


def test_a_live_reference_is_itself() -> None:
    assert require_reference(a_reference(), CONNECTION, NOW + 28799) == a_reference()


def test_what_is_told_of_a_reference_holds_no_personal_detail() -> None:
    reference = a_reference(profile={"name": "Ana"}, contact=b"sealed", jkt="key", operator_sid=b"sid")

    assert describe_reference(reference, "https://widget.example") == {
        "active": True,
        "token_use": "reference",
        "sub": "5832",
        "workspace_id": WORKSPACE,
        "client_id": CONNECTION,
        "iss": "https://widget.example",
        "iat": NOW,
        "exp": NOW + 28800,
    }
    assert "Ana" not in repr(reference)
