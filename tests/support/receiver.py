"""A webhook receiver: a real HTTP server that checks every signature as Standard Webhooks says."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (204, {}, b"")


@dataclass
class Received:
    """One request that came in, in the order of arrival."""

    id: str
    type: str
    conversation_id: str
    text: str | None
    body: dict[str, Any] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    at: float
    answered: int | None = None


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that was killed, or had waited long enough, has hung up: no surprise here."""


class Receiver:
    """``answer(received)`` says what to answer, after as long as it takes; without it everything is accepted."""

    def __init__(self, answer: Callable[[Received], Answer] | None = None) -> None:
        self.answer = answer or (lambda received: OK)
        self.secret = ""
        self.checks_time = True
        self.requests: list[Received] = []
        self.refused: list[str] = []
        self._guard = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/events"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def connect(self, service: Any, workspace_id: str) -> str:
        """Makes the webhook through the command line; its id."""
        made = service.cli("webhook", "create", workspace_id, self.url)
        self.secret = made["secret"]
        return str(made["webhook_id"])

    @property
    def accepted(self) -> list[Received]:
        """What was answered with 2xx, in the order of arrival."""
        return [one for one in list(self.requests) if one.answered is not None and one.answered < 300]

    def texts(self, conversation_id: str) -> list[str]:
        """The player's messages of a conversation in the order in which they were accepted first."""
        of_conversation = [one for one in self.accepted if one.conversation_id == conversation_id]
        return [one.text for one in {one.id: one for one in reversed(of_conversation)}.values() if one.text][::-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _receive(self, headers: dict[str, str], raw: bytes) -> Answer:
        try:
            body = self._verified(headers, raw)
        except Exception as error:
            self.refused.append(repr(error))
            return 401, {}, b""
        told = body["data"]
        received = Received(
            headers["webhook-id"],
            body["type"],
            told["conversation"]["id"],
            told.get("message", {}).get("text"),
            body,
            headers,
            time.time(),
        )
        with self._guard:
            self.requests.append(received)
        answer = self.answer(received)
        received.answered = answer[0]
        return answer

    def _verified(self, headers: dict[str, str], raw: bytes) -> Any:
        if self.checks_time:
            return Webhook(self.secret).verify(raw, headers)
        moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        if Webhook(self.secret).sign(headers["webhook-id"], moment, raw.decode()) != headers["webhook-signature"]:
            raise ValueError("signature")
        return json.loads(raw)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                raw = self.rfile.read(length)
                if len(raw) < length:  # the sender was killed between its headers and the end of its body
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more, body = receiver._receive(headers, raw)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                receiver.refused.append(f"GET {self.path}")
                self.send_error(404)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler
