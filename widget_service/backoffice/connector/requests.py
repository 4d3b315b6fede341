"""A call of the document as the request that is sent."""

from collections.abc import Mapping
from dataclasses import replace

from widget_service.backoffice import Caller
from widget_service.backoffice.calls import UpstreamRequest
from widget_service.backoffice.connector.credentials import Session
from widget_service.backoffice.connector.document import Call, Document
from widget_service.backoffice.connector.templates import LEFT_OUT, Template, as_segment, fill_all
from widget_service.backoffice.connector.values import Values, issue_jwt, require_operator_session
from widget_service.errors import BackOfficeUnavailable

LONGEST_HEADER = 8192


def build_request(call: Call, document: Document, values: Values, *, idempotent: bool) -> UpstreamRequest:
    """Without authentication. Raises BackOfficeUnavailable for what cannot be put into a request."""
    body = fill_all(call.body, values.find) if call.body is not None else None
    form = fill_texts(call.form, values) if call.form is not None else None
    return UpstreamRequest(
        method=call.method,
        path=_path(document.base_path, values).rstrip("/") + _path(call.path, values),
        query=tuple(fill_texts(call.query, values).items()),
        headers=fill_headers({**document.headers, **call.headers}, values),
        json=None if body is LEFT_OUT else body,
        form=None if form is None else tuple(form.items()),
        idempotent=idempotent,
    )


def with_session(request: UpstreamRequest, session: Session | None, caller: Caller) -> UpstreamRequest:
    """With the player's session where the platform wants it. Raises InvalidSession if there is none of that kind."""
    if session is None:
        return request
    text = session.prefix + _session_text(session, caller)
    if session.header is not None:
        return replace(request, headers={**request.headers, session.header: require_header(text)})
    if session.query is not None:
        return replace(request, query=(*request.query, (session.query, text)))
    return _with_session_in_body(request, str(session.body), text)


def fill_texts(templates: Mapping[str, Template], values: Values) -> dict[str, str]:
    """Names with texts, without those that have no value."""
    filled = ((name, template.fill_text(values.find)) for name, template in templates.items())
    return {name: text for name, text in filled if text is not None}


def fill_headers(templates: Mapping[str, Template], values: Values) -> dict[str, str]:
    """The same, each checked to be one line of visible ASCII."""
    return {name: require_header(text) for name, text in fill_texts(templates, values).items()}


def require_header(text: str) -> str:
    """A header's value. Raises BackOfficeUnavailable: a line end in it would begin another header."""
    if len(text) > LONGEST_HEADER or not text.isascii() or not text.isprintable():
        raise BackOfficeUnavailable("header_not_sendable")
    return text


def _path(template: Template | None, values: Values) -> str:
    if template is None:
        return ""
    path = template.fill_text(values.find, as_segment)
    if path is None:
        raise BackOfficeUnavailable("path_without_value")
    return path


def _session_text(session: Session, caller: Caller) -> str:
    if session.source == "operator_session_id":
        return require_operator_session(caller)
    return issue_jwt(caller) if session.source == "session_jwt" else caller.session_id


def _with_session_in_body(request: UpstreamRequest, name: str, text: str) -> UpstreamRequest:
    if request.form is not None:
        return replace(request, form=(*request.form, (name, text)))
    if request.json is None and request.method == "GET":
        raise BackOfficeUnavailable("session_without_body")
    if request.json is not None and not isinstance(request.json, dict):
        raise BackOfficeUnavailable("session_without_body")
    return replace(request, json={**(request.json or {}), name: text})
