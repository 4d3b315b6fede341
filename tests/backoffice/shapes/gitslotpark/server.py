"""A seamless wallet whose signature is a member of the body, in capital hexadecimal digits."""

import hashlib
import hmac
from typing import Any

from tests.backoffice.shapes.loopback import Request, sample


def answer(request: Request) -> Any:
    asked = request.json
    text = f"{asked.get('agentID')}{asked.get('userID')}".encode()
    if request.signed and asked.get("sign") != hmac.new(b"gsp-key", text, hashlib.sha256).hexdigest().upper():
        return {"result": 3}
    return sample("gitslotpark", "balance") if asked.get("userID") == "40217" else {"result": 5}
