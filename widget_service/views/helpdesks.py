"""Helpdesks: what the operator's page is given for the vendor's widget, and the vendor's webhooks."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from widget_service.assertions import PlayerAssertion
from widget_service.confirmation import verify_proof
from widget_service.conversations import StartRequest
from widget_service.errors import InvalidWebhook, NotFound, ServiceError, Unavailable
from widget_service.events import iso
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_desks import Desk, Outcome
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesk_grants import draft_reference, grant_reference
from widget_service.helpdesk_mappings import fit_beside, map_attributes
from widget_service.helpdesk_threads import take_event
from widget_service.helpdesks import Acknowledgement, Helpdesk, Ignored, WebhookRequest, find_helpdesk
from widget_service.ids import new_id
from widget_service.references import (
    InvalidReference,
    ReferenceSigner,
    describe_reference,
    require_reference,
    require_reference_form,
    require_standing_reference,
)
from widget_service.views import cors
from widget_service.views.authentication import require_unrefused
from widget_service.views.conversations import require_embedding, verify_player
from widget_service.views.customer_tokens import fetch_customer_token, has_customer_tokens
from widget_service.views.limits import NOBODY, address_prefix, client_address
from widget_service.views.requests import read_body, read_raw
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.views.shapes import HelpdeskBody
from widget_service.workspaces import ApiToken, Brand

blueprint = Blueprint("helpdesks", __name__)
LARGEST_WEBHOOK = 512 * 1024
#: Vendors try again within a minute or not at all.
WEBHOOK_RETRY_AFTER = 30


@blueprint.post("/v1/workspaces/<workspace_id>/helpdesks/<connection_id>/attributes")
def attributes(workspace_id: str, connection_id: str) -> Response:
    """Origin + signed player → a reference, and the vendor's fields that carry it. The checks as in a start."""
    parts, now = runtime(), clock()
    start, assertion, connection, helpdesk = _require_grant(parts, workspace_id, connection_id, now)
    draft = draft_reference(start, assertion, connection, parts.cipher, now)
    reference = replace(draft, expires_at=now + parts.settings.reference_lifetime)
    _require_granted(parts.storage.write(lambda store: grant_reference(store, start, reference, assertion)))
    text = signer(parts).sign(reference.id, workspace_id, connection.id)
    mapped = map_attributes(connection.mapping, assertion)
    return jsonify(
        attributes=fit_beside(helpdesk.attributes(connection, text), mapped, helpdesk.settings.largest_fields),
        reference=text,
        expires_at=iso(reference.expires_at),
    )


@blueprint.post("/v1/workspaces/<workspace_id>/helpdesks/<connection_id>/user-token")
def user_token(workspace_id: str, connection_id: str) -> Response:
    """Origin + signed player → the vendor's own login token for that player, for minutes."""
    parts, now = runtime(), clock()
    start, assertion, connection, helpdesk = _require_grant(parts, workspace_id, connection_id, now)
    token = helpdesk.user_token(connection, assertion, now)
    if token is None and not has_customer_tokens(helpdesk, connection):
        raise NotFound("no_user_tokens")
    # Kept, and told nobody: a chat of whom the vendor says that this token has logged them in is the player's.
    draft = draft_reference(start, assertion, connection, parts.cipher, now)
    login = replace(draft, expires_at=now + parts.settings.reference_lifetime)
    _require_granted(parts.storage.write(lambda store: grant_reference(store, start, login, assertion)))
    token = token or fetch_customer_token(parts, helpdesk, connection, login, now)
    more = {} if token.widget is None else {"widget_token": token.widget}
    return jsonify(token=token.token, token_type=token.token_type, expires_at=iso(token.expires_at), **more)


@blueprint.route("/v1/workspaces/<workspace_id>/helpdesks/<connection_id>/attributes", methods=["OPTIONS"])
@blueprint.route("/v1/workspaces/<workspace_id>/helpdesks/<connection_id>/user-token", methods=["OPTIONS"])
def preflight(workspace_id: str, connection_id: str) -> Response:
    """The CORS preflight of both."""
    return cors.preflight(workspace_id)


@blueprint.post("/v1/helpdesks/<connection_id>/webhook")
def take_webhook(connection_id: str) -> Response:
    """What the vendor tells: authentic, fresh and of this connection, or it is not read at all."""
    parts, now = runtime(), clock()
    try:
        taken = _take_webhook(parts, connection_id, now)
    except Unavailable as error:
        raise Unavailable(error.reason, retry_after=WEBHOOK_RETRY_AFTER) from error
    response = jsonify(success=True)
    response.status_code = taken.status
    response.headers.extend(taken.headers)
    return response


@blueprint.route("/", methods=["HEAD"])
@blueprint.route("/v1/helpdesks/<connection_id>/webhook", methods=["HEAD"])
def answer_head(connection_id: str = "") -> Response:
    """Vendors ask whether somebody is there, at the host or at the webhook: the same for any connection."""
    return Response()


