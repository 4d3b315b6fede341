"""OpenAPI 3.1, built from the validation models and one list of endpoints.

The views validate in the order that the wire contract gives, so no framework may validate before them; this page is
made beside them, and tests hold every route and every real answer to it.
"""

import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response

from widget_service import __version__
from widget_service.views.components import components
from widget_service.views.endpoints import ENDPOINTS
from widget_service.views.runtime import runtime

blueprint = Blueprint("openapi", __name__)

DESCRIPTION = (
    "An operator's page proves who its player is, from where and with which key; support answers in one conversation;"
    " an agent gets a session id that opens this one player's data.\n\n"
    "JSON is UTF-8 and snake_case, times are ISO 8601 in UTC. Unknown members of a request are refused. A body has at"
    " most 64 KiB and 16 levels. Every answer carries `X-Request-ID`. Errors have one shape, the schema `Error`, except"
    " under `/v1/oauth/`, where it is the RFCs'.\n\n"
    "An address that is not listed answers `NOT_FOUND`, another method `METHOD_NOT_ALLOWED`. Too many refusals of one"
    " address become `RATE_LIMITED`."
)
TAGS = {
    "Conversation start": "Called in the operator's page: the signed player, the origin and the key become a session.",
    "Messenger": "Called by our frame with the session token and a fresh proof; some also by support tools.",
    "Agents": "Called by support tools and AI agents with an API token. Never give one to a browser.",
    "Player data": "The gateway: one player's data, with an API token and that player's session id.",
    "Helpdesks": "The same identity in a vendor's tickets and chats: references for the page, webhooks of the vendor.",
    "OAuth": "Introspection, revocation, logout and keys in the shapes that RFCs give them.",
    "SDK": "What the operator's page loads.",
    "Service": "Health, metrics and this description.",
}


@blueprint.get("/openapi.json")
def document() -> Response:
    """The whole description."""
    return Response(written(runtime().settings.public_url), mimetype="application/json")


@lru_cache(maxsize=4)
def written(public_url: str) -> bytes:
    """The document's bytes, written once."""
    return json.dumps(build(public_url), ensure_ascii=False, separators=(",", ":")).encode()


def build(public_url: str) -> dict[str, Any]:
    """The OpenAPI document of a service at that URL."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint.operation()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "widget-service",
            "version": __version__,
            "summary": "Carries a casino operator's login safely into the support conversation.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": components(),
    }
