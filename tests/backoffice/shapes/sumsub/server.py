"""An identity checker: HMAC over time, method, path and body; a second call by the first one's id; steps by name."""

import hashlib
import hmac
import time
from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample


def answer(request: Request) -> Any:
    stamp = request.headers.get("x-app-access-ts", "0")
    text = f"{stamp}{request.method}{request.target}".encode() + request.raw
    signature = hmac.new(b"ss-secret", text, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(stamp)) < 60
    named = request.headers.get("x-app-token") == "ss-token"
    if not (fresh and named) or request.headers.get("x-app-access-sig") != signature:
        return Reply({"code": 401, "errorName": "app-token-signature-mismatch"}, 401)
    applicant = sample("sumsub", "kyc")
    if request.path == f"/resources/applicants/{applicant['id']}/requiredIdDocsStatus":
        return sample("sumsub", "steps")
    if request.path != "/resources/applicants/-;externalUserId=40217/one":
        return Reply({"description": "Applicant not found", "code": 404}, 404)
    return applicant
