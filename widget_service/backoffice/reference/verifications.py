"""KYC (player API §9)."""

import json
import sqlite3
from datetime import UTC, datetime, time

from widget_service.backoffice.canonical.verifications import Document, DocumentSubmitted, Kyc
from widget_service.backoffice.reference.asked import Asked, moment_or_none
from widget_service.backoffice.reference.ledger import note_operation, operation_id

#: What a new document changes: everything else waits for its own review.
BEGINS_ANEW = ("not_started", "rejected", "expired")


def read_kyc(asked: Asked) -> Kyc:
    """§9.1."""
    player = asked.player
    rows = asked.books.all("SELECT * FROM documents WHERE player_id = ? ORDER BY id", asked.player_id)
    return Kyc(
        player_id=asked.player_id,
        status=player["kyc_status"],
        level=player["kyc_level"],
        documents=[_document(row) for row in rows],
        verified_at=moment_or_none(player["verified_at"]),
        expires_at=moment_or_none(player["kyc_expires_at"]),
        required_documents=json.loads(player["required_documents"]),
    )


def add_document(asked: Asked) -> DocumentSubmitted:
    """§9.2."""
    wanted, number = asked.body, asked.books.next("document")
    ends = wanted.expires_at
    members = {"id": number, "player_id": asked.player_id, "type": wanted.type, "status": "pending"}
    expires_at = None if ends is None else int(datetime.combine(ends, time(), UTC).timestamp())
    asked.books.add("documents", {**members, "submitted_at": asked.now, "expires_at": expires_at})
    required = [name for name in json.loads(asked.player["required_documents"]) if name != wanted.type]
    status = "pending" if asked.player["kyc_status"] in BEGINS_ANEW else asked.player["kyc_status"]
    asked.books.change(
        "UPDATE players SET required_documents = ?, kyc_status = ? WHERE player_id = ?",
        json.dumps(required),
        status,
        asked.player_id,
    )
    operation = note_operation(asked, "kyc.document_added", {"document_id": f"doc_{number}", "type": wanted.type})
    return DocumentSubmitted(
        message="Document submitted", transaction_id=operation_id(operation), document_id=f"doc_{number}"
    )


def _document(row: sqlite3.Row) -> Document:
    return Document(
        id=f"doc_{row['id']}",
        type=row["type"],
        status=row["status"],
        submitted_at=moment_or_none(row["submitted_at"]),
        reviewed_at=moment_or_none(row["reviewed_at"]),
        expires_at=moment_or_none(row["expires_at"]),
        rejection_reason=row["rejection_reason"],
    )
