"""A back office that does everything wrong, one way per path; and one that only takes connections."""

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FOREIGN = b'{"player_id":"somebody-else"}'
MEGABYTE = b" " * 2**20


def answer(
    body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json", length: int | None = None
) -> bytes:
    said = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {said}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def bomb() -> bytes:
    """A thousand times as large as it looks."""
    return gzip.compress(b'{"a":"' + b"a" * 64 * 2**20 + b'"}', 9)


WHOLE: dict[str, bytes] = {
    "/fine": answer(b'{"id":"5832","amount":150.00}'),
    "/packed": answer(gzip.compress(b'{"id":"5832"}'), "Content-Encoding: gzip"),
    "/redirect": answer(b"", "Location: http://127.0.0.1:1/elsewhere", status="302 Found"),
    "/html": answer(b"<html>Log in</html>", kind="text/html"),
    "/untyped": answer(b'{"id":"5832"}', kind="text/plain"),
    "/latin": answer('{"id":"é"}'.encode("latin-1")),
    "/nan": answer(b'{"amount":NaN}'),
    "/huge-number": answer(b'{"amount":1e999999999}'),
    "/twice": answer(b'{"id":"5832","id":"40217"}'),
    "/deep": answer(b"[" * 10_000 + b"]" * 10_000),
    "/many": answer(b"[" + b"[]," * 300_000 + b"[]]"),
    "/announces-50-mb": answer(b"", length=50 * 2**20),
    "/announces-too-much": answer(b'{"id":"5832"}', "Connection: close", length=500),
    "/announces-too-little": answer(b'{"id":"5832"}' + answer(FOREIGN), length=13),
    "/announces-nonsense": answer(b"{}", "Content-Length: 7"),
    "/bomb": answer(bomb(), "Content-Encoding: gzip"),
    "/brotli": answer(b"....", "Content-Encoding: br"),
    "/half-packed": answer(gzip.compress(b'{"id":"5832"}')[:-12], "Content-Encoding: gzip"),
    "/not-http": b"\x16\x03\x01 I am something else\r\n\r\n",
    "/gone": b"",
    "/switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "/failing": answer(b"<h1>Oops</h1>", status="500 Internal Server Error", kind="text/html"),
    "/refusing": answer(b'{"error":"expired"}', status="403 Forbidden"),
    "/nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
}


class HostileUpstream:
    """``url`` and what was asked of it: a path for each request, in order."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._context = context
        self._ended = threading.Event()
        self.asked: list[str] = []
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(connection):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            while path := _read_request(connection):
                self.asked.append(path)
                path = path.removeprefix("http://back-office.example")  # as a proxy is asked
                for part in self._parts(path):
                    connection.sendall(part)
                if path in ("/gone", "/not-http", "/switching", "/announces-too-much"):
                    return

    def _parts(self, path: str) -> Iterator[bytes]:
        if path in WHOLE:
            yield WHOLE[path]
            return
        yield from DRIPS[path](self._ended)


def _read_request(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65_536)
        if not received:
            return ""
        head += received
    return head.split(b" ")[1].decode().partition("?")[0]


def _drip(text: bytes, ended: threading.Event) -> Iterator[bytes]:
    for byte in text:
        yield bytes([byte])
        if ended.wait(0.05):
            return


def _fifty_megabytes(_ended: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(50):
        yield b"100000\r\n" + MEGABYTE + b"\r\n"
    yield b"0\r\n\r\n"


def _flood(beginning: bytes, part: bytes) -> Callable[[threading.Event], Iterator[bytes]]:
    """Quick, and without end."""

    def parts(ended: threading.Event) -> Iterator[bytes]:
        yield beginning
        while not ended.is_set():
            yield part * 1000

    return parts


def _never(ended: threading.Event) -> Iterator[bytes]:
    ended.wait(60)
    yield b""


DRIPS: dict[str, Callable[[threading.Event], Iterator[bytes]]] = {
    "/50-mb": _fifty_megabytes,
    "/drips": lambda ended: _drip(answer(b" " * 4000), ended),
    "/drips-headers": lambda ended: _drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500, ended),
    "/hangs": _never,
    "/heads": _flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "/crumbs": _flood(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"
    ),
}


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "self-signed.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def trusting(folder: Path) -> ssl.SSLContext:
    """A client's TLS that trusts that one certificate."""
    return ssl.create_default_context(cafile=str(folder / "self-signed.pem"))
