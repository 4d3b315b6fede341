"""A slow wire in front of the service: each request is held up, so that its times tell what waited for what.

It also sees what no page can: preflights, and every byte as it is sent.
"""

import re
import socket
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
PIECE = 65_536


@dataclass(slots=True)
class Exchange:
    """One request and its answer; times are seconds since 1970, ``received`` the answer's bytes on the wire."""

    line: str
    began: float
    ended: float = 0.0
    received: int = 0


class Wire:
    """Listens on a port of its own. Once connected, it passes everything on to the service's, each request late."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.exchanges: list[Exchange] = []
        self._target = 0
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=True)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def connect(self, port: int) -> None:
        """From here on."""
        self._target = port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> Any:
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", wire._target)) as service, suppress(OSError):
                    own: list[Exchange] = []
                    threading.Thread(target=_answer, args=(service, self.request, own), daemon=True).start()
                    while piece := self.request.recv(PIECE):
                        if found := REQUEST_LINE.match(piece):
                            own.append(Exchange(f"{found[1].decode()} {found[2].decode()}", time.time()))
                            wire.exchanges.append(own[-1])
                            time.sleep(wire.delay)
                        service.sendall(piece)

        return Handler


def _answer(service: socket.socket, browser: socket.socket, exchanges: list[Exchange]) -> None:
    with suppress(OSError):
        while piece := service.recv(PIECE):
            browser.sendall(piece)
            exchanges[-1].received += len(piece)
            exchanges[-1].ended = time.time()


def longest_chain(exchanges: list[Exchange]) -> list[Exchange]:
    """The most exchanges of which each began after the one before it had ended: round trips that nobody can share."""
    chains: list[list[Exchange]] = []
    for one in sorted(exchanges, key=lambda exchange: exchange.began):
        before = [chain for chain in chains if 0 < chain[-1].ended <= one.began]
        chains.append([*max(before, key=len, default=[]), one])
    return max(chains, key=len, default=[])
