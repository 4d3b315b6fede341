"""KYC (player API §9)."""

from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from widget_service.backoffice.canonical.profiles import KycStatus
from widget_service.backoffice.canonical.values import (
    Answer,
    Day,
    Extra,
    Id,
    Item,
    Moment,
    RawStatus,
    Request,
    Written,
    with_raw_status,
)

DocumentType = Literal[
    "id_card",
    "passport",
    "drivers_license",
    "proof_of_address",
    "bank_statement",
    "utility_bill",
    "selfie",
    "source_of_funds",
]
DocumentStatus = Literal["not_submitted", "pending", "in_review", "approved", "rejected", "expired", "unknown"]
_DOCUMENT_STATUSES = frozenset(get_args(DocumentStatus))


class Document(Item):
    """What was submitted: no file, no number."""

    id: Id
    type: DocumentType | None = None
    status: DocumentStatus = "unknown"
    raw_status: RawStatus = None
    submitted_at: Moment | None = None
    reviewed_at: Moment | None = None
    expires_at: Moment | None = None
    rejection_reason: str | None = None
    extra: Extra = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, members: Any) -> Any:
        return with_raw_status(members, _DOCUMENT_STATUSES)


class Kyc(Answer):
    """How far a player is verified."""

    player_id: Id
    status: KycStatus = "unknown"
    raw_status: RawStatus = None
    level: Literal["basic", "enhanced", "full"] | None = None
    documents: list[Document] = Field(default_factory=list)
    verified_at: Moment | None = None
    expires_at: Moment | None = None
    required_documents: list[str] = Field(default_factory=list)
    extra: Extra = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, members: Any) -> Any:
        return with_raw_status(members, frozenset(get_args(KycStatus)))


class DocumentSubmission(Request):
    """Metadata of a document."""

    type: DocumentType
    expires_at: Day | None = None


class DocumentSubmitted(Written):
    """It waits for its review."""

    document_id: Id
    status: Literal["pending"] = "pending"
