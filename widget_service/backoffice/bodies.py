"""The bytes of a back office's answer: counted as they come and as they unfold, and never more than asked for."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import cast

import httpcore

from widget_service.errors import BackOfficeUnavailable

LARGEST_ANSWER = 1024 * 1024
#: Commas: a megabyte of "[],[]" would be thirty megabytes of objects.
MOST_VALUES = 100_000
#: Each costs the parser as much as a whole one does, and may hold a single byte.
MOST_CHUNKS = 10_000
_GZIP = 16 + zlib.MAX_WBITS


def write_body(value: object) -> bytes:
    """A value as JSON, a Decimal as the number it is, digit by digit."""
    return _written(value).encode()


def read_headers(response: httpcore.Response) -> dict[str, str]:
    """Lower-case names; of several alike the last."""
    return {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers}


def read_body(response: httpcore.Response, headers: Mapping[str, str]) -> bytes:
    """The body, unpacked. Raises BackOfficeUnavailable: too large, packed in another way, or more than announced."""
    if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")[:12]) > LARGEST_ANSWER:
        raise BackOfficeUnavailable("too_large")
    take = _taking(headers)
    received: list[bytes] = []
    raw_size = size = 0
    for count, chunk in enumerate(cast("Iterable[bytes]", response.stream)):
        raw_size += len(chunk)
        part = take(chunk, LARGEST_ANSWER - size + 1)
        size += len(part)
        if size > LARGEST_ANSWER or raw_size > LARGEST_ANSWER or count > MOST_CHUNKS:
            raise BackOfficeUnavailable("too_large")
        received.append(part)
    _require_nothing_behind(response)
    body = b"".join(received)
    if body.count(b",") > MOST_VALUES:
        raise BackOfficeUnavailable("too_large")
    return body


def _taking(headers: Mapping[str, str]) -> Callable[[bytes, int], bytes]:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return lambda chunk, _most: chunk
    if encoding not in ("gzip", "x-gzip"):
        raise BackOfficeUnavailable("encoding")
    unpacking = zlib.decompressobj(_GZIP)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            part = unpacking.decompress(chunk, most)
        except zlib.error as error:
            raise BackOfficeUnavailable("encoding") from error
        if unpacking.unconsumed_tail:
            raise BackOfficeUnavailable("too_large")
        if unpacking.unused_data:
            raise BackOfficeUnavailable("encoding")
        return part

    return unpack


def _require_nothing_behind(response: httpcore.Response) -> None:
    """Bytes behind the announced end would be read as the next question's answer, on this connection."""
    connection = getattr(getattr(response.stream, "_stream", None), "_connection", None)
    state = getattr(connection, "_h11_state", None)
    if state is not None and state.trailing_data[0]:
        response.extensions["network_stream"].close()
        raise BackOfficeUnavailable("more_than_announced")


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{_written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_written, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)
