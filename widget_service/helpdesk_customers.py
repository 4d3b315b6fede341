"""Customers: whom a vendor calls one and the same browser, and which player a reference has shown that to be.

Only for vendors that give the customer's id to a browser themselves. One customer is one player for good: a second
player's reference in the same browser contradicts. The customer stands for the player only while the reference that
showed it lives, so that a logout ends that too.
"""

from dataclasses import dataclass
from typing import Protocol

from widget_service.helpdesk_events import HelpdeskEvent


@dataclass(frozen=True, slots=True)
class HelpdeskCustomer:
    """The player of a vendor's customer, by the newest reference that showed it."""

    connection_id: str
    customer_id: str
    player_id: str
    reference_id: str
    updated_at: int


class CustomerStore(Protocol):
    """What customers need kept."""

    def find_customer(self, connection_id: str, customer_id: str) -> HelpdeskCustomer | None: ...

    def keep_customer(self, customer: HelpdeskCustomer) -> None: ...

    def keep_mark(self, connection_id: str, mark: bytes, until: int) -> None: ...

    def has_mark(self, connection_id: str, mark: bytes) -> bool: ...

    def lock_player(self, workspace_id: str, player_id: str) -> None: ...


def find_anchored(
    store: CustomerStore, workspace_id: str, connection_id: str, event: HelpdeskEvent
) -> HelpdeskCustomer | None:
    """The customer that the event is anchored by, where a player is known; others who ask wait."""
    if not event.is_anchored or event.customer_id is None:
        return None
    # No player id: those hold no control characters.
    store.lock_player(workspace_id, f"\x01customer:{connection_id}:{event.customer_id}")
    return store.find_customer(connection_id, event.customer_id)
