"""What the OpenAPI page refers to: schemas from the models, headers, parameters, errors, ways of authentication."""

from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from widget_service.views import answers, helpdesk_answers, public_answers, shapes
from widget_service.views.endpoints.parameters import header_parameters
from widget_service.views.endpoints.player_schemas import player_schemas
from widget_service.views.endpoints.refusals import error_examples

SECURITY_SCHEMES: dict[str, Any] = {
    "ApiToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "wat_…",
        "description": "A workspace's API token, `wat_…`, with the scopes that the operation names.",
    },
    "SessionID": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-ID",
        "description": "Whose data it is: a session id of `POST /v1/conversations/{id}/session`, `sess_…`.",
    },
    "PlayerSession": {
        "type": "http",
        "scheme": "DPoP",
        "description": "The session token of a conversation start, `wst_…`, with a fresh proof of its key (RFC 9449).",
    },
    "UnboundSession": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "wst_…",
        "description": "The same without a key, for native apps: only where the brand allows it. Off by default.",
    },
    "MetricsToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The service's own `WIDGET_METRICS_TOKEN`.",
    },
}
HEADERS: dict[str, Any] = {
    "RequestID": {
        "description": "Names this request in our log.",
        "schema": {"type": "string", "pattern": "^req_[0-9a-f]{24}$"},
    },
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "WWWAuthenticate": {"description": "RFC 9110 §11.6.1, RFC 9449 §7.1.", "schema": {"type": "string"}},
    "AllowOrigin": {
        "description": "The page's origin, where it is allowed; absent where it is not.",
        "schema": {"type": "string"},
    },
    "ExposeHeaders": {
        "description": "Where the origin is allowed.",
        "schema": {"const": "X-Request-ID, Retry-After"},
    },
    "Vary": {"description": "`Origin` is always among them.", "schema": {"type": "string"}},
}


def components() -> dict[str, Any]:
    """The Components Object."""
    return {
        "schemas": schemas(),
        "parameters": header_parameters(),
        "headers": HEADERS,
        "examples": error_examples(),
        "securitySchemes": SECURITY_SCHEMES,
    }


def schemas() -> dict[str, Any]:
    """Every model of requests and answers by its name."""
    models = [*_models(shapes), *_models(answers), *_models(helpdesk_answers), *_models(public_answers)]
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    ours = {name: _without_titles(schema) for name, schema in sorted(found["$defs"].items())}
    return {**ours, **player_schemas()}


def _models(module: ModuleType) -> list[type[BaseModel]]:
    """Those that the module defines and that stand for something: no bases, no query strings."""
    return [
        model
        for name, model in vars(module).items()
        if isinstance(model, type)
        and issubclass(model, BaseModel)
        and model.__module__ == module.__name__
        and name == model.__name__
        and not name.startswith("_")
        and name not in ("Request", "Answer")
        and not name.endswith("Query")
    ]


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Pydantic repeats each member's name as its title."""
    for member in schema.get("properties", {}).values():
        member.pop("title", None)
    return schema
