"""A write that is sent twice under one ``Idempotency-Key`` is done once, and answered twice."""

import hashlib

from widget_service.backoffice.reference.database import Books
from widget_service.errors import Conflict

#: Seconds for which an answer is kept.
KEPT = 86_400


def request_digest(method: str, path: str, body: bytes) -> bytes:
    """What was asked, however it was written."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode("utf-8", "surrogatepass"), body))).digest()


def find_answer(books: Books, player_id: str, key: str, request: bytes) -> tuple[int, bytes] | None:
    """Status and body of the answer given before. Raises Conflict for the same key with another request."""
    row = books.find("SELECT request, status, body FROM answered WHERE player_id = ? AND key = ?", player_id, key)
    if row is None:
        return None
    if row["request"] != request:
        raise Conflict("idempotency_key_again")
    return row["status"], row["body"]


def keep_answer(books: Books, player_id: str, key: str, request: bytes, answer: tuple[int, bytes], now: int) -> None:
    """In the transaction of the write itself."""
    books.change("DELETE FROM answered WHERE at < ?", now - KEPT)
    members = {"player_id": player_id, "key": key, "request": request, "status": answer[0], "body": answer[1]}
    books.add("answered", {**members, "at": now})
