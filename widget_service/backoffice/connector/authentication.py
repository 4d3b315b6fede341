"""The connection's own credentials, put into a request: from a plain bearer token to a signature over its bytes."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from widget_service.backoffice.calls import Upstream, UpstreamRequest
from widget_service.backoffice.connector.credentials import (
    Authentication,
    Basic,
    Bearer,
    ClientCredentials,
    Headers,
    Query,
    Signature,
)
from widget_service.backoffice.connector.dates import require_zone, write_time
from widget_service.backoffice.connector.requests import fill_headers, fill_texts, require_header
from widget_service.backoffice.connector.templates import Template
from widget_service.backoffice.connector.values import Values
from widget_service.errors import BackOfficeUnavailable

#: A token is fetched anew so long before it ends: it has to live until the call is over.
SECONDS_BEFORE_END = 30
SHORTEST_LIFE, LONGEST_LIFE = 0, 86_400
_LARGEST_TOKEN = 8192


class Authenticator:
    """One connection's; it keeps an OAuth token between questions. ``base_path``: the path of the connection's URL."""

    def __init__(self, declared: Authentication, base_path: str, clock: Callable[[], float] = time.time) -> None:
        self._declared = declared
        self._base_path = base_path
        self._clock = clock
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._token: str | None = None
        self._token_ends = 0.0

    @property
    def can_renew(self) -> bool:
        """Whether a 401 may mean that only the token has ended."""
        return isinstance(self._declared, ClientCredentials)

    def forget(self, request: UpstreamRequest) -> None:
        """The token that this request carried is not taken any more."""
        with self._lock:
            if isinstance(self._declared, ClientCredentials) and self._token is not None:
                carried = request.headers.get(self._declared.header, "")
                if carried.endswith(self._token):
                    self._token = None

    def authenticate(self, request: UpstreamRequest, values: Values, upstream: Upstream) -> UpstreamRequest:
        """The request with credentials. Raises BackOfficeUnavailable where there are none to be had."""
        match self._declared:
            case Bearer(token=token):
                return _with_headers(request, {"Authorization": f"Bearer {_require(token, values)}"})
            case Headers(headers=headers):
                return _with_headers(request, fill_headers(headers, values))
            case Query(query=query):
                return replace(request, query=(*request.query, *fill_texts(query, values).items()))
            case Basic() as basic:
                return _with_headers(request, {"Authorization": _basic(basic.user, basic.password, values)})
            case ClientCredentials() as client:
                token_text = self._require_token(client, values, upstream)
                return _with_headers(request, {client.header: f"{client.scheme} {token_text}".strip()})
            case Signature() as signature:
                return self._signed(request, signature, values)
        return request

    def _require_token(self, client: ClientCredentials, values: Values, upstream: Upstream) -> str:
        if (kept := self._find_token()) is not None:
            return kept
        # One fetches and the others wait, each no longer than its own question may take.
        if not self._fetching.acquire(timeout=max(0.0, upstream.until - time.monotonic())):
            raise BackOfficeUnavailable("timeout")
        try:
            if (kept := self._find_token()) is not None:
                return kept
            token, seconds = _fetch_token(client, values, upstream)
            with self._lock:
                self._token, self._token_ends = token, self._clock() + max(0, seconds - SECONDS_BEFORE_END)
            return token
        finally:
            self._fetching.release()

    def _find_token(self) -> str | None:
        with self._lock:
            return self._token if self._clock() < self._token_ends else None

    def _signed(self, request: UpstreamRequest, signature: Signature, values: Values) -> UpstreamRequest:
        content, _ = request.content()
        query = urlencode(request.query)
        path = self._base_path + request.path
        nonce = secrets.token_hex(16)
        moment = datetime.fromtimestamp(self._clock(), UTC).replace(microsecond=0)
        if signature.timestamp == "unix_ms":
            moment = datetime.fromtimestamp(self._clock(), UTC)
        known = values.add(
            {
                "method": request.method,
                "path": path,
                "query": query,
                "target": f"{path}?{query}" if query else path,
                "body": content.decode(),
                "body_sha256": hashlib.sha256(content).hexdigest(),
                "timestamp": str(write_time(moment, signature.timestamp, require_zone("UTC"))),
                "nonce": nonce,
            }
        )
        signed = known.add({"signature": _sign(signature, known)})
        return _with_headers(request, fill_headers(signature.headers, signed))


def _with_headers(request: UpstreamRequest, headers: dict[str, str]) -> UpstreamRequest:
    checked = {name: require_header(text) for name, text in headers.items()}
    return replace(request, headers={**request.headers, **checked})


def _require(template: Template, values: Values) -> str:
    text = template.fill_text(values.find)
    if not text:
        raise BackOfficeUnavailable("no_credentials")
    return text


def _basic(user: Template, password: Template, values: Values) -> str:
    pair = f"{_require(user, values)}:{_require(password, values)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _sign(signature: Signature, values: Values) -> str:
    text = _require(signature.canonical, values).encode()
    if signature.construction == "hash":
        digest = hashlib.new(signature.algorithm, text).digest()
    else:
        digest = hmac.new(_require(signature.key, values).encode(), text, signature.algorithm).digest()
    return digest.hex() if signature.encoding == "hex" else base64.b64encode(digest).decode()


def _fetch_token(client: ClientCredentials, values: Values, upstream: Upstream) -> tuple[str, int]:
    answer = upstream.call(_token_request(client, values))
    if not answer.is_success or not isinstance(answer.body, dict):
        raise BackOfficeUnavailable("token_refused")
    token, seconds = answer.body.get("access_token"), answer.body.get("expires_in", 300)
    if not isinstance(token, str) or not 0 < len(token) <= _LARGEST_TOKEN:
        raise BackOfficeUnavailable("token_unreadable")
    if isinstance(seconds, str) and seconds.isdigit() and len(seconds) < 10:
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise BackOfficeUnavailable("token_unreadable")
    return require_header(token), min(max(seconds, SHORTEST_LIFE), LONGEST_LIFE)


def _token_request(client: ClientCredentials, values: Values) -> UpstreamRequest:
    url = _require(client.token_url, values)
    form = {"grant_type": "client_credentials", "scope": client.scope, "audience": client.audience}
    headers: dict[str, str] = {}
    user, password = _require(client.client_id, values), _require(client.client_secret, values)
    if client.client_authentication == "basic":
        # RFC 6749 §2.3.1: both are form-encoded before they are joined.
        pair = f"{quote(user, safe='')}:{quote(password, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": user, "client_secret": password}
    base, path = (None, url) if url.startswith("/") else _split(url)
    fields = tuple((name, value) for name, value in form.items() if value is not None)
    return UpstreamRequest("POST", path, headers=headers, form=fields, idempotent=True, base=base)


def _split(url: str) -> tuple[str, str]:
    scheme, separator, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if not separator or not host:
        raise BackOfficeUnavailable("token_url")
    return f"{scheme}://{host}", f"/{path}"
