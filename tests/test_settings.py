"""Settings: what is unknown, doubled or weak refuses to start, naming the setting and never its value."""

from pathlib import Path

import pytest

from widget_service.errors import ConfigurationError
from widget_service.settings import Settings, load_settings

SECRET = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"


def load(**environ: str) -> Settings:
    return load_settings({"WIDGET_SECRET_KEY": SECRET, **environ})


def test_the_secret_key_alone_is_enough() -> None:
    settings = load()

    assert settings.database_url == "sqlite:///widget.db"
    assert settings.session_token_lifetime == 900


def test_without_a_secret_key_the_refusal_shows_the_command_that_makes_one() -> None:
    with pytest.raises(ConfigurationError, match=r"WIDGET_SECRET_KEY is not set.*token_urlsafe"):
        load_settings({})


def test_defaults_stand_in_for_what_the_environment_leaves_out() -> None:
    settings = load_settings({"WIDGET_LOG_LEVEL": "error"}, secret_key=SECRET, log_level="debug")

    assert settings.log_level == "error"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WIDGET_SECRET_KEY", "Xy7wQ"),
        ("WIDGET_SECRET_KEY", "a" * 64),
        ("WIDGET_SECRET_KEY", "changeme-changeme-changeme-changeme-now"),
        ("WIDGET_SECRET_KEY", "-----BEGIN PRIVATE KEY-----\n" + SECRET),
        ("WIDGET_SECRET_KEY_PREVIOUS", "Xy7wQ"),
        ("WIDGET_DATABASE_URL", "mysql://host/database"),
        ("WIDGET_DATABASE_URL", "postgres://host/database"),
        ("WIDGET_PUBLIC_URL", "http://support.example"),
        ("WIDGET_PUBLIC_URL", "https://support.example/path"),
        ("WIDGET_PUBLIC_URL", "https://support.example?x=1"),
        ("WIDGET_PUBLIC_URL", "https://user@support.example"),
        ("WIDGET_PUBLIC_URL", "https://support.example:99999"),
        ("WIDGET_PUBLIC_URL", "ftp://support.example"),
        ("WIDGET_PUBLIC_URL", "support.example"),
        ("WIDGET_PUBLIC_URL", "https://support example"),
        ("WIDGET_PUBLIC_URL", "https://support.example#"),
        ("WIDGET_PUBLIC_URL", "https://*.support.example"),
        ("WIDGET_PUBLIC_URL", "https://support..example"),
        ("WIDGET_PUBLIC_URL", "https://support.example:0"),
        ("WIDGET_REDIS_URL", "http://cache.example"),
        ("WIDGET_PLAYER_TOKEN_LIFETIME", "901"),
        ("WIDGET_PLAYER_TOKEN_LIFETIME", "soon"),
        ("WIDGET_SESSION_TOKEN_LIFETIME", "0"),
        ("WIDGET_SESSION_TOKEN_LIFETIME", "null"),
        ("WIDGET_RATE_LIMITS", "maybe"),
        ("WIDGET_RATE_STARTS_PER_ADDRESS", "many"),
        ("WIDGET_TRUSTED_PROXIES", "10.9.8.0/99"),
        ("WIDGET_LOG_LEVEL", "loud"),
        ("WIDGET_NO_SUCH_SETTING", "1"),
        ("WIDGET_LOG_LEVEL_FILE", "/dev/null"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}\b") as refusal:
        load(**{name: value})

    assert "\n" not in str(refusal.value)
    assert value not in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("https://Support.Example/", "https://support.example"),
        ("https://support.example:443", "https://support.example"),
        ("https://support.example:8443", "https://support.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://widget.localhost:80", "http://widget.localhost"),
    ],
)
def test_the_public_url_is_read_as_browsers_write_it(given: str, canonical: str) -> None:
    assert load(WIDGET_PUBLIC_URL=given).public_url == canonical


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")

    settings = load_settings({"WIDGET_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert settings.secret_key == SECRET


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)

    with pytest.raises(ConfigurationError, match="WIDGET_SECRET_KEY: give the value or the file, not both"):
        load(WIDGET_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_a_missing_secret_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match="WIDGET_SECRET_KEY_FILE"):
        load_settings({"WIDGET_SECRET_KEY_FILE": "/nowhere/at/all"})


@pytest.mark.parametrize(
    "name", ["WIDGET_PORT", "WIDGET_PORT_80_TCP_ADDR", "WIDGET_SERVICE_HOST", "WIDGET_SERVICE_PORT_HTTP"]
)
def test_what_kubernetes_injects_is_ignored(name: str) -> None:
    assert load(**{name: "tcp://10.0.0.1:80"}).secret_key == SECRET


def test_secrets_do_not_show() -> None:
    settings = load(WIDGET_REDIS_URL="redis://:hidden-password@host", WIDGET_METRICS_TOKEN="hidden-Kx7-vQ2-9zR-1b")

    assert SECRET not in repr(settings)
    assert "hidden" not in repr(settings)


def test_a_database_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match="WIDGET_DATABASE_URL"):
        load(WIDGET_DATABASE_URL="sqlite:///")
