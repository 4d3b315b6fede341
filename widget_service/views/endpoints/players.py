"""The gateway: one player's data, with an API token and that player's session id."""

from widget_service import errors
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE, Capability
from widget_service.views.endpoints import refusals
from widget_service.views.endpoints.endpoint import JSON, Access, Body, Endpoint, Reply, reference
from widget_service.views.endpoints.player_examples import ANSWERS, BODIES
from widget_service.views.endpoints.refusals import refusal

TAG = "Player data"
SUMMARIES = {
    "player": "The profile",
    "balances": "Balances and the active bonus",
    "transactions": "Transactions, newest first",
    "transactions.summary": "Sums of a range, or of all time",
    "withdrawals": "Withdrawals, newest first",
    "withdrawals.pending": "Withdrawals that wait",
    "withdrawals.cancel": "Cancel a withdrawal",
    "deposits": "Deposits, newest first",
    "deposits.summary": "Count, sum, average and date of completed deposits",
    "bonuses": "Bonuses, newest first",
    "bonuses.eligible": "Bonuses that the player could have",
    "bonus.add": "Give a bonus",
    "bonus.cancel": "Cancel one bonus, or all that are active",
    "kyc": "Verification and its documents",
    "responsible_gaming": "Closure and limits",
    "responsible_gaming.closed": "Whether the player is closed",
    "notes": "The operator's notes, newest first",
    "notes.add": "Make a note",
}
_BOTH = (
    refusals.UNAUTHORIZED,
    refusals.INVALID_SESSION,
    refusal(errors.PlayerNotFound, "No such player, or not this session's: both alike."),
    refusals.INSUFFICIENT_SCOPE,
    refusals.RATE_LIMITED,
    refusals.UNAVAILABLE,
)
_UPSTREAM = (refusal(errors.CapabilityNotAvailable), refusal(errors.BackOfficeUnavailable))
_AGAIN = (refusal(errors.Conflict, "The same `Idempotency-Key` with another request."),)
_BUSINESS = {"withdrawals.cancel": (refusal(errors.WithdrawalCannotCancel),)}


def _access(scope: str | None) -> Access:
    return Access(({"ApiToken": [scope] if scope else [], "SessionID": []},), (), _BOTH)


def _reply(capability: Capability) -> Reply:
    example = {"summary": "Answered", "value": ANSWERS[capability.name]}
    content = {JSON: {"schema": reference(capability.answer), "examples": {"answered": example}}}
    return Reply(capability.status, "In canonical shape.", content)


def _operation_name(capability: Capability) -> str:
    return "player_data_" + capability.name.replace(".", "_")


def _endpoint(capability: Capability) -> Endpoint:
    takes = refusals.JSON_BODY if capability.writes else refusals.QUERY
    return Endpoint(
        capability.method.lower(),
        capability.path,
        _operation_name(capability),
        TAG,
        SUMMARIES[capability.name],
        (_reply(capability),),
        access=_access(capability.scope),
        headers=("Idempotency-Key",) if capability.writes else (),
        query=capability.query,
        body=Body(capability.body, {"Asked": BODIES[capability.name]}) if capability.body else None,
        refusals=(*takes, *(_AGAIN if capability.writes else ()), *_BUSINESS.get(capability.name, ()), *_UPSTREAM),
    )


def _refused(capability: Capability) -> Endpoint:
    return Endpoint(
        capability.method.lower(),
        capability.path,
        _operation_name(capability),
        TAG,
        "Not through the gateway",
        (),
        "No scope is defined for it: INSUFFICIENT_SCOPE for everybody. The back office alone serves it.",
        access=_access(None),
    )


PLAYERS = (*map(_endpoint, CAPABILITIES.values()), *map(_refused, WITHOUT_SCOPE.values()))
