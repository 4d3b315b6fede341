"""Secrets that people choose meet one rule, wherever they are given."""

import secrets

import pytest

from widget_service.chosen_secrets import is_guessable, require_chosen_secret
from widget_service.errors import ConfigurationError
from widget_service.helpdesks import require_webhook_secret
from widget_service.settings import make_settings
from widget_service.signing_keys import import_secret

GUESSABLE = [
    "a" * 40,
    "abcdefgh" * 5,
    "0" * 20 + "1" * 20,
    "1234567890123456789012345678901234567890",
    "changemechangemechangemechangeme",
    "password12345678password12345678",
    "Password123Password123Password123!!",
    "qwertyuiopasdfghjklzxcvbnm0123456789",
    "Admin-Webhook-Secret-Token-9876543210",
    "your-secret-token-your-secret-token-12",
]
PEM = "-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZI-----END PUBLIC KEY-----"
KEY = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"


@pytest.mark.parametrize("text", [*GUESSABLE, PEM, "Xy7wQ"])
@pytest.mark.parametrize("name", ["secret_key", "secret_key_previous", "metrics_token", "back_office_api_token"])
def test_no_setting_takes_what_is_tried_first(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"WIDGET_{name.upper()}: ") as refused:
        make_settings({"secret_key": KEY, name: text})
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", [*GUESSABLE, PEM])
def test_no_signing_key_or_webhook_secret_is_what_is_tried_first(text: str) -> None:
    with pytest.raises(ConfigurationError):
        import_secret(text)
    with pytest.raises(ValueError, match=r"guessable|PEM|white space"):
        require_webhook_secret(text)


@pytest.mark.parametrize("text", ["aaaaaaaaaaaaaaaa", "password12345678", "changemechangeme", "1234567890123456"])
def test_sixteen_characters_are_not_enough(text: str) -> None:
    with pytest.raises(ValueError, match="guessable"):
        require_chosen_secret(text, 16)


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_random_secrets_are_taken(make) -> None:
    assert not any(is_guessable(make(32)) for _ in range(1000))
