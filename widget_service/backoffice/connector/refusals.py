"""What an upstream's refusal means here: its statuses, and its errors behind a 200."""

from collections.abc import Iterable, Mapping

from widget_service.backoffice.calls import UpstreamAnswer
from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.document import Code, ErrorRule
from widget_service.backoffice.connector.scope import as_key, is_one_of
from widget_service.errors import (
    BackOfficeUnavailable,
    BalanceInsufficient,
    CapabilityNotAvailable,
    InvalidRequest,
    InvalidSession,
    PlayerNotFound,
    RateLimited,
    ServiceError,
    WithdrawalCannotCancel,
)

_ERRORS: Mapping[Code, type[ServiceError]] = {
    "INVALID_SESSION": InvalidSession,
    "PLAYER_NOT_FOUND": PlayerNotFound,
    "WITHDRAWAL_CANNOT_CANCEL": WithdrawalCannotCancel,
    "BALANCE_INSUFFICIENT": BalanceInsufficient,
    "BACK_OFFICE_UNAVAILABLE": BackOfficeUnavailable,
    "CAPABILITY_NOT_AVAILABLE": CapabilityNotAvailable,
}


def require_no_refusal(answer: UpstreamAnswer, rules: Iterable[ErrorRule]) -> None:
    """Raises what the first fitting rule says; without one, BackOfficeUnavailable from 400 up."""
    for rule in rules:
        if _fits(rule, answer):
            _raise(rule)
            return
    if not answer.is_success:
        raise BackOfficeUnavailable(f"status_{answer.status}")


def _raise(rule: ErrorRule) -> None:
    if rule.code == "OK":
        return
    if rule.code == "INVALID_REQUEST":
        raise InvalidRequest(rule.reason, status=422, details={"reason": rule.reason})
    if rule.code == "RATE_LIMITED":
        raise RateLimited(f"upstream:{rule.reason}", retry_after=5)
    raise _ERRORS[rule.code](f"upstream:{rule.reason}")


def _fits(rule: ErrorRule, answer: UpstreamAnswer) -> bool:
    if rule.status is not None and answer.status not in rule.status:
        return False
    if rule.path is None:
        return True
    found = rule.path.find_all(answer.body)
    if rule.present is not None:
        return (bool(found) and found[0] is not None) is rule.present
    key = _key(found[0]) if found else None
    if rule.contains is not None:
        return key is not None and rule.contains.lower() in key.lower()
    if rule.one_of is not None:
        return key is not None and is_one_of(found[0], rule.one_of)
    # Said to be fine only if it says so itself: an absent code is no success.
    return key is None or not is_one_of(found[0], rule.none_of or ())


def _key(value: object) -> str | None:
    try:
        return None if value is None else as_key(value)
    except Unreadable:
        return None
