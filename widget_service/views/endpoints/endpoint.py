"""What is said of one endpoint, and how OpenAPI 3.1 says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from widget_service.backoffice import canonical
from widget_service.views.endpoints.parameters import header_parameter, path_parameters, query_parameters
from widget_service.views.endpoints.refusals import (
    INSUFFICIENT_SCOPE,
    INTERNAL_ERROR,
    INVALID_PROOF,
    INVALID_SESSION,
    PROOF_REUSED,
    RATE_LIMITED,
    REQUEST_ID_HEADER,
    UNAUTHORIZED,
    UNAVAILABLE,
    Refusal,
    error_responses,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PLAYER_DATA = "PlayerData_"
TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call: the security requirements, the headers and the refusals that come with them."""

    security: tuple[Mapping[str, list[str]], ...] = ()
    headers: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


ANYBODY = Access()
_SESSION: tuple[Mapping[str, list[str]], ...] = ({"PlayerSession": []}, {"UnboundSession": []})
_SESSION_REFUSALS = (INVALID_SESSION, INVALID_PROOF, PROOF_REUSED)
_STORE_REFUSALS = (RATE_LIMITED, UNAVAILABLE)
MESSENGER = Access(_SESSION, ("DPoP",), (*_SESSION_REFUSALS, *_STORE_REFUSALS))


def agent(scope: str) -> Access:
    """An API token with that scope."""
    return Access(({"ApiToken": [scope]},), (), (UNAUTHORIZED, INSUFFICIENT_SCOPE, *_STORE_REFUSALS))


def messenger_or_agent(scope: str) -> Access:
    """Either side."""
    refusals = (UNAUTHORIZED, *_SESSION_REFUSALS, INSUFFICIENT_SCOPE, *_STORE_REFUSALS)
    return Access((*_SESSION, {"ApiToken": [scope]}), ("DPoP",), refusals)


@dataclass(frozen=True, slots=True)
class Body:
    """A request body. ``model`` is None for bytes."""

    model: type[BaseModel] | None
    examples: Mapping[str, Any]
    media_types: tuple[str, ...] = (JSON,)
    required: bool = True
    description: str = ""

    def described(self) -> dict[str, Any]:
        """The Request Body Object."""
        content = {media_type: media(self.model, self.examples) for media_type in self.media_types}
        said = {"description": self.description} if self.description else {}
        return {**said, "required": self.required, "content": content}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer that is not an error of the catalogue."""

    status: int
    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The Response Object."""
        said: dict[str, Any] = {"description": self.description, "headers": {**REQUEST_ID_HEADER, **self.headers}}
        return {**said, "content": dict(self.content)} if self.content else said


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path, as OpenAPI writes paths."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    replies: tuple[Reply, ...]
    description: str = ""
    access: Access = ANYBODY
    headers: tuple[str, ...] = ()
    query: type[BaseModel] | None = None
    body: Body | None = None
    refusals: tuple[Refusal, ...] = ()
    reply_headers: Mapping[str, Any] = field(default_factory=dict)

    def operation(self) -> dict[str, Any]:
        """The Operation Object."""
        headers = (*self.access.headers, *self.headers)
        said: dict[str, Any] = {
            "operationId": self.name,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description or self.summary,
            "security": [dict(way) for way in self.access.security],
            "parameters": [
                *path_parameters(self.path),
                *(header_parameter(name) for name in headers),
                *query_parameters(self.query),
            ],
            "responses": self._responses(),
        }
        if self.body is not None:
            said["requestBody"] = self.body.described()
        return said

    def _responses(self) -> dict[str, Any]:
        refusals = (*self.refusals, *self.access.refusals, INTERNAL_ERROR)
        errors = error_responses(refusals, oauth=self.path.startswith("/v1/oauth/"))
        responses = {**errors, **{str(reply.status): reply.described() for reply in self.replies}}
        for response in responses.values():
            response["headers"] = {**response["headers"], **self.reply_headers}
        return {status: responses[status] for status in sorted(responses)}


def media(model: type[BaseModel] | None, examples: Mapping[str, Any]) -> dict[str, Any]:
    """A Media Type Object; the examples go by their summary."""
    named = {name.lower().replace(" ", "_"): {"summary": name, "value": value} for name, value in examples.items()}
    shown = {"examples": named} if named else {}
    return {"schema": reference(model), **shown} if model is not None else shown


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Where the model's schema is among the components."""
    return {"$ref": f"#/components/schemas/{schema_name(model)}"}


def schema_name(model: type[BaseModel]) -> str:
    """Canonical models have names of their own: some are called as ours are."""
    return (PLAYER_DATA if model.__module__.startswith(canonical.__name__) else "") + model.__name__


def answered(
    model: type[BaseModel],
    description: str,
    status: int = 200,
    /,
    headers: Mapping[str, Any] | None = None,
    **examples: Any,
) -> Reply:
    """An answer in JSON; an underscore in an example's name stands for a space."""
    named = {name.replace("_", " ").capitalize(): value for name, value in examples.items()}
    return Reply(status, description, {JSON: media(model, named)}, headers or {})


def answered_text(
    media_type: str,
    description: str,
    status: int = 200,
    /,
    headers: Mapping[str, Any] | None = None,
    example: str | None = None,
) -> Reply:
    """An answer in any other text."""
    shown = {} if example is None else {"example": example}
    return Reply(status, description, {media_type: {"schema": dict(TEXT), **shown}}, headers or {})
