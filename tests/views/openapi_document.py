"""The OpenAPI page as a client reads it, and answers held against it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema

METHODS = {"get", "post", "put", "patch", "delete"}


class Document:
    """The page as a client reads it, and answers held against it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.components = content["components"]
        #: (operationId, status) of every answer that was checked.
        self.seen: set[tuple[str, int]] = set()

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.content["paths"].items():
            for method in METHODS & set(item):
                yield path, method, item[method]

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self.content
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found

    def validate(self, schema: dict[str, Any], value: Any) -> None:
        whole = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.components,
            "allOf": [schema],
        }
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)

    def find(self, request: httpx.Request) -> dict[str, Any] | None:
        """The operation that was called; a fixed path wins over one with parameters."""
        candidates = [
            (path.count("{"), operation)
            for path, method, operation in self.operations()
            if method == request.method.lower() and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), request.url.path)
        ]
        return min(candidates, key=lambda found: found[0])[1] if candidates else None

    def check(self, answer: httpx.Response) -> None:
        """An httpx hook: fails unless this very answer is documented."""
        operation = self.find(answer.request)
        if operation is None:
            return
        name = operation["operationId"]
        responses = operation["responses"]
        assert str(answer.status_code) in responses, f"{name}: {answer.status_code} is not documented"
        response = responses[str(answer.status_code)]
        self.seen.add((name, answer.status_code))
        assert re.fullmatch(
            self.components["headers"]["RequestID"]["schema"]["pattern"], answer.headers["X-Request-ID"]
        )
        for header in ("Retry-After", "WWW-Authenticate"):
            assert header not in answer.headers or header in response["headers"], f"{name}: {header}"
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        if media_type == "text/event-stream":
            assert media_type in response["content"]
            return
        answer.read()
        if not answer.content:
            assert "content" not in response, f"{name}: an empty answer where {list(response['content'])} is documented"
            return
        assert media_type in response.get("content", {}), f"{name}: {answer.status_code} {media_type} is not documented"
        if media_type == "application/json":
            self.check_json(name, response["content"][media_type], answer.json())

    def check_json(self, name: str, media: dict[str, Any], body: Any) -> None:
        self.validate(media["schema"], body)
        if media["schema"] == {"$ref": "#/components/schemas/Error"}:
            assert body["error"]["code"] in media["examples"], f"{name}: {body['error']['code']} is not documented"
        if isinstance(body, dict) and isinstance(body.get("error"), str):
            shown = [self.resolve(example)["value"]["error"] for example in media["examples"].values()]
            assert body["error"] in shown, f"{name}: {body['error']} is not documented"


def watched(document: Document, caller: Any) -> Any:
    """A browser, agent or client whose every answer is held against the page."""
    getattr(caller, "client", caller).event_hooks["response"].append(document.check)
    return caller
