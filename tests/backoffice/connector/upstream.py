"""An operator's back office that answers what a test tells it, over real HTTP, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from widget_service import strict_json
from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import Egress, Line
from widget_service.backoffice.connector import Connector

#: Made once: it reads all certificate authorities.
EGRESS = Egress("http://127.0.0.1:8000", timeout=30)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def body(self) -> object:
        return strict_json.parse(self.raw, decimals=True) if self.raw else None


#: A status and a JSON value, or a value alone for 200; a text is sent as it is.
Answer = Callable[[Asked], object]


@dataclass
class Upstream:
    """``routes``: a function, or a plain value, by ``"GET /path"``."""

    routes: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, raw)
                upstream.asked.append(asked)
                status, text = upstream.answer(asked)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.line = Line(self.url, EGRESS)

    def close(self) -> None:
        self.line.close()
        self._server.shutdown()
        self._server.server_close()

    def reset(self, **routes: object) -> None:
        """Other answers, and nothing asked."""
        self.line.close()
        self.routes, self.asked = dict(routes), []
        self.line = Line(self.url, EGRESS)

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        found = self.routes.get(f"{asked.method} {asked.path}", (404, {"error": "no such path"}))
        said = found(asked) if callable(found) else found
        status, value = said if isinstance(said, tuple) else (200, said)
        return status, value.encode() if isinstance(value, str) else json.dumps(value, default=str).encode()

    def connector(self, document: str, path: str = "", **settings: str) -> Connector:
        secrets = {name[7:]: settings.pop(name) for name in list(settings) if name.startswith("secret_")}
        return Connector.parse(document, self.url + path, {"api_token": "staff-token-1", **secrets}, settings)

    def ask(
        self, connector: Connector, capability: str, /, player: str = "5832", **arguments: object
    ) -> dict[str, object]:
        key = arguments.pop("idempotency_key", None)
        question = Question(capability, arguments, idempotency_key=key if isinstance(key, str) else None)
        return connector.answer(question, caller(player), self.line.open())


def caller(player: str = "5832", operator_session: str | None = "op-session-1") -> Caller:
    return Caller("ws_1", player, "sess_abc", operator_session, lambda: "e30.e30.signature")


def money(text: str) -> Decimal:
    return Decimal(text)
