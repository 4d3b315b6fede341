"""What an endpoint may refuse or fail with: codes, their statuses and their examples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from widget_service import errors
from widget_service.errors import ServiceError, catalogue
from widget_service.views.endpoints.examples import NOW, REQUEST_ID
from widget_service.views.problems import CHALLENGES, OAUTH_CODES

RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
CHALLENGE = {"WWW-Authenticate": {"$ref": "#/components/headers/WWWAuthenticate"}}
REQUEST_ID_HEADER = {"X-Request-ID": {"$ref": "#/components/headers/RequestID"}}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One code with one of its statuses."""

    kind: type[ServiceError]
    status: int
    summary: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def example_name(self) -> str:
        """Its name among the components."""
        return self.code if self.status == self.kind.status else f"{self.code}_{self.status}"

    def example(self) -> dict[str, Any]:
        """The envelope of the wire contract §2."""
        shown: dict[str, Any] = {"code": self.code, "message": self.kind.message, "request_id": REQUEST_ID}
        if self.details:
            shown["details"] = dict(self.details)
        return {"success": False, "error": shown}

    def oauth_example(self) -> dict[str, Any]:
        """The RFCs' shape."""
        return {"error": OAUTH_CODES.get(self.code, "invalid_request"), "error_description": self.kind.message}


def refusal(kind: type[ServiceError], summary: str = "", *, status: int | None = None, **details: Any) -> Refusal:
    """A refusal with its usual status, unless another is named."""
    return Refusal(kind, status or kind.status, summary or kind.message, details)


NOT_JSON = refusal(errors.InvalidRequest, "Not strict JSON, or unreadable.", reason="duplicate_member")
NOT_A_FORM = refusal(errors.InvalidRequest, "Not a form, or a member is missing.")
UNREADABLE = refusal(errors.InvalidRequest, "The body could not be read.")
TOO_LARGE = refusal(errors.InvalidRequest, "More than 64 KiB.", status=413)
WRONG_TYPE = refusal(errors.InvalidRequest, "Another media type than documented.", status=415)
WRONG_MEMBER = refusal(
    errors.InvalidRequest,
    "An unknown, missing or wrong member.",
    status=422,
    field="colour",
    reason="Extra inputs are not permitted",
)
UNAUTHORIZED = refusal(errors.Unauthorized)
INSUFFICIENT_SCOPE = refusal(errors.InsufficientScope)
INVALID_SESSION = refusal(errors.InvalidSession)
INVALID_PROOF = refusal(errors.InvalidProof, server_time=NOW)
PROOF_REUSED = refusal(errors.ProofReused)
ORIGIN_NOT_ALLOWED = refusal(errors.OriginNotAllowed)
IDENTITY_REQUIRED = refusal(errors.IdentityRequired)
INVALID_PLAYER_TOKEN = refusal(errors.InvalidPlayerToken)
PLAYER_TOKEN_EXPIRED = refusal(errors.PlayerTokenExpired, server_time=NOW)
PLAYER_TOKEN_REUSED = refusal(errors.PlayerTokenReused)
CONVERSATION_NOT_FOUND = refusal(errors.ConversationNotFound)
CONVERSATION_CLOSED = refusal(errors.ConversationClosed)
CONFLICT = refusal(errors.Conflict)
INVALID_WEBHOOK = refusal(errors.InvalidWebhook)
OTHER_ACCOUNT = refusal(errors.InvalidWebhook, "From another account or webhook than the connection's.", status=403)
NOT_FOUND = refusal(errors.NotFound)
RATE_LIMITED = refusal(errors.RateLimited)
UNAVAILABLE = refusal(errors.Unavailable)
INTERNAL_ERROR = refusal(errors.InternalError)

JSON_BODY = (NOT_JSON, TOO_LARGE, WRONG_TYPE, WRONG_MEMBER)
FORM_BODY = (NOT_A_FORM, TOO_LARGE)
QUERY = (WRONG_MEMBER,)


def error_examples() -> dict[str, Any]:
    """The components: every code of the catalogue, and the statuses that INVALID_REQUEST has besides its own."""
    detailed = (INVALID_PROOF, PLAYER_TOKEN_EXPIRED, NOT_JSON, TOO_LARGE, WRONG_TYPE, WRONG_MEMBER, OTHER_ACCOUNT)
    found = {one.example_name: one for one in (*map(refusal, catalogue()), *detailed)}
    return {name: {"summary": f"{one.code}: {one.summary}", "value": one.example()} for name, one in found.items()}


def error_responses(refusals: Iterable[Refusal], *, oauth: bool) -> dict[str, Any]:
    """The responses of an operation by status, each code with its example."""
    by_status: dict[int, dict[str, Refusal]] = {}
    for one in refusals:
        by_status.setdefault(one.status, {}).setdefault(one.code, one)
    return {str(status): _response(list(by_status[status].values()), oauth=oauth) for status in sorted(by_status)}


def _response(refusals: list[Refusal], *, oauth: bool) -> dict[str, Any]:
    headers = dict(REQUEST_ID_HEADER)
    if any(one.code in ("RATE_LIMITED", "UNAVAILABLE") for one in refusals):
        headers.update(RETRY_AFTER)
    if any(one.code in CHALLENGES for one in refusals):
        headers.update(CHALLENGE)
    if oauth:
        shown = [(one.summary, one.oauth_example()) for one in refusals]
        examples = {value["error"]: {"summary": summary, "value": value} for summary, value in shown}
    else:
        examples = {one.code: {"$ref": f"#/components/examples/{one.example_name}"} for one in refusals}
    schema = {"$ref": f"#/components/schemas/{'OAuthError' if oauth else 'Error'}"}
    return {
        "description": "\n\n".join(f"`{one.code}`: {one.summary}" for one in refusals),
        "headers": headers,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }
