"""Our own ES256 keys as the views need them: the one that signs, and the public set."""

from typing import Any

from widget_service import service_keys
from widget_service.errors import ConfigurationError, Unavailable
from widget_service.service_keys import ServiceKey
from widget_service.views.runtime import clock, runtime


def current_service_key() -> ServiceKey:
    """The newest key that is not retired; Unavailable while there is none."""
    try:
        return service_keys.require_signing_key(runtime().directory.find_service_keys())
    except ConfigurationError as error:
        raise Unavailable("no_service_key") from error


def public_key_set() -> dict[str, Any]:
    """RFC 7517 §5: every key whose tokens may still be alive."""
    return service_keys.public_key_set(runtime().directory.find_service_keys(), clock())


def is_session_jwt(text: str) -> bool:
    """Whether we signed it: it holds until it ends, and nobody can take it back."""
    return service_keys.is_signed_by(runtime().directory.find_service_keys(), text)
