"""A wallet service: basic authentication, decimal texts, pages of a web framework, kinds as numbers, ranges in days."""

import re
from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample

_PATH = re.compile(r"/api/v1/wallets/([^/]+)/(balance|transactions)")


def answer(request: Request) -> Any:
    found = _PATH.fullmatch(request.path)
    if not request.has_basic("cego:pw"):
        return Reply({"message": "Unauthenticated."}, 401)
    if found is None or found[1] != "40217":
        return Reply({"message": "No query results."}, 404)
    return sample("cego_wallet", "balance") if found[2] == "balance" else transactions(request.query)


def transactions(query: dict[str, str]) -> Any:
    if not all(re.fullmatch(r"\d{4}-\d\d-\d\d", query.get(name, "")) for name in ("from", "to")):
        return Reply({"message": "The given data was invalid."}, 422)
    held = sample("cego_wallet", "tx")["transactions"]
    contexts = query.get("contexts", "").split(",")
    rows = [
        row
        for row in held["data"]
        if query["from"] <= row["created_at"][:10] <= query["to"]
        and (contexts == [""] or str(row["transaction_context_id"]) in contexts)
    ]
    page, size = int(query["page"]), int(query["per_page"])
    following = f"http://wallet.example/?page={page + 1}" if page * size < len(rows) else None
    shown = rows[(page - 1) * size : page * size]
    return {"transactions": {**held, "data": shown, "next_page_url": following, "total": len(rows)}}
