"""Conversation start: called by the SDK in the operator's page, so that the browser itself states the origin."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from widget_service.assertions import PlayerAssertion, verify_assertion
from widget_service.confirmation import ProofClaim, verify_proof
from widget_service.conversations import Started, StartRequest, start_conversation
from widget_service.errors import IdentityRequired, ProofReused, RateLimited, ServiceError
from widget_service.events import iso
from widget_service.ids import new_id
from widget_service.origins import require_allowed
from widget_service.sessions import Session
from widget_service.views import cors
from widget_service.views.authentication import require_unrefused
from widget_service.views.embedding import require_brand
from widget_service.views.limits import NOBODY, address_prefix, client_address
from widget_service.views.requests import read_body, request_url
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.views.shapes import Page, StartBody
from widget_service.workspaces import Brand

blueprint = Blueprint("conversations", __name__)


@dataclass(frozen=True, slots=True)
class Possession:
    """The confirmation key of a start; ``bound`` is False for a bearer session; ``claim`` is spent with the start."""

    jkt: str
    bound: bool
    claim: ProofClaim | None


@blueprint.post("/v1/workspaces/<workspace_id>/conversations")
def start(workspace_id: str) -> tuple[Response, int]:
    """Origin + signed player + proof of possession → a session scoped to one player and one conversation.

    The order of the checks is the wire contract §4; whatever is refused writes no conversation.
    """
    parts, now = runtime(), clock()
    limit_by_address(parts, workspace_id)
    body = read_body(StartBody)
    brand = require_embedding(parts, workspace_id, body.brand_id)
    assertion = verify_player(parts, brand, body.player_token, now)
    possession = verify_possession(parts, brand, body.player_token, now)
    limit_by_player(parts, brand, assertion, possession.claim)
    wanted = StartRequest(
        brand,
        request.headers["Origin"],
        possession.jkt,
        possession.bound,
        assertion,
        possession.claim,
        body.attributes,
        kept_page(brand, body.page),
        body.locale,
    )
    started = require_started(
        parts.storage.write(
            lambda store: start_conversation(store, wanted, now=now, settings=parts.settings, cipher=parts.cipher)
        )
    )
    return announce(parts, started), 200 if started.resumed else 201


@blueprint.route("/v1/workspaces/<workspace_id>/conversations", methods=["OPTIONS"])
def preflight(workspace_id: str) -> Response:
    """The CORS preflight of a start."""
    return cors.preflight(workspace_id)


def kept_page(brand: Brand, page: Page | None) -> dict[str, Any] | None:
    """What is kept of the player's page: without its title where the brand says so, as titles may name people."""
    if page is None:
        return None
    dropped = set() if brand.look.get("page_title", True) else {"title"}
    return page.model_dump(exclude_none=True, exclude=dropped)


def limit_by_address(parts: Runtime, workspace_id: str) -> None:
    """Starts per address, counted apart per workspace; unknown workspaces share one count."""
    known = parts.directory.find_workspace(workspace_id) is not None
    g.workspace_id = workspace_id if known else NOBODY
    require_unrefused(g.workspace_id)
    address = client_address(request, parts.settings.trusted_proxies)
    parts.limits.require("starts_per_address", g.workspace_id, address_prefix(address))


def require_embedding(parts: Runtime, workspace_id: str, brand_id: str | None) -> Brand:
    """The brand whose list has this page's origin. OriginNotAllowed, also for an unknown workspace or brand."""
    origin = request.headers.get("Origin")
    brand = require_brand(parts.directory, workspace_id, brand_id, origin)
    cors.brand_decides(brand)
    require_allowed(origin, brand.allowed_origins)
    g.may_tell_reason = brand.debug
    return brand


def verify_player(parts: Runtime, brand: Brand, token: str | None, now: int) -> PlayerAssertion | None:
    """The signed player, or None for an anonymous visitor where the brand takes them (else IdentityRequired)."""
    if token is None:
        if not brand.anonymous:
            raise IdentityRequired("no_player_token")
        return None
    assertion = verify_assertion(
        token,
        workspace_id=brand.workspace_id,
        audience=parts.settings.public_url,
        find_key=lambda kid: parts.directory.find_signing_key(brand.workspace_id, kid, now),
        now=now,
        max_lifetime=parts.settings.player_token_lifetime,
    )
    parts.recorder.key_used(brand.workspace_id, assertion.kid, now)
    return assertion


def verify_possession(parts: Runtime, brand: Brand, token: str | None, now: int) -> Possession:
    """The confirmation key and the proof to be spent. InvalidProof, ProofReused.

    A native app of a brand that allows bearer sessions may come without a proof: it then stands for a key of its own
    that nobody can bring again.
    """
    header = request.headers.get("DPoP")
    if header is None and brand.session_binding == "bearer":
        return Possession(new_id("bearer"), bound=False, claim=None)
    url = request_url(parts.settings.public_url)
    proof = verify_proof(header, method=request.method, url=url, credential=token, now=now)
    return Possession(proof.jkt, bound=True, claim=parts.proofs.defer(proof, now))


def limit_by_player(parts: Runtime, brand: Brand, assertion: PlayerAssertion | None, claim: ProofClaim | None) -> None:
    """Starts per player: counted only now that the claim is verified. A replayed proof is told so all the same."""
    if assertion is None:
        return
    try:
        parts.limits.require("starts_per_player", brand.workspace_id, assertion.player_id)
    except RateLimited:
        if claim and not parts.storage.claim(lambda store: store.claim_proof(claim.proof_hash, claim.expires_at)):
            raise ProofReused from None
        raise


def require_started(outcome: Started | ServiceError) -> Started:
    """The started conversation; a refusal is raised only now that what it spent is committed."""
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def announce(parts: Runtime, started: Started) -> Response:
    """Tells the streams whose sessions ended, counts, and makes the answer."""
    if started.ended_conversation is not None:
        parts.fanout.wake(started.ended_conversation)
    parts.metrics.starts.labels("resumed" if started.resumed else "new").inc()
    return jsonify(
        success=True,
        resumed=started.resumed,
        conversation=started.conversation.public(),
        player=started.conversation.player(),
        session=public_session(started.session, started.token),
    )


def public_session(session: Session, token: str) -> dict[str, Any]:
    """The session as the wire contract shows it."""
    return {
        "token": token,
        "token_type": "DPoP" if session.jkt else "Bearer",
        "expires_at": iso(session.expires_at),
        "expires_in": session.expires_at - session.issued_at,
        "scope": session.scope,
    }
