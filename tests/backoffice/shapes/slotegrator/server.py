"""A provider's wallet call: a posted form, HMAC-SHA1 over the sorted fields of headers and form."""

import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlencode

from tests.backoffice.shapes.loopback import Request, sample


def answer(request: Request) -> Any:
    headers = {name: request.headers.get(name.lower(), "") for name in ("X-Merchant-Id", "X-Timestamp", "X-Nonce")}
    text = urlencode(sorted({**request.form, **headers}.items())).encode()
    fresh = abs(time.time() - int(headers["X-Timestamp"] or 0)) < 30
    if not fresh or request.headers.get("x-sign") != hmac.new(b"sg-key", text, hashlib.sha1).hexdigest():
        return {"error_code": "INTERNAL_ERROR", "error_description": "Wrong sign"}
    if request.form.get("player_id") != "40217":
        return {"error_code": "INTERNAL_ERROR", "error_description": "Player not found"}
    return sample("slotegrator", "balance")
