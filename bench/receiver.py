"""A webhook on loopback, in a process of its own: keeps which event came when, and answers 204."""

import json
import multiprocessing
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

Event = tuple[str, str, str]  # type, conversation, and what it is about: a message's id, or nothing


class Receiver:
    """``with Receiver() as receiver: … receiver.url … receiver.events()``."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_receive, args=(theirs,), daemon=True)
        self._process.start()
        self.url = f"http://127.0.0.1:{self._pipe.recv()}/events"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    def events(self) -> tuple[list[Event], int]:
        """(the events in the order of their first arrival, how many deliveries there were)."""
        self._pipe.send("events")
        answer: tuple[list[Event], int] = self._pipe.recv()
        return answer


def _receive(pipe: Any) -> None:
    arrived: dict[str, Event] = {}
    deliveries: list[None] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if len(body) < int(self.headers["Content-Length"]):
                self.close_connection = True
                return  # whoever sent it was killed in the middle
            content = json.loads(body)
            about = content["data"].get("message", {}).get("id", "")
            event = (content["type"], content["data"]["conversation"]["id"], about)
            arrived.setdefault(self.headers["webhook-id"], event)
            deliveries.append(None)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A connection that broke: its sender was killed."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_port)
    try:
        while pipe.recv():
            pipe.send((list(arrived.values()), len(deliveries)))
    except EOFError:
        server.shutdown()
