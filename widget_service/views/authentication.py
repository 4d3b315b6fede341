"""Who is calling: a messenger with its key-bound session, or a support tool with its API token."""

from dataclasses import dataclass, replace

from flask import g, request

from widget_service.confirmation import Proof, verify_proof
from widget_service.conversations import Conversation
from widget_service.errors import (
    ConversationNotFound,
    InsufficientScope,
    InvalidSession,
    ProofReused,
    Unauthorized,
)
from widget_service.ids import digest
from widget_service.sessions import Session, require_active
from widget_service.storage.store import Store
from widget_service.views.limits import NOBODY, address_prefix, client_address, is_in
from widget_service.views.requests import request_url
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.workspaces import ApiToken


@dataclass(frozen=True, slots=True)
class Caller:
    """A messenger whose session, key, workspace and origin were checked for this request."""

    session: Session
    token_hash: bytes


def credential(scheme: str) -> str | None:
    """The text after that scheme of ``Authorization`` (RFC 9110 §11.4), or None."""
    given, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.lstrip(" ")
    return text if given.lower() == scheme.lower() and text else None


def require_unrefused(workspace_id: str = NOBODY) -> None:
    """RateLimited where too much of this address was refused: from there on the right secret is not judged either."""
    parts = runtime()
    parts.limits.require_unrefused(
        workspace_id, address_prefix(client_address(request, parts.settings.trusted_proxies))
    )


def require_messenger(conversation_id: str | None = None) -> Caller:
    """The messenger behind this request. InvalidSession, InvalidProof, ProofReused; ConversationNotFound for another's.

    Checked each time: proof, token, revocation, workspace enabled, origin still allowed.
    """
    parts, now = runtime(), clock()
    require_unrefused()
    bound, bearer = credential("DPoP"), credential("Bearer")
    token = bound or bearer
    if token is None or not token.startswith("wst_"):
        raise InvalidSession("no_session_token")
    proof = _verify_proof(parts, token, now) if bound else None
    token_hash = digest(token)
    session = _require_live(parts, token_hash, now)
    g.workspace_id = session.workspace_id
    require_unrefused(session.workspace_id)
    require_standing(parts, session)
    if session.jkt != (proof.jkt if proof else None):
        raise InvalidSession("other_key")
    parts.limits.require("requests_per_session", session.workspace_id, session.sid)
    # Last, so that nobody without a session can fill the memory of proofs.
    if proof is not None and not parts.proofs.claim(proof, now):
        raise ProofReused
    if conversation_id is not None and session.conversation_id != conversation_id:
        raise ConversationNotFound("not_of_this_session")
    parts.recorder.session_used(token_hash, session.last_used_at, now)
    return Caller(session, token_hash)


def require_session(parts: Runtime, token_hash: bytes, now: int) -> Session:
    """The live session behind a credential's hash, its workspace enabled and its origin still allowed.

    Streams ask this long after their request has ended: nothing of Flask's is touched here.
    """
    session = _require_live(parts, token_hash, now)
    require_standing(parts, session)
    return session


def _require_live(parts: Runtime, token_hash: bytes, now: int) -> Session:
    found = parts.storage.find_session(token_hash)
    if found is not None:
        last_use = parts.recorder.last_use(token_hash, found.last_used_at)
        found = found if last_use == found.last_used_at else replace(found, last_used_at=last_use)
    return require_active(found, now, parts.settings)


def require_standing(parts: Runtime, session: Session) -> None:
    """InvalidSession once the workspace is disabled or the session's origin no longer allowed."""
    workspace = parts.directory.find_workspace(session.workspace_id)
    brand = workspace.find_brand(session.brand_id) if workspace else None
    if brand is None:
        raise InvalidSession("workspace_disabled")
    if session.origin is not None and not brand.allowed_origins.allows(session.origin):
        raise InvalidSession("origin_removed")
    if session.token_use == "session_token" and session.jkt is None and brand.session_binding != "bearer":
        raise InvalidSession("bearer_not_allowed")


def _verify_proof(parts: Runtime, token: str, now: int) -> Proof:
    url = request_url(parts.settings.public_url)
    return verify_proof(request.headers.get("DPoP"), method=request.method, url=url, credential=token, now=now)


def require_agent(*scopes: str) -> ApiToken:
    """The API token behind this request, with every scope. Unauthorized, InsufficientScope."""
    parts, now = runtime(), clock()
    require_unrefused()
    text = credential("Bearer")
    token = parts.directory.find_api_token(text) if text and text.startswith("wat_") else None
    if token is None:
        raise Unauthorized("no_token" if text is None else "unknown_token")
    if token.networks and not is_in(client_address(request, parts.settings.trusted_proxies), token.networks):
        raise Unauthorized("address_not_allowed")
    g.workspace_id = token.workspace_id
    require_unrefused(token.workspace_id)
    parts.recorder.token_used(token.id, now)
    if not token.scopes.issuperset(scopes):
        raise InsufficientScope("missing_scope")
    return token


def require_writer(kind: str, scope: str) -> ApiToken:
    """As require_agent(), for a write of that kind. RateLimited where the token makes more of these than it may."""
    token = require_agent(scope)
    runtime().limits.require("writes_per_token", token.workspace_id, token.id, kind)
    return token


def require_own_conversation(store: Store, token: ApiToken, conversation_id: str) -> Conversation:
    """The conversation, if it is of the token's workspace; else ConversationNotFound, whatever the cause."""
    conversation = store.find_conversation(conversation_id)
    if conversation is None or conversation.workspace_id != token.workspace_id:
        raise ConversationNotFound("not_of_this_workspace")
    return conversation


def is_messenger() -> bool:
    """Whether an endpoint that both sides have is being called by a messenger, be it one that forgot its token."""
    if "Authorization" not in request.headers:
        return "DPoP" in request.headers
    return credential("DPoP") is not None or (credential("Bearer") or "").startswith("wst_")
