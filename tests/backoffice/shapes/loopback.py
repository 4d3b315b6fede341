"""One shape of an API on loopback: what it is asked, what it answers, and its recorded samples."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Request:
    """A request, read."""

    method: str
    target: str
    headers: dict[str, str]
    raw: bytes
    #: Whether the platform's own signature is looked at; a signing proxy before it makes that unnecessary.
    signed: bool

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else {}

    def has_basic(self, user_and_password: str) -> bool:
        return self.headers.get("authorization") == f"Basic {base64.b64encode(user_and_password.encode()).decode()}"


@dataclass(frozen=True)
class Reply:
    """What is said where it is no 200 with JSON."""

    body: Any
    status: int = 200
    media_type: str = "application/json"


Answer = Callable[[Request], Any]


def sample(shape: str, name: str) -> Any:
    """A recorded answer."""
    return json.loads((HERE / shape / "samples" / f"{name}.json").read_text(encoding="utf-8"))


@contextmanager
def served(answer: Answer, *, signed: bool = True) -> Iterator[str]:
    """The URL while it is up."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(Request(self.command, self.path, headers, raw, signed))
            reply = said if isinstance(said, Reply) else Reply(said)
            body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
