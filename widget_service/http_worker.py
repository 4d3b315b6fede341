"""The HTTP worker: what cannot be read as HTTP at all is refused in the service's own shape too.

gunicorn answers such requests itself, before any application sees them: in HTML, with the offending line in the
answer and in the log, which may hold a token.
"""

import json
import secrets
import socket
import time
from typing import Any

import structlog
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from widget_service.errors import InternalError, InvalidRequest, ServiceError
from widget_service.views.limits import reported_prefix

log = structlog.get_logger()

TOO_LARGE = (errors.LimitRequestLine, errors.LimitRequestHeaders)
# types-gunicorn is older than these.
OUR_FAULT = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)  # type: ignore[attr-defined]
#: For how much more of a refused request, and for how long, the answer waits to be read.
LINGER_BYTES = 256 * 1024
LINGER_SECONDS = 1.0
REASONS = {400: "Bad Request", 413: "Content Too Large", 500: "Internal Server Error"}


class HttpWorker(GeventWorker):
    """A gevent worker whose refusals are JSON and tell nothing back."""

    def handle_error(self, _request: Any, client: Any, address: Any, error: BaseException) -> None:
        """Answers what the parser refused; a peer that has gone is not pursued."""
        request_id = f"req_{secrets.token_hex(12)}"
        refusal = refusal_of(error)
        level = log.error if refusal.status >= 500 else log.info
        peer = reported_prefix(address[0] if isinstance(address, tuple) and address else "")
        level("refused", code=refusal.code, reason=refusal.reason, address=peer, request_id=request_id)
        try:
            client.sendall(answer(refusal, request_id))
            linger(client)
        except OSError:
            return


def linger(client: Any) -> None:
    """Reads what is still coming: closing over unread bytes resets the connection, and the answer with it."""
    client.shutdown(socket.SHUT_WR)
    client.settimeout(LINGER_SECONDS)
    left, until = LINGER_BYTES, time.monotonic() + LINGER_SECONDS
    while left > 0 and time.monotonic() < until and (chunk := client.recv(65_536)):
        left -= len(chunk)


def refusal_of(error: BaseException) -> ServiceError:
    """What an exception of gunicorn's parser means to the caller."""
    if isinstance(error, TOO_LARGE):
        return InvalidRequest("too_large", status=413)
    if isinstance(error, errors.ParseException) and not isinstance(error, OUR_FAULT):
        return InvalidRequest("not_http")
    return InternalError(type(error).__name__)


def answer(refusal: ServiceError, request_id: str) -> bytes:
    """A whole HTTP/1.1 response, after which the connection is closed."""
    told = {"code": refusal.code, "message": refusal.message, "request_id": request_id}
    body = json.dumps({"success": False, "error": told}).encode()
    head = (
        f"HTTP/1.1 {refusal.status} {REASONS[refusal.status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Request-ID: {request_id}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nVary: Origin\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
