"""Calls to a back office, safely: whatever it does, they end in time and hand on nothing but parsed JSON.

``Upstream.call()`` is all that connectors see. No URL, header or body of a call is ever logged.
"""

import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode, urlsplit

import httpcore
import httpx

from widget_service import strict_json
from widget_service.backoffice.bodies import LARGEST_ANSWER, read_body, read_headers, write_body
from widget_service.backoffice.breaker import Breaker
from widget_service.backoffice.wire import Deadline, DeadlineBackend, address_finder, find_proxy_addresses
from widget_service.destinations import require_url
from widget_service.errors import BackOfficeUnavailable, ConfigurationError

DEEPEST_ANSWER = 32
KEPT_CONNECTIONS = 64
KEPT_SECONDS = 15.0
#: Nothing has been done by then, or the other end says so: a read may be asked once more.
RETRIED = frozenset({"connect", "disconnected", "status_502", "status_503", "status_504"})
#: What says that nobody is there; an answer that cannot be used is an answer.
UNANSWERED = RETRIED | {"timeout", "protocol"}


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """One HTTP request, relative to the connection's URL.

    ``path`` begins with "/" and has its variable parts percent-encoded with ``safe=""``. ``base`` is another URL that
    the operator configured (a token endpoint), in place of the connection's. ``idempotent`` is for reads, and for
    writes that carry an idempotency key the back office knows.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: object = field(default=None, repr=False)
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)
    idempotent: bool = False
    base: str | None = None

    def target(self) -> str:
        """Path and query as they are sent, after the base URL's own path."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def content(self) -> tuple[bytes, str | None]:
        """The body as it is sent, byte for byte, and its media type: what a signature is made over."""
        if self.form is not None:
            return urlencode(self.form).encode(), "application/x-www-form-urlencoded"
        if self.json is not None:
            return write_body(self.json), "application/json"
        return b"", None


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """Any status but redirects, 502, 503 and 504. ``headers`` have lower-case names.

    ``body`` is the JSON with Decimals for numbers that are no integers; None where there was no body, and where a
    refusal (400 and up) was no JSON.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: object = field(repr=False)

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Egress:
    """How this installation calls: made once. ``timeout`` seconds are for everything that one question takes."""

    public_url: str
    timeout: float = 10.0
    parallel: int = 256
    proxy: str = field(default="", repr=False)
    ssl_context: ssl.SSLContext = field(
        default_factory=lambda: httpx.create_ssl_context(verify=True, trust_env=False), repr=False, compare=False
    )


class Line:
    """One connection's pool, breaker and places. A question opens an Upstream on it."""

    def __init__(self, url: str, egress: Egress, *, allow_private: bool = False) -> None:
        self.url = url.rstrip("/")
        self._egress = egress
        self._allow_private = allow_private
        self._breaker = Breaker()
        self._places = threading.BoundedSemaphore(egress.parallel)
        self._pool = _open_pool(egress, allow_private=allow_private)

    def open(self, watch: Callable[[UpstreamAnswer], object] | None = None) -> "Upstream":
        """For one question: its deadline begins now. Whoever watches sees every answer."""
        return Upstream(self, time.monotonic() + self._egress.timeout, watch)

    def close(self) -> None:
        """Closes what is kept open; calls under way end as they would."""
        self._pool.close()

    def send(self, request: UpstreamRequest, until: float) -> UpstreamAnswer:
        """One attempt. Raises BackOfficeUnavailable, whose reason goes to the log."""
        self._breaker.require_closed(time.monotonic())
        if not self._places.acquire(blocking=False):
            raise BackOfficeUnavailable("busy")
        try:
            answer = self._exchange(request, until)
        except BackOfficeUnavailable as error:
            if error.reason in UNANSWERED:
                self._breaker.failed(time.monotonic())
            raise
        finally:
            self._places.release()
        self._breaker.succeeded()
        return answer

    def _exchange(self, request: UpstreamRequest, until: float) -> UpstreamAnswer:
        content, media_type = request.content()
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "widget-service"}
        headers |= {"content-type": media_type} if media_type else {}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        # See wire.py: moments, not durations, except for the place in the pool.
        deadline = Deadline(until)
        timeouts = {**dict.fromkeys(("connect", "read", "write"), deadline), "pool": max(0.0, until - time.monotonic())}
        with (
            _as_unavailable(),
            self._pool.stream(
                request.method,
                self._url_of(request),
                headers=_encoded(headers),
                content=content or None,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            deadline.allow(2 * LARGEST_ANSWER)  # with what TLS and chunks add
            return _read_answer(response)

    def _url_of(self, request: UpstreamRequest) -> str:
        base = self.url
        if request.base is not None:
            try:
                base = require_url(
                    request.base, public_url=self._egress.public_url, allow_private=self._allow_private
                ).rstrip("/")
            except ConfigurationError as error:
                raise BackOfficeUnavailable("destination") from error
        return base + _require_target(request)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A back office, for one question: every call of it shares the deadline."""

    line: Line = field(repr=False)
    until: float
    watch: Callable[[UpstreamAnswer], object] | None = field(default=None, repr=False)

    def call(self, request: UpstreamRequest) -> UpstreamAnswer:
        """The answer. Raises BackOfficeUnavailable for whatever fails; reads are tried twice where that may help."""
        answer = self._send(request)
        if self.watch is not None:
            self.watch(answer)
        return answer

    def _send(self, request: UpstreamRequest) -> UpstreamAnswer:
        try:
            return self.line.send(request, self.until)
        except BackOfficeUnavailable as error:
            if not request.idempotent or error.reason not in RETRIED:
                raise
        return self.line.send(request, self.until)


class _as_unavailable:
    """httpcore's errors as ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, (httpcore.TimeoutException, httpcore.PoolTimeout)):
            raise BackOfficeUnavailable("timeout") from error
        if isinstance(error, (httpcore.ConnectError, httpcore.ProxyError)):
            raise BackOfficeUnavailable("connect") from error
        if isinstance(error, (httpcore.ReadError, httpcore.WriteError)):
            raise BackOfficeUnavailable("disconnected") from error
        if isinstance(error, httpcore.RemoteProtocolError):
            raise BackOfficeUnavailable("disconnected" if "without sending" in str(error) else "protocol") from error
        if isinstance(error, (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol)):
            raise BackOfficeUnavailable("not_sendable") from error


def _open_pool(egress: Egress, *, allow_private: bool) -> httpcore.ConnectionPool:
    # The proxy stands where the operator of this service says, and judges the names that it is asked for.
    finder = find_proxy_addresses if egress.proxy else address_finder(egress.public_url, allow_private=allow_private)
    return httpcore.ConnectionPool(
        ssl_context=egress.ssl_context,
        proxy=_as_proxy(egress) if egress.proxy else None,
        max_connections=egress.parallel,
        max_keepalive_connections=min(KEPT_CONNECTIONS, egress.parallel),
        keepalive_expiry=KEPT_SECONDS,
        network_backend=DeadlineBackend(finder),
    )


def _as_proxy(egress: Egress) -> httpcore.Proxy:
    parts = urlsplit(egress.proxy)
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username is not None else None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    context = egress.ssl_context if parts.scheme == "https" else None
    return httpcore.Proxy(f"{parts.scheme}://{host}:{parts.port}", auth=user, ssl_context=context)


def _require_target(request: UpstreamRequest) -> str:
    target = request.target()
    segments = unquote(request.path).replace("\\", "/").split("/")
    # A server may decode before it resolves dots: the next segment would be another player's.
    if not request.path.startswith("/") or request.path.startswith("//") or not {".", ".."}.isdisjoint(segments):
        raise BackOfficeUnavailable("not_sendable")
    if not target.isascii() or not target.isprintable() or " " in target or "#" in target or "?" in request.path:
        raise BackOfficeUnavailable("not_sendable")
    return target


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    except UnicodeEncodeError as error:
        raise BackOfficeUnavailable("not_sendable") from error


def _read_answer(response: httpcore.Response) -> UpstreamAnswer:
    status, headers = response.status, read_headers(response)
    if not 200 <= status < 300 and status < 400:
        raise BackOfficeUnavailable("redirect")
    if status in (502, 503, 504):
        raise BackOfficeUnavailable(f"status_{status}")
    raw = read_body(response, headers)
    if not raw:
        return UpstreamAnswer(status, headers, None)
    try:
        return UpstreamAnswer(status, headers, _parse(raw, headers))
    except BackOfficeUnavailable:
        if status < 400:
            raise
        return UpstreamAnswer(status, headers, None)


def _parse(raw: bytes, headers: Mapping[str, str]) -> object:
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    if re.fullmatch(r"application/([a-z0-9.+-]+\+)?json", media_type.strip()) is None:
        raise BackOfficeUnavailable("media_type")
    if "charset" in parameters and "utf-8" not in parameters and "utf8" not in parameters:
        raise BackOfficeUnavailable("media_type")
    try:
        return strict_json.parse(raw, max_depth=DEEPEST_ANSWER, decimals=True)
    except strict_json.MalformedJson as error:
        raise BackOfficeUnavailable(f"json_{error.reason}") from error
