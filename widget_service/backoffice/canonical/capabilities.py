"""Every endpoint of the player API: what it is called, where it is, what goes in and what comes out (§1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from widget_service.backoffice.canonical import (
    accounts,
    bonuses,
    notes,
    payments,
    profiles,
    queries,
    responsible_gaming,
    verifications,
)
from widget_service.backoffice.canonical.values import Answer, Query, Request, Written

_PLAYER = "/v1/players/{player_id}"
_SESSION = "/v1/auth/player/session"
READ = "player:read"


@dataclass(frozen=True, slots=True)
class Capability:
    """One endpoint. ``path`` has ``{player_id}`` and ``{withdrawal_id}``; ``scope`` is the gateway's."""

    name: str
    method: str
    path: str
    answer: type[Answer]
    scope: str | None = None
    query: type[Query] = queries.NoQuery
    body: type[Request] | None = None
    status: int = 200

    @property
    def writes(self) -> bool:
        """Whether something is changed."""
        return self.method != "GET"


def _read(name: str, path: str, answer: type[Answer], query: type[Query] = queries.NoQuery) -> Capability:
    return Capability(name, "GET", _PLAYER + path, answer, READ, query)


def _write(name: str, path: str, answer: type[Answer], body: type[Request], scope: str | None = None) -> Capability:
    return Capability(name, "POST", _PLAYER + path, answer, scope, queries.NoQuery, body)


def _by_name(*listed: Capability) -> Mapping[str, Capability]:
    return MappingProxyType({capability.name: capability for capability in listed})


#: What the gateway can be asked, and a connector can be told to answer.
CAPABILITIES: Mapping[str, Capability] = _by_name(
    _read("player", "", profiles.Player),
    _read("balances", "/balances", accounts.BalancesAnswer),
    _read("transactions", "/transactions", accounts.Transactions, queries.TransactionsQuery),
    _read(
        "transactions.summary",
        "/transactions/summary",
        accounts.TransactionsSummary,
        queries.TransactionsSummaryQuery,
    ),
    _read("withdrawals", "/withdrawals", payments.Withdrawals, queries.WithdrawalsQuery),
    _read("withdrawals.pending", "/withdrawals/pending", payments.PendingWithdrawals, queries.Paging),
    _write(
        "withdrawals.cancel",
        "/withdrawals/{withdrawal_id}/cancel",
        payments.WithdrawalCancelled,
        payments.WithdrawalCancellation,
        "withdrawals:cancel",
    ),
    _read("deposits", "/deposits", payments.Deposits, queries.DepositsQuery),
    _read("deposits.summary", "/deposits/summary", payments.DepositsSummary),
    _read("bonuses", "/bonuses", bonuses.Bonuses, queries.BonusesQuery),
    _read("bonuses.eligible", "/bonuses/eligible", bonuses.EligibleBonuses, queries.EligibleBonusesQuery),
    _write("bonus.add", "/bonus", bonuses.BonusAdded, bonuses.BonusAward, "bonuses:write"),
    _write("bonus.cancel", "/cancel-bonus", bonuses.BonusCancelled, bonuses.BonusCancellation, "bonuses:write"),
    _read("kyc", "/kyc", verifications.Kyc),
    _read("responsible_gaming", "/responsible-gaming", responsible_gaming.ResponsibleGaming),
    _read("responsible_gaming.closed", "/responsible-gaming/closed", responsible_gaming.Closed),
    _read("notes", "/notes", notes.Notes, queries.Paging),
    replace(_write("notes.add", "/notes", notes.NoteCreated, notes.NoteRequest, "notes:write"), status=201),
)

#: A player's endpoints for which no scope is defined: the back office alone serves them.
WITHOUT_SCOPE: Mapping[str, Capability] = _by_name(
    Capability("player.update", "PUT", _PLAYER, Written, body=profiles.PlayerChange),
    _write("balances.adjust", "/balances/adjustments", accounts.Adjusted, accounts.Adjustment),
    _write("cash.deduct", "/deduct-cash", accounts.CashDeducted, accounts.CashDeduction),
    _write("kyc.add_document", "/kyc/documents", verifications.DocumentSubmitted, verifications.DocumentSubmission),
    _write(
        "responsible_gaming.set_limit",
        "/responsible-gaming/limits",
        responsible_gaming.LimitSet,
        responsible_gaming.LimitRequest,
    ),
    _write(
        "responsible_gaming.exclude",
        "/responsible-gaming/self-exclusion",
        responsible_gaming.SelfExcluded,
        responsible_gaming.SelfExclusion,
    ),
)

#: Endpoints of no player's path: the back office alone has them.
BACK_OFFICE_ONLY: Mapping[str, Capability] = _by_name(
    Capability("login", "POST", "/v1/auth/player/login", profiles.Login, body=profiles.LoginRequest),
    Capability("session", "GET", _SESSION, profiles.LiveSession),
    Capability("session.end", "DELETE", _SESSION, Written),
    Capability("bonus_types.add", "POST", "/v1/bonus-types", bonuses.BonusTypeCreated, body=bonuses.BonusTypeRequest),
)
