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
        return any(one is not None for one in found) is rule.present
    # Of several values one that says so is enough: a refusal behind a success is a refusal.
    keyed = [one for one in found if _key(one) is not None]
    if rule.contains is not None:
        return any(rule.contains.lower() in str(_key(one)).lower() for one in keyed)
    if rule.one_of is not None:
        return any(is_one_of(one, rule.one_of) for one in keyed)
    # Said to be fine only if it says so itself: an absent code is no success.
    return len(keyed) < len(found) or not found or not all(is_one_of(one, rule.none_of or ()) for one in keyed)


def _key(value: object) -> str | None:
    try:
        return None if value is None else as_key(value)
    except Unreadable:
        return None
