"""A payment provider's search over a whole merchant: OAuth 2, at most 31 days, no filter by payer, pages."""

from datetime import datetime
from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample


def answer(request: Request) -> Any:
    if request.path == "/v1/oauth2/token":
        token = {"access_token": "pp-token", "token_type": "Bearer", "expires_in": 32400}
        return token if request.has_basic("cid:csec") else Reply({"error": "invalid_client"}, 401)
    if request.headers.get("authorization") != "Bearer pp-token":
        return Reply({"name": "AUTHENTICATION_FAILURE"}, 401)
    query = request.query
    first, last = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
    if (last - first).days > 31:
        return Reply({"name": "INVALID_REQUEST", "message": "Date range is greater than 31 days"}, 400)
    rows = [row for row in sample("paypal_reporting", "tx")["transaction_details"] if first <= moment(row) <= last]
    page, size = int(query["page"]), int(query["page_size"])
    return {"transaction_details": rows[(page - 1) * size : page * size], "page": page, "total_items": len(rows)}


def moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["transaction_info"]["transaction_initiation_date"])
