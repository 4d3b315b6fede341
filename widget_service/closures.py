"""Closed for responsible gaming: a fact of the player, which the newest signed token that speaks of it decides.

A token without ``rg`` says nothing about it: only ``rg: {"closed": false}``, signed later, lifts a closure.
"""

from collections.abc import Iterable
from typing import Protocol

from widget_service.assertions import PlayerAssertion
from widget_service.sessions import CLOSED_PLAYER_SCOPES


class ClosureStore(Protocol):
    """What closures need kept."""

    def lock_player(self, workspace_id: str, player_id: str) -> None: ...

    def note_closure(self, workspace_id: str, assertion: PlayerAssertion) -> None: ...

    def drop_scopes_if_closed(self, workspace_id: str, player_id: str, scopes: Iterable[str]) -> None: ...


def take_closure(store: ClosureStore, workspace_id: str, assertion: PlayerAssertion, *, accepted: bool) -> None:
    """Keeps what a verified player token says about a closure; one in force takes the bonus scopes at once.

    What closes counts even where the token itself is refused afterwards, as spent or logged out: the operator has
    signed it. What lifts counts only with a token that is accepted.
    """
    if assertion.rg_closed is None or not (assertion.rg_closed or accepted):
        return
    # Session ids are issued under the same lock: none is made with a bonus scope beside this.
    store.lock_player(workspace_id, assertion.player_id)
    store.note_closure(workspace_id, assertion)
    if assertion.rg_closed:
        store.drop_scopes_if_closed(workspace_id, assertion.player_id, CLOSED_PLAYER_SCOPES)
