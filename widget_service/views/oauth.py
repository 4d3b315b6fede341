"""Standard answers for the agent side: introspection, revocation, back-channel logout, metadata, keys."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from widget_service.assertions import verify_logout_token
from widget_service.audit import AuditEvent
from widget_service.errors import InvalidPlayerToken, InvalidRequest, InvalidSession
from widget_service.ids import digest
from widget_service.logouts import log_out_by_token, revoke_session
from widget_service.references import is_reference_form
from widget_service.sessions import describe
from widget_service.storage.store import Store
from widget_service.views.authentication import require_agent, require_session, require_writer
from widget_service.views.helpdesks import introspect_reference
from widget_service.views.limits import NOBODY, address_prefix, client_address, reported_prefix
from widget_service.views.requests import read_form
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.views.service_keys import is_session_jwt, public_key_set
from widget_service.views.shapes import LogoutForm, TokenForm
from widget_service.workspaces import API_SCOPES, ApiToken

blueprint = Blueprint("oauth", __name__)
INACTIVE = {"active": False}


@blueprint.post("/v1/oauth/introspect")
def introspect() -> Response:
    """RFC 7662: what a live session of the caller's workspace is; anything else is exactly ``{"active": false}``."""
    parts, now = runtime(), clock()
    token = require_agent("sessions:introspect")
    parts.limits.require("introspections_per_token", token.workspace_id, token.id)
    form = read_form(TokenForm)
    answer = _introspected(parts, token, form, now)
    outcome = "active" if answer["active"] else "inactive"
    parts.recorder.count((token.workspace_id, now // 60, "introspection", outcome, "-", "-", token.id, "-"))
    return jsonify(answer)


@blueprint.post("/v1/oauth/revoke")
def revoke() -> Response:
    """RFC 7009: ends one session of the caller's workspace; 200 whatever the token was, unless its kind has no end."""
    parts, now = runtime(), clock()
    token = require_writer("revocation", "sessions:revoke")
    text = read_form(TokenForm).token
    if is_reference_form(text) or is_session_jwt(text):
        return _unsupported_token_type()
    token_hash = digest(text)

    def work(store: Store) -> str | None:
        session = store.find_session(token_hash)
        if session is None or session.workspace_id != token.workspace_id or session.revoked_at is not None:
            return None
        revoke_session(store, session, now=now, actor=token.id)
        return session.conversation_id

    conversation_id = parts.storage.write(work)
    if conversation_id is not None:
        parts.fanout.wake(conversation_id)
    return Response(status=200)


@blueprint.post("/v1/workspaces/<workspace_id>/backchannel-logout")
def back_channel_logout(workspace_id: str) -> tuple[Response, int]:
    """OIDC Back-Channel Logout 1.0 §2.5–§2.8: 200, or 400 ``invalid_request``."""
    parts, now = runtime(), clock()
    try:
        _log_out_by_token(parts, workspace_id, read_form(LogoutForm).logout_token, now)
    except (InvalidRequest, InvalidPlayerToken) as error:
        count_back_channel_refusal(parts, workspace_id, error.reason, now)
        return jsonify(error="invalid_request"), 400
    return Response(status=200), 200


@blueprint.get("/.well-known/jwks.json")
def key_set() -> Response:
    """Our public keys (RFC 7517), the retiring ones included."""
    return jsonify(public_key_set())


@blueprint.get("/.well-known/oauth-authorization-server")
def metadata() -> Response:
    """RFC 8414."""
    url = runtime().settings.public_url
    return jsonify(
        issuer=url,
        jwks_uri=f"{url}/.well-known/jwks.json",
        introspection_endpoint=f"{url}/v1/oauth/introspect",
        introspection_endpoint_auth_methods_supported=["Bearer"],
        revocation_endpoint=f"{url}/v1/oauth/revoke",
        revocation_endpoint_auth_methods_supported=["Bearer"],
        scopes_supported=list(API_SCOPES),
        response_types_supported=[],
        grant_types_supported=[],
        dpop_signing_alg_values_supported=["ES256"],
        service_documentation=f"{url}/playground",
    )


def _unsupported_token_type() -> Response:
    """RFC 7009 §2.2.1: 200 would say that it has ended."""
    description = "References and session JWTs cannot be revoked: they end by themselves, or by a logout."
    response = jsonify(error="unsupported_token_type", error_description=description)
    response.status_code = 400
    return response


def _introspected(parts: Runtime, token: ApiToken, form: TokenForm, now: int) -> dict[str, Any]:
    # RFC 7662 §2.1: a wrong hint hides nothing. A reference alone must be asked for by its name: it is no session.
    if form.token_type_hint == "reference" and form.token.startswith("ref_"):
        return introspect_reference(parts, token, form.token, now)
    if not form.token.startswith(("sess_", "wst_")):
        return INACTIVE
    try:
        session = require_session(parts, digest(form.token), now)
    except InvalidSession:
        return INACTIVE
    if session.workspace_id != token.workspace_id:
        return INACTIVE
    return describe(session, parts.settings.public_url)


def count_back_channel_refusal(parts: Runtime, workspace_id: str, reason: str, now: int) -> None:
    """Refusals of strangers count like all others: RateLimited for an address that goes on."""
    known = workspace_id if parts.directory.find_workspace(workspace_id) else NOBODY
    address = client_address(request, parts.settings.trusted_proxies)
    parts.recorder.count((known, now // 60, "refusal", "back_channel", reason, "-", "-", reported_prefix(address)))
    parts.recorder.sample(AuditEvent(known, now, "back_channel", "refused", reason))
    parts.limits.require("refusals_per_address", known, address_prefix(address))


def _log_out_by_token(parts: Runtime, workspace_id: str, text: str, now: int) -> None:
    if parts.directory.find_workspace(workspace_id) is None:
        raise InvalidPlayerToken("unknown_workspace")
    token = verify_logout_token(
        text,
        workspace_id=workspace_id,
        audience=parts.settings.public_url,
        find_key=lambda kid: parts.directory.find_signing_key(workspace_id, kid, now),
        now=now,
    )
    for conversation_id in parts.storage.write(lambda store: log_out_by_token(store, workspace_id, token, now)):
        parts.fanout.wake(conversation_id)
