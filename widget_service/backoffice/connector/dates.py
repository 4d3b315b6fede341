"""Times as platforms write them: patterns such as ``dd-MM-yy - HH:mm:ss``, in a zone that the document names."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: The letters of a pattern: what they read, and how they are written.
_LETTERS: Mapping[str, tuple[str, Callable[[datetime], str]]] = {
    "yyyy": (r"(?P<year>\d{4})", lambda moment: f"{moment.year:04}"),
    "yy": (r"(?P<short_year>\d{2})", lambda moment: f"{moment.year % 100:02}"),
    "MM": (r"(?P<month>\d{2})", lambda moment: f"{moment.month:02}"),
    "dd": (r"(?P<day>\d{2})", lambda moment: f"{moment.day:02}"),
    "HH": (r"(?P<hour>\d{2})", lambda moment: f"{moment.hour:02}"),
    "mm": (r"(?P<minute>\d{2})", lambda moment: f"{moment.minute:02}"),
    "ss": (r"(?P<second>\d{2})", lambda moment: f"{moment.second:02}"),
    "SSS": (r"(?P<fraction>\d{1,9})", lambda moment: f"{moment.microsecond // 1000:03}"),
}
_PIECE = re.compile(r"'([^']*)'|yyyy|yy|MM|dd|HH|mm|ss|SSS|[A-Za-z]|.", re.DOTALL)
NAMED = ("iso", "iso_local", "date", "unix", "unix_ms", "iso_or_unix")
_UNIX = re.compile(r"-?\d{1,16}(?:\.\d{1,9})?", re.ASCII)
#: What .NET and others write where there is no date.
_FIRST_YEAR = 1
#: MySQL's "0000-00-00 00:00:00", in any order of its parts.
_ALL_ZEROS = re.compile(r"\s*0[0\s:./T+-]*Z?\s*", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_UNIX = 253_402_300_799


@lru_cache(maxsize=256)
def require_zone(name: str) -> ZoneInfo:
    """An IANA time zone. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone such as Europe/Malta") from error


def require_format(text: str) -> str:
    """A named format, or a pattern with a year, a month and a day. Raises ValueError."""
    if text in NAMED:
        return text
    if text.replace("_", "").isalpha() and text.islower():
        raise ValueError(f"{text!r} is none of {', '.join(NAMED)}")
    names = set(_compiled(text).groupindex)
    if not {"month", "day"} <= names or not names & {"year", "short_year"}:
        raise ValueError(f"{text!r}: a pattern needs a year, MM and dd; else it is one of {', '.join(NAMED)}")
    return text


def read_time(value: object, form: str, zone: ZoneInfo) -> datetime | None:
    """The moment in UTC; None for the ways of saying that there is none. Raises ValueError for what cannot be read.

    A local time that occurs twice (the hour after summer time) is the first of the two; one that never occurs (the
    hour before it) is moved on by the gap, as a clock would have been.
    """
    if value is None or value == "":
        return None
    if form == "iso_or_unix":
        form = "iso" if isinstance(value, str) and not _UNIX.fullmatch(value) else "unix"
    if form in ("unix", "unix_ms"):
        return _from_unix(value, 1000 if form == "unix_ms" else 1)
    if not isinstance(value, str):
        raise ValueError("a date is no text")
    if _ALL_ZEROS.fullmatch(value):
        return None
    moment = _from_iso(value) if form in ("iso", "iso_local", "date") else _from_pattern(value, form)
    if moment.year == _FIRST_YEAR:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone, fold=0)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a date beyond the calendar") from error


def write_time(moment: datetime, form: str, zone: ZoneInfo) -> str | int:
    """A moment as an upstream takes it."""
    if form in ("unix", "unix_ms"):
        seconds = (moment - _EPOCH) // timedelta(milliseconds=1 if form == "unix_ms" else 1000)
        return int(seconds)
    if form in ("iso", "iso_or_unix"):
        return moment.astimezone(UTC).isoformat(timespec=_detail(moment)).replace("+00:00", "Z")
    local = moment.astimezone(zone)
    if form == "iso_local":
        return local.replace(tzinfo=None).isoformat(timespec=_detail(moment))
    if form == "date":
        return local.date().isoformat()
    return "".join(_written(match, local) for match in _PIECE.finditer(form))


def _detail(moment: datetime) -> str:
    return "milliseconds" if moment.microsecond else "seconds"


def _from_unix(value: object, per_second: int) -> datetime | None:
    if isinstance(value, str) and _UNIX.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError("a unix time is no number")
    if value == 0:
        return None
    seconds = Decimal(value) / per_second
    if not 0 < seconds <= _LARGEST_UNIX:
        raise ValueError("a unix time beyond the calendar")
    return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


def _from_iso(text: str) -> datetime:
    # Python takes no more than six digits of a second; .NET writes seven.
    shortened = re.sub(r"([.,]\d{6})\d+", r"\1", text.strip())
    try:
        return datetime.fromisoformat(shortened)
    except ValueError as error:
        raise ValueError("a date is not ISO 8601") from error


def _from_pattern(text: str, form: str) -> datetime:
    match = _compiled(form).fullmatch(text.strip())
    if match is None:
        raise ValueError(f"a date is not written as {form}")
    found = {name: int(digits) for name, digits in match.groupdict().items() if name != "fraction"}
    fraction = match.groupdict().get("fraction") or "0"
    year = found.pop("year", None)
    short_year = found.pop("short_year", 0)
    day = (2000 + short_year if year is None else year, found["month"], found["day"])
    clock = (found.get("hour", 0), found.get("minute", 0), found.get("second", 0), int(f"{fraction:0<6}"[:6]))
    try:
        return datetime(*day, *clock)  # noqa: DTZ001 - the zone is the caller's
    except ValueError as error:
        raise ValueError("a date that no calendar has") from error


@lru_cache(maxsize=256)
def _compiled(form: str) -> re.Pattern[str]:
    parts: list[str] = []
    for match in _PIECE.finditer(form):
        piece = match[0]
        if piece in _LETTERS:
            parts.append(_LETTERS[piece][0])
        elif match[1] is None and piece.isalpha() and piece != "T":
            raise ValueError(f"{form!r}: {piece!r} is no letter of a pattern (yyyy yy MM dd HH mm ss SSS, or 'text')")
        else:
            parts.append(re.escape(piece if match[1] is None else match[1]))
    try:
        return re.compile("".join(parts), re.ASCII)
    except re.error as error:
        raise ValueError(f"{form!r} names something twice") from error


def _written(match: re.Match[str], moment: datetime) -> str:
    piece = match[0]
    if piece in _LETTERS:
        return _LETTERS[piece][1](moment)
    return piece if match[1] is None else match[1]
