"""CORS headers for the endpoints that the operator's page calls.

``origins.py`` has judged before anything here runs; Flask-Cors only writes the headers, for one escaped, end-anchored
literal per answer. Refusals to an allowed origin carry them too, so that the page's developer can read them.
"""

import re
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, request
from flask_cors.core import get_cors_options, set_cors_headers

from widget_service.errors import ServiceError
from widget_service.origins import AllowedOrigins, require_allowed
from widget_service.views.runtime import runtime
from widget_service.workspaces import Brand

ALLOW_METHODS = "POST"
ALLOW_HEADERS = "content-type, dpop"
EXPOSE_HEADERS = "X-Request-ID, Retry-After"
MAX_AGE = 600
NOWHERE = AllowedOrigins()
_NOTHING_CONFIGURED = Flask(__name__)  # Flask-Cors looks for settings in an app: none get in from elsewhere
BROWSER_ENDPOINTS = re.compile(
    r"/v1/workspaces/(?P<workspace_id>[^/\0]+)/(?:conversations|helpdesks/[^/\0]+/(?:attributes|user-token))"
)


def preflight(workspace_id: str) -> Response:
    """204 for an origin of any of the workspace's brands: which one is not known before the body. OriginNotAllowed."""
    origin = request.headers.get("Origin")
    if runtime().directory.find_workspace(workspace_id) is not None:
        g.workspace_id = workspace_id  # a refusal counts there, and not for everybody
    if not _is_of_workspace(workspace_id, origin):
        require_allowed(origin, NOWHERE)  # always raises: it knows the reasons
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = ALLOW_METHODS
    response.headers["Access-Control-Allow-Headers"] = ALLOW_HEADERS
    response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
    return response


def brand_decides(brand: Brand) -> None:
    """From here on only this brand's list counts for the answer's headers."""
    g.cors_brand = brand


def add_headers(response: Response) -> Response:
    """For the browser endpoints, whatever they answer, 405 included: the grant, if the origin is allowed."""
    endpoint = BROWSER_ENDPOINTS.fullmatch(request.path)
    if endpoint is None:
        return response
    workspace_id = endpoint["workspace_id"]
    origin = request.headers.get("Origin")
    if origin is None or not _is_allowed(workspace_id, origin):
        return response
    response = set_cors_headers(response, _options(origin))
    response.headers.pop("Access-Control-Allow-Private-Network", None)
    return response


@lru_cache(maxsize=512)
def _options(origin: str) -> Any:
    return get_cors_options(
        _NOTHING_CONFIGURED,
        {
            "origins": re.compile(re.escape(origin) + r"\Z"),
            "methods": [],
            "expose_headers": EXPOSE_HEADERS,
            "supports_credentials": False,
            "send_wildcard": False,
            "always_send": False,
            "vary_header": False,
        },
    )


def _is_allowed(workspace_id: str, origin: str) -> bool:
    brand: Brand | None = g.get("cors_brand")
    if brand is not None:
        return brand.allowed_origins.allows(origin)
    return _is_of_workspace(workspace_id, origin)


def _is_of_workspace(workspace_id: str, origin: str | None) -> bool:
    if origin is None:
        return False
    directory = runtime().directory
    try:
        workspace = directory.find_workspace(workspace_id)
        if workspace is not None and not workspace.allows_origin(origin):
            workspace = directory.look_again(workspace_id)
    except ServiceError:  # the store is away: the answer says so, to nobody in particular
        return False
    return workspace is not None and workspace.allows_origin(origin)
