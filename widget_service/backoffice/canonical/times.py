"""Moments as the player API writes them: ISO 8601 in UTC with ``Z``; nothing without a zone but in a date filter."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

_DAY = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_CLOCK = r"[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
_ZONE = r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
_DATE = re.compile(_DAY)
_MOMENT = re.compile(_DAY + _CLOCK + _ZONE)
LAST_OF_DAY = time(23, 59, 59, 999999)


def read_moment(value: object) -> datetime:
    """A date-time with its zone, in UTC. Raises ValueError."""
    if isinstance(value, str):
        value = _parse(value, required_zone=True)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("must be a date-time with its zone, such as 2026-03-01T12:00:00Z")
    return _in_utc(value)


def read_date(value: object) -> date:
    """A plain date. Raises ValueError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a date, such as 2026-03-01")
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


def read_filter_start(value: object) -> datetime:
    """A date filter's beginning: a plain date is its first moment; without a zone it is UTC. Raises ValueError."""
    return _read_filter(value, time())


def read_filter_end(value: object) -> datetime:
    """A date filter's end, inclusive: a plain date is its last moment. Raises ValueError."""
    return _read_filter(value, LAST_OF_DAY)


def write_moment(moment: datetime) -> str:
    """``2026-03-01T12:00:00Z``, with as much of the second's fraction as there is."""
    in_utc = moment.astimezone(UTC)
    text = in_utc.strftime("%H:%M:%S")
    fraction = f".{in_utc.microsecond:06}".rstrip("0") if in_utc.microsecond else ""
    # strftime("%Y") does not pad years before 1000.
    return f"{in_utc.date().isoformat()}T{text}{fraction}Z"


def _read_filter(value: object, clock: time) -> datetime:
    if isinstance(value, str):
        if _DATE.fullmatch(value):
            return datetime.combine(read_date(value), clock, UTC)
        value = _parse(value, required_zone=False)
    if not isinstance(value, datetime):
        raise ValueError("must be a date or a date-time, such as 2026-03-01 or 2026-03-01T12:00:00Z")
    return _in_utc(value)


def _parse(text: str, *, required_zone: bool) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None or (required_zone and found["zone"] is None):
        raise ValueError("must be a date-time, such as 2026-03-01T12:00:00Z")
    fraction = int((found["fraction"] or "0").ljust(6, "0")[:6])
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0), fraction, _zone(found["zone"]))
    return _in_utc(datetime.combine(day, clock))


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("must have a zone such as +01:00")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day of the calendar, elsewhere
        raise ValueError("must be between the years 1 and 9999") from error
