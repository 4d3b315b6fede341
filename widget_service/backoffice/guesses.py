"""How a sample's values are written: cents, unix seconds, a date's pattern, currencies as keys. Guesses only."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from widget_service.backoffice.names import words
from widget_service.backoffice.statuses import find_word

HIGH, MEDIUM, LOW = "high", "medium", "low"
#: A text's form, the pattern, and how sure that is.
_DATES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(expression, re.ASCII), form, sure)
    for expression, form, sure in (
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)", "iso", HIGH),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", "iso_local", MEDIUM),
        (r"\d{4}-\d\d-\d\d", "date", MEDIUM),
        (r"\d\d-\d\d-\d\d - \d\d:\d\d:\d\d", "dd-MM-yy - HH:mm:ss", MEDIUM),
        (r"\d\d-\d\d-\d\d", "dd-MM-yy", LOW),
        (r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d", "dd-MM-yyyy HH:mm:ss", LOW),
        (r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", "dd.MM.yyyy HH:mm:ss", MEDIUM),
        (r"\d\d\.\d\d\.\d{4} \d\d:\d\d", "dd.MM.yyyy HH:mm", MEDIUM),
        (r"\d\d\.\d\d\.\d{4}", "dd.MM.yyyy", MEDIUM),
        (r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", "dd/MM/yyyy HH:mm:ss", LOW),
        (r"\d\d/\d\d/\d{4}", "dd/MM/yyyy", LOW),
        (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "yyyy/MM/dd HH:mm:ss", HIGH),
    )
)
#: From 2001 to 2096: what an id or an amount would seldom be.
_UNIX = range(1_000_000_000, 4_000_000_000)
_MINOR = frozenset({"cents", "cent", "minor", "subunits", "pence", "satoshi", "satoshis"})
#: From here on a whole number is as likely one of minor units.
_PERHAPS_MINOR = 1000
ASK_MINOR = "whole numbers: are they minor units (15000 for 150.00)? Ask the platform"
_TRUTHS = (([1], [0]), (["1"], ["0"]), (["true"], ["false"]), (["yes"], ["no"]), (["Y"], ["N"]), (["Yes"], ["No"]))


@dataclass(frozen=True, slots=True)
class Guess:
    """What is done to a value, as a document's options, and how sure that is."""

    options: Mapping[str, object]
    confidence: str
    remark: str = ""


def told_of(samples: Iterable[object]) -> list[object]:
    """Those that say something."""
    return [value for value in samples if value is not None and value != ""]


def guess_time(samples: Sequence[object]) -> Guess | None:
    """None if the values are no times."""
    found = {time_form(value) for value in told_of(samples)}
    if len(found) != 1 or None in found:
        return None if found else Guess({}, LOW, "the sample is empty here")
    (guess,) = found
    form, sure = guess or ("", LOW)
    remark = "which zone? see [dates]" if form not in ("iso", "unix", "unix_ms") else ""
    if sure == LOW:
        remark = "day and month may be the other way round; " + remark
    return Guess({} if form in ("iso", "iso_local", "date") else {"transform": "date", "format": form}, sure, remark)


def guess_money(name: str, samples: Sequence[object], *, decimals_beside: bool = False) -> Guess | None:
    """None if the values are no amounts. ``decimals_beside``: other amounts of the record have decimals."""
    told = told_of(samples)
    if not told:
        return Guess({}, LOW, "the sample is empty here")
    if all(isinstance(value, Mapping) for value in told):
        codes = {str(code) for value in told if isinstance(value, Mapping) for code in value}
        looks = bool(codes) and all(re.fullmatch(r"[A-Z]{3,5}|[a-z]{3}", code) for code in codes)
        return Guess({"transform": "currency_key"}, HIGH, "the currency is the key") if looks else None
    if not all(is_number(value) for value in told):
        return None
    if _MINOR & set(words(name)) and all(map(is_whole, told)):
        return Guess({"transform": "minor_units"}, MEDIUM, "minor units: are they the currency's own?")
    if not all(map(is_whole, told)):
        return Guess({}, HIGH)
    if all(abs(Decimal(str(value))) < _PERHAPS_MINOR for value in told):
        return Guess({}, MEDIUM, "whole numbers: minor units perhaps?")
    return Guess({} if decimals_beside else {"transform": "minor_units"}, LOW, ASK_MINOR)


def without_sign(guess: Guess, path: str, samples: Sequence[object]) -> Guess:
    """The guess for an amount of a row, which is never negative: its direction says that."""
    if not any(is_number(value) and str(value).startswith("-") for value in told_of(samples)):
        return guess
    inner = {"path": path, **guess.options}
    options = {"of": [inner]} if guess.options else {"path": path}
    remark = "; ".join(filter(None, ("negative ones: the sign is the direction", guess.remark)))
    return Guess({**options, "transform": "absolute"}, LOW if guess.confidence == LOW else MEDIUM, remark)


def guess_words(capability: str, member: str, samples: Sequence[object]) -> Guess:
    """The words of a status that are known; the others stay unknown until somebody says what they mean."""
    told = list(dict.fromkeys(_as_text(value) for value in told_of(samples)))
    found = {word: find_word(capability, member, word) for word in told}
    values = {word: known[0] for word, known in found.items() if known is not None}
    unknown = sorted(word for word in told if word not in values)
    remark = f"not known: {', '.join(unknown)[:60]}" if unknown else ""
    if not values:
        return Guess({"transform": "enum", "values": {"?": "unknown"}}, LOW, remark or "the sample is empty here")
    unsure = sorted(word for word, known in found.items() if known is not None and not known[1])
    remark = "; ".join(filter(None, (remark, f"sure? {', '.join(unsure)[:60]}" if unsure else "")))
    return Guess({"transform": "enum", "values": values}, MEDIUM if remark else HIGH, remark)


def guess_boolean(samples: Sequence[object]) -> Guess | None:
    """None if the values are no truths."""
    told = [value for value in samples if value is not None]
    if all(isinstance(value, bool) for value in told):
        return Guess({}, HIGH if told else LOW)
    for truths, falsehoods in _TRUTHS:
        if all(type(value) is type(truths[0]) and value in (*truths, *falsehoods) for value in told):
            return Guess({"transform": "boolean", "true": truths, "false": falsehoods}, MEDIUM)
    return None


def time_form(value: object) -> tuple[str, str] | None:
    """How a time is written, and how sure that is; None for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        if value in _UNIX:
            return "unix", HIGH
        return ("unix_ms", HIGH) if value // 1000 in _UNIX else None
    if not isinstance(value, str):
        return None
    if value.isdigit() and value.isascii():
        return time_form(int(value[:20]))
    return next(((form, sure) for pattern, form, sure in _DATES if pattern.fullmatch(value)), None)


def is_number(value: object) -> bool:
    """A number, or a text that is nothing but one."""
    if isinstance(value, str):
        return re.fullmatch(r"-?\d{1,24}(\.\d{1,24})?", value, re.ASCII) is not None
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Written without a point: ``150``, not ``150.0``."""
    return is_number(value) and "." not in str(value) and "E" not in str(value).upper()


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
