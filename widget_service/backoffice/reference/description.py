"""OpenAPI 3.1 of the reference back office, made from the canonical models; the playground reads it."""

import json
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from widget_service import __version__
from widget_service.backoffice.canonical import BACK_OFFICE_ONLY, Capability
from widget_service.backoffice.reference.endpoints import PLAYER_CAPABILITIES
from widget_service.backoffice.reference.examples import BODIES, SUMMARIES, TAGS
from widget_service.backoffice.reference.seeding import cast

DESCRIPTION = (
    "A complete player API with made-up players and real state: the example to build against, and what the gateway"
    " speaks when a connection names no other. Every call needs the API token; a player's endpoints need that player's"
    " session too, and answer nobody else's.\n\n"
    "Paste the API token under `Credentials`, choose a sample player, and press `Send`."
)
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error"],
    "properties": {
        "success": {"const": False},
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "request_id": {"type": "string"},
                "details": {"type": "object"},
            },
        },
    },
}
SECURITY_SCHEMES: dict[str, Any] = {
    "ApiToken": {"type": "http", "scheme": "bearer", "description": "The calling system's API token."},
    "PlayerSession": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-ID",
        "description": "The player's session, `sess_…`: from the login here, or as the service issued it.",
    },
}
_WITHOUT_SESSION = ("login", "bonus_types.add")
_PATH_NAMES = {"player_id": "playerId", "withdrawal_id": "withdrawalId"}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again: the same answer, done once. With another body: `CONFLICT`.",
    "schema": {"type": "string", "maxLength": 255},
}


@lru_cache(maxsize=1)
def written() -> bytes:
    """The document's bytes."""
    return json.dumps(build(), ensure_ascii=False, separators=(",", ":")).encode()


def build() -> dict[str, Any]:
    """The OpenAPI document."""
    capabilities = [*BACK_OFFICE_ONLY.values(), *PLAYER_CAPABILITIES.values()]
    paths: dict[str, Any] = {}
    for capability in capabilities:
        paths.setdefault(shown_path(capability), {})[capability.method.lower()] = _operation(capability)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reference back office", "version": __version__, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": told} for tag, told in TAGS.items()],
        "paths": paths,
        "components": {"schemas": _schemas(capabilities), "securitySchemes": SECURITY_SCHEMES},
        "x-sample-players": sample_players(),
    }


def sample_players() -> list[dict[str, str]]:
    """Who can be chosen in the playground."""
    names = ("player_id", "name", "email", "currency", "note")
    return [{name: player[name] for name in names} for told in cast() for player in told.get("players", [])]


def shown_path(capability: Capability) -> str:
    """As the player API writes it: ``/v1/players/{playerId}``."""
    return capability.path.format(**{name: f"{{{shown}}}" for name, shown in _PATH_NAMES.items()})


def _operation(capability: Capability) -> dict[str, Any]:
    tag, summary = SUMMARIES[capability.name]
    has_session = capability.name not in _WITHOUT_SESSION
    said: dict[str, Any] = {
        "operationId": capability.name.replace(".", "_"),
        "tags": [tag],
        "summary": summary,
        "security": [{"ApiToken": [], **({"PlayerSession": []} if has_session else {})}],
        "parameters": _parameters(capability),
        "responses": _responses(capability),
    }
    if capability.body is not None:
        content: dict[str, Any] = {"schema": _reference(capability.body), "example": BODIES[capability.name]}
        said["requestBody"] = {"required": True, "content": {"application/json": content}}
    return said


def _parameters(capability: Capability) -> list[dict[str, Any]]:
    in_path = [
        {"name": shown, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 255}}
        for name, shown in _PATH_NAMES.items()
        if f"{{{name}}}" in capability.path
    ]
    in_query = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in capability.query.model_json_schema().get("properties", {}).items()
    ]
    return [*in_path, *in_query, *([IDEMPOTENCY_KEY] if capability.method in ("POST", "PUT") else [])]


def _responses(capability: Capability) -> dict[str, Any]:
    refusals = {"401": "`UNAUTHORIZED`, `INVALID_SESSION`", "422": "`INVALID_REQUEST`", "503": "`UNAVAILABLE`"}
    if "{player_id}" in capability.path or capability.name == "login":
        refusals["404"] = "`PLAYER_NOT_FOUND`"
    if capability.writes:
        refusals["400"] = "`INVALID_REQUEST`"
        refusals["409"] = "`CONFLICT`"
    if capability.name == "withdrawals.cancel":
        refusals["400"] = "`WITHDRAWAL_CANNOT_CANCEL`, `INVALID_REQUEST`"
    if capability.name in ("balances.adjust", "cash.deduct"):
        refusals["400"] = "`BALANCE_INSUFFICIENT`, `INVALID_REQUEST`"
    done = {"description": "Done.", "content": {"application/json": {"schema": _reference(capability.answer)}}}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    refused = {status: {"description": told, "content": error} for status, told in sorted(refusals.items())}
    return {str(capability.status): done, **refused}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(capabilities: list[Capability]) -> dict[str, Any]:
    answers = {capability.answer for capability in capabilities}
    bodies = {capability.body for capability in capabilities if capability.body is not None}
    inputs: list[Any] = [(model, "serialization") for model in answers] + [(model, "validation") for model in bodies]
    inputs.sort(key=lambda entry: entry[0].__name__)
    _, found = models_json_schema(inputs, ref_template="#/components/schemas/{model}")
    return {**found["$defs"], "Error": ERROR_SCHEMA}
