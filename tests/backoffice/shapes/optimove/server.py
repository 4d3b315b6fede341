"""A marketing platform: a login answers a bare JSON text, a header for the token, attributes in one text."""

from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request

_ATTRIBUTES = {"Alias": "gullwing7", "Currency": "EUR", "LifetimeDeposits": "1840.00"}


def answer(request: Request) -> Any:
    if request.path == "/current/general/login":
        known = request.json == {"Username": "api", "Password": "opt-pw"}
        return Reply('"opt-token"') if known else Reply("Invalid credentials", 401, "text/plain")
    if request.headers.get("authorization-token") != "opt-token":
        return Reply("Authorization-Token has expired", 417, "text/plain")
    query = request.query
    if query.get("CustomerID") != "40217":
        return []
    told = ",".join(_ATTRIBUTES[name] for name in query["CustomerAttributes"].split(";"))
    return [{"CustomerID": "40217", "CustomerAttributes": told}]
