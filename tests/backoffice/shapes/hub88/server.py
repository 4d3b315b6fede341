"""An operator's wallet: an RSA signature of the body in a header, amounts times 100000, a word in a 200."""

from typing import Any

from tests.backoffice.shapes.loopback import Request, sample


def answer(request: Request) -> Any:
    asked = request.json
    if request.signed:  # nothing that a document can say makes this signature
        return {"status": "RS_ERROR_INVALID_SIGNATURE", "request_uuid": asked.get("request_uuid")}
    if asked.get("user") != "40217":
        return {"status": "RS_ERROR_UNKNOWN", "request_uuid": asked["request_uuid"]}
    return {**sample("hub88", "balance"), "request_uuid": asked["request_uuid"]}
