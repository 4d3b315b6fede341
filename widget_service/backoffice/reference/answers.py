"""Refusals and failures in the one shape of the player API (§1.1)."""

import json

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from widget_service.errors import (
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    ServiceError,
)
from widget_service.logs import logged_path, words_of

log = structlog.get_logger()
#: What the player API calls them; the others are said as the service says them.
MESSAGES = {
    "UNAUTHORIZED": "Invalid API token",
    "INVALID_SESSION": "Session expired or invalid",
    "PLAYER_NOT_FOUND": "Player ID does not exist",
    "BALANCE_INSUFFICIENT": "Not enough balance",
    "WITHDRAWAL_CANNOT_CANCEL": "Withdrawal not cancellable",
}


def install(app: Flask) -> None:
    """Registers the handlers."""
    app.register_error_handler(ServiceError, answer_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def answer_error(error: ServiceError) -> Response:
    """A refusal or failure as an answer."""
    level = log.error if error.status >= 500 else log.info
    words = words_of(rule.rule for rule in current_app.url_map.iter_rules())
    path = logged_path(request.path, words)
    level("refused", code=error.code, reason=error.reason, path=path, request_id=g.get("request_id"))
    shown = {
        "code": error.code,
        "message": MESSAGES.get(error.code, error.message),
        "request_id": g.get("request_id", ""),
        **({"details": error.details} if error.details else {}),
    }
    body = json.dumps({"success": False, "error": shown}, ensure_ascii=False, separators=(",", ":"))
    response = Response(body.encode("utf-8", "replace"), error.status, mimetype="application/json")
    if error.code == "UNAUTHORIZED":
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _answer_http(error: HTTPException) -> Response:
    if error.code == 405:
        response = answer_error(MethodNotAllowed())
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response
    if error.code == 404 or (error.code is not None and 300 <= error.code < 400):
        return answer_error(NotFound())
    if error.code == 413:
        return answer_error(InvalidRequest("too_large", status=413))
    if error.code is not None and error.code < 500:
        return answer_error(InvalidRequest("bad_request"))
    return _answer_unexpected(error)


def _answer_unexpected(error: Exception) -> Response:
    # The text may hold values of the request: the log gets where it happened, not what was in it.
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where is not None else "?"
    log.error("unexpected", error=type(error).__name__, at=place, request_id=g.get("request_id"))
    return answer_error(InternalError(type(error).__name__))
