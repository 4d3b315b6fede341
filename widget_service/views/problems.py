"""Errors as answers: the one shape of the wire contract §2, and the RFCs' shape for their endpoints.

The only place where an unexpected exception is caught: its text goes to the log, never to the caller.
"""

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from widget_service.audit import AuditEvent
from widget_service.errors import (
    BackOfficeUnavailable,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    ServiceError,
    Unavailable,
)
from widget_service.logs import logged_path, words_of
from widget_service.views.limits import NOBODY, address_prefix, client_address, reported_prefix
from widget_service.views.player_paths import PREFIX, is_unknown
from widget_service.views.runtime import Runtime, clock, runtime

log = structlog.get_logger()

WORDS = "widget-service-words"
OAUTH_PATHS = "/v1/oauth/"
OAUTH_CODES = {
    "UNAUTHORIZED": "invalid_token",
    "INSUFFICIENT_SCOPE": "insufficient_scope",
    "RATE_LIMITED": "temporarily_unavailable",
    "UNAVAILABLE": "temporarily_unavailable",
    "INTERNAL_ERROR": "server_error",
}
CHALLENGES = {
    "UNAUTHORIZED": "Bearer",
    "INSUFFICIENT_SCOPE": 'Bearer error="insufficient_scope"',
    "INVALID_SESSION": 'DPoP error="invalid_token", algs="ES256"',
    "INVALID_PROOF": 'DPoP error="invalid_dpop_proof", algs="ES256"',
    "PROOF_REUSED": 'DPoP error="invalid_dpop_proof", algs="ES256"',
}


def install(app: Flask) -> None:
    """Registers the handlers."""
    app.register_error_handler(ServiceError, answer_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def answer_error(error: ServiceError) -> Response:
    """The answer to a refusal or failure; refusals are counted, and too many of them become RATE_LIMITED."""
    if error.is_refusal:
        error = _count_refusal(error)
    if isinstance(error, BackOfficeUnavailable):
        # What follows the colon names a member: too many for a label.
        runtime().metrics.back_office_failures.labels(error.reason.partition(":")[0]).inc()
    level = log.error if error.status >= 500 else log.info
    level("refused", code=error.code, reason=error.reason, **described_request())
    response = jsonify(_oauth_body(error) if request.path.startswith(OAUTH_PATHS) else _body(error))
    response.status_code = error.status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.code in CHALLENGES:
        response.headers["WWW-Authenticate"] = _challenge(error)
    return response


def described_request() -> dict[str, Any]:
    """What a line of the log says of the request: who and where, as far as is known, and nothing that it brought."""
    return {
        "path": logged_path(request.path, _words()),
        "workspace_id": g.get("workspace_id", NOBODY),
        "address": reported_prefix(client_address(request, runtime().settings.trusted_proxies)),
        "request_id": g.get("request_id"),
    }


def _words() -> frozenset[str]:
    words: frozenset[str] | None = current_app.extensions.get(WORDS)
    if words is None:  # once for each app: its rules are complete when it answers
        words = current_app.extensions[WORDS] = words_of(rule.rule for rule in current_app.url_map.iter_rules())
    return words


def _challenge(error: ServiceError) -> str:
    """RFC 6750 §3: who sent no credential at all is told no error."""
    if error.status == 401 and request.path.startswith(PREFIX):
        return "Bearer"  # agents send no proof of a key; the player API says so to the letter
    if error.code == "UNAUTHORIZED" and "Authorization" in request.headers:
        return 'Bearer error="invalid_token"'
    return CHALLENGES[error.code]


def _body(error: ServiceError) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": error.code, "message": error.message, "request_id": g.get("request_id", "")}
    details = dict(error.details)
    if g.get("may_tell_reason") and error.is_refusal:
        details["reason"] = error.reason
    if details:
        shown["details"] = details
    return {"success": False, "error": shown}


def _oauth_body(error: ServiceError) -> dict[str, str]:
    return {"error": OAUTH_CODES.get(error.code, "invalid_request"), "error_description": error.message}


def _count_refusal(error: ServiceError) -> ServiceError:
    parts = runtime()
    address = client_address(request, parts.settings.trusted_proxies)
    workspace_id = g.get("workspace_id", NOBODY)
    parts.metrics.refusals.labels(error.code, error.reason).inc()
    try:
        parts.limits.count_refusal(workspace_id, address_prefix(address))
    except (RateLimited, Unavailable) as limited:
        return limited
    _note_refusal(parts, error, workspace_id, reported_prefix(address))
    return error


def _note_refusal(parts: Runtime, error: ServiceError, workspace_id: str, prefix: str) -> None:
    """Counts and samples it, by what is known here: a stranger's inventions would be rows without end.

    An origin is its line in the brand's list: below a wildcard the label is the stranger's own.
    """
    now, given = clock(), request.headers.get("Origin")
    workspace = parts.directory.find_workspace(workspace_id) if workspace_id != NOBODY else None
    listing = workspace.find_listing(given) if workspace is not None else None
    origin = listing or ("other" if given else NOBODY)
    key_id = error.key_id or NOBODY
    parts.recorder.count((workspace_id, now // 60, "refusal", error.code, error.reason, origin, key_id, prefix))
    details = {
        "reason": error.reason,
        "origin": origin,
        "key_id": error.key_id,
        "request_id": g.get("request_id"),
    }
    parts.recorder.sample(AuditEvent(workspace_id, now, f"address:{prefix}", "refused", error.code, details))


def _answer_http(error: HTTPException) -> Response:
    if error.code == 404 or request.path == "/":  # the host itself answers the HEAD of helpdesks alone
        return answer_error(NotFound())
    if error.code == 405 and is_unknown(request.path):
        return answer_error(NotFound())
    if error.code == 405:
        response = answer_error(MethodNotAllowed())
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response
    if error.code == 413:
        return answer_error(InvalidRequest("too_large", status=413))
    if error.code is not None and 300 <= error.code < 400:
        return answer_error(NotFound())
    if error.code is not None and error.code < 500:
        return answer_error(InvalidRequest("bad_request"))
    return _answer_unexpected(error)


def _answer_unexpected(error: Exception) -> Response:
    # The traceback's text may hold values of the request: the log gets where it happened, not what was in it.
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where is not None else "?"
    log.error("unexpected", error=type(error).__name__, at=place, request_id=g.get("request_id"))
    return answer_error(InternalError(type(error).__name__))
