"""Answers for browsers that take them compressed (RFC 9110 §12.5.3)."""

import gzip

from flask import Response, request

GZIP = "gzip"


def takes_gzip() -> bool:
    """Whether the client likes gzip at least as much as the plain bytes."""
    wanted = request.accept_encodings
    return 0 < wanted.quality(GZIP) >= wanted.quality("identity")


def compress(response: Response) -> None:
    """Compresses an answer that is made for this request."""
    response.vary.add("Accept-Encoding")
    if takes_gzip():
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.content_encoding = GZIP
