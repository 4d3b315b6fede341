"""What a page is given for a helpdesk's widget: a reference, or the vendor's own login token, for one player token."""

import json
from dataclasses import dataclass, replace
from typing import Protocol

from widget_service.assertions import PlayerAssertion
from widget_service.audit import AuditEvent, AuditStore
from widget_service.closures import ClosureStore, take_closure
from widget_service.conversations import PIN_GRACE, Pin, StartClaims, StartRequest, find_refusal, signed_profile
from widget_service.encryption import Cipher
from widget_service.errors import ServiceError
from widget_service.helpdesk_connections import HelpdeskConnection, reference_context
from widget_service.ids import digest
from widget_service.references import (
    InvalidReference,
    Reference,
    ReferenceStore,
    new_reference_id,
    require_reference,
    require_standing_reference,
)
from widget_service.sessions import operator_session_name, operator_sid_hash
from widget_service.workspaces import Workspace

CONTACT = ("email", "phone", "session_id")


class GrantStore(ReferenceStore, ClosureStore, AuditStore, Protocol):
    """What grants need kept."""

    def claim_proof(self, proof_hash: bytes, expires_at: int) -> bool: ...

    def pin_token(self, start: StartRequest, assertion: PlayerAssertion, pin_until: int) -> Pin: ...


class LoginStore(ReferenceStore, Protocol):
    """What granting again needs kept."""

    def find_newest_reference(self, workspace_id: str, player_id: str, connection_id: str) -> Reference | None: ...

    def lock_player(self, workspace_id: str, player_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Grantor:
    """Where something is granted again, and with what; ``now`` is Unix seconds."""

    connection: HelpdeskConnection
    workspace: Workspace
    cipher: Cipher
    now: int


def spend_player_token(store: GrantStore, start: StartRequest, assertion: PlayerAssertion) -> ServiceError | None:
    """Spends proof and player token as a conversation start does; the refusal, or None.

    Returned, not raised, so that what was spent stays spent. Logouts of the player wait until this unit of work ends.
    """
    workspace_id = start.brand.workspace_id
    sid = operator_sid_hash(workspace_id, assertion.session_id)
    if sid is not None:
        store.lock_player(workspace_id, operator_session_name(sid))
    store.lock_player(workspace_id, assertion.player_id)
    claim = start.claim
    proof_is_new = claim is None or store.claim_proof(claim.proof_hash, claim.expires_at)
    pin = store.pin_token(start, assertion, assertion.expires_at + PIN_GRACE)
    refusal = find_refusal(start, StartClaims(proof_is_new, (), None, pin))
    take_closure(store, workspace_id, assertion, accepted=refusal is None)
    return refusal


def grant_reference(
    store: GrantStore, start: StartRequest, reference: Reference, assertion: PlayerAssertion
) -> ServiceError | None:
    """Keeps the reference for the player token that it spends: one unit of work. The refusal, or None."""
    refusal = spend_player_token(store, start, assertion)
    if refusal is not None:
        return refusal
    store.add_reference(reference)
    store.add_audit(
        AuditEvent(
            reference.workspace_id,
            reference.issued_at,
            f"origin:{reference.origin}",
            "reference.granted",
            reference.id,
            {"connection_id": reference.connection_id, "player_id": reference.player_id, "jkt": reference.jkt},
        )
    )
    return None


def draft_reference(
    start: StartRequest,
    assertion: PlayerAssertion,
    connection: HelpdeskConnection,
    cipher: Cipher,
    now: int,
) -> Reference:
    """A reference to the player for this connection, not yet kept; how long it lives is the caller's to say."""
    reference_id = new_reference_id()
    return Reference(
        id=reference_id,
        workspace_id=connection.workspace_id,
        connection_id=connection.id,
        brand_id=start.brand.id,
        origin=start.origin,
        player_id=assertion.player_id,
        jti_hash=digest(assertion.jti),
        issued_at=now,
        expires_at=now,
        profile=signed_profile(assertion, connection.workspace_id),
        contact=_seal_contact(assertion, reference_id, cipher),
        jkt=start.jkt if start.bound else None,
        operator_sid=operator_sid_hash(connection.workspace_id, assertion.session_id),
    )


def grant_again(store: LoginStore, grantor: Grantor, player_id: str, reference_id: str | None = None) -> Reference:
    """Another reference like that one, or like the player's newest, for one more thread; the player's logouts wait.

    Raises InvalidReference.
    """
    workspace, connection = grantor.workspace, grantor.connection
    if reference_id is None:
        newest = store.find_newest_reference(workspace.id, player_id, connection.id)
    else:
        newest = store.find_reference(reference_id)
    if newest is None or newest.player_id != player_id:
        raise InvalidReference("unknown")
    if newest.operator_sid is not None:
        store.lock_player(workspace.id, operator_session_name(newest.operator_sid))
    store.lock_player(workspace.id, player_id)
    live = require_reference(store.find_reference(newest.id), connection.id, grantor.now)
    new_id, contact = new_reference_id(), require_standing_reference(live, workspace).contact
    if contact is not None:
        opened = grantor.cipher.open(contact, reference_context(live.id))
        contact = grantor.cipher.seal(opened, reference_context(new_id))
    reference = replace(live, id=new_id, contact=contact, thread_id=None, conversation_id=None)
    store.add_reference(reference)
    return reference


def _seal_contact(assertion: PlayerAssertion, reference_id: str, cipher: Cipher) -> bytes | None:
    present = {name: value for name in CONTACT if (value := getattr(assertion, name)) is not None}
    return cipher.seal(json.dumps(present).encode(), reference_context(reference_id)) if present else None
