"""A cashier's admin API: OAuth 2 client credentials, a bare array, amounts as «12.00 EUR» beside an object."""

from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample


def answer(request: Request) -> Any:
    if request.path == "/paymentiq/oauth/token":
        known = request.has_basic("piq-client:piq-secret")
        token = {"access_token": "piq-token", "token_type": "bearer", "expires_in": 3600}
        return token if known else Reply({"error": "invalid_client"}, 401)
    query = request.query
    if request.headers.get("authorization") != "Bearer piq-token" or query.get("merchantId") != "1980":
        return Reply({"error": "invalid_token"}, 401)
    kinds = query["txTypes"].split(",")
    rows = [
        row
        for row in (*sample("paymentiq_admin", "wd"), *sample("paymentiq_admin", "dep"))
        if row["merchantUserId"] == query["merchantUserId"]
        and row["txType"] in kinds
        and query.get("txDateFrom", "") <= row["created"] <= query.get("txDateTo", "9")
    ]
    first = int(query["offset"])
    return rows[first : first + int(query["limit"])]
