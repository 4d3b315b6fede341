"""A bad network between the browser and the service: a TCP proxy that cuts, stalls and refuses."""

import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

CHUNK = 65_536
#: Closing with a reset: the other side learns of it at once, in the middle of whatever it was reading.
RESET = struct.pack("ii", 1, 0)


def whole(piece: bytes) -> tuple[bytes, bool]:
    return piece, True


class Line:
    """One connection: what came from the browser, and what leads to the service."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near = near
        self.far = far
        self.held = b""

    def cut(self) -> None:
        for end in (self.near, self.far):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Network:
    """``chaos`` cuts connections by chance; ``mangle`` says what goes on of a piece of an answer, and if more will."""

    def __init__(self) -> None:
        self.target = 0
        self.chance = random.Random(0)  # noqa: S311 - not for secrets
        self.chaos = False
        self.disconnects = 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.refusing = False
        self.mangle: Callable[[bytes], tuple[bytes, bool]] = whole
        self.lines: set[Line] = set()
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self.server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.flowing.set()
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()

    def heal(self) -> None:
        """A good network again."""
        self.chaos = self.refusing = False
        self.mangle = whole
        self.flowing.set()

    def cut(self) -> int:
        """Cuts what is open; how many lines that were."""
        with self.lock:
            lines = list(self.lines)
        return sum(self._end(line) for line in lines)

    def cut_one(self) -> int:
        """One of the open lines, by chance."""
        with self.lock:
            lines = list(self.lines)
        return self._end(self.chance.choice(lines)) if lines else 0

    def _end(self, line: Line, *, by_us: bool = True) -> int:
        with self.lock:
            if line not in self.lines:
                return 0
            self.lines.discard(line)
            self.disconnects += by_us
        line.cut()
        return 1

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._open, args=(near,), daemon=True).start()

    def _open(self, near: socket.socket) -> None:
        try:
            if self.refusing:
                raise ConnectionRefusedError
            far = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        line = Line(near, far)
        with self.lock:
            self.lines.add(line)
        threading.Thread(target=self._pump, args=(line, far, near, self._answer), daemon=True).start()
        self._pump(line, near, far, self._request)

    def _pump(
        self, line: Line, source: socket.socket, sink: socket.socket, treat: Callable[[bytes], tuple[bytes, bool]]
    ) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                self.flowing.wait()
                piece, goes_on = treat(piece)
                sink.sendall(piece)
                if not goes_on:
                    self._end(line)
                    return
        self._end(line, by_us=False)

    def _request(self, piece: bytes) -> tuple[bytes, bool]:
        """What goes on to the service, and whether the line lives on: some requests never arrive, or only in part."""
        if self.chaos and self.chance.random() < 0.1:
            return piece[: self.chance.randrange(len(piece))], False
        return piece, True

    def _answer(self, piece: bytes) -> tuple[bytes, bool]:
        """What comes back: some answers are lost though the request arrived, some break off in the middle."""
        if self.chaos and self.chance.random() < 0.25:
            return piece[: self.chance.randrange(len(piece))], False
        return self.mangle(piece)
