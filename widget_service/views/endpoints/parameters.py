"""Parameters in the path, in headers and in the query."""

import re
from typing import Any

from pydantic import BaseModel

from widget_service.views.endpoints import examples

_PATH = {
    "workspace_id": ("The workspace, `ws_…`", examples.WORKSPACE_ID),
    "conversation_id": ("The conversation, `conv_…`", examples.CONVERSATION_ID),
    "withdrawal_id": ("The withdrawal, as the list names it", "wd_20931"),
    "player_id": ("The player id, as the player token's `sub` has it", examples.PLAYER_ID),
    "connection_id": ("The helpdesk connection, `hd_…`", examples.CONNECTION_ID),
    "avatar_id": ("The picture, `avt_…`", examples.AVATAR_ID),
    "vendor": ("A helpdesk's vendor that has a bridge", "zendesk"),
    "version": ("What the manifest names", examples.MANIFEST["version"]),
}
_QUERY = {
    "after": "Only what came after this one.",
    "before": "Only what came before this one.",
    "limit": "How many at most.",
    "cursor": "The `next_cursor` of the page before.",
    "status": "Only those.",
    "offset": "How many are left out.",
    "from_date": "From then on, inclusive: a date-time or a plain date, UTC unless it says otherwise.",
    "to_date": "Until then, inclusive; a plain date is that whole day.",
    "event_type": "Only those.",
    "criteria_type": "Only those.",
    "player_id": "Only this player's.",
    "include_empty": "Also those in which the player has not written.",
    "handover": "`waiting`: those in which a person is wanted, whether the player has written or not.",
    "brand_id": "The brand; the workspace's first one when absent.",
    "origin": "The page's origin: the only one that may embed the document.",
    "locale": "BCP 47; the brand's own when absent.",
}


def header_parameters() -> dict[str, Any]:
    """The components."""
    return {
        "DPoP": {
            "name": "DPoP",
            "in": "header",
            "description": "A fresh proof of the confirmation key (RFC 9449, ES256): `htm`, `htu`, `iat` within 60 s, a"
            " `jti` used once, and `ath` of the token that is sent. Left out only with an unbound session.",
            "schema": {"type": "string"},
        },
        "Origin": {
            "name": "Origin",
            "in": "header",
            "required": True,
            "description": "The page's origin, set by the browser; it must be one of the brand's.",
            "schema": {"type": "string"},
            "example": "https://casino.example",
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same key makes the same write once. Without it a write is never sent twice.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "example": "4f1c2d9b-e07a-4d0f-8a6b-3c5e7d9f1b2a",
        },
        "LastEventID": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The last event seen; it wins over `after`.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,16}$"},
            "example": "3",
        },
    }


def header_parameter(name: str) -> dict[str, str]:
    """A reference to one of the components."""
    return {"$ref": f"#/components/parameters/{name.replace('-', '')}"}


def path_parameters(path: str) -> list[dict[str, Any]]:
    """One for each ``{name}``."""
    return [_path_parameter(name) for name in re.findall(r"{(\w+)}", path)]


def query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    """One for each member of the model that the view validates the query with."""
    if model is None:
        return []
    members = model.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "description": _QUERY[name], "schema": _present(schema)}
        for name, schema in members.items()
    ]


def _path_parameter(name: str) -> dict[str, Any]:
    description, example = _PATH[name]
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter is when it is there: a query knows no null."""
    real = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    return {name: value for name, value in real[0].items() if name != "title"}
