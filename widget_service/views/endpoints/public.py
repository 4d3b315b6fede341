"""What anybody may read: the SDK, the health, this description."""

from typing import Any

from widget_service.views import public_answers
from widget_service.views.endpoints import examples, refusals
from widget_service.views.endpoints.endpoint import (
    JSON,
    Access,
    Endpoint,
    Reply,
    answered,
    answered_text,
)

SDK_TAG = "SDK"
TAG = "Service"
SCRIPT = "text/javascript"
ANY_PAGE: dict[str, Any] = {
    "Access-Control-Allow-Origin": {"schema": {"const": "*"}, "description": "Any page may load it."}
}
UNCHANGED = Reply(304, "As the `If-None-Match` of the request has it.", headers=ANY_PAGE)

SDK = (
    Endpoint(
        "get",
        "/sdk/v1/messenger.js",
        "read_sdk",
        SDK_TAG,
        "The newest SDK of version 1",
        (answered_text(SCRIPT, "One classic script; cached for a short time.", headers=ANY_PAGE), UNCHANGED),
    ),
    Endpoint(
        "get",
        "/sdk/{version}/messenger.js",
        "read_pinned_sdk",
        SDK_TAG,
        "Exactly that SDK",
        (answered_text(SCRIPT, "For a page that pins it by its hash; never changes.", headers=ANY_PAGE), UNCHANGED),
        refusals=(refusals.NOT_FOUND,),
    ),
    Endpoint(
        "get",
        "/sdk/v1/helpdesks/{vendor}.js",
        "read_bridge",
        SDK_TAG,
        "The newest bridge to a vendor's widget",
        (answered_text(SCRIPT, "One classic script for the page that has the vendor's.", headers=ANY_PAGE), UNCHANGED),
        refusals=(refusals.NOT_FOUND,),
    ),
    Endpoint(
        "get",
        "/sdk/{version}/helpdesks/{vendor}.js",
        "read_pinned_bridge",
        SDK_TAG,
        "Exactly that bridge",
        (answered_text(SCRIPT, "For a page that pins it by its hash; never changes.", headers=ANY_PAGE), UNCHANGED),
        refusals=(refusals.NOT_FOUND,),
    ),
    Endpoint(
        "get",
        "/sdk/v1/manifest.json",
        "read_manifest",
        SDK_TAG,
        "What a strict page needs",
        (
            answered(
                public_answers.Manifest,
                "The immutable address, its hash, the tag with both, for the bridges too, and the three CSP lines.",
                headers=ANY_PAGE,
                manifest=examples.MANIFEST,
            ),
        ),
    ),
)

SERVICE = (
    Endpoint(
        "get",
        "/health/live",
        "read_liveness",
        TAG,
        "The process answers",
        (answered(public_answers.Health, "It does.", live={"success": True, "status": "live", "version": "0.1.0"}),),
    ),
    Endpoint(
        "get",
        "/health/ready",
        "read_readiness",
        TAG,
        "The store answers and takes writes too",
        (answered(public_answers.Health, "It does.", ready={"success": True, "status": "ready", "version": "0.1.0"}),),
        refusals=(refusals.UNAVAILABLE,),
    ),
    Endpoint(
        "get",
        "/metrics",
        "read_metrics",
        TAG,
        "Prometheus metrics",
        (answered_text("text/plain", "The text exposition format.", example="widget_event_streams 12.0\n"),),
        "Exists only where `WIDGET_METRICS_TOKEN` is set.",
        access=Access(
            ({"MetricsToken": []},), (), (refusals.UNAUTHORIZED, refusals.RATE_LIMITED, refusals.UNAVAILABLE)
        ),
        refusals=(refusals.NOT_FOUND,),
    ),
    Endpoint(
        "get",
        "/openapi.json",
        "read_description",
        TAG,
        "This description",
        (Reply(200, "OpenAPI 3.1.", {JSON: {"schema": {"type": "object"}}}),),
    ),
    Endpoint(
        "get",
        "/playground",
        "read_playground",
        TAG,
        "Try the API by hand",
        (answered_text("text/html", "A page of our own that loads nothing from elsewhere."),),
    ),
)
