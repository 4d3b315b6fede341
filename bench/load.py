"""The load: one process of its own that sends prepared requests over keep-alive connections and times the answers.

Nothing is signed or parsed while the clock runs, and one loop serves all connections, so that the generator costs a
small part of what it measures.
"""

import multiprocessing
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

ANSWER_TIMEOUT = 30.0  # seconds without a single answer before the load gives up


@dataclass
class Slice:
    """What one stretch of load saw. Latencies are seconds."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers kept below, seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def require_only(self, *statuses: int) -> Self:
        """Itself, or RuntimeError when anything else was answered."""
        if set(self.statuses) - set(statuses):
            raise RuntimeError(f"expected {statuses}, got {dict(self.statuses)}")
        return self


class Load:
    """The load process. ``with Load() as load: load.send(port, requests)``."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    def send(self, port: int, requests: list[bytes], *, clients: int = 16, bodies: bool = False) -> Slice:
        """Sends every request once, by so many clients; ``bodies`` keeps the answers' bodies in the requests' order."""
        return self._ask("send", port, requests, clients, bodies)

    def hold(self, port: int, requests: list[bytes]) -> int:
        """Opens an event stream per request, and keeps them; how many have answered with a stream."""
        return self._ask("hold", port, requests)

    def release(self) -> int:
        """Closes the streams that are held; how many were still open."""
        return self._ask("release")

    def _ask(self, *call: Any) -> Any:
        self._pipe.send(call)
        outcome, answer = self._pipe.recv()
        if outcome == "failed":
            raise RuntimeError(answer)
        return answer


def _serve(pipe: Any) -> None:
    held: list[socket.socket] = []
    while True:
        try:
            name, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            if name == "send":
                answer: Any = _send(*arguments)
            elif name == "hold":
                held += _open_streams(*arguments)
                answer = len(held)
            else:
                answer = sum(map(_is_open, held))
                while held:
                    held.pop().close()
            pipe.send(("done", answer))
        except (OSError, RuntimeError, ValueError) as error:
            pipe.send(("failed", f"{type(error).__name__}: {error}"))


class Connection:
    """One keep-alive connection and the request that is on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.number = 0
        self.sent_at = 0.0

    def send(self, number: int, request: bytes) -> None:
        self.number, self.received = number, b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Sends a request and waits for its (status, body). OSError when the server goes away meanwhile."""
        self.send(0, request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def receive(self) -> tuple[int, bytes] | None:
        """(status, body) once the answer is whole."""
        some = self.socket.recv(65536)
        if not some:
            raise ConnectionResetError("the server closed a connection")
        self.received += some
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return None
        return int(head[9:12]), body


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError(f"an answer without Content-Length: {head[:200]!r}")
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


def _send(port: int, requests: list[bytes], clients: int, bodies: bool) -> Slice:
    result = Slice(bodies=[b""] * len(requests) if bodies else [])
    waiting = deque(enumerate(requests))
    with selectors.DefaultSelector() as selector:
        crowd = [Connection(port) for _ in range(min(clients, len(requests)))]
        began = time.perf_counter()
        for client in crowd:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send(*waiting.popleft())
        for client, answer in _answers(selector, len(requests)):
            result.latencies.append(time.perf_counter() - client.sent_at)
            result.statuses[answer[0]] += 1
            if bodies:
                result.bodies[client.number] = answer[1]
            if waiting:
                client.send(*waiting.popleft())
        result.seconds = time.perf_counter() - began
        for client in crowd:
            client.socket.close()
    return result


def _answers(selector: selectors.BaseSelector, count: int) -> Iterator[tuple[Connection, tuple[int, bytes]]]:
    while count:
        ready = selector.select(ANSWER_TIMEOUT)
        if not ready:
            raise TimeoutError(f"{count} answers are still missing")
        for key, _ in ready:
            answer = key.data.receive()
            if answer is not None:
                count -= 1
                yield key.data, answer


def _open_streams(port: int, requests: list[bytes], at_once: int = 32) -> list[socket.socket]:
    streams: list[socket.socket] = []
    for start in range(0, len(requests), at_once):
        opening = [Connection(port) for _ in requests[start : start + at_once]]
        for client, request in zip(opening, requests[start:], strict=False):
            client.send(0, request)
        for client in opening:
            while b"retry:" not in client.received:
                some = client.socket.recv(4096)
                client.received += some
                if not some or b"HTTP/1.1 200" not in client.received:
                    raise RuntimeError(f"no stream: {client.received[:300]!r}")
            streams.append(client.socket)
    return streams


def _is_open(stream: socket.socket) -> bool:
    stream.setblocking(False)
    try:
        while some := stream.recv(65536):
            if some.endswith(b"0\r\n\r\n"):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