def introspect_reference(parts: Runtime, token: ApiToken, text: str, now: int) -> dict[str, Any]:
    """The RFC 7662 answer for a reference of the caller's workspace; exactly ``{"active": false}`` for any other."""
    try:
        reference_id = require_reference_form(text)
        with parts.storage.reading() as store:
            found = store.find_reference(reference_id)
        connection = parts.directory.find_helpdesk(found.connection_id) if found is not None else None
        workspace = parts.directory.find_workspace(token.workspace_id)
        if connection is None or workspace is None or connection.workspace_id != workspace.id:
            return {"active": False}
        signer(parts).verify(text, workspace.id, connection.id)
        reference = require_standing_reference(require_reference(found, connection.id, now), workspace)
    except InvalidReference:
        return {"active": False}
    return describe_reference(reference, parts.settings.public_url)


def signer(parts: Runtime) -> ReferenceSigner:
    """Signs and verifies references with this installation's keys."""
    return ReferenceSigner(parts.settings.secret_key, parts.settings.secret_key_previous)


def _require_grant(
    parts: Runtime, workspace_id: str, connection_id: str, now: int
) -> tuple[StartRequest, PlayerAssertion, HelpdeskConnection, Helpdesk]:
    """Everything that a page must show before it is given anything; the order is the start's."""
    _limit_by_address(parts, workspace_id)
    body = read_body(HelpdeskBody)
    brand = require_embedding(parts, workspace_id, body.brand_id)
    connection, helpdesk = _require_connection(parts, workspace_id, connection_id)
    assertion = verify_player(parts, brand, body.player_token, now)
    assert assertion is not None  # noqa: S101 - the body has a token
    start = _verify_possession(parts, brand, assertion, body.player_token, now)
    parts.limits.require("starts_per_player", workspace_id, assertion.player_id, "helpdesk")
    return start, assertion, connection, helpdesk


def _limit_by_address(parts: Runtime, workspace_id: str) -> None:
    """As starts, counted apart from them."""
    known = parts.directory.find_workspace(workspace_id) is not None
    g.workspace_id = workspace_id if known else NOBODY
    require_unrefused(g.workspace_id)
    address = client_address(request, parts.settings.trusted_proxies)
    parts.limits.require("starts_per_address", g.workspace_id, address_prefix(address), "helpdesk")


def _require_connection(parts: Runtime, workspace_id: str, connection_id: str) -> tuple[HelpdeskConnection, Helpdesk]:
    connection = parts.directory.find_helpdesk(connection_id)
    helpdesk = find_helpdesk(connection.vendor) if connection is not None else None
    if connection is None or helpdesk is None or connection.workspace_id != workspace_id:
        raise NotFound("unknown_connection")
    return connection, helpdesk


def _verify_possession(
    parts: Runtime, brand: Brand, assertion: PlayerAssertion, player_token: str, now: int
) -> StartRequest:
    """The page's own key, where it has one. Without, the token is pinned to a key that nobody can bring again."""
    origin, header = request.headers["Origin"], request.headers.get("DPoP")
    if header is None:
        return StartRequest(brand, origin, new_id("once"), False, assertion)
    url = parts.settings.public_url + request.path
    proof = verify_proof(header, method=request.method, url=url, credential=player_token, now=now)
    return StartRequest(brand, origin, proof.jkt, True, assertion, parts.proofs.defer(proof, now))


def _require_granted(refusal: ServiceError | None) -> None:
    # Raised only now that what was spent is committed.
    if refusal is not None:
        raise refusal


def _take_webhook(parts: Runtime, connection_id: str, now: int) -> Acknowledgement:
    raw = read_raw(LARGEST_WEBHOOK)
    connection = parts.directory.find_helpdesk(connection_id)
    helpdesk = find_helpdesk(connection.vendor) if connection is not None else None
    workspace = parts.directory.find_workspace(connection.workspace_id) if connection is not None else None
    if connection is None or helpdesk is None or workspace is None:
        raise InvalidWebhook("unknown_connection")
    g.workspace_id = workspace.id
    require_unrefused(workspace.id)
    headers = {name.lower(): value for name, value in request.headers.items()}
    url = parts.settings.public_url + request.path
    verdict = helpdesk.authenticate(WebhookRequest(request.method, url, headers, raw, now), connection)
    desk = Desk(connection, workspace, signer(parts), parts.cipher, now, helpdesk.writes_back(connection))
    for event in helpdesk.events(verdict, connection):
        _take_event(parts, desk, event)
    return helpdesk.acknowledge()


def _take_event(parts: Runtime, desk: Desk, event: HelpdeskEvent | Ignored) -> None:
    if isinstance(event, Ignored):
        _count(parts, desk, "ignored", event.reason)
        return
    if parts.taken.has(desk.connection.id, event.delivery_key):
        _count(parts, desk, "duplicate", "-")
        return
    outcome: Outcome = parts.storage.write(partial(take_event, desk=desk, event=event))
    if outcome.result != "unchanged":  # whatever says nothing may not have been written down
        parts.taken.add(desk.connection.id, event.delivery_key)
    _count(parts, desk, outcome.result, outcome.reason)
    if outcome.conversation_id is not None:
        parts.fanout.wake(outcome.conversation_id)


def _count(parts: Runtime, desk: Desk, result: str, reason: str) -> None:
    parts.recorder.count((desk.workspace.id, desk.now // 60, "helpdesk", result, reason, "-", desk.connection.id, "-"))
