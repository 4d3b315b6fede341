"""The judge of the addresses that we call: webhooks, back offices, operators' key sets.

A name is resolved once, at connect time, every address it has is checked, and the connection goes to the checked
address: a name that answers differently the next moment (DNS rebinding) gains nothing. TLS and ``Host`` keep the name.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from widget_service.errors import ConfigurationError
from widget_service.origins import InvalidOrigin, canonical_host, is_loopback_host

LARGEST_RESPONSE = 65_536
#: What comes beside an answer: the handshake, and its heads, of which a server may send any number before the last.
_MOST_BESIDE = 128 * 1024
#: Others have their turn after so much.
_TURN = 16_384
_LONGEST_URL = 2048
_Address = IPv4Address | IPv6Address

#: What ``allow_private`` opens: the networks that an operator runs itself.
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
#: Cloud metadata inside those networks: never a back office.
_NEVER = tuple(map(ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")))
_GLOBAL_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
#: Ranges that carry an IPv4 address inside, or lead nowhere, and that ``is_global`` knows only in newer Pythons.
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)


def require_url(url: str, *, public_url: str, allow_private: bool = False) -> str:
    """The URL, when we may be configured to call it: https, a host, no user, no fragment.

    http and loopback are for a service whose own ``public_url`` is loopback. A name's addresses are checked only when
    it is called. Raises ConfigurationError with one clear sentence.
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ConfigurationError("The URL must be plain ASCII without spaces (write the host in punycode).")
    if len(url) > _LONGEST_URL:
        raise ConfigurationError("The URL is too long: at most 2048 characters.")
    scheme, host = _split(url)
    local = _is_local(public_url)
    if scheme != "https" and not (scheme == "http" and local):
        raise ConfigurationError("The URL must begin with https://.")
    if is_loopback_host(host) and not local:
        raise ConfigurationError("The URL is on loopback, and this service is not.")
    address = _literal(host)
    if address is not None and not _Policy(local, allow_private).allows(address):
        raise ConfigurationError("The URL's address is not public.")
    return url


def find_allowed_addresses(host: str, port: int, *, public_url: str, allow_private: bool = False) -> list[str]:
    """The addresses of a host, every one of them checked. Asks the resolver, which takes its time.

    Raises httpcore.ConnectError when the name has none, or one that may not be called.
    """
    policy, addresses = _Policy(_is_local(public_url), allow_private), _resolved(host, port)
    if not all(policy.allows(address) for address in addresses):
        raise httpcore.ConnectError("The host has an address that may not be called.")
    return [str(address) for address in addresses]


