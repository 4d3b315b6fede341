"""Desks: what webhooks are judged with, what is kept of their threads, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from widget_service.audit import AuditEvent
from widget_service.conversations import Conversation, ConversationStore
from widget_service.encryption import Cipher
from widget_service.helpdesk_connections import HelpdeskConnection, reference_context
from widget_service.helpdesk_customers import CustomerStore
from widget_service.helpdesk_events import HelpdeskThread
from widget_service.helpdesk_grants import LoginStore
from widget_service.references import Reference, ReferenceSigner
from widget_service.workspaces import Workspace

#: Longer than any vendor tries a delivery again (hours at most).
REMEMBERED = 86_400  # seconds

Result = Literal["duplicate", "settled", "unchanged", "identified", "refreshed", "unverified", "mismatch", "closed"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the events of one webhook are judged with; ``now`` is Unix seconds.

    ``writes_back`` says that the vendor has a place for verified players' ids.
    """

    connection: HelpdeskConnection
    workspace: Workspace
    signer: ReferenceSigner
    cipher: Cipher
    now: int
    writes_back: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event came to; ``conversation_id`` is set where that conversation's streams should look."""

    result: Result
    reason: str = "-"
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What one delivery is about; ``reference_id`` where its text is one of ours.

    With ``holds`` that reference is nobody else's until the unit of work ends: only where nothing of its player's is
    waited for meanwhile, as logouts take the player first and the references then.
    """

    connection_id: str
    thread_id: str
    delivery_hash: bytes
    reference_id: str | None
    now: int
    holds: bool = False


class ThreadStore(ConversationStore, LoginStore, CustomerStore, Protocol):
    """What threads need kept."""

    def open_delivery(self, opening: Opening, until: int) -> tuple[HelpdeskThread, Reference | None] | None: ...

    def find_thread(self, connection_id: str, thread_id: str) -> HelpdeskThread | None: ...

    def find_threads_of_customer(self, connection_id: str, customer_id: str) -> list[HelpdeskThread]: ...

    def update_thread(self, thread: HelpdeskThread) -> None: ...

    def claim_reference(self, reference_id: str, thread_id: str, conversation_id: str) -> bool: ...

    def bind_reference(self, reference_id: str, thread_id: str, conversation_id: str) -> None: ...

    def add_write_back(self, connection_id: str, thread_id: str, now: int) -> None: ...

    def find_conversation(self, conversation_id: str) -> Conversation | None: ...


def described(desk: Desk, thread: HelpdeskThread) -> dict[str, Any]:
    """The thread as events tell of it."""
    return {
        "connection_id": desk.connection.id,
        "vendor": desk.connection.vendor,
        "thread_id": thread.thread_id,
        "status": thread.status,
    }


def nobody(desk: Desk, thread: HelpdeskThread, reason: str) -> Mapping[str, Any]:
    """What a mismatch tells: the thread, and no player that anybody could take for its own."""
    return {"player": None, "attributes": {}, "helpdesk": {**described(desk, thread), "reason": reason}}


def seal_again(cipher: Cipher, reference: Reference, conversation_id: str) -> bytes | None:
    """The reference's contact details, sealed for the conversation."""
    if reference.contact is None:
        return None
    contact = cipher.open(reference.contact, reference_context(reference.id))
    return cipher.seal(contact, f"conversations:{conversation_id}")


def audit(store: ThreadStore, desk: Desk, action: str, subject: str, **details: Any) -> None:
    """A row of the audit trail."""
    actor = f"helpdesk:{desk.connection.id}"
    store.add_audit(AuditEvent(desk.workspace.id, desk.now, actor, action, subject, details))


def write_down(store: ThreadStore, desk: Desk, thread: HelpdeskThread) -> None:
    """The vendor's agents are to see what has become of the thread: a job of the worker's."""
    if desk.writes_back:
        store.add_write_back(desk.connection.id, thread.thread_id, desk.now)
