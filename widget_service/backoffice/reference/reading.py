"""Reading a request: strict JSON and query strings into the canonical models; every failure is INVALID_REQUEST."""

import re
from typing import Any, TypeVar

from flask import request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from widget_service import strict_json
from widget_service.backoffice.reference.money import refused
from widget_service.errors import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)
LARGEST_BODY = 64 * 1024
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def read_query(model: type[Model]) -> Model:
    """The query string; unknown and repeated parameters are 422."""
    members: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise refused(name[:64], "repeated")
        members[name] = values[0]
    return _validated(model, members)


def read_body(model: type[Model]) -> Model:
    """The JSON body. 415 media type, 413 size, 400 not JSON, 422 members."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise InvalidRequest("media_type", status=415)
    try:
        members = strict_json.parse_object(_raw(), decimals=True)
    except strict_json.MalformedJson as error:
        raise InvalidRequest(error.reason, details={"reason": error.reason}) from error
    return _validated(model, members)


def read_idempotency_key() -> str | None:
    """The writer's own name for this write, if it has one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise refused("Idempotency-Key", "malformed")
    return key


def _raw() -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise InvalidRequest("too_large", status=413)
    request.max_content_length = LARGEST_BODY + 1
    try:
        raw: bytes = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise InvalidRequest("too_large", status=413) from error
    except (ClientDisconnected, OSError, ParseException) as error:  # the last: a malformed chunk
        raise InvalidRequest("unreadable_body") from error
    if len(raw) > LARGEST_BODY:
        raise InvalidRequest("too_large", status=413)
    if len(raw) < (request.content_length or 0):
        raise InvalidRequest("truncated_body")
    return raw


def _validated(model: type[Model], members: dict[str, Any]) -> Model:
    try:
        return model.model_validate(members)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part)[:64] for part in first["loc"][:4])
        raise refused(where or None, first["msg"].removeprefix("Value error, ")[:200]) from error
