"""An admin API as remote procedures: one address, a ResponseCode in a 200, enums as numbers, times without a zone."""

from typing import Any

from tests.backoffice.shapes.loopback import Request, sample

_OF_A_CLIENT = {
    "GetClientById": "player",
    "GetClientInfo": "info",
    "GetClientAccounts": "accounts",
    "GetClientLimitSettings": "rg",
    "GetClientIdentityModel": "kyc",
}


def refused(code: int) -> dict[str, Any]:
    return {"ResponseCode": code, "Description": "refused", "ResponseObject": None}


def answer(request: Request) -> Any:
    asked = request.json
    if asked.get("UserId") != 7 or asked.get("ApiKey") != "api-key":
        return refused(28)
    method, argument = asked["Method"], asked["RequestObject"]
    if method in _OF_A_CLIENT:
        return sample("iqsoft_core", _OF_A_CLIENT[method]) if argument == 40217 else refused(22)
    if method == "GetClientBonuses":
        return sample("iqsoft_core", "bonuses") if argument["ClientId"] == 40217 else refused(22)
    return payments(argument) if method == "GetPaymentRequestsPaging" else refused(100)


def payments(argument: dict[str, Any]) -> dict[str, Any]:
    """SkipCount is the number of the page."""
    said = sample("iqsoft_core", f"pay{argument['Type']}")
    clients = [one["IntValue"] for one in argument["ClientIds"]["ApiOperationTypeList"]]
    held = said["ResponseObject"]["PaymentRequests"]
    rows = [
        row
        for row in held["Entities"]
        if row["ClientId"] in clients and argument["FromDate"] <= row["CreationTime"] <= argument["ToDate"]
    ]
    first = argument["SkipCount"] * argument["TakeCount"]
    held |= {"Entities": rows[first : first + argument["TakeCount"]], "Count": len(rows)}
    return dict(said)
