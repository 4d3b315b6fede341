"""The sockets under a back office's calls: checked addresses, and one deadline for everything that happens on them.

httpcore hands each step the timeout that its request came with. Here that number is the moment (``time.monotonic()``)
at which the whole call ends, so that neither a drip of bytes nor many small steps add up to more.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import httpcore

from widget_service.destinations import find_allowed_addresses

MOST_ADDRESSES = 4
_CHUNK = 65_536

FindAddresses = Callable[[str, int], list[str]]


def address_finder(public_url: str, *, allow_private: bool) -> FindAddresses:
    """What resolves a back office's host, and refuses what may not be called."""
    return lambda host, port: find_allowed_addresses(host, port, public_url=public_url, allow_private=allow_private)


def find_proxy_addresses(host: str, port: int) -> list[str]:
    """The configured proxy's addresses: it stands in a private network as a rule."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("The proxy's name cannot be resolved.") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class DeadlineBackend(httpcore.NetworkBackend):
    """Resolves, connects to an address that was checked, and holds the deadline; under threads and under gevent."""

    def __init__(self, find_addresses: FindAddresses) -> None:
        self._find_addresses = find_addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        until = _require_deadline(timeout)
        addresses = self._resolve(host, port, until)[:MOST_ADDRESSES]
        failure: OSError | None = None
        for tried, address in enumerate(addresses):
            share = _remaining(until, httpcore.ConnectTimeout) / (len(addresses) - tried)
            try:
                connected = socket.create_connection((address, port), share)
            except OSError as error:
                failure = error
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Plain(connected)
        raise httpcore.ConnectError("The host does not answer.") from failure

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("Unix sockets are not called.")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def _resolve(self, host: str, port: int, until: float) -> list[str]:
        # The resolver knows no timeout: it is waited for, and left behind when the call's time is over.
        answers: queue.SimpleQueue[list[str] | httpcore.ConnectError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._find_addresses(host, port))
            except httpcore.ConnectError as error:
                answers.put(error)

        threading.Thread(target=ask, name="resolver", daemon=True).start()
        try:
            found = answers.get(timeout=_remaining(until, httpcore.ConnectTimeout))
        except queue.Empty as error:
            raise httpcore.ConnectTimeout("The host's name is not resolved in time.") from error
        if isinstance(found, httpcore.ConnectError):
            raise found
        return found


class _Plain(httpcore.NetworkStream):
    """A connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(_remaining(_require_deadline(timeout), httpcore.ReadTimeout))
        try:
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("The answer took too long.") from error
        except OSError as error:
            raise httpcore.ReadError("The connection broke.") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        until, left = _require_deadline(timeout), memoryview(buffer)
        try:
            while left:
                self._socket.settimeout(_remaining(until, httpcore.WriteTimeout))
                left = left[self._socket.send(left) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout("The request is not taken.") from error
        except OSError as error:
            raise httpcore.WriteError("The connection broke.") from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _begin_tls(self, ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        return _is_readable(self._socket) if info == "is_readable" else None

    def close(self) -> None:
        self._socket.close()


class _Tls(httpcore.NetworkStream):
    """TLS over a stream, so that its deadline holds inside a handshake and inside a record too.

    A socket's own TLS begins its timeout anew with every byte under gevent.
    """

    def __init__(self, stream: httpcore.NetworkStream, context: ssl.SSLContext, server_hostname: str | None) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)

    def shake_hands(self, timeout: float | None) -> None:
        """Verifies the server. Raises httpcore.ConnectError."""
        try:
            self._carry(self._tls.do_handshake, timeout)
        except (ssl.SSLError, httpcore.ReadError, httpcore.WriteError) as error:
            self.close()
            raise httpcore.ConnectError("TLS is not established.") from error
        except httpcore.TimeoutException:
            self.close()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return bytes(self._carry(partial(self._tls.read, max_bytes), timeout))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            raise httpcore.ReadError("TLS broke.") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = memoryview(buffer)
        try:
            while left:
                left = left[self._carry(partial(self._tls.write, left), timeout) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError("TLS broke.") from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _begin_tls(self, ssl_context, server_hostname, timeout)  # through a proxy that speaks TLS itself

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._tls
        # What was received and not asked for counts as well: the socket alone would not show it.
        return bool(self._tls.pending() or self._incoming.pending) or self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()

    def _carry(self, step: Callable[[], Any], timeout: float | None) -> Any:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._send_out(timeout)
                self._take_in(timeout)
                continue
            self._send_out(timeout)
            return result

    def _send_out(self, timeout: float | None) -> None:
        if self._outgoing.pending:
            self._stream.write(self._outgoing.read(), timeout)

    def _take_in(self, timeout: float | None) -> None:
        received = self._stream.read(_CHUNK, timeout)
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()


def _begin_tls(
    stream: httpcore.NetworkStream, ssl_context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
) -> httpcore.NetworkStream:
    begun = _Tls(stream, ssl_context, server_hostname)
    begun.shake_hands(timeout)
    return begun


def _require_deadline(timeout: float | None) -> float:
    assert timeout is not None  # noqa: S101 - every call has one
    return timeout


def _remaining(until: float, late: type[httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late("The call's time is over.")
    return left


def _is_readable(connected: socket.socket) -> bool:
    """Whether an idle connection has something to read: then its other end has closed it, or talks out of turn."""
    try:
        connected.settimeout(0)
        connected.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
