"""Numbers as platforms send them, as Decimals: nothing passes through a float, and nothing is rounded on the way."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from widget_service.backoffice.canonical.currencies import find_official_places, find_places

_NUMBER = re.compile(r"[+-]?\d{1,24}(?:\.\d{1,24})?", re.ASCII)
#: Amounts have at most 24 digits before and 24 behind the point, so sums and products of two are exact.
_PRECISION = 100


class Unreadable(ValueError):
    """A value that cannot be read as what the document says it is."""


def read_number(value: object) -> Decimal:
    """A Decimal from a number, or from a text that is nothing but one (``"150.50"``)."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise Unreadable("no number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise Unreadable("a text that is no number")
    number = Decimal(value.strip() if isinstance(value, str) else value)
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Unreadable("no amount")
    return number


def read_integer(value: object) -> int:
    """A whole number."""
    number = read_number(value)
    if number != number.to_integral_value():
        raise Unreadable("no whole number")
    return int(number)


def from_minor_units(value: object, subunits: int) -> Decimal:
    """1234 with 100 is 12.34, exactly; subunits that do not divide so (3, say) are refused."""
    number = Decimal(read_integer(value))
    with localcontext(Context(prec=_PRECISION)):
        major = number / subunits
        if major * subunits != number:
            raise Unreadable("minor units that do not divide")
    return major


def to_minor_units(amount: Decimal, subunits: int) -> int:
    """12.34 with 100 is 1234. Raises Unreadable if something is left over."""
    with localcontext(Context(prec=_PRECISION)):
        return read_integer(amount * subunits)


def total(amounts: list[Decimal]) -> Decimal:
    """Their sum, exactly."""
    with localcontext(Context(prec=_PRECISION)):
        return sum(amounts, Decimal(0))


def quotient(dividend: Decimal, divisor: Decimal, currency: str | None) -> Decimal | None:
    """Rounded half-even to the currency's places; None for a division by nothing."""
    if divisor == 0:
        return None
    if currency is None:
        raise Unreadable("no currency")
    with localcontext(Context(prec=_PRECISION)):
        return (dividend / divisor).quantize(Decimal(1).scaleb(-find_places(currency)), ROUND_HALF_EVEN)


def subunits_of(currency: str | None, declared: int | Mapping[str, int] | None) -> int:
    """How many minor units make one: as the document says, else as ISO 4217 does. Raises Unreadable for others."""
    if isinstance(declared, int):
        return declared
    if currency is None:
        raise Unreadable("no currency")
    known = (declared or {}).get(currency.upper())
    if known is None:
        places = find_official_places(currency)
        if places is None:
            raise Unreadable(f"no subunits for {currency}")
        return int(10**places)
    if known < 1:
        raise Unreadable("no subunits")
    return known
