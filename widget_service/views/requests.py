"""Reading a request: strict JSON into the validation models, query strings, forms.

Every failure is INVALID_REQUEST with the status that fits, and names the member at fault, never its value.
"""

from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from flask import request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from widget_service import strict_json
from widget_service.errors import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)
LARGEST_BODY = 64 * 1024
MOST_FORM_MEMBERS = 32


def request_url(public_url: str) -> str:
    """This request's own address as a proof states it: where the world reaches us, the path escaped, no query."""
    path: str = request.environ["PATH_INFO"]  # bytes in disguise (PEP 3333)
    return public_url + quote(path.encode("latin-1"))


def read_body(model: type[Model], *, decimals: bool = False) -> Model:
    """The JSON body as the model. 415 media type, 413 size, 400 not JSON, 422 members."""
    if not _is_json():
        raise InvalidRequest("media_type", status=415)
    return _validate(model, _parse(read_raw(), decimals=decimals))


def read_optional_body(model: type[Model]) -> Model:
    """As read_body(), where no body at all means no members."""
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return _validate(model, {})
    return read_body(model)


def read_query(model: type[Model]) -> Model:
    """The query string as the model; unknown and repeated parameters are 422."""
    return _validate(model, _single_values(request.args), strict=False)


def read_form(model: type[Model]) -> Model:
    """A form body (RFC 7662 §2.1) as the model; repeated members are refused (RFC 6749 §3.2)."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequest("media_type", status=400)
    try:
        pairs = parse_qsl(
            read_raw().decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_MEMBERS
        )
    except ValueError as error:  # not UTF-8, or too many members
        raise InvalidRequest("malformed_form") from error
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidRequest("repeated")
    return _validate(model, members, status=400)


def read_raw(largest: int = LARGEST_BODY) -> bytes:
    """The body's bytes, so many at most. Whatever breaks while reading is the caller's: 400."""
    length = request.content_length
    request.max_content_length = largest + 1
    if length is not None and length > largest:
        raise InvalidRequest("too_large", status=413)
    try:
        raw: bytes = request.environ["wsgi.input"].read(length) if length is not None else request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise InvalidRequest("too_large", status=413) from error
    except (ClientDisconnected, OSError, ParseException) as error:  # the last: a malformed chunk
        raise InvalidRequest("unreadable_body") from error
    if length is not None and len(raw) < length:
        raise InvalidRequest("truncated_body")
    if len(raw) > largest:
        raise InvalidRequest("too_large", status=413)
    return raw


def _is_json() -> bool:
    if request.mimetype != "application/json":
        return False
    return request.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _parse(raw: bytes, *, decimals: bool) -> dict[str, Any]:
    try:
        return strict_json.parse_object(raw, decimals=decimals)
    except strict_json.MalformedJson as error:
        raise InvalidRequest(error.reason, details={"reason": error.reason}) from error


def _single_values(values: Any) -> dict[str, str]:
    repeated = [name for name, every in values.lists() if len(every) > 1]
    if repeated:
        raise InvalidRequest("repeated", status=422, details={"field": repeated[0][:64], "reason": "repeated"})
    nul = [name for name in values if "\0" in name + values[name]]  # PostgreSQL keeps none
    if nul:
        raise InvalidRequest("nul", status=422, details={"field": nul[0].replace("\0", "")[:64], "reason": "nul"})
    return {name: values[name] for name in values}


def _validate(model: type[Model], members: dict[str, Any], *, strict: bool = True, status: int = 422) -> Model:
    try:
        return model.model_validate(members, strict=strict)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = [str(part)[:64] for part in first["loc"][:4]]
        named = {"field": ".".join(path)} if path else {}
        details = {**named, "reason": first["msg"].removeprefix("Value error, ")[:200]}
        # A name that we do not know may be a credential in a wrong place: its sender may read it, no log may.
        known = [*path[:-1], "?"] if first["type"] == "extra_forbidden" else path
        raise InvalidRequest(f"member:{'.'.join(known)}", status=status, details=details) from error
