"""The sample AI agent: hears of events by webhook, answers by the public API. No model, so that it needs no key.

What it shows is the shape: verify the signature, answer 2xx at once, work afterwards, ask for a session id only when
the player's data is needed, and repeat safely (``client_message_id``) because an event may come twice.
"""

import queue
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from widget_service.demo.pages import read_part
from widget_service.demo.replies import Desk

REMEMBERED = 1000
LARGEST_EVENT = 262_144


class Inbox:
    """Events that were verified and not seen before; each conversation's are worked off in order."""

    def __init__(self, secret: str, desk: Desk) -> None:
        self._webhook = Webhook(secret)
        self._desk = desk
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._queues: dict[str, queue.SimpleQueue[tuple[str, dict[str, Any]]]] = {}
        self._guard = threading.Lock()

    def accept(self, headers: dict[str, str], raw: bytes) -> int:
        """The status to answer."""
        try:
            event = self._webhook.verify(raw, headers)
        except (WebhookVerificationError, ValueError):
            return 401
        with self._guard:
            if headers["webhook-id"] not in self._seen:
                self._seen.append(headers["webhook-id"])
                self._queue(event["data"]["conversation"]["id"]).put((headers["webhook-id"], event))
        return 204

    def _queue(self, conversation_id: str) -> "queue.SimpleQueue[tuple[str, dict[str, Any]]]":
        if conversation_id not in self._queues:
            events: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
            self._queues[conversation_id] = events
            threading.Thread(target=self._work_off, args=(events,), daemon=True).start()
        return self._queues[conversation_id]

    def _work_off(self, events: "queue.SimpleQueue[tuple[str, dict[str, Any]]]") -> None:
        while True:
            self._desk.react(*events.get())


def new_server(port: int, inbox: Inbox) -> ThreadingHTTPServer:
    """The webhook's address is ``/events``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200 if self.path == "/health" else 404)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/events" or not length.isdigit() or int(length) > LARGEST_EVENT:
                self.close_connection = True
                return self._answer(404)
            headers = {name.lower(): value for name, value in self.headers.items()}
            return self._answer(inbox.accept(headers, self.rfile.read(int(length))))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    PART = read_part()
    new_server(int(PART["port"]), Inbox(PART["webhook_secret"], Desk(PART))).serve_forever()
