"""The canonical models as schemas, under names of their own: some are called as ours are."""

import json
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.views.endpoints.endpoint import PLAYER_DATA as PREFIX

#: Members that may be left out; all others are always there.
ABSENT = frozenset({"raw_status", "extra", "range"})


def player_schemas() -> dict[str, Any]:
    """Every body and every answer of the gateway by its name."""
    answers = {capability.answer for capability in CAPABILITIES.values()}
    bodies = {capability.body for capability in CAPABILITIES.values() if capability.body is not None}
    return {**_schemas(answers, whole=True), **_schemas(bodies, whole=False)}


def _schemas(models: Collection[type[BaseModel]], *, whole: bool) -> dict[str, Any]:
    listed = sorted(models, key=lambda model: model.__name__)
    _, found = models_json_schema(
        [(model, "validation") for model in listed], ref_template=f"#/components/schemas/{PREFIX}{{model}}"
    )
    return {PREFIX + name: _strict(schema) if whole else _plain(schema) for name, schema in found["$defs"].items()}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    for member in schema.get("properties", {}).values():
        member.pop("title", None)
    return schema


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Exactly these members, as they are written: what nobody has said is null, and nothing is left out."""
    copied: dict[str, Any] = json.loads(json.dumps(_plain(schema), default=str))
    if copied.get("type") == "object":
        for member in copied["properties"].values():
            member.pop("default", None)
        copied["required"] = sorted(copied["properties"].keys() - ABSENT)
        copied["additionalProperties"] = False
    return copied
