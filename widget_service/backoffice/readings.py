"""What may be made of a member's values, for the kind that the canonical member has; None where they cannot be it."""

import re
from collections.abc import Callable, Mapping, Sequence

from widget_service.backoffice.connector.shapes import Shape
from widget_service.backoffice.guesses import (
    HIGH,
    LOW,
    MEDIUM,
    Guess,
    guess_boolean,
    guess_money,
    guess_time,
    guess_words,
    is_number,
    is_whole,
    told_of,
    without_sign,
)
from widget_service.backoffice.names import meaning
from widget_service.backoffice.samples import Found

_RATES = frozenset({"rate", "ratio", "percent", "percentage", "multiplier", "factor", "latitude", "longitude", "risk"})
#: A missing year, as databases write it.
_NO_DATE = re.compile(r"0000-00-00|0001-01-01|1970-01-01")
#: What a text has to look like for a member of this name; elsewhere anything does.
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "phone": re.compile(r"\+?[\d\s()./-]{6,24}"),
    "name": re.compile(r"(?=.*[^\W\d_])[^@]{1,200}"),
    "currency": re.compile(r"[A-Za-z0-9]{3,6}"),
    "language": re.compile(r"[^\W\d_][\w\s-]{1,30}"),
}
#: ``pm_1Nx…``, a UUID: an id of the platform's, and no name.
_IS_A_KEY = re.compile(r"[a-z]{1,5}_\w*\d\w*|[0-9a-fA-F-]{24,}")
_WRITTEN_AS_WORDS = ("status", "event_type", "direction", "kyc_status", "withdrawal_status", "level")
_BLOCKS = frozenset({"ban", "banned", "blocked"})


def guess_member(found: Found, name: str, shape: Shape, capability: str, members: Sequence[Found]) -> Guess | None:
    """For one member of the sample beside one canonical member."""
    if shape.kind == "money":
        beside = any(_is_decimal_amount(one) for one in members)
        guess = guess_money(found.name, found.samples, decimals_beside=beside)
        return without_sign(guess, found.path, found.samples) if guess is not None and name == "amount" else guess
    if shape.kind == "enum":
        return _guess_enum(found, name.split(".")[-1], shape, capability)
    if shape.kind == "text":
        return _guess_text(name.split(".")[-1], found.samples)
    return _OTHERS[shape.kind](found.samples) if shape.kind in _OTHERS else None


def _is_decimal_amount(found: Found) -> bool:
    told = told_of(found.samples)
    is_amount = bool(told) and all(map(is_number, told)) and not meaning(found.name) & _RATES
    return is_amount and not all(map(is_whole, told))


def _guess_moment(samples: Sequence[object]) -> Guess | None:
    return guess_time([value for value in samples if not (value == 0 or _NO_DATE.match(str(value)))])


def _guess_strings(samples: Sequence[object]) -> Guess | None:
    lists = all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in samples)
    return Guess({"transform": "strings"}, MEDIUM) if lists else None


def _guess_integer(samples: Sequence[object]) -> Guess | None:
    return Guess({}, HIGH) if all(isinstance(value, int) for value in samples) else None


_OTHERS: Mapping[str, Callable[[Sequence[object]], Guess | None]] = {
    "time": _guess_moment,
    "boolean": guess_boolean,
    "strings": _guess_strings,
    "integer": _guess_integer,
}


def _guess_text(last: str, samples: Sequence[object]) -> Guess | None:
    told = told_of(samples)
    if any(isinstance(value, (dict, list, bool)) for value in told):
        return None
    if not told:
        return Guess({}, LOW, "the sample is empty here")
    texts = [str(value) for value in told]
    if last in _LOOKS and not all(_LOOKS[last].fullmatch(text) for text in texts):
        return Guess({}, LOW, "no currency codes?") if last == "currency" else None
    if last.endswith("_id") and any(" " in text or "@" in text for text in texts):
        return None
    if last == "payment_method" and all(text.isdigit() for text in texts):
        return Guess({}, LOW, "a number: where are the names?")
    if last == "payment_method" and any(_IS_A_KEY.fullmatch(text) for text in texts):
        return Guess({}, LOW, "an id: where are the names?")
    if last == "currency" and any(text.isdigit() for text in texts):
        return Guess({}, MEDIUM, "currencies as numbers?")
    return Guess({}, HIGH)


def _guess_enum(found: Found, last: str, shape: Shape, capability: str) -> Guess | None:
    samples, told = found.samples, told_of(found.samples)
    if last not in _WRITTEN_AS_WORDS or any(isinstance(value, (dict, list)) for value in told):
        return None
    if told and all(isinstance(value, bool) for value in told):
        return _guess_truth(found, last)
    if last == "kyc_status" and told and guess_time(samples) is not None:
        return Guess({"transform": "bool_to_kyc", "present": True}, MEDIUM, "a date of verification")
    if told and all(str(value) in shape.choices for value in told):
        return Guess({}, HIGH)
    guess = guess_words(capability, last, samples)
    return None if "?" in guess.options["values"] and last not in ("status", "event_type") else guess  # type: ignore[operator]


def _guess_truth(found: Found, last: str) -> Guess | None:
    """A yes or no where a word is wanted."""
    if last == "withdrawal_status":
        blocks = bool(meaning(found.name) & _BLOCKS)
        values = {"true": "Blocked" if blocks else "Active", "false": "Active" if blocks else "Blocked"}
        return Guess({"transform": "enum", "values": values}, MEDIUM)
    if last in ("kyc_status", "status") and meaning(found.name) & {"verified", "kyc"}:
        return Guess({"transform": "bool_to_kyc"}, MEDIUM, "false says neither pending nor rejected")
    return None
