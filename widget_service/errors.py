"""The error catalogue: one class per code of the wire contract, with its status and its safe sentence.

``reason`` is for the log, the audit trail and the dashboard and never reaches a stranger;
``details`` is public. ``views/problems.py`` is the only place that turns these into answers.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class ServiceError(Exception):
    """Anything this service refuses or cannot do, with a stable code."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: int = 500
    message: ClassVar[str] = "Something went wrong on our side."
    #: Counted as a refusal (rate limit of refusals, refusal counters).
    is_refusal: ClassVar[bool] = False

    def __init__(
        self,
        reason: str = "",
        *,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
        key_id: str | None = None,
    ) -> None:
        super().__init__(reason or self.code)
        self.reason = reason or self.code.lower()
        self.details = dict(details or {})
        self.retry_after = retry_after
        self.key_id = key_id
        if status is not None:
            self.status = status


class Unauthorized(ServiceError):
    code, status, message = "UNAUTHORIZED", 401, "The API token is missing, unknown or revoked."
    is_refusal = True


class InvalidSession(ServiceError):
    code, status, message = "INVALID_SESSION", 401, "The session is unknown, expired or revoked."
    is_refusal = True


class PlayerNotFound(ServiceError):
    code, status, message = "PLAYER_NOT_FOUND", 404, "There is no such player."


class BalanceInsufficient(ServiceError):
    code, status, message = "BALANCE_INSUFFICIENT", 400, "The balance is not enough."


class WithdrawalCannotCancel(ServiceError):
    code, status, message = "WITHDRAWAL_CANNOT_CANCEL", 400, "The withdrawal cannot be cancelled."


class CapabilityNotAvailable(ServiceError):
    code, status, message = "CAPABILITY_NOT_AVAILABLE", 501, "The connected back office cannot answer this."


class BackOfficeUnavailable(ServiceError):
    """The upstream failed, took too long, sent what cannot be read, or answered for another player."""

    code, status, message = "BACK_OFFICE_UNAVAILABLE", 502, "The back office does not answer as it should."


class InvalidRequest(ServiceError):
    """400 not JSON, duplicates, too deep · 413 too large · 415 wrong media type · 422 wrong members."""

    code, status, message = "INVALID_REQUEST", 400, "The request is not valid."


class OriginNotAllowed(ServiceError):
    code, status, message = "ORIGIN_NOT_ALLOWED", 403, "This page's origin may not use this widget."
    is_refusal = True


class InvalidPlayerToken(ServiceError):
    code, status, message = "INVALID_PLAYER_TOKEN", 401, "The player token is not valid."
    is_refusal = True


class PlayerTokenExpired(ServiceError):
    code, status, message = "PLAYER_TOKEN_EXPIRED", 401, "The player token has expired."
    is_refusal = True


class PlayerTokenReused(ServiceError):
    code, status, message = "PLAYER_TOKEN_REUSED", 409, "The player token was already used by another browser key."
    is_refusal = True


class InvalidProof(ServiceError):
    code, status, message = "INVALID_PROOF", 401, "The DPoP proof is missing or not valid."
    is_refusal = True


class ProofReused(ServiceError):
    code, status, message = "PROOF_REUSED", 401, "The DPoP proof was already used."
    is_refusal = True


class IdentityRequired(ServiceError):
    code, status, message = "IDENTITY_REQUIRED", 403, "A signed-in player is required."
    is_refusal = True


class InsufficientScope(ServiceError):
    code, status, message = "INSUFFICIENT_SCOPE", 403, "The credential lacks the scope for this."
    is_refusal = True


class InvalidWebhook(ServiceError):
    """401 not authentic or not fresh · 403 authentic, but from another account than the connection's."""

    code, status, message = "INVALID_WEBHOOK", 401, "The webhook is not authentic."
    is_refusal = True


class ConversationNotFound(ServiceError):
    code, status, message = "CONVERSATION_NOT_FOUND", 404, "There is no such conversation."


class ConversationClosed(ServiceError):
    code, status, message = "CONVERSATION_CLOSED", 409, "The conversation is closed."


class RateLimited(ServiceError):
    code, status, message = "RATE_LIMITED", 429, "Too many requests. Try again later."


class Unavailable(ServiceError):
    code, status, message = "UNAVAILABLE", 503, "The service is briefly unavailable. Try again."

    def __init__(self, reason: str = "", *, retry_after: int = 2) -> None:
        super().__init__(reason, retry_after=retry_after)


class NotFound(ServiceError):
    code, status, message = "NOT_FOUND", 404, "There is nothing at this address."


class MethodNotAllowed(ServiceError):
    code, status, message = "METHOD_NOT_ALLOWED", 405, "This address does not answer that method."


class Conflict(ServiceError):
    code, status, message = "CONFLICT", 409, "The same id was sent before with another body."


class InternalError(ServiceError):
    """Our own fault; never caused by input."""


class ConfigurationError(Exception):
    """A setting or a command-line argument that cannot be accepted: exit 2 with this one line."""


def catalogue() -> list[type[ServiceError]]:
    """One class for each code, by status."""
    kinds: list[type[ServiceError]] = [*ServiceError.__subclasses__(), ServiceError]
    by_code = {kind.code: kind for kind in kinds}
    return sorted(by_code.values(), key=lambda kind: (kind.status, kind.code))
