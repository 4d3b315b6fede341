"""What a connection was given for the names that its document declares."""

import re
from collections.abc import Mapping

from widget_service.backoffice.connector.dates import require_zone
from widget_service.backoffice.connector.document import Declared, Document
from widget_service.errors import ConfigurationError

API_TOKEN = "api_token"
LONGEST_SETTING = 1000
_KINDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "currency": (re.compile(r"[A-Z][A-Z0-9]{2,9}"), "a currency code such as EUR"),
    "integer": (re.compile(r"-?\d{1,18}", re.ASCII), "a whole number"),
    "url": (re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?", re.ASCII), "a URL such as https://login.example/token"),
    "text": (re.compile(r"[^\x00-\x1f\x7f]{1,1000}"), "one line of text"),
}


def resolve_settings(document: Document, given: Mapping[str, str]) -> dict[str, str]:
    """The declared settings' values. Raises ConfigurationError for a stranger, a missing or a bad one."""
    _require_declared("setting", given, document.settings)
    resolved: dict[str, str] = {}
    for name, declared in document.settings.items():
        value = given.get(name, declared.default)
        if value is None:
            raise ConfigurationError(f"setting {name} is missing: {declared.description or 'give it a value'}")
        resolved[name] = _require_kind(name, value, declared)
    return resolved


def require_secrets(document: Document, given: Mapping[str, str]) -> dict[str, str]:
    """The declared secrets' values and the API token. Raises ConfigurationError, which names no value."""
    declared = {API_TOKEN: Declared(), **document.secrets}
    _require_declared("secret", given, declared)
    for name, secret in document.secrets.items():
        if not given.get(name):
            raise ConfigurationError(f"secret {name} is missing: {secret.description or 'give it a value'}")
    return dict(given)


def _require_declared(kind: str, given: Mapping[str, str], declared: Mapping[str, Declared]) -> None:
    if strangers := sorted(set(given) - set(declared)):
        known = ", ".join(sorted(declared)) or "none"
        raise ConfigurationError(f"{kind} {strangers[0]} is not declared in this document (declared: {known})")


def _require_kind(name: str, value: str, declared: Declared) -> str:
    if declared.kind == "zone":
        try:
            require_zone(value)
        except ValueError as error:
            raise ConfigurationError(f"setting {name}: {error}") from error
        return value
    pattern, meaning = _KINDS[declared.kind]
    if len(value) > LONGEST_SETTING or not pattern.fullmatch(value):
        raise ConfigurationError(f"setting {name} must be {meaning}")
    return value
