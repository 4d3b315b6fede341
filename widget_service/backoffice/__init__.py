"""The seam: what the gateway asks of an operator's back office, whatever that one's names and shapes are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """In whose name a back office is asked: everything comes from the session, nothing from the request."""

    workspace_id: str
    player_id: str
    #: ``sess_…``, as the agent sent it.
    session_id: str = field(repr=False)
    #: The ``session_id`` of the player token that began the session, if it had one.
    operator_session_id: str | None = field(default=None, repr=False)
    #: Issues the session as a JWT for operators who verify offline; asked for only where a connection needs it.
    session_jwt: Callable[[], str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One capability of ``canonical.CAPABILITIES`` with its validated arguments.

    ``arguments`` holds a query's or a body's members by their canonical names (aware datetimes, integers, Decimals),
    without those that were not given, and the path's ``withdrawal_id`` where there is one. Never a player's id.
    """

    capability: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    #: The writer's ``Idempotency-Key``: passed on, and without it a write is never sent twice.
    idempotency_key: str | None = None


class BackOffice(Protocol):
    """An operator's back office."""

    def answer(self, question: Question, caller: Caller) -> dict[str, object]:
        """Canonical members with Decimals, not yet checked.

        Raises CapabilityNotAvailable, BackOfficeUnavailable, InvalidSession, PlayerNotFound, WithdrawalCannotCancel,
        BalanceInsufficient, InvalidRequest and RateLimited; the reason is for the log alone.
        """
        ...