def safe_client(
    public_url: str,
    allow_private: bool,
    timeout: float,
    *,
    max_bytes: int = LARGEST_RESPONSE,
    ssl_context: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client for addresses that operators configured: no redirects, no proxies, TLS verified, answers capped.

    ``timeout`` seconds are for each step and for a whole answer. Refusals are raised as httpx.TransportError.
    """
    transport = SafeTransport(public_url, allow_private, timeout, max_bytes=max_bytes, ssl_context=ssl_context)
    # Unpacked, an answer could be a thousand times as large as what was counted.
    headers = {"accept-encoding": "identity", "user-agent": "widget-service"}
    return httpx.Client(
        transport=transport, timeout=timeout, headers=headers, follow_redirects=False, trust_env=False, verify=True
    )


@cache
def _verifying() -> ssl.SSLContext:
    """One for the process: reading all the authorities' certificates takes longer than a call."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


class SafeTransport(httpx.BaseTransport):
    """HTTP/1.1 over connections that only ever reach checked addresses; raises httpx's own errors."""

    def __init__(
        self,
        public_url: str,
        allow_private: bool,
        timeout: float,
        *,
        max_bytes: int = LARGEST_RESPONSE,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or _verifying(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=_CheckedBackend(_Policy(_is_local(public_url), allow_private), timeout, max_bytes),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx.TransportError."""
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101 - a sync client builds no other
        with _translated(request):
            response = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": request.extensions.get("timeout", {})},
                )
            )
        stream = _CappedStream(response, request, self._max_bytes)
        answer = httpx.Response(response.status, headers=response.headers, stream=stream)
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            stream.close()
            raise httpx.DecodingError("The answer is compressed, which was not asked for.", request=request)
        return answer

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


@dataclass(frozen=True, slots=True)
class _Policy:
    """Which addresses may be reached."""

    local: bool
    allow_private: bool

    def allows(self, address: _Address) -> bool:
        plain = _unwrapped(address)
        if plain.is_loopback:
            return self.local
        if plain in _NEVER:
            return False
        if self.allow_private and any(plain in network for network in _PRIVATE):
            return True
        return _is_public(plain)


class _CheckedBackend(httpcore.NetworkBackend):
    """Resolves, checks, then connects to the address that was checked."""

    def __init__(self, policy: _Policy, timeout: float, max_bytes: int) -> None:
        self._policy = policy
        self._timeout = timeout
        self._most = 2 * max_bytes + _MOST_BESIDE  # with what chunks and TLS add
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolved(host, port)
        if not all(self._policy.allows(address) for address in addresses):
            raise httpcore.ConnectError("The host has an address that may not be called.")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:4]:
            try:
                stream = self._sockets.connect_tcp(str(address), port, timeout or self._timeout, None, socket_options)
                return _TimedStream(stream, self._timeout, self._most)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("The host has no address.")

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("Unix sockets are not called.")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _TimedStream(httpcore.NetworkStream):
    """One connection, on which a whole answer must arrive in time: a drip of bytes would hold a thread for days."""

    def __init__(self, stream: httpcore.NetworkStream, limit: float, most: int) -> None:
        self._stream = stream
        self._limit, self._most = limit, most
        self._deadline, self._left = time.monotonic() + limit, most

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # Under gevent a socket that always has something to read would never let go of the process.
        time.sleep(0)
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout("The answer took too long.")
        most = min(max_bytes, _TURN)
        received = self._stream.read(most, remaining if timeout is None else min(timeout, remaining))
        self._left -= len(received)
        if self._left < 0:
            raise httpcore.RemoteProtocolError("More comes than an answer has.")
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limit if timeout is None else timeout)
        # The answer's time begins when the request has been sent.
        self._deadline, self._left = time.monotonic() + self._limit, self._most

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout or self._limit)
        return _TimedStream(secured, self._limit, self._most)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class _CappedStream(httpx.SyncByteStream):
    """An answer's bytes, up to the limit and no further."""

    def __init__(self, response: httpcore.Response, request: httpx.Request, limit: int) -> None:
        self._response = response
        self._request = request
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        with _translated(self._request):
            for chunk in self._response.iter_stream():
                received += len(chunk)
                if received > self._limit:
                    raise httpx.ReadError("The answer is too large.", request=self._request)
                yield chunk

    def close(self) -> None:
        self._response.close()


class _translated:
    """httpcore's errors as httpx's of the same name, which is how httpx names them too."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if not type(error).__module__.startswith("httpcore"):
            return
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error), request=self._request) from error


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError("The URL's host or port is not valid.") from error
    if "@" in parts.netloc:
        raise ConfigurationError("The URL has a user name or password: give credentials as their own options.")
    if "#" in url:
        raise ConfigurationError("The URL has a fragment, which is never sent.")
    if port == 0 or parts.netloc.endswith(":"):
        raise ConfigurationError("The URL's port is not valid.")
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    try:
        return parts.scheme, canonical_host(host)
    except InvalidOrigin as error:
        raise ConfigurationError(f"The URL's host is not valid: {error}") from error


def _is_local(public_url: str) -> bool:
    return is_loopback_host(urlsplit(public_url).hostname or "")


def _literal(host: str) -> _Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _resolved(host: str, port: int) -> list[_Address]:
    name = host.strip("[]")
    if is_loopback_host(name) and _literal(name) is None:
        # RFC 6761 §6.3: these names are loopback whatever the resolver says, and many resolvers say nothing.
        return [IPv4Address("127.0.0.1"), IPv6Address("::1")]
    try:
        answers = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("The host's name cannot be resolved.") from error
    texts = dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers)
    return [ip_address(text) for text in texts]


def _unwrapped(address: _Address) -> _Address:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: _Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
