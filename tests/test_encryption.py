"""Encryption at rest: what is sealed opens with its key and in its place alone."""

import pytest

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError

OLD, NEW = "old-key-" * 2 + "Zq81nT0c5vJw2LxR", "new-key-" * 2 + "pW47hBs9Yd3mKf6G"
PLAINTEXT = b"whsec_nobody-may-read-this"


def test_what_is_sealed_opens_again() -> None:
    cipher = Cipher(NEW)

    assert cipher.open(cipher.seal(PLAINTEXT, "webhooks:wh_1"), "webhooks:wh_1") == PLAINTEXT


def test_the_sealed_text_shows_nothing_and_is_never_the_same_twice() -> None:
    cipher = Cipher(NEW)
    first, second = (cipher.seal(PLAINTEXT, "webhooks:wh_1") for _ in range(2))

    assert PLAINTEXT not in first
    assert first != second


def test_a_text_that_was_moved_to_another_row_does_not_open() -> None:
    cipher = Cipher(NEW)

    with pytest.raises(ConfigurationError, match="altered"):
        cipher.open(cipher.seal(PLAINTEXT, "webhooks:wh_1"), "webhooks:wh_2")


@pytest.mark.parametrize("place", [4, 16, -1])
def test_an_altered_text_does_not_open(place: int) -> None:
    cipher = Cipher(NEW)
    sealed = bytearray(cipher.seal(PLAINTEXT, "x"))
    sealed[place] ^= 1

    with pytest.raises(ConfigurationError):
        cipher.open(bytes(sealed), "x")


def test_the_previous_key_still_opens_but_does_not_seal() -> None:
    sealed = Cipher(OLD).seal(PLAINTEXT, "x")
    cipher = Cipher(NEW, OLD)

    assert cipher.open(sealed, "x") == PLAINTEXT
    assert not cipher.is_current(sealed)
    assert cipher.is_current(cipher.seal(PLAINTEXT, "x"))


def test_another_key_is_named_as_the_cause_and_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="WIDGET_SECRET_KEY: is not the key") as refusal:
        Cipher(NEW).open(Cipher(OLD).seal(PLAINTEXT, "x"), "x")

    assert NEW not in str(refusal.value)


@pytest.mark.parametrize("length", [0, 3, 15, 16, 20])
def test_a_truncated_text_is_refused_as_any_other(length: int) -> None:
    cipher = Cipher(NEW)

    with pytest.raises(ConfigurationError):
        cipher.open(cipher.seal(PLAINTEXT, "x")[:length], "x")
