"""Liveness, readiness and metrics."""

import hmac

from flask import Blueprint, Response, jsonify

from widget_service import __version__
from widget_service.errors import NotFound, Unauthorized, Unavailable
from widget_service.views.authentication import credential, require_unrefused
from widget_service.views.runtime import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/health/live")
def live() -> Response:
    """The process answers."""
    return jsonify(success=True, status="live", version=__version__)


@blueprint.get("/health/ready")
def ready() -> Response:
    """The store answers and takes writes too; else UNAVAILABLE."""
    if not runtime().storage.write(lambda store: store.is_writable()):
        raise Unavailable("store")
    return jsonify(success=True, status="ready", version=__version__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text, for the holder of the metrics token."""
    parts = runtime()
    if not parts.settings.metrics_token:
        raise NotFound
    require_unrefused()
    given = (credential("Bearer") or "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, parts.settings.metrics_token.encode()):
        raise Unauthorized("metrics_token")
    return Response(parts.metrics.render(), mimetype="text/plain; version=0.0.4")
