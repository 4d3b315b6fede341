"""Amounts: Decimals in major units outside, whole minor units in the file."""

from decimal import Context, Decimal, localcontext

from widget_service.backoffice.canonical.currencies import find_places
from widget_service.errors import InvalidRequest

#: In minor units; so many at most fit a lifetime of sums into 64 bits.
LARGEST = 10**13
#: Numbers have at most 64 digits (strict_json), so that nothing is rounded.
_PRECISION = 100


def to_minor(amount: Decimal, currency: str) -> int:
    """1234 for 12.34 EUR. ValueError for more decimals than the currency has."""
    with localcontext(Context(prec=_PRECISION)):
        scaled = amount.scaleb(find_places(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError("more decimals than the currency has")
    return int(scaled)


def from_minor(amount: int, currency: str) -> Decimal:
    """12.34 EUR for 1234, with the decimals that the currency has."""
    return Decimal(amount).scaleb(-find_places(currency))


def require_minor(amount: Decimal, currency: str, field: str = "amount") -> int:
    """As to_minor(). InvalidRequest (422) for what the currency cannot say, or nobody can mean."""
    # The size comes first: a number of thirty digits would be rounded before it is compared.
    if amount.adjusted() > 14:
        raise refused(field, "too_large")
    try:
        minor = to_minor(amount, currency)
    except ValueError as error:
        raise refused(field, "too_many_decimals") from error
    if minor > LARGEST:
        raise refused(field, "too_large")
    return minor


def refused(field: str | None, reason: str) -> InvalidRequest:
    """INVALID_REQUEST (422) of a member, or of a business rule, with its reason."""
    details = {"reason": reason} if field is None else {"field": field, "reason": reason}
    return InvalidRequest(reason, status=422, details=details)
