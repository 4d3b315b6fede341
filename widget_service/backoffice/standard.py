"""A back office that speaks the player API itself: asked by the same paths, queries and bodies, answered alike."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import Upstream, UpstreamAnswer, UpstreamRequest
from widget_service.backoffice.canonical import CAPABILITIES, Capability
from widget_service.backoffice.canonical.times import write_moment
from widget_service.backoffice_connections import API_TOKEN
from widget_service.errors import (
    BackOfficeUnavailable,
    BalanceInsufficient,
    CapabilityNotAvailable,
    Conflict,
    InvalidRequest,
    InvalidSession,
    PlayerNotFound,
    RateLimited,
    ServiceError,
    WithdrawalCannotCancel,
)

#: What a back office may refuse in so many words. Its other codes are about us, and nobody else's business.
REFUSALS: Mapping[str, type[ServiceError]] = {
    "INVALID_SESSION": InvalidSession,
    "PLAYER_NOT_FOUND": PlayerNotFound,
    "WITHDRAWAL_CANNOT_CANCEL": WithdrawalCannotCancel,
    "BALANCE_INSUFFICIENT": BalanceInsufficient,
    "CAPABILITY_NOT_AVAILABLE": CapabilityNotAvailable,
    "CONFLICT": Conflict,
}
LONGEST_WAIT = 3600
#: Words, so that no text of a back office is handed on.
_WORD = re.compile(r"[a-z][a-z0-9_.]{0,63}")


class StandardBackOffice:
    """See ``offices.Adapter``. ``secrets`` holds the operator's API token."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._api_token = secrets[API_TOKEN]

    def answer(self, question: Question, caller: Caller, upstream: Upstream) -> dict[str, object]:
        """The members as they came. Raises what BackOffice.answer() raises."""
        capability = CAPABILITIES[question.capability]
        answer = upstream.call(self._request(capability, question, caller))
        if not answer.is_success:
            raise _refusal(answer)
        if not isinstance(answer.body, dict):
            raise BackOfficeUnavailable("not_object")
        return answer.body

    def _request(self, capability: Capability, question: Question, caller: Caller) -> UpstreamRequest:
        headers = {"authorization": f"Bearer {self._api_token}", "x-session-id": caller.session_id}
        if question.idempotency_key is not None:
            headers["idempotency-key"] = question.idempotency_key
        arguments = dict(question.arguments)
        in_path = {"player_id": caller.player_id, "withdrawal_id": str(arguments.pop("withdrawal_id", ""))}
        path = capability.path.format_map({name: quote(text, safe="") for name, text in in_path.items()})
        return UpstreamRequest(
            capability.method,
            path,
            query=() if capability.writes else tuple((name, _as_text(value)) for name, value in arguments.items()),
            headers=headers,
            json=arguments if capability.writes else None,
            idempotent=not capability.writes or question.idempotency_key is not None,
        )


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return write_moment(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _refusal(answer: UpstreamAnswer) -> ServiceError:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    told = error if isinstance(error, dict) else {}
    code = told.get("code")
    if answer.status == 429:
        return RateLimited("upstream", retry_after=_seconds(answer.headers.get("retry-after", "")))
    if answer.status == 422 and code == "INVALID_REQUEST":
        return InvalidRequest("upstream", status=422, details=_words(told.get("details")))
    if isinstance(code, str) and code in REFUSALS and answer.status == REFUSALS[code].status:
        return REFUSALS[code]("upstream")
    return BackOfficeUnavailable(f"status_{answer.status}")


def _words(details: object) -> dict[str, str]:
    given = details if isinstance(details, dict) else {}
    return {
        name: given[name]
        for name in ("field", "reason")
        if isinstance(given.get(name), str) and _WORD.fullmatch(given[name])
    }


def _seconds(text: str) -> int:
    return min(int(text), LONGEST_WAIT) if text.isdigit() and len(text) < 9 else 1
