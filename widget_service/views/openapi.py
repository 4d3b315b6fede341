"""OpenAPI 3.1, built from the validation models and one table of endpoints.

The views validate in the order that the wire contract gives, so no framework may validate before them; this page is
made beside them, and a test holds every route to its entry.
"""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify

from widget_service import __version__
from widget_service.views.endpoints import ENDPOINTS, Endpoint
from widget_service.views.openapi_parts import ERROR_SCHEMA, SECURITY_SCHEMES, component_schemas
from widget_service.views.runtime import runtime

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def document() -> Response:
    """The whole description."""
    return jsonify(build(runtime().settings.public_url))


@lru_cache(maxsize=4)
def build(public_url: str) -> dict[str, Any]:
    """The OpenAPI document of a service at that URL."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "widget-service",
            "version": __version__,
            "summary": "Carries a casino operator's login safely into the support conversation.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.tag for endpoint in ENDPOINTS)],
        "paths": paths,
        "components": {
            "schemas": {**component_schemas(), "Error": ERROR_SCHEMA},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": [*endpoint.path_parameters(), *endpoint.header_parameters(), *endpoint.query_parameters()],
        "responses": endpoint.responses(),
        "security": [dict.fromkeys(endpoint.security, [])] if endpoint.security else [],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    body = endpoint.request_body()
    if body:
        operation["requestBody"] = body
    return operation
