"""Where a document may send the connection's credentials for a token: to its own host, or to one that was named."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from widget_service.backoffice.connector.credentials import ClientCredentials
from widget_service.backoffice.connector.document import Document
from widget_service.backoffice.connector.places import DocumentError

#: Kept among a connection's settings; no document can declare a name with a hyphen.
TOKEN_HOST = "token-host"
_PORTS = {"http": 80, "https": 443}


def require_token_host(document: Document, url: str, settings: Mapping[str, str], named: str | None) -> None:
    """Raises DocumentError for a ``token_url`` on a host that is neither the connection's nor the named one."""
    client = document.authentication
    if not isinstance(client, ClientCredentials):
        return
    address = client.token_url.fill_text(lambda name, _form: settings.get(name.removeprefix("settings."))) or ""
    if address.startswith("/") and not address.startswith("//"):
        return
    base, token = urlsplit(url), urlsplit(address)
    if token.scheme in _PORTS and _origin(token) in (_origin(base), _named(named)):
        return
    raise DocumentError(
        "authentication",
        "token_url",
        f"{token.netloc or address} is not the connection's host: whoever it belongs to gets its credentials. "
        "Is it right, name it with --token-host",
    )


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    try:
        port = address.port
    except ValueError:
        return (address.scheme, "", None)
    return (address.scheme, (address.hostname or "").lower(), port or _PORTS.get(address.scheme))


def _named(host: str | None) -> tuple[str, str, int | None] | None:
    """``login.example`` or ``login.example:8443``, by HTTPS; ``http://…`` only if it says so."""
    return None if host is None else _origin(urlsplit(host if "://" in host else f"https://{host}"))
