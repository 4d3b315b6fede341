"""A seamless wallet: posted forms with an md5 of their sorted fields among them, an error's number in a 200."""

import hashlib
from typing import Any

from tests.backoffice.shapes.loopback import Request, sample


def answer(request: Request) -> Any:
    form = request.form
    signature = form.pop("hash", None)
    text = "&".join(f"{name}={form[name]}" for name in sorted(form)) + "pp-secret"
    if request.signed and signature != hashlib.md5(text.encode()).hexdigest():  # noqa: S324 - theirs
        return {"error": 5, "description": "Invalid hash"}
    if form.get("userId") != "40217":
        return {"error": 2, "description": "Player not found"}
    return sample("pragmatic_wallet", "balance")
