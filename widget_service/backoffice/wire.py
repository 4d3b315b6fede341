"""The sockets under a back office's calls: checked addresses, and one deadline for everything that happens on them.

httpcore hands each step the timeout that its request came with. Here that number is the moment (``time.monotonic()``)
at which the whole call ends, so that neither a drip of bytes nor many small steps add up to more; and it counts what
comes, so that no flood keeps the process busy until then.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any

import httpcore

from widget_service.destinations import find_allowed_addresses

MOST_ADDRESSES = 4
#: Until the answer's head is there: of heads that announce another one there may be any number.
LARGEST_BEGINNING = 128 * 1024
_CHUNK = 65_536
#: Others have their turn after so much: what fits into it is parsed in a twentieth of a second, whatever it is.
_TURN = 16_384
#: gevent resolves on ten threads, on which SQLite's flushes wait as well: names that hang must leave some to them.
_RESOLVERS = threading.BoundedSemaphore(6)

FindAddresses = Callable[[str, int], list[str]]


class Deadline(float):
    """The moment at which a call ends, in place of httpcore's timeouts; and how many bytes may come until then."""

    def __init__(self, _moment: float) -> None:
        self._left = LARGEST_BEGINNING

    def allow(self, count: int) -> None:
        """The answer has begun: so many bytes more."""
        self._left += count

    def received(self, count: int) -> None:
        """Raises httpcore.RemoteProtocolError for more than may come."""
        self._left -= count
        if self._left < 0:
            raise httpcore.RemoteProtocolError("More comes than an answer has.")


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
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, int], Future[list[str]]] = {}

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
        # The resolver knows no timeout: it is waited for, and left behind when the call's time is over. It is asked
        # once for all who wait, so that a name that hangs takes one of its places and no more.
        with self._lock:
            answer = self._asked.get((host, port))
            if answer is None:
                answer = self._asked[host, port] = Future()
                threading.Thread(target=self._ask, args=(host, port, answer), name="resolver", daemon=True).start()
        try:
            return answer.result(_remaining(until, httpcore.ConnectTimeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("The host's name is not resolved in time.") from error
        except OSError as error:
            raise httpcore.ConnectError("The host's name is not resolved.") from error

    def _ask(self, host: str, port: int, answer: "Future[list[str]]") -> None:
        found: list[str] | None = None
        try:
            with _RESOLVERS:
                found = self._find_addresses(host, port)
        except (httpcore.ConnectError, OSError, ValueError):
            pass
        with self._lock:
            del self._asked[host, port]
        if found is None:
            answer.set_exception(OSError("not resolved, or not allowed"))
        else:
            answer.set_result(found)


class _Plain(httpcore.NetworkStream):
    """A connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = _require_deadline(timeout)
        # Under gevent a socket that always has something to read would never let go of the process.
        time.sleep(0)
        self._socket.settimeout(_remaining(until, httpcore.ReadTimeout))
        try:
            received = self._socket.recv(min(max_bytes, _TURN))
        except TimeoutError as error:
            raise httpcore.ReadTimeout("The answer took too long.") from error
        except OSError as error:
            raise httpcore.ReadError("The connection broke.") from error
        until.received(len(received))
        return received

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


def _require_deadline(timeout: float | None) -> Deadline:
    assert isinstance(timeout, Deadline)  # noqa: S101 - every call has one
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
