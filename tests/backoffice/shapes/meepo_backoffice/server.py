"""A back office of posts with JSON bodies: 64-bit integers as texts, payments in minor units, words with a prefix."""

from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample

_SAMPLES = {
    "/v1/backoffice/user/profile/get": "player",
    "/v1/backoffice/wallet/get": "wallet",
    "/v1/backoffice/wallet/balance-transactions/list": "tx",
    "/v1/backoffice/wallet/responsible-gambling/configs/list": "rg",
    "/v1/backoffice/user/comments/list": "notes",
}


def answer(request: Request) -> Any:
    if request.headers.get("authorization") != "Bearer bo-jwt":
        return Reply({"code": 401, "reason": "UNAUTHORIZED"}, 401)
    asked = request.json
    if asked.get("userId") != "40217":
        return Reply({"code": 404, "reason": "USER_NOT_FOUND"}, 404)
    if request.path == "/v1/backoffice/payment/transaction/page":
        return payments(asked)
    name = _SAMPLES.get(request.path)
    return paged(sample("meepo_backoffice", name), asked) if name else Reply({"code": 404}, 404)


def paged(said: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    if "balanceTransactions" in said:
        said["balanceTransactions"] = page_of(said["balanceTransactions"], asked)
    return said


def payments(asked: dict[str, Any]) -> dict[str, Any]:
    said = sample("meepo_backoffice", "wd" if asked["type"].endswith("WITHDRAW") else "dep")
    rows = [
        row
        for row in said["transactions"]
        if asked.get("startTime", "") <= row["createdAt"] <= asked.get("endTime", "9")
        and asked.get("status", row["status"]) == row["status"]
    ]
    return {**said, "transactions": page_of(rows, asked), "totalCount": len(rows)}


def page_of(rows: list[Any], asked: dict[str, Any]) -> list[Any]:
    size = asked["pageSize"]
    return rows[(asked["page"] - 1) * size : asked["page"] * size]
