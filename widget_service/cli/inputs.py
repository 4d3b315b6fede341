"""What people type: secrets as a value, as ``-`` or as ``@file``; times; names with values."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from widget_service.errors import ConfigurationError

LARGEST_INPUT = 65_536


def read_secret(text: str) -> str:
    """The value itself, standard input for ``-``, a file's text for ``@file``. Raises ConfigurationError."""
    if text == "-":
        return _decoded(sys.stdin.buffer.read(LARGEST_INPUT + 1), "standard input")
    if text.startswith("@"):
        return read_file(text[1:])
    return text


def read_file(name: str) -> str:
    """A file's text, every line end as it is; ``-`` and ``@file`` are understood. Raises ConfigurationError."""
    if name == "-" or name.startswith("@"):
        return read_secret(name)
    try:
        with Path(name).open("rb") as file:
            return _decoded(file.read(LARGEST_INPUT + 1), name)
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be read ({error.strerror})") from error


def read_time(text: str) -> int:
    """Unix seconds of ``2027-01-31`` or ``2027-01-31T12:00:00Z``; UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text}: is no date or time such as 2027-01-31T12:00:00Z") from error
    try:
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp())
    except OverflowError as error:  # a zone away from a year that there is
        raise ConfigurationError(f"{text}: is no time that can be shown in UTC") from error


def read_assignments(texts: Iterable[str]) -> dict[str, str]:
    """``NAME=VALUE`` texts as a mapping. Raises ConfigurationError for one without ``=``, or named twice."""
    assignments: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"{text}: must be NAME=VALUE")
        if name in assignments:
            raise ConfigurationError(f"{name}: is given twice")
        assignments[name] = value
    return assignments


def _decoded(raw: bytes, name: str) -> str:
    if len(raw) > LARGEST_INPUT:
        raise ConfigurationError(f"{name}: is larger than 64 KiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: is not UTF-8 text") from error
