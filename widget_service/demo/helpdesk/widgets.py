"""What the pretend widgets have in common with real ones: a script for any page, and calls from any page."""

import json
from pathlib import Path
from typing import Any

from flask import Response, request
from werkzeug.exceptions import BadRequest

STATIC = Path(__file__).parent / "static"
LONGEST_TEXT = 4096


def script(*names: str) -> Response:
    """The files one after the other, as one script."""
    text = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    return Response(text, mimetype="text/javascript")


def allow_every_page(response: Response) -> Response:
    """As vendors do: whoever has the customer's key is the customer, on whatever page."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def read_call() -> dict[str, Any]:
    """JSON sent as plain text, so that a browser asks no permission first."""
    try:
        call = json.loads(request.get_data())
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(call, dict) or not isinstance(call.get("key"), str | None):
        raise BadRequest
    return call


def read_text(call: dict[str, Any], name: str) -> str:
    """A member that must be a text."""
    text = call.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
        raise BadRequest
    return text
